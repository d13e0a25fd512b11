"""
Made-up worlds with a known answer: a field, a catalogue and Kp that look real and are not.

In: a `WorldConfig` and station codes. Out: a `World`, which answers the same
protocol as the archive and says that it is synthetic. Start with `world.py`.
"""
