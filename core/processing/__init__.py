"""
From minute data to what the network sees.

In: a station's minute record. Out: a filtered series on the record (causal
only, so no window sees past its end), and filled, filtered, scaled windows
(anything goes inside a window). Start reading with `series.process`.
"""
