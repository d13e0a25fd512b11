"""
What a record of minutes is: its type, components and frame, its grid, and whether it is sound.

In: values of one station. Out: a `MinuteRecord` on an unbroken one-minute grid, and findings about its quality.
"""
