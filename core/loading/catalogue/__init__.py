"""
What a catalogue is: the table of events, its checks, how two are merged, converted and compared.

In: rows of events. Out: a table with the columns of `events.COLUMNS`, sorted, in UTC, with unique ids.
"""
