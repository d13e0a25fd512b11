"""Formats of catalogues: each `read` gives a table of events."""
