"""
A scan whose overlapping windows share their work: convolutions once over the stream, the dense layer as a correlation.

Windows of a week at an hourly step share 167 of 168 hours, and nine tenths of
the work of the network of Table 2 stand in its convolutions. Here they run once
over the record. The first dense layer then is a correlation of the features
with its weights along time; features of one step are taken as one long vector,
so that the correlation has one position per window, and it is computed with
the fast Fourier transform by overlap-save (Stockham 1966). Three things are put
right afterwards: the features at both ends of a window, where the network sees
zeros instead of the neighbours; gaps that reach over an end; and windows that
do not see the stream at all, which go the plain way.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.labelling.window_set import WindowSet
from core.loading.record.minute import stretches
from core.processing import gaps
from core.training import along_the_record

LEAST_OVERLAP = 16  # windows over one minute from which sharing pays (measured: benchmarks/scan.py)
LEAST_WINDOWS = 512  # fewer are done before the weights are transformed
LEAST_MINUTES = 720  # of a window; shorter ones are cheap
LONGEST_MARGIN = 60  # minutes of a gap at a window's end that are put right here; longer ones go the plain way
EDGE_WINDOWS = 2048  # edges in one call of the network
LOUDEST = 16.0  # a stretch this much louder than a window within it hides the window in rounding (4e-7, measured)
GROUP_BYTES = 256 << 20  # of the stream's spectra at once; bounds the memory
SPECTRUM_BYTES = 512 << 20  # of the weights' spectra, unless the network is larger than that itself
SOME_UNITS = 16  # whose weights are transformed at once


@dataclass(frozen=True)
class Plan:
    """Which windows share: `rows` of the window set, beginning at `begins` of `values` (3, n); `others` do not."""

    stack: along_the_record.Stack
    values: np.ndarray
    missing: np.ndarray
    rows: np.ndarray
    begins: np.ndarray
    hop: int
    margin: int
    others: np.ndarray


def plan(model: Any, windows: WindowSet, rows: np.ndarray, step_minutes: int) -> Plan | None:
    """
    How to share the work of these windows, or None where that is not possible or not worth it.

    Parameters
    ----------
    model : keras.Model
    windows : WindowSet
        Of one station, at a regular step.
    rows : ndarray of int
        The windows that need a probability.
    step_minutes : int
        From one window's start to the next.
    """
    length = windows.n_minutes
    if len(rows) < LEAST_WINDOWS or length < max(LEAST_MINUTES, LEAST_OVERLAP * step_minutes):
        return None
    stack = along_the_record.of(model)
    if stack is None or length < LEAST_OVERLAP * math.lcm(step_minutes, stack.stride):
        return None
    (code,) = windows.stations
    values = windows.stream(code)
    if values is None:
        return None
    missing = np.isnan(windows.series[code].values)
    begins = windows.offsets(rows)
    ends = begins + length
    margin = np.maximum(_gap_after(missing, begins), _gap_before(missing, ends)).max(axis=0)
    alone = margin > LONGEST_MARGIN
    if windows.config.processing.gap_rule != "linear":
        alone |= gaps.count(missing.any(axis=0), begins, ends) > 0
    largest = int(margin[~alone].max(initial=0))
    first, last = stack.shared(length, largest)
    if alone.mean() > 0.5 or first + 1 >= last:
        return None
    hop = math.lcm(step_minutes, stack.stride)
    return Plan(stack, values, missing, rows[~alone], begins[~alone], hop, largest, rows[alone])


def probabilities(plan: Plan) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """
    Probability of label 1 for the windows of `plan.rows`, piece by piece.

    Both ways differ from the exact value by the rounding of float32 only: tested against float64 to 1e-6.

    Yields
    ------
    rows : ndarray of int, shape (n,)
    probability : ndarray of float64, shape (n,)
        NaN for a window that must go the plain way too, as it is very quiet beside its neighbours.
    """
    correlate = _Correlation(plan)
    for phase in np.unique(plan.begins % plan.hop):  # starts that are not multiples of the stride apart
        here = np.flatnonzero(plan.begins % plan.hop == phase)
        here = here[np.argsort(plan.begins[here], kind="stable")]
        number = (plan.begins[here] - phase) // plan.hop
        for first in _segments(number, correlate.n_valid * correlate.n_segments):
            part = here[(number >= first) & (number < first + correlate.n_valid * correlate.n_segments)]
            sums = correlate.group(phase + first * plan.hop, (plan.begins[part] - phase) // plan.hop - first)
            yield plan.rows[part], plan.stack.finish(sums)


def _segments(number: np.ndarray, length: int) -> Iterator[int]:
    """Beginnings of stretches of `length` numbers that cover all of the ascending `number`, where there are any."""
    i = 0
    while i < len(number):
        yield int(number[i])
        i = int(np.searchsorted(number, number[i] + length))


class _Correlation:
    """The first dense layer as a correlation over the stream, in blocks of one hop."""

    def __init__(self, plan: Plan) -> None:
        from scipy import fft

        self.plan, self.fft = plan, fft
        stack = plan.stack
        self.per_hop = plan.hop // stack.stride  # positions in a block
        positions, width, units = stack.kernel.shape
        self.n_blocks = -(-positions // self.per_hop)
        self.width = self.per_hop * width
        self.n_fft = 1 << math.ceil(math.log2(1.25 * self.n_blocks + 8))
        while self.n_fft < 2.5 * self.n_blocks and self.n_fft * self.width * units * 8 < SPECTRUM_BYTES:
            self.n_fft *= 2  # longer stretches repeat less of their neighbours, and need more memory
        self.n_valid = self.n_fft - self.n_blocks + 1
        padded = np.zeros((self.n_blocks * self.per_hop, width, units), dtype=np.float32)
        padded[:positions] = stack.kernel
        padded = padded.reshape(self.n_blocks, self.width, units)
        self.spectrum = np.empty((self.n_fft // 2 + 1, self.width, units), dtype=np.complex64)
        for first in range(0, units, SOME_UNITS):
            part = np.s_[:, :, first : first + SOME_UNITS]
            np.conj(fft.rfft(padded[part], self.n_fft, axis=0, workers=-1), out=self.spectrum[part])
        self.n_segments = max(1, GROUP_BYTES // (self.n_fft * self.width * 8))

    def group(self, origin: int, chosen: np.ndarray) -> np.ndarray:
        """
        The sums (n, units), bias included, of windows that begin `chosen` hops after the minute `origin`.

        NaN where a window is so quiet beside its neighbours that the rounding of their transform would show.
        """
        n_segments = -(-(int(chosen[-1]) + 1) // self.n_valid)
        n_blocks = (n_segments - 1) * self.n_valid + self.n_fft
        needed = min(n_blocks, int(chosen[-1]) + 1 + self.n_blocks)
        features = np.zeros((n_blocks * self.per_hop, self.width // self.per_hop), dtype=np.float32)
        self._fill(features[: needed * self.per_hop], origin)
        blocks = features.reshape(n_blocks, self.width)
        segments = np.lib.stride_tricks.sliding_window_view(blocks, self.n_fft, axis=0)[:: self.n_valid]
        spectra = self.fft.rfft(segments.transpose(0, 2, 1), axis=1, workers=-1)
        product = _matmul(spectra.transpose(1, 0, 2), self.spectrum)
        sums: np.ndarray = self.fft.irfft(product, self.n_fft, axis=0, workers=-1)[: self.n_valid]
        sums = sums.transpose(1, 0, 2).reshape(-1, sums.shape[-1])[chosen]
        sums += self.plan.stack.bias + self._edges(origin, chosen, features)
        sums[self._drowned(blocks, chosen)] = np.nan
        return sums

    def _drowned(self, blocks: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """
        Which windows are so quiet that float32 transforms, which round by the loudest, are too coarse for them.

        The first and last block do not count: what is loud there may be beyond the window's end and taken away again.
        """
        energy = np.concatenate([[0.0], np.cumsum(np.einsum("ij,ij->i", blocks, blocks, dtype=np.float64))])
        first = chosen // self.n_valid * self.n_valid
        around = energy[first + self.n_fft] - energy[first]
        drowned: np.ndarray = around > LOUDEST**2 * (energy[chosen + self.n_blocks - 1] - energy[chosen + 1])
        return drowned

    def _fill(self, features: np.ndarray, origin: int) -> None:
        """Features (n_positions, width) of the stream from the minute `origin`; it is zero beyond its ends."""
        stack, values = self.plan.stack, self.plan.values
        size, skip = along_the_record.BLOCK_MINUTES // stack.stride, stack.reach // stack.stride
        for first in range(0, len(features), size):
            there = features[first : first + size]
            begin = origin + first * stack.stride - stack.reach
            piece = _cut(values, begin, size * stack.stride + 2 * stack.reach)
            found = stack.run(piece[np.newaxis])[0, :, skip : skip + len(there)]
            there.reshape(len(there), len(found), -1)[...] = found.transpose(1, 0, 2)

    def _edges(self, origin: int, chosen: np.ndarray, features: np.ndarray) -> np.ndarray:
        """What the ends of the windows add to their sums (n, units): the network sees zeros beyond them."""
        plan, stack = self.plan, self.plan.stack
        n_positions = len(stack.kernel)
        first, last = stack.shared(stack.n_minutes, plan.margin)
        inner, _ = stack.shared(stack.n_minutes, 0)
        left = 1  # the shortest piece, in strides, whose first positions are those of the whole window
        while stack.shared(left * stack.stride, 0)[1] < first or left * stack.stride <= plan.margin:
            left += 1
        skip = last - inner  # positions before the piece at the right end
        out = np.zeros((len(chosen), stack.kernel.shape[-1]), dtype=np.float32)
        for i in range(0, len(chosen), EDGE_WINDOWS):
            part = chosen[i : i + EDGE_WINDOWS]
            begins, places = origin + part * plan.hop, part * self.per_hop
            ends = begins + stack.n_minutes
            pieces = _pieces(plan.values, begins, left * stack.stride)
            _nearest(pieces, _gap_after(plan.missing, begins), at_end=False)
            found = stack.run(_filled_up(pieces, EDGE_WINDOWS))[: len(part), :, :first]
            out[i : i + len(part)] += _weighted(
                found, features[places[:, None] + np.arange(first)], stack.kernel[:first]
            )
            pieces = _pieces(plan.values, begins + skip * stack.stride, stack.n_minutes - skip * stack.stride)
            _nearest(pieces, _gap_before(plan.missing, ends), at_end=True)
            found = stack.run(_filled_up(pieces, EDGE_WINDOWS))[: len(part), :, inner:]
            there = features[places[:, None] + np.arange(last, n_positions)]
            out[i : i + len(part)] += _weighted(found, there, stack.kernel[last:])
        return out


def _matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """
    Many small matrix products, some in each thread.

    Left to itself the library puts several threads on each single product, and where other work takes a core they
    spend ten times the processor time waiting for each other (measured).
    """
    from threadpoolctl import threadpool_limits

    out = np.empty((len(a), a.shape[1], b.shape[2]), dtype=a.dtype)
    size = -(-len(a) // (os.cpu_count() or 1))
    parts = [slice(first, first + size) for first in range(0, len(a), size)]
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(lambda part: np.matmul(a[part], b[part], out=out[part]), parts))
    return out


def _cut(values: np.ndarray, begin: int, length: int) -> np.ndarray:
    """values[:, begin : begin + length], with zeros where that lies outside."""
    out = np.zeros((len(values), length), dtype=values.dtype)
    first, last = max(begin, 0), min(begin + length, values.shape[1])
    if first < last:
        out[:, first - begin : last - begin] = values[:, first:last]
    return out


def _pieces(values: np.ndarray, begins: np.ndarray, length: int) -> np.ndarray:
    """Copies (n, 3, length) of the stream."""
    return values[:, begins[:, None] + np.arange(length)].transpose(1, 0, 2).copy()


def _filled_up(pieces: np.ndarray, n: int) -> np.ndarray:
    """The same with zeros behind, so that the network is compiled for one shape only."""
    return np.concatenate([pieces, np.zeros((n - len(pieces), *pieces.shape[1:]), dtype=pieces.dtype)])


def _weighted(found: np.ndarray, instead_of: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The weighted difference of features (n, rows, positions, channels) and (n, positions, rows * channels)."""
    difference = found.transpose(0, 2, 1, 3).reshape(instead_of.shape) - instead_of
    weighted: np.ndarray = difference.reshape(len(difference), -1) @ kernel.reshape(-1, kernel.shape[-1])
    return weighted


def _nearest(pieces: np.ndarray, length: np.ndarray, at_end: bool) -> None:
    """Where a gap of `length` (3, n) reaches over the window's end, its nearest value stands, as the window sees it."""
    for component, window in np.argwhere(length > 0):
        gap, piece = int(length[component, window]), pieces[window, component]
        if at_end:
            piece[-gap:] = piece[-gap - 1]
        else:
            piece[:gap] = piece[gap]


def _gap_after(missing: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """Missing minutes from each beginning on until the first value, by component (3, n)."""
    out = np.zeros((len(missing), len(begins)), dtype=np.int64)
    for c, mask in enumerate(missing):
        there = np.flatnonzero(mask[begins])
        _, last = stretches(mask)
        out[c, there] = last[np.searchsorted(last, begins[there], side="right")] - begins[there]
    return out


def _gap_before(missing: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Missing minutes between the last value and each end, by component (3, n)."""
    out = np.zeros((len(missing), len(ends)), dtype=np.int64)
    for c, mask in enumerate(missing):
        there = np.flatnonzero(mask[ends - 1])
        first, _ = stretches(mask)
        out[c, there] = ends[there] - first[np.searchsorted(first, ends[there] - 1, side="right") - 1]
    return out
