"""Formats of minute data: each `read` gives a `MinuteRecord`."""
