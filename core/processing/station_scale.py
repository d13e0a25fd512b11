"""The scale of a station: what its training windows taught, in nT."""

from __future__ import annotations

from dataclasses import dataclass

from core.loading.record.minute import COMPONENTS


@dataclass(frozen=True)
class StationScale:
    """
    Numbers per component (X, Y, Z), nT, each of length 3, or empty where they were not learned.

    offset_nt: what the station's series is kept without, see `Series`. median_nt, scale_nt: of `record_robust`, see
    `normalisation.learn`. n_windows: training windows that these were learned from; 0 where they are those of others.

    Raises ValueError if a length is another one, or a scale is not positive.
    """

    offset_nt: tuple[float, ...] = ()
    median_nt: tuple[float, ...] = ()
    scale_nt: tuple[float, ...] = ()
    n_windows: int = 0

    def __post_init__(self) -> None:
        for name in ("offset_nt", "median_nt", "scale_nt"):
            if len(getattr(self, name)) not in (0, len(COMPONENTS)):
                raise ValueError(f"{name!r} must hold {len(COMPONENTS)} numbers, found {len(getattr(self, name))}")
        if len(self.median_nt) != len(self.scale_nt):
            raise ValueError("'median_nt' and 'scale_nt' must both be there, or none of them")
        if not all(scale > 0 for scale in self.scale_nt):
            raise ValueError(f"'scale_nt' must be above 0, found {min(self.scale_nt)}")

    @property
    def learned(self) -> bool:
        """Whether median and scale are there."""
        return bool(self.scale_nt)
