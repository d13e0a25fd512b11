"""
The networks that can be named in a config: Table 2 of Petrescu & Moldovan (2022) and variants of it.

Each is one small function that lists its layers. The list is plain data, so the
number of parameters is known before anything is built; `network.build` makes
keras layers of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.config import NetworkConfig
from core.errors import InputError

N_COMPONENTS = 3
N_OUTPUTS = 2
LEAST_POSITIONS = 4  # features along time that must be left after the poolings; Table 2 then needs 16 minutes
MOST_PARAMETERS = 1_000_000_000  # with Adam 12 to 16 GB


@dataclass(frozen=True)
class ComponentsAsChannels:
    """(3, minutes, 1) becomes (1, minutes, 3)."""


@dataclass(frozen=True)
class Convolution:
    """Zero-padded, stride 1, ReLU; `kernel` is (rows, positions)."""

    filters: int
    kernel: tuple[int, int]
    dilation: int = 1


@dataclass(frozen=True)
class Pooling:
    """The largest of each `size` positions along time; a remainder is dropped."""

    size: int


@dataclass(frozen=True)
class Average:
    """The mean over all positions along time."""


@dataclass(frozen=True)
class Flatten:
    """One long row."""


@dataclass(frozen=True)
class Dense:
    """A dense layer of a head."""

    units: int
    activation: str


@dataclass(frozen=True)
class Dropout:
    """Some units left out in each training step."""

    rate: float


Layer = ComponentsAsChannels | Convolution | Pooling | Average | Flatten | Dense | Dropout
Shape = tuple[int, int, int]  # rows, positions, channels


def layers(config: NetworkConfig, n_minutes: int) -> list[Layer]:
    """
    The layers of the network of a config, in order.

    Raises
    ------
    InputError
        If the window is too short for it, or the network too large to train.
    """
    least = shortest(config)
    if n_minutes < least:
        raise InputError(f"A window of {n_minutes} minutes is too short for the network; it needs {least}.")
    features = STACKS[config.name](config)
    found = features + HEADS[config.head](config, features, n_minutes)
    total = n_parameters(found, n_minutes)
    if total > MOST_PARAMETERS:
        raise InputError(
            f"The network would have {total:,} parameters; {MOST_PARAMETERS:,} is the limit. "
            'Take shorter windows, more pooling, fewer filters or hidden units, or head = "average".'
        )
    return found


def shortest(config: NetworkConfig) -> int:
    """The shortest window that the network takes, minutes."""
    minutes_a_position: int = config.pool ** (config.layers - 1)
    return LEAST_POSITIONS * max(4, minutes_a_position)


def table2(config: NetworkConfig) -> list[Layer]:
    """Convolutions along time with poolings between them; the first one also looks across the components."""
    found: list[Layer] = [Convolution(config.filters, (3, config.kernel))]
    for _ in range(config.layers - 1):
        found += [Pooling(config.pool), Convolution(2 * config.filters, (1, config.kernel))]
    return found


def one_dimensional(config: NetworkConfig) -> list[Layer]:
    """As Table 2, but the components enter as channels: each filter sees all three at once."""
    found: list[Layer] = [ComponentsAsChannels(), Convolution(config.filters, (1, config.kernel))]
    for _ in range(config.layers - 1):
        found += [Pooling(config.pool), Convolution(2 * config.filters, (1, config.kernel))]
    return found


def dilated(config: NetworkConfig) -> list[Layer]:
    """Each convolution looks twice as far as the one before (Yu & Koltun 2016); one pooling at the end."""
    found: list[Layer] = [Convolution(config.filters, (3, config.kernel))]
    found += [Convolution(2 * config.filters, (1, config.kernel), 2**i) for i in range(1, config.layers)]
    return [*found, Pooling(config.pool ** (config.layers - 1))]


def flatten(config: NetworkConfig, features: list[Layer], n_minutes: int) -> list[Layer]:
    """The head of Table 2: every position of every filter has its own weights."""
    return [Flatten(), *_dense(config, [config.dense])]


def average(config: NetworkConfig, features: list[Layer], n_minutes: int) -> list[Layer]:
    """Global average pooling (Lin et al. 2014): the size does not depend on the window's length."""
    return [Average(), Flatten(), *_dense(config, [config.dense])]


def average_matched(config: NetworkConfig, features: list[Layer], n_minutes: int) -> list[Layer]:
    """
    Global average pooling, then two equally wide dense layers with as many parameters as `flatten` has.

    What then differs from Table 2 is the sharing over time and not the number of parameters.
    """
    rows, positions, channels = shape_after(features, n_minutes)
    wanted = (rows * positions * channels + 1) * config.dense + (config.dense + 1) * N_OUTPUTS
    linear = rows * channels + 2 + N_OUTPUTS  # (in + 1) u + (u + 1) u + (u + 1) n_outputs = wanted
    units = max(1, round((math.sqrt(linear**2 + 4 * (wanted - N_OUTPUTS)) - linear) / 2))
    return [Average(), Flatten(), *_dense(config, [units, units])]


STACKS: dict[str, Callable[[NetworkConfig], list[Layer]]] = {
    "table2": table2,
    "one_dimensional": one_dimensional,
    "dilated": dilated,
}
HEADS: dict[str, Callable[[NetworkConfig, list[Layer], int], list[Layer]]] = {
    "flatten": flatten,
    "average": average,
    "average_matched": average_matched,
}


def n_parameters(found: list[Layer], n_minutes: int) -> int:
    """How many weights a list of layers has."""
    total, shape = 0, (N_COMPONENTS, n_minutes, 1)
    for layer in found:
        inputs = math.prod(shape) if isinstance(layer, Dense) else shape[2]
        if isinstance(layer, Convolution):
            total += (math.prod(layer.kernel) * inputs + 1) * layer.filters
        if isinstance(layer, Dense):
            total += (inputs + 1) * layer.units
        shape = after(layer, shape)
    return total


def shape_after(found: list[Layer], n_minutes: int) -> Shape:
    """Rows, positions and channels that leave a list of layers."""
    shape = (N_COMPONENTS, n_minutes, 1)
    for layer in found:
        shape = after(layer, shape)
    return shape


def after(layer: Layer, shape: Shape) -> Shape:
    """Rows, positions and channels that leave one layer."""
    rows, positions, channels = shape
    match layer:
        case ComponentsAsChannels():
            return channels, positions, rows
        case Convolution(filters):
            return rows, positions, filters
        case Pooling(size):
            return rows, positions // size, channels
        case Average():
            return rows, 1, channels
        case Flatten():
            return 1, 1, rows * positions * channels
        case Dense(units):
            return 1, 1, units
    return shape


def _dense(config: NetworkConfig, widths: list[int]) -> list[Layer]:
    """Hidden layers of these widths, dropout, and the two outputs, under the chosen reading of Table 2's column."""
    hidden, output = ("relu", "softmax") if config.activation_column == "text" else ("softmax", "linear")
    drop = [Dropout(config.dropout)] if config.dropout else []
    return [*(Dense(units, hidden) for units in widths), *drop, Dense(N_OUTPUTS, output)]
