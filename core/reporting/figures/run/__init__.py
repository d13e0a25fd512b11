"""Figures of one run: its scores, its windows, how it was trained, what it looks at."""
