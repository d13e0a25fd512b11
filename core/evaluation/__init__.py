"""
Does a run beat chance?

In: labels and probabilities (the predictions of a run). Out: tables of scores,
each beside what no skill at all would give. Start with `scores.table`.
"""
