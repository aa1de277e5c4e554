"""Memory devices beside their published polynomials, written out here a second time, on 100 000 cells."""

import numpy as np
import pytest
from scipy.stats import norm

from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.memory.cells import Cells
from spiking.hardware.effects.memory.cmo import CMO
from spiking.hardware.effects.memory.pcm import HermesOne, HermesTwo, Nandakumar
from spiking.hardware.effects.memory.rram import DAY, Joshi, Milo, WanAihwkit, WanCrossSim

CELLS = 100_000
TIMES = (0.0, 3600.0, DAY, 30 * DAY, 365 * DAY)
NAMES = (
    "pcm",
    "pcm-hermes-1",
    "pcm-hermes-2",
    "pcm-joshi",
    "rram-wan-aihwkit",
    "rram-wan-crosssim",
    "rram-milo",
)
NET = Network.dense([60, 40, 10], hidden=LIF(), readout=LI(), steps=4, seed=1)


def rng(seed=0):
    return np.random.default_rng(seed)


def close(values, mean, sigma):
    """Within 1 % of both; the mean to 1 % of the larger of mean and sigma."""
    assert abs(values.mean() - mean) < 0.01 * max(abs(mean), sigma)
    assert values.std() == pytest.approx(sigma, rel=0.01)


def poly(x, *highest_first):
    return np.polyval(highest_first, x)


SIGMAS = [  # device, conductance [uS], published sigma [uS]
    (Nandakumar(), 12.5, poly(0.5, -1.1731, 1.9650, 0.26348)),
    (Nandakumar(), 25.0, poly(1.0, -1.1731, 1.9650, 0.26348)),
    (HermesTwo(), 10.35, poly(0.5, 4.68961419, -8.48101252, 4.71806468, 0.16603222)),
    (HermesOne(), 5.175, poly(0.5, 0.68841818, -2.16310839, 2.32443916, 0.15781817)),
    (WanAihwkit(), 40 * 0.25, poly(0.25, -16.815, 45.393, -43.853, 16.030, 0.348)),
    (WanCrossSim(), 10.0, poly(10.0, 1.536e-4, -1.167e-2, 2.374e-1, 1.053)),
    (Milo(), 100.0, poly(100.0, -0.009107, 4.782321)),
    (Joshi(), 20.0, poly(20.0, -0.00178767, 0.07585724, 0.28638599)),
    (CMO(acceptance=0.2), 50.0, poly(50.0, 0.00106879, 0.00081107)),
    (CMO(acceptance=2.0), 50.0, poly(50.0, 0.01129027418, 0.0112185391)),
]


@pytest.mark.parametrize(("device", "g", "sigma"), SIGMAS)
def test_writing_leaves_the_published_spread(device, g, sigma):
    close(device.written(np.full(CELLS, g), rng()), g, sigma)


def test_the_two_fits_of_one_figure_differ_as_they_do_where_they_are_published():
    g = np.array([1.0, 10.0, 39.0])
    assert WanAihwkit().programming_sigma(g) == pytest.approx([0.72, 2.26, 1.17], abs=0.01)
    assert WanCrossSim().programming_sigma(g) == pytest.approx([1.28, 2.41, 1.67], abs=0.01)


EXPONENTS = [  # device, share of g_max, mean and sigma of nu
    (
        Nandakumar(),
        0.5,
        max(0.049, -0.0155 * np.log(0.5) + 0.0244),
        max(0.008, -0.0125 * np.log(0.5) - 0.0059),
    ),
    (Nandakumar(), 0.05, -0.0155 * np.log(0.05) + 0.0244, -0.0125 * np.log(0.05) - 0.0059),
    (HermesTwo(), 0.6, -0.0436 * 0.36 - 0.0126 * 0.6 + 0.0736, -0.0118 * 0.36 + 0.0093 * 0.6 + 0.0073),
    (HermesOne(), 0.05, -0.0387 * np.log(0.05) - 0.0182, -0.0120 * np.log(0.05) - 0.0023),
]


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize(("device", "share", "nu", "spread"), EXPONENTS)
def test_drift_has_the_mean_and_spread_of_a_power_law_with_a_gaussian_exponent(
    device, share, nu, spread, time
):
    g = np.full(CELLS, share * device.g_max)
    got = device.aged(g, g, time, rng(), 1.0, 0.0)
    log = np.log((time + device.t_0) / device.t_0)
    if time == 0:
        np.testing.assert_array_equal(got, g)
        return

    def moment(a):  # E exp(-a |N(nu, spread)|): the exponent is folded at 0
        up, down = np.exp(a * nu + (a * spread) ** 2 / 2), np.exp(-a * nu + (a * spread) ** 2 / 2)
        return down * norm.cdf(nu / spread - a * spread) + up * norm.cdf(-nu / spread - a * spread)

    close(got, g[0] * moment(log), g[0] * np.sqrt(moment(2 * log) - moment(log) ** 2))


