"""Formats of the indices Kp and Dst: each `read` gives a table of one."""
