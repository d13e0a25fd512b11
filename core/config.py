"""
The configuration of an experiment: what can be chosen, what is allowed, and its identity.

A config is a frozen dataclass made of parts; `config_file` reads it from TOML
or from the config.json of a run. Every field is checked when the object is made; an
unknown key is an error that lists the known ones. Two configs that ask for
the same computation have the same `id`, whatever they are called.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from core import options
from core.errors import InputError
from core.options import later

MINUTES_PER_DAY = 1440


@dataclass(frozen=True)
class DataConfig:
    """[data] Which stations, which catalogue, which period, and whether the world is real."""

    source: Literal["archive", "synthetic"] = "archive"
    stations: tuple[str, ...] = ()
    catalogues: tuple[str, ...] = ()  # one name for all stations, or one per station; () = every stored catalogue
    start: str = ""  # ISO date, UTC, inclusive; "" = from the first minute
    end: str = ""  # exclusive

    def __post_init__(self) -> None:
        options.check_dates("data", self.start, self.end)
        if len(self.catalogues) > 1 and len(self.catalogues) != len(self.stations):
            raise InputError(
                f"[data] catalogues has {len(self.catalogues)} names for {len(self.stations)} stations. "
                "Give one name for all stations, or one per station in the same order."
            )

    def catalogue_of(self, station: str) -> str:
        """The catalogue used for a station; "" means every stored one."""
        if not self.catalogues:
            return ""
        return self.catalogues[0] if len(self.catalogues) == 1 else self.catalogues[self.stations.index(station)]


@dataclass(frozen=True)
class WorldConfig:
    """[world] The synthetic world; read only when [data] source = "synthetic"."""

    seed: int = 1
    start: str = "2015-01-01"
    end: str = "2019-01-01"
    events_per_year: float = 30.0  # background events with M >= 3.5 within 300 km of each station, per station
    gap_fraction: float = 0.01
    precursor_amplitude_nt: float = 0.0  # 0 = no precursor; the default, on purpose
    precursor_lead_hours: float = 12.0  # from the middle of the burst to the origin time
    precursor_duration_hours: float = 6.0
    precursor_period_minutes: float = 20.0
    precursor_shape: Literal["burst", "ramp"] = later("burst")  # ramp: a rise that ends at its largest, no period
    shaking_nt: float = later(0.0)  # noise that M 4 at 100 km leaves in a sensor at first; 0 = sensors stay still
    shaking_minutes: float = later(30.0)  # in which it falls to 1/e
    shaking_km: float = later(300.0)  # farther earthquakes shake no sensor

    def __post_init__(self) -> None:
        options.check_dates("world", self.start, self.end, required=True)
        options.check_ranges("world", self, events_per_year=(0, 10_000), gap_fraction=(0, 0.5))
        options.check_ranges("world", self, precursor_amplitude_nt=(0, 10_000), precursor_period_minutes=(2, 10_000))
        for name in ("precursor_lead_hours", "precursor_duration_hours"):
            options.check_range("world", name, getattr(self, name), 0.05, 24 * 60)
        options.check_ranges("world", self, shaking_nt=(0, 10_000), shaking_minutes=(1, 1440), shaking_km=(1, 20_038))


@dataclass(frozen=True)
class DetectabilityConfig:
    """[detectability] Which events a station could possibly feel."""

    # fixed: the numbers below. paper: 200 km, 30 km, M > 4; for MLR (Vrancea) 100 km and 100 km. The others give
    # a distance that grows with magnitude instead of max_distance_km; depth and smallest magnitude stay limits.
    law: Literal["fixed", "paper", "dobrovolsky", "morgunov_malzev", "hattori", "custom"] = "fixed"
    max_distance_km: float = 200.0
    max_depth_km: float = 30.0
    min_magnitude: float = 4.0
    magnitude_rule: Literal["above", "at_least"] = "above"
    custom_slope: float = later(0.43)  # custom: R = 10^(slope * M + intercept) km
    custom_intercept: float = later(0.0)
    distance: Literal["epicentral", "hypocentral"] = later("epicentral")  # what is held against the greatest distance

    def __post_init__(self) -> None:
        options.check_range("detectability", "max_distance_km", self.max_distance_km, 1, 20_038)
        options.check_range("detectability", "max_depth_km", self.max_depth_km, 0, 800)
        options.check_range("detectability", "min_magnitude", self.min_magnitude, -2, 10)
        options.check_range("detectability", "custom_slope", self.custom_slope, 0, 2)
        options.check_range("detectability", "custom_intercept", self.custom_intercept, -5, 5)


@dataclass(frozen=True)
class DeclusteringConfig:
    """[declustering] Which earthquakes belong together, and whether the followers of a mainshock are targets."""

    method: Literal["none", "gardner_knopoff", "reasenberg", "zaliapin_ben_zion"] = later("none")
    remove: bool = later(False)  # false: earthquakes of a group only stay in one split; true: mainshocks alone count
    log10_eta0: float = later(-5.0)  # zaliapin_ben_zion: below this an earthquake belongs to its nearest neighbour

    def __post_init__(self) -> None:
        options.check_range("declustering", "log10_eta0", self.log10_eta0, -20, 10)


@dataclass(frozen=True)
class WindowsConfig:
    """[windows] How long a window is and where windows are cut."""

    length_minutes: int = 7 * MINUTES_PER_DAY
    sampling: Literal["grid", "event_aligned"] = "grid"
    step_minutes: int = 0  # distance of grid windows (and of quiet candidates); 0 = one window length
    lead_gap_minutes: int = 1  # event_aligned: the last sample lies at least this long before the origin time
    max_gap_minutes: int = 3  # the longest run of missing minutes that is repaired; longer: rejected
    max_missing_fraction: float = 0.05

    def __post_init__(self) -> None:
        options.check_range("windows", "length_minutes", self.length_minutes, 16, 366 * MINUTES_PER_DAY)
        options.check_range("windows", "step_minutes", self.step_minutes, 0, 366 * MINUTES_PER_DAY)
        options.check_range("windows", "lead_gap_minutes", self.lead_gap_minutes, 1, 366 * MINUTES_PER_DAY)
        options.check_range("windows", "max_gap_minutes", self.max_gap_minutes, 0, 366 * MINUTES_PER_DAY)
        options.check_range("windows", "max_missing_fraction", self.max_missing_fraction, 0, 0.5)

    @property
    def step(self) -> int:
        """The distance of grid windows in minutes, with the default resolved."""
        return self.step_minutes or self.length_minutes


@dataclass(frozen=True)
class LabelsConfig:
    """[labels] When a window is positive, which negatives are used, and the storm rule."""

    latency_minutes: int = 0  # grid: from the window's end to the opening of its period of validity
    horizon_days: float = 7.0  # grid: length of the period of validity
    quiet_margin_days: float = 7.0  # event_aligned: negatives keep this far from any target event, on both sides
    class_ratio: Literal["balanced", "natural"] = "balanced"  # balanced: in each station and block of time
    storm_kp: float = 4.667  # windows with a 3-hour Kp at or above this are rejected; 10 = never
    storm_rule: Literal["both", "negatives", "none"] = "both"  # the paper: negatives only, which ties label to Kp
    seed: int = 0
    controls: Literal["random", "matched"] = later("random")  # matched: on year, season, UT hour and Kp

    def __post_init__(self) -> None:
        options.check_range("labels", "latency_minutes", self.latency_minutes, 0, 366 * MINUTES_PER_DAY)
        options.check_range("labels", "horizon_days", self.horizon_days, 1 / 1440, 366)
        options.check_range("labels", "quiet_margin_days", self.quiet_margin_days, 0, 366)
        options.check_range("labels", "storm_kp", self.storm_kp, 0, 10)
        options.check_range("labels", "seed", self.seed, 0, 2**31 - 1)
        if self.controls == "matched" and self.class_ratio != "balanced":
            raise InputError(
                '[labels] controls = "matched" finds one quiet window for each positive: '
                'class_ratio must be "balanced".'
            )


@dataclass(frozen=True)
class ProcessingConfig:
    """[processing] What happens to the record (causal only) and within each window."""

    record_filter: Literal["highpass", "bandpass", "lowpass", "none"] = "highpass"
    window_filter: Literal["none", "highpass", "bandpass", "lowpass"] = "none"  # zero-phase, within the window only
    highpass_period_minutes: float = 100.0  # corners are periods: slower than this is removed
    lowpass_period_minutes: float = 8.0  # faster than this is removed (lowpass, bandpass)
    filter_order: int = 2
    gap_rule: Literal["paper_mean", "linear"] = "linear"
    normalisation: Literal["record_robust", "window_robust", "paper"] = "record_robust"

    def __post_init__(self) -> None:
        options.check_range("processing", "filter_order", self.filter_order, 1, 8)
        for kind in (self.record_filter, self.window_filter):
            if kind in ("highpass", "bandpass"):
                options.check_corner("processing", "highpass_period_minutes", self.highpass_period_minutes)
            if kind in ("lowpass", "bandpass"):
                options.check_corner("processing", "lowpass_period_minutes", self.lowpass_period_minutes)
            if kind == "bandpass" and self.lowpass_period_minutes >= self.highpass_period_minutes:
                raise InputError(
                    f"[processing] lowpass_period_minutes = {self.lowpass_period_minutes:g} is not shorter than "
                    f"highpass_period_minutes = {self.highpass_period_minutes:g}: the band is empty."
                )
        if self.normalisation == "paper" and self.record_filter != "none":
            raise InputError(
                f'[processing] normalisation = "paper" divides the raw field by its Bz, but record_filter = '
                f'"{self.record_filter}" takes the level of Bz away. Set record_filter = "none"; '
                "the paper's own filter goes into window_filter."
            )


@dataclass(frozen=True)
class SplitConfig:
    """[split] Which windows train, validate and test."""

    # random is the paper's, grouped deals out whole event clusters at random: both leak and say so.
    method: Literal["blocked", "random", "grouped", "leave_one_station_out"] = "blocked"
    validation_fraction: float = 0.2
    test_fraction: float = 0.2
    embargo_days: float = -1.0  # extra distance between blocks; -1 = one window length
    seed: int = 0
    n_blocks: int = later(0)  # cross-validation: so many blocks of time instead of the two fractions; 0 = the fractions
    test_block: int = later(-1)  # which of them is the test block, counted from 0; -1 = the last
    test_station: str = later("")  # leave_one_station_out: tested on this station, trained on the others
    final_fraction: float = later(0.0)  # a last block of time that no run sees until it is opened, once
    final_start: str = later("")  # or the day on which it begins, UTC; it holds all that is still to come too

    def __post_init__(self) -> None:
        options.check_range("split", "validation_fraction", self.validation_fraction, 0.01, 0.9)
        options.check_range("split", "test_fraction", self.test_fraction, 0, 0.9)
        if self.embargo_days != -1:
            options.check_range("split", "embargo_days", self.embargo_days, 0, 3660)
        if self.validation_fraction + self.test_fraction > 0.95:
            raise InputError("[split] validation_fraction and test_fraction leave less than 5 % for training.")
        options.check_range("split", "final_fraction", self.final_fraction, 0, 0.5)
        self._check_final_start()
        self._check_blocks()
        if (self.method == "leave_one_station_out") != bool(self.test_station):
            raise InputError(
                f'[split] test_station = {self.test_station!r} with method = "{self.method}": '
                '"leave_one_station_out" needs the code of one station, and no other method takes one.'
            )

    @property
    def has_final(self) -> bool:
        """True if a last block of time is set aside."""
        return bool(self.final_fraction or self.final_start)

    def _check_final_start(self) -> None:
        if not self.final_start:
            return
        options.check_day("split", "final_start", self.final_start)
        if self.final_fraction:
            raise InputError("[split] final_start and final_fraction both set a final block aside. Give one of them.")
        if self.method in ("random", "grouped"):
            words = f'method = "{self.method}" deals all windows out anew when more come. Take method = "blocked".'
            raise InputError(f"[split] final_start waits for data, but {words}")

    def _check_blocks(self) -> None:
        options.check_range("split", "n_blocks", self.n_blocks, 0, 100)
        if self.n_blocks in (1, 2):
            raise InputError(
                f"[split] n_blocks = {self.n_blocks} leaves no block to train on beside one for validation and one for "
                "test. Take 3 or more, or 0 for validation_fraction and test_fraction."
            )
        if self.n_blocks and self.method not in ("blocked", "leave_one_station_out"):
            raise InputError(f'[split] n_blocks = {self.n_blocks} cuts time, but method = "{self.method}" does not.')
        if not -1 <= self.test_block < max(self.n_blocks, 1):
            raise InputError(
                f"[split] test_block = {self.test_block} is not one of the n_blocks = {self.n_blocks} blocks "
                "(counted from 0; -1 is the last)."
            )


@dataclass(frozen=True)
class NetworkConfig:
    """[network] The CNN of the paper's Table 2 with its ambiguous column as a switch, and variants of it."""

    # one_dimensional: the components as channels. dilated: convolutions that look ever further, pooled once at the end.
    name: Literal["table2", "one_dimensional", "dilated"] = "table2"
    activation_column: Literal["text", "table"] = "text"
    # text: ReLU on Dense-64, softmax on the output ("the last layer uses a softmax").
    # table: softmax on Dense-64, linear output, as the rows of Table 2 are printed.
    layers: int = later(3)  # convolutions, with a pooling between each two
    filters: int = later(32)  # of the first convolution; the others have twice as many
    kernel: int = later(3)  # minutes that the first convolution looks at (later ones: positions)
    pool: int = later(2)  # positions that a pooling joins; 1 = no pooling
    # average: the mean over time, which forgets when. average_matched: with as many parameters as flatten has.
    head: Literal["flatten", "average", "average_matched"] = later("flatten")
    dense: int = later(64)  # hidden units
    dropout: float = later(0.0)  # share of hidden units left out in each training step

    def __post_init__(self) -> None:
        options.check_ranges("network", self, layers=(1, 8), filters=(1, 512), kernel=(1, 99), pool=(1, 16))
        options.check_ranges("network", self, dense=(1, 4096), dropout=(0, 0.9))


