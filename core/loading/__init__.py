"""
From the outside world into the archive: minute data, catalogues and activity indices.

In: files of many formats. Out: an `Archive`, which answers `minute`, `events`
and `activity` (the protocol in `source.py`). Start reading with `minute.py`.
"""
