"""
The battery: worlds that try to fool this instrument, and how often each trick works.

Surrogate worlds, whose truth is known, go through the functions that judge a run: the test against chance, the gates,
the kind of verdict. Read `score_worlds`, `shaken_worlds`, `confounded_worlds` and `copied_worlds` for what comes in,
`trial` for what becomes of a world, `rows` for the tricks and their bars, `results` for what is kept, `runner` for how
it is run. Nothing here reads data of observatories.
"""
