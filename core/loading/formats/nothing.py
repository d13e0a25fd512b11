"""A file that is sound and holds none of what it is for, which a service may mean and a file of a user may not."""

from __future__ import annotations

from core.errors import InputError


class NothingInItError(InputError):
    """
    A complete file of its format without one usable row, for instance a list of quarry blasts only.

    `notes` are sentences that count what it holds instead; empty if it has no rows at all.
    """

    def __init__(self, message: str, notes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.notes = notes
