"""
Trained runs look at continuous data, and forecasts are written down before the fact.

In: a finished run and a source. Out: probability series (`scan.py`), rows of
the append-only ledger (`ledger.py`), and the self-update cycle (`update.py`).
"""
