"""
Many runs: sweeps, searches, cross-validation, learning curves, the paper again, and their worker processes.

In: a configuration and what varies. Out: runs, and tables over them.
"""
