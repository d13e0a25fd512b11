"""The data folder of a lab, and who hears how far long work in it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from core import data_folder
from core.progress import Progress

if TYPE_CHECKING:
    from core.loading.archive.archive import Archive

Method = TypeVar("Method", bound=Callable[..., Any])
Time = Any  # text such as "2016-01-01" or "2016-01-01T12:00", a date, or a Timestamp; UTC without a zone


def here(method: Method) -> Method:
    """While a method runs, its lab's folder is the data folder: with its stations, experiments and mappings."""

    @functools.wraps(method)
    def within(self: LabFolder, *arguments: Any, **options: Any) -> Any:
        with data_folder.using(self.folder):
            return method(self, *arguments, **options)

    return cast(Method, within)


class LabFolder:
    """A data folder in use; see `Lab`."""

    def __init__(self, data: str | Path = "", progress: Progress | None = None) -> None:
        self.folder = data_folder.absolute(data) if str(data) else data_folder.data_dir()
        data_folder.refuse_file(self.folder)
        self.progress = progress or Progress()

    @property
    def archive(self) -> Archive:
        """Minute data, catalogues and activity as they are stored."""
        from core.loading.archive.archive import Archive

        return Archive(self.folder / "archive")
