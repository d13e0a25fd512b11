"""
The local store: Parquet files of minutes, events and indices, a journal, and the raw bytes they were made from.

In: what formats and services give. Out: `Archive`, which the rest of the project reads. Start with `archive.py`.
"""
