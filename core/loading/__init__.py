"""
From the outside world into the archive: a wing of five rooms.

In: files of observatories, catalogues and indices, and the answers of services. Out: an `Archive` that answers the
small protocol of `record/source.py`. Read `record`, `catalogue`, `formats`, `services`, `archive` in this order.
"""
