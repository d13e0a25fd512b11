"""
The door for a notebook or a script: `Lab` holds a data folder, and each of its methods is one thing to do there.

In: paths, names and dates as text. Out: archive, windows, runs and verdicts that show themselves, and figures of them.
The verbs of the command line do the same by the same functions. Start reading with `lab.py`.
"""
