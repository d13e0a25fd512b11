"""
One file format each: the bytes of a file become minutes, events or an index.

In: a path. Out: what the file holds, or one sentence that says why it cannot be read.
"""
