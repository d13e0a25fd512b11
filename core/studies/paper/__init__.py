"""
The experiments of Petrescu & Moldovan (2022), done again on whatever stations are stored.

Start with `plan.py`: it lists every training, under the paper's choices and under the honest default. `study.py` makes
the runs that are missing and gathers the tables; `switches.py` has the paper's inconsistencies as settings.
"""
