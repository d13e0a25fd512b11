"""
Does a run beat chance, and everything that knows nothing of the field?

In: labels and probabilities (the predictions of a run), the scores of a continuous scan (`alarm_series`), target
events. Out: tables, each score beside what no skill at all would give, each interval counting independent pieces of
the record (`bootstrap`). Start with `scores.table`, then `molchan`, `chance` and `rivals`.
"""
