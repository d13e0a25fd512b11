"""Figures of what was recorded: the field, its events, quality and coverage, scans along it."""
