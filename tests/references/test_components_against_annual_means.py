"""
H, D, Z to X, Y, Z and F against printed annual means of observatories.

The British Geological Survey publishes the annual means of all observatories with all seven elements, each rounded by
itself: nT, and D and I in degrees to 0.001. These rows are from the copy in MagneticEarth/IAGA_SummerSchool2019,
data/external/oamjumpsapplied.dat.
"""

import numpy as np
import pytest

from core.loading.record import components

# Code and year: D, I (degrees), H, X, Y, Z, F (nT). One row in each quarter of the compass that has one.
ANNUAL_MEANS = {
    ("HIS", 1959.5): (24.365, 84.497, 5486, 4997, 2263, 56936, 57200),
    ("STJ", 1970.5): (-26.725, 70.885, 17603, 15723, -7916, 50790, 53754),
    ("NCK", 2005.5): (2.820, 63.992, 21097, 21071, 1038, 43240, 48112),
    ("KHB", 2014.5): (-12.702, 64.022, 23946, 23360, -5265, 49142, 54666),
    ("FLB", 1876.0): (-97.950, 84.700, 5233, -724, -5183, 56409, 56651),
}


@pytest.mark.parametrize("row", ANNUAL_MEANS, ids=lambda row: f"{row[0]} {row[1]}")
def test_x_and_y_and_f_are_the_printed_ones(row):
    d, _, h, x, y, z, f = ANNUAL_MEANS[row]
    ours = components.xyz_from_hdz(np.array([h]), np.array([60 * d]), np.array([z]))
    # H is rounded to 1 nT and D to 0.001 degrees, which is 0.4 nT of 24,000; the printed X and Y are rounded again.
    np.testing.assert_allclose(np.ravel(ours), [x, y, z], atol=1.3)
    assert components.total(*ours)[0] == pytest.approx(f, abs=1.2)


@pytest.mark.parametrize("row", ANNUAL_MEANS, ids=lambda row: f"{row[0]} {row[1]}")
def test_z_from_the_inclination_is_the_printed_one_as_far_as_degrees_allow(row):
    _, i, h, _, _, z, _ = ANNUAL_MEANS[row]
    ours = float(components.z_from_inclination(np.array([h]), np.array([60 * i]))[0])
    error_of_angle = h * np.radians(0.001) / np.cos(np.radians(i)) ** 2
    assert ours == pytest.approx(z, abs=error_of_angle + np.tan(np.radians(i)))


@pytest.mark.parametrize("row", ANNUAL_MEANS, ids=lambda row: f"{row[0]} {row[1]}")
def test_h_along_an_adopted_meridian_with_nothing_across_it_is_the_same_rotation(row):
    d, _, h, x, y, z, _ = ANNUAL_MEANS[row]
    ours = components.xyz_from_hez(np.array([h]), np.array([0.0]), np.array([z]), 60 * d)
    np.testing.assert_allclose(np.ravel(ours), [x, y, z], atol=1.3)
