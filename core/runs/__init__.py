"""
Configurations become runs, and runs stay on disk.

In: an `ExperimentConfig` and a source. Out: a `Run` in the run store. Start
reading with `pipeline.py`, the whole story in one function.
"""