@dataclass(frozen=True)
class TrainingConfig:
    """[training] The optimiser and the loop."""

    optimizer: Literal["adam", "adamax", "adagrad", "sgd", "rmsprop"] = "adam"
    learning_rate: float = 0.001
    epochs: int = 50
    batch_size: int | Literal["auto"] = 32  # auto: 32, or what fits into memory when the run is made
    class_weights: Literal["none", "balanced"] = "none"
    early_stopping_patience: int = 0  # epochs without a better validation loss; 0 = off, as in the paper
    threshold: float = 0.5
    seed: int = 0
    precision: Literal["float32", "mixed_bfloat16"] = later("float32")  # mixed: twice as fast where supported
    backend: Literal["auto", "tensorflow", "jax", "torch"] = later("auto")  # auto: KERAS_BACKEND, or tensorflow

    def __post_init__(self) -> None:
        options.check_ranges("training", self, learning_rate=(1e-9, 10), epochs=(1, 100_000))
        if self.batch_size != "auto":
            options.check_range("training", "batch_size", self.batch_size, 1, 65_536)
        options.check_ranges("training", self, early_stopping_patience=(0, 100_000), threshold=(0, 1))
        options.check_range("training", "seed", self.seed, 0, 2**31 - 1)


@dataclass(frozen=True)
class ExperimentConfig:
    """
    One experiment, whole: equal configs (name and description aside) have equal ids.

    Examples
    --------
    >>> a = from_dict({"name": "a", "windows": {"length_minutes": 1440}})
    >>> b = from_dict({"name": "b", "windows": {"length_minutes": 1440}})
    >>> a.id == b.id
    True
    """

    name: str = "experiment"
    description: str = ""
    data: DataConfig = field(default_factory=DataConfig)
    world: WorldConfig = field(default_factory=WorldConfig)
    detectability: DetectabilityConfig = field(default_factory=DetectabilityConfig)
    declustering: DeclusteringConfig = field(default_factory=DeclusteringConfig)
    windows: WindowsConfig = field(default_factory=WindowsConfig)
    labels: LabelsConfig = field(default_factory=LabelsConfig)
    processing: ProcessingConfig = field(default_factory=ProcessingConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def __post_init__(self) -> None:
        if not self.name or not all(c.isalnum() or c in "-_" for c in self.name) or len(self.name) > 60:
            raise InputError(f"name = {self.name!r}: use 1 to 60 letters, digits, '-' and '_'.")

    def as_dict(self) -> dict[str, Any]:
        """Plain, JSON-ready dictionary of every field."""
        table: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return table

    @property
    def id(self) -> str:
        """SHA-256 (hex) of every field that changes the computation."""
        content = from_dict(self.as_dict()).as_dict()  # 200 and 200.0 are one number and must be one id
        content = options.without_unused(content, ExperimentConfig)
        content.pop("name")
        content.pop("description")
        if self.data.source != "synthetic":
            content.pop("world")
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def from_dict(table: dict[str, Any]) -> ExperimentConfig:
    """Make a config from a nested dictionary (TOML or JSON); unknown keys are errors."""
    return options.build(ExperimentConfig, table)


def replace(config: ExperimentConfig, **parts: dict[str, Any]) -> ExperimentConfig:
    """
    A copy with some fields changed, checked like any other config.

    >>> replace(ExperimentConfig(), training={"epochs": 3}).training.epochs
    3
    """
    table = config.as_dict()
    for part, changes in parts.items():
        if isinstance(changes, dict):
            table[part] = {**table[part], **changes}
        else:
            table[part] = changes
    return from_dict(table)
