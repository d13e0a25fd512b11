"""
Is it more than chance? The primary test of this program, from score series and a catalogue.

Read `local_ranks`, `turned_blocks`, `skill`, `families` in this order; then what else could make such skill:
`event_guard`, and `lead_profile` for when it begins and ends.
"""
