"""
From labelled windows to a trained network.

In: an `ExperimentConfig` and a window set (`batch`, `labels`, `rows`). Out: a
model, its history and a checkpoint that a killed training resumes from. Start
with `fit.train`; `network.build` is Table 2 of the paper, `training_sizes.run`
trains on growing subsets. Keras is imported on the first use, not before.
"""
