"""
Could something else have done it? Models that know nothing of the field, and the classical statistics of the field.

Read `confounders` and `scorecard` for what is shown beside a network. Read `circumstances`, `logistic`, `trees`,
`pairs`, `stack` and `added_skill` for the gate: does the network add to what the circumstances say?
"""
