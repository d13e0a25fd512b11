"""
A run is judged: the evidence, its tables, the verdict, plans that were frozen before, the final block.

In: a run and its source. Out: an assessment on disk and a verdict. Start with `assessment.py`.
"""
