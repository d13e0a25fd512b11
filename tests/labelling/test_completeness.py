"""Above which magnitude a catalogue is complete."""

import numpy as np
import pytest

from core.labelling import completeness


def test_a_catalogue_that_misses_small_events_is_complete_where_it_was_cut():
    random = np.random.default_rng(0)
    every = 1.0 + random.exponential(1 / np.log(10), 20000)
    seen = every[random.random(len(every)) < 1 / (1 + np.exp(-12 * (every - 2.0)))]
    assert completeness.magnitude(seen) == pytest.approx(2.3, abs=0.2)


def test_few_events_give_the_smallest_and_none_give_nothing():
    assert completeness.magnitude(np.array([3.1, 4.0, np.nan])) == 3.1
    assert np.isnan(completeness.magnitude(np.array([])))
