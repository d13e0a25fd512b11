"""
From a record and a catalogue to labelled, split and audited windows.

In: a config and a source. Out: a `WindowSet`, one table row per candidate
window (kept, or rejected with a reason) over one filtered series per station.
Start reading with `dataset.build`, which is the whole story in order.
"""