FLICKER = [
    (Nandakumar(), 0.5, 0.0088 / 0.5**0.65),
    (HermesTwo(), 0.6, poly(0.6, 0.0069, -0.0280, 0.0211, 0.0123)),
    (HermesOne(), 0.6, poly(0.6, 0.0664, -0.1352, 0.0768, 0.0088)),
    (HermesOne(), 0.1, -0.0078 * np.log(0.1) + 0.0038),
]


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize(("device", "share", "q"), FLICKER)
def test_reading_has_the_published_flicker_noise(device, share, q, time):
    g = np.full(CELLS, share * device.g_max)
    t = time + device.t_0
    sigma = g[0] * q * np.sqrt(np.log((t + device.t_read) / (2 * device.t_read)))
    close(device.aged(g, g, time, rng(), 0.0, 1.0), g[0], sigma)


@pytest.mark.parametrize("time", [1.0, 60.0, 3600.0, DAY, 30 * DAY])
def test_the_oxide_relaxes_as_published(time):
    g = np.full(CELLS, 50.0)
    log = np.log(time)
    mean, sigma = 50 - 0.08900206 * log, 0.04201137 * log + 0.41183342
    close(CMO().aged(g, g, time, rng(), 1.0, 0.0), mean, sigma)
    read = 0.0277316483 * np.log10(50.0) * np.sqrt(np.log((time + 1e-6) / 2e-6))
    close(CMO().aged(g, g, time, rng(), 0.0, 1.0), 50.0, read)


@pytest.mark.parametrize(
    ("time", "coefficients"),
    [(DAY, (-16.458, 47.095, -50.773, 22.086, 0.701)), (2 * DAY, (-11.934, 37.062, -43.507, 20.274, 0.782))],
)
def test_resistive_cells_spread_with_days(time, coefficients):
    g = np.full(CELLS, 16.0)
    close(WanAihwkit().aged(g + 1, g, time, rng(), 1.0, 1.0), 16.0, poly(0.4, *coefficients))


@pytest.mark.parametrize("mapping", ["pair", "reference"])
def test_weights_come_back_from_their_conductances(mapping):
    w = rng().normal(size=(30, 20))
    cells = Cells(mapping=mapping, g_min=9.0, g_max=88.0, top=float(np.abs(w).max()))
    g = cells.conductances(w)
    assert all(part.min() >= 9.0 and part.max() <= 88.0 + 1e-12 for part in g)
    np.testing.assert_allclose(cells.weights(g), w, atol=1e-12)
    if mapping == "pair":
        assert np.all(np.minimum(*g) == 9.0)


@pytest.mark.parametrize("name", [*NAMES, "cmo-hfox"])
def test_without_noise_and_drift_an_array_is_the_identity(name):
    got = EFFECTS[name](NET, rng(), programming=0, drift=0, read=0)
    for a, b in zip(got.connections, NET.connections, strict=True):
        np.testing.assert_array_equal(a.weight, b.weight)


def test_one_seed_is_one_chip_at_all_times():
    def at(time, **how):
        return EFFECTS["pcm"](NET, rng(5), time=time, read=0, **how).connections[0].weight

    first, later, last = (np.abs(at(t)).sum() for t in TIMES[:3])
    assert first > later > last  # it falls
    assert np.corrcoef(at(DAY).ravel(), at(3600.0).ravel())[0, 1] > 0.999
    assert not np.array_equal(at(DAY), EFFECTS["pcm"](NET, rng(6), time=DAY, read=0).connections[0].weight)


def test_compensation_gives_the_mean_weight_back_and_nothing_else_does():
    def mean(time, compensation):
        made = EFFECTS["pcm"](NET, rng(5), time=time, read=0, compensation=compensation)
        return np.abs(made.connections[0].weight).mean()

    written = mean(0.0, "none")
    for time in TIMES[1:]:
        assert mean(time, "none") < 0.9 * written
        assert mean(time, "global") == pytest.approx(written, rel=1e-5)
        assert mean(time, "column") == pytest.approx(written, rel=1e-5)


def test_compensation_of_columns_acts_on_each():
    made = EFFECTS["pcm"](NET, rng(5), time=DAY, read=0, compensation="column").connections[0].weight
    then = EFFECTS["pcm"](NET, rng(5), time=0.0, read=0).connections[0].weight
    np.testing.assert_allclose(np.abs(made).sum(axis=0), np.abs(then).sum(axis=0), rtol=1e-5)


def test_what_nobody_published_is_refused():
    for name, how, words in (
        ("rram-wan-aihwkit", {"time": 3600.0}, "published at 1, 86400, 172800 s alone"),
        ("rram-milo", {"time": 60.0}, "published at 0 s alone"),
        ("cmo-hfox", {"time": 0.5}, "fitted from 1 s on"),
        ("cmo-hfox", {"acceptance": 1.0}, "acceptance is 1.0 %; published: 0.2 and 2.0 %"),
        ("pcm", {"time": -1.0}, "time is -1.0 s; allowed: 0 or more"),
        ("pcm", {"compensation": "globl"}, "did you mean 'global'"),
        ("pcm", {"tme": 3.0}, "unknown option of the effect 'pcm' 'tme' .did you mean 'time'"),
    ):
        with pytest.raises(SpikingError, match=words):
            EFFECTS[name](NET, rng(), **how)
