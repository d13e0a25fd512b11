"""
Could something else have done it? Models that know nothing of the field, and the classical statistics of the field.

Read `confounders` and `scorecard` in this order.
"""
