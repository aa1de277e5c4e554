"""STDP rules on one synapse: sums over spike pairs, NEST's numbers, drift and fixed point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking.core.errors import SpikingError
from spiking.core.plasticity import RULES, STDP, rule
from spiking.learn.stdp.synapse import weight_after

PRE = np.array([1, 5, 6, 7, 9, 11, 12, 13]) * 1e-3
POST = np.array([2, 3, 4, 8, 9, 10, 12]) * 1e-3

# Weights of NEST 3.10.0 (nest-simulator on PyPI), two parrot neurons, dt 0.1 ms, trains above, w0 = 0.5,
# lambda 0.01, alpha 0.85, tau_plus 16.8, tau_minus 33.7 ms, Wmax 1; rows: (dendritic delay [ms], mu),
# columns: stdp_synapse, stdp_nn_symm, stdp_nn_pre_centered, stdp_nn_restr.
NEST = {
    (0.1, 0.0): (0.45583899446622483, 0.5081487156127955, 0.5081487156127955, 0.5055097272282914),
    (0.1, 0.5): (0.4703929239381254, 0.5050589510931959, 0.5057559577221897, 0.5036760776356527),
    (0.1, 1.0): (0.4794858567598479, 0.503380270754744, 0.5040670158902316, 0.5025357617203547),
    (1.0, 0.0): (0.4733489953747741, 0.5051481020434795, 0.5051481020434795, 0.5045377134117937),
    (1.0, 0.5): (0.481394159271977, 0.5030511008008722, 0.5037127698931374, 0.50301594483989),
    (1.0, 1.0): (0.4868984353738983, 0.5019926106300158, 0.5026450744987051, 0.5020768213321333),
}
PAIRINGS = ("all", "nearest", "pre_centred", "restricted")


@pytest.mark.parametrize(("delay", "mu"), NEST)
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_the_fixed_trains_give_the_weights_of_nest(delay, mu, pairing):
    mine = STDP(
        a_plus=0.01, a_minus=0.0085, tau_plus=16.8e-3, tau_minus=33.7e-3, mu_plus=mu, mu_minus=mu,
        pairing=pairing,
    )  # fmt: skip
    theirs = NEST[delay, mu][PAIRINGS.index(pairing)]
    # float times: 9 ms plus 1 ms must coincide with 10 ms
    post = np.round(POST + delay * 1e-3, 9)
    assert weight_after(mine, np.round(PRE, 9), post, 0.5) == pytest.approx(theirs, abs=1e-14)


@pytest.mark.parametrize(("delay", "theirs"), [(0.1, 0.600087650354502), (1.0, 0.6223837063660075)])
def test_the_triplet_rule_gives_the_weight_of_nest(delay, theirs):
    mine = STDP(
        a_plus=5e-3, a_plus_triplet=6.2e-3, a_minus=7e-3, a_minus_triplet=2.3e-3, tau_plus=16.8e-3,
        tau_minus=33.7e-3, tau_x=101e-3, tau_y=125e-3, w_max=100.0,
    )  # fmt: skip
    assert weight_after(mine, PRE, np.round(POST + delay * 1e-3, 9), 0.5) == pytest.approx(theirs, abs=1e-14)


def double_sum(r, pre, post):
    """Weight change by definition, a sum over pairs (and triplets) of distinct spikes, hard bounds off."""
    total = 0.0
    for t in post:
        before = pre[pre < t]
        others = post[post < t]
        if r.pairing in ("pre_centred", "restricted") and others.size:
            before = before[before >= others[-1]]
        if r.pairing in ("nearest", "restricted"):
            before = before[-1:]
        slow = others if r.pairing == "all" else others[-1:]
        size = r.a_plus + r.a_plus_triplet * np.exp(-(t - slow) / r.tau_y).sum()
        total += size * (np.exp(-(t - before) / r.tau_plus).sum() - r.x_target)
    for s in pre:
        before = post[post < s]
        others = pre[pre < s]
        since = others[-1] if others.size else -np.inf
        if r.pairing == "restricted" and not np.any((post > since) & (post <= s)):
            before = before[:0]
        if r.pairing != "all":
            before = before[-1:]
        slow = others if r.pairing == "all" else others[-1:]
        size = r.a_minus + r.a_minus_triplet * np.exp(-(s - slow) / r.tau_x).sum()
        total -= size * np.exp(-(s - before) / r.tau_minus).sum()
    return total


trains = st.lists(st.integers(1, 400), max_size=15, unique=True).map(
    lambda t: np.sort(np.array(t, float)) * 1e-3
)


@settings(max_examples=150, deadline=None)
@given(
    pre=trains, post=trains, pairing=st.sampled_from(PAIRINGS), triplet=st.booleans(), target=st.booleans()
)
def test_traces_equal_the_double_sum_over_spike_pairs(pre, post, pairing, triplet, target):
    r = STDP(
        a_plus=0.011, a_minus=0.007, tau_plus=17e-3, tau_minus=34e-3, pairing=pairing, w_min=-1e6, w_max=1e6,
        a_plus_triplet=0.013 * triplet, a_minus_triplet=0.005 * triplet, tau_x=50e-3, tau_y=80e-3,
        x_target=0.3 * target,
    )  # fmt: skip
    assert weight_after(r, pre, post, 0.0) == pytest.approx(double_sum(r, pre, post), abs=1e-9)


def test_one_pair_follows_the_window():
    r = STDP(a_plus=0.01, a_minus=0.005, tau_plus=17e-3, tau_minus=34e-3)
    assert weight_after(r, [0.0], [0.010], 0.5) == pytest.approx(0.5 + 0.01 * np.exp(-10 / 17), abs=1e-15)
    assert weight_after(r, [0.010], [0.0], 0.5) == pytest.approx(0.5 - 0.005 * np.exp(-10 / 34), abs=1e-15)


def test_poisson_trains_drift_by_the_product_of_rates_and_window_areas():
    # field: 10 and 20 Hz, a_plus 0.01, a_minus 0.0105, tau 20 ms: -0.002 per second
    r = STDP(a_plus=0.01, a_minus=0.0105, w_min=-1e9, w_max=1e9)
    rng, seconds = np.random.default_rng(1), 40_000.0
    pre = np.sort(rng.uniform(0, seconds, rng.poisson(10 * seconds)))
    post = np.sort(rng.uniform(0, seconds, rng.poisson(20 * seconds)))
    drift = weight_after(r, pre, post, 0.0) / seconds
    expected = 10 * 20 * (0.01 * 20e-3 - 0.0105 * 20e-3)
    assert expected == pytest.approx(-0.002)
    assert drift == pytest.approx(expected, abs=4e-4)


def test_soft_bounds_settle_at_their_fixed_point():
    # equal rates of both kinds of change: a_plus (1 - w) = a_minus w
    r = STDP(a_plus=0.002, a_minus=0.003, mu_plus=1.0, mu_minus=1.0)
    rng, seconds = np.random.default_rng(2), 4_000.0
    pre = np.sort(rng.uniform(0, seconds, rng.poisson(20 * seconds)))
    post = np.sort(rng.uniform(0, seconds, rng.poisson(20 * seconds)))
    settled = np.mean([weight_after(r, pre[k::7], post[k::7], 0.1) for k in range(7)])
    assert settled == pytest.approx(1 / (1 + 1.5), abs=0.02)


def test_weights_stay_inside_their_bounds():
    r = STDP(a_plus=0.7, a_minus=0.6, w_min=0.2, w_max=0.9)
    assert weight_after(r, [0.0], [0.001], 0.5) == 0.9
    assert weight_after(r, [0.001], [0.0], 0.5) == 0.2


def test_unknown_names_and_bad_numbers_say_what_is_allowed():
    with pytest.raises(SpikingError, match=r"unknown learning rule 'tripplet' \(did you mean 'triplet'\?\)"):
        rule("tripplet")
    with pytest.raises(SpikingError, match=r"unknown pairing 'nearst' \(did you mean 'nearest'\?\)"):
        STDP(pairing="nearst")
    with pytest.raises(SpikingError, match=r"tau_plus is 0.0 s; a trace needs a positive time constant"):
        STDP(tau_plus=0.0)
    with pytest.raises(SpikingError, match=r"w_max must be the larger"):
        STDP(w_min=1.0, w_max=0.5)
    with pytest.raises(SpikingError, match=r"'post' are not an ascending list"):
        weight_after(RULES["pair"], [0.1], [0.2, 0.1], 0.5)
