"""
Trained runs look at continuous data, and forecasts are written down with the time of their own clock.

In: a finished run and a source. Out: probability series (`scan.py`), rows of
the append-only ledger (`ledger.py`), and the self-update cycle (`update.py`).
"""
