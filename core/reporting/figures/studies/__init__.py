"""Figures of many runs: sweeps, learning curves, the paper again."""
