"""Effects without a named device: what each must leave alone, what it must change, and by how much."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.encode import Direct, Poisson
from spiking.core.coding.faulty import Coarse, Unreliable
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, Discretisation, Linear, ReLU
from spiking.core.parts import Population
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.compose import chip_instance
from spiking.hardware.effects.fixed_point import fixed_point
from spiking.hardware.effects.quantise import quantise
from spiking.hardware.effects.structure.prune import take_units
from spiking.simulate import run

NET = Network.dense(
    [300, 200, 10], hidden=LIF(tau_syn=5e-3), readout=LI(), encoder=Poisson(), steps=8, seed=1
)
SMALL = Network.dense([12, 20, 5], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=12, seed=1)
MLP = Network.dense([300, 200, 10], hidden=ReLU(), readout=Linear(), seed=1)
X = np.random.default_rng(3).random((6, 12)).astype(np.float32)

NEUTRAL = [
    ("weight-mismatch", {"sigma": 0.0}),
    ("threshold-mismatch", {"sigma": 0.0}),
    ("time-constant-mismatch", {"sigma": 0.0}),
    ("programming-noise", {"sigma": 0.0}),
    ("programming-noise", {"sigma": 0.0, "tolerance": 0.1}),
    ("read-noise", {"sigma": 0.0}),
    ("stuck-cells", {}),
    ("dead-neurons", {"share": 0.0}),
    ("unreliable-input", {}),
    ("prune", {"share": 0.0}),
    ("prune", {"share": 0.0, "method": "structured"}),
    ("coarse-time", {"factor": 1}),
    ("limited-fan-in", {"limit": 300}),
    ("conductance-range", {}),
]
RANDOM = [
    ("weight-mismatch", {"sigma": 0.1}),
    ("threshold-mismatch", {"sigma": 0.1}),
    ("time-constant-mismatch", {"sigma": 0.1}),
    ("programming-noise", {"sigma": 0.1, "tolerance": 0.15}),
    ("read-noise", {"sigma": 0.1}),
    ("stuck-cells", {"off": 0.1, "on": 0.1}),
    ("dead-neurons", {"share": 0.2}),
    ("unreliable-input", {"lost": 0.2}),
    ("prune", {"share": 0.3, "method": "random"}),
    ("pcm", {"time": 86400.0}),
]


def rng(seed=0):
    return np.random.default_rng(seed)


def facts(network):
    """All numbers of a network that an effect may change."""
    found = [network.steps, network.dt]
    for c in network.connections:
        found += [c.weight.toarray() if sp.issparse(c.weight) else c.weight, c.delay]
    for p in network.populations:
        unit = vars(p.unit)
        found += [np.broadcast_to(v, p.size) for v in unit.values() if isinstance(v, float | np.ndarray)]
    return [*found, *(i.encoder for i in network.inputs)]


def same(a, b):
    pairs = list(zip(facts(a), facts(b), strict=True))
    return all(np.array_equal(x, y) if isinstance(x, np.ndarray) else x == y for x, y in pairs)


@pytest.mark.parametrize(("name", "how"), NEUTRAL)
def test_an_effect_of_size_0_is_the_identity(name, how):
    assert same(EFFECTS[name](NET, rng(), **how), NET)


@pytest.mark.parametrize(("name", "how"), RANDOM)
def test_a_seed_is_a_chip(name, how):
    one = EFFECTS[name](NET, rng(1), **how)
    assert same(one, EFFECTS[name](NET, rng(1), **how))
    assert not same(one, EFFECTS[name](NET, rng(2), **how))
    assert not same(one, NET)


@pytest.mark.parametrize(("name", "how"), RANDOM)
def test_what_an_effect_gives_runs(name, how):
    if name != "dead-neurons":
        assert run(EFFECTS[name](SMALL, rng(), **how), X).samples == 6


@pytest.mark.parametrize("relative_to", ["value", "range", "absolute"])
def test_weights_deviate_by_the_sigma_in_the_unit_that_was_stated(relative_to):
    made = EFFECTS["weight-mismatch"](NET, rng(), sigma=0.2, relative_to=relative_to).connections[0].weight
    w = NET.connections[0].weight
    unit = {"value": np.abs(w), "range": np.abs(w).max(), "absolute": 1.0}[relative_to]
    z = ((made - w) / unit)[w != 0]
    assert abs(z.mean()) < 0.2 * 0.01 * 2
    assert z.std() == pytest.approx(0.2, rel=0.01)


def test_double_sigma_is_double_the_error():
    w = NET.connections[0].weight.astype(float)
    one, two = (EFFECTS["weight-mismatch"](NET, rng(), sigma=s).connections[0].weight - w for s in (0.1, 0.2))
    np.testing.assert_allclose(two, 2 * one, atol=1e-6)


def test_thresholds_and_time_constants_deviate_by_their_sigma():
    wide = Network.dense([2, 100_000, 2], hidden=LIF(v_leak=0.5, v_threshold=2.5), readout=LI(), seed=0)
    theta = EFFECTS["threshold-mismatch"](wide, rng(), sigma=0.2)["hidden1"].unit.v_threshold
    assert theta.mean() == pytest.approx(2.5, rel=0.01)
    assert theta.std() == pytest.approx(0.2 * (2.5 - 0.5), rel=0.01)
    tau = EFFECTS["time-constant-mismatch"](wide, rng(), sigma=0.1)["hidden1"].unit.tau_mem
    assert tau.std() == pytest.approx(0.1 * 20e-3, rel=0.01)
    absolute = EFFECTS["time-constant-mismatch"](wide, rng(), sigma=1e-3, relative_to="absolute")
    assert absolute["hidden1"].unit.tau_mem.std() == pytest.approx(1e-3, rel=0.01)
    assert absolute["output"].unit.tau_mem.shape == (2,)


def test_a_threshold_never_falls_to_rest():
    theta = EFFECTS["threshold-mismatch"](NET, rng(), sigma=2.0)["hidden1"].unit.v_threshold
    assert theta.min() == pytest.approx(1e-3)


def test_an_integrator_stays_one():
    net = Network.dense([4, 6, 2], hidden=LIF(tau_mem=np.inf), readout=LI())
    assert np.all(np.isinf(EFFECTS["time-constant-mismatch"](net, rng(), sigma=0.1)["hidden1"].unit.tau_mem))


def test_verified_writes_stay_within_their_tolerance():
    made = EFFECTS["programming-noise"](NET, rng(), sigma=0.1, tolerance=0.12).connections[0].weight
    w = NET.connections[0].weight
    error = (made - w) / np.abs(w).max()
    assert np.abs(error).max() <= 0.12 * 1.0001
    # a Gaussian cut at 1.2 sigma: variance 1 - 2 a phi(a) / (2 Phi(a) - 1)
    assert error.std() == pytest.approx(0.1 * np.sqrt(1 - 2 * 1.2 * 0.194186 / 0.769861), rel=0.01)


def test_averaged_reads_are_quieter():
    w = NET.connections[0].weight
    one, many = (
        EFFECTS["read-noise"](NET, rng(), sigma=0.1, reads=n).connections[0].weight - w for n in (1, 16)
    )
    np.testing.assert_allclose(many, one / 4, atol=1e-7)


def test_cells_are_stuck_as_often_as_stated_and_where_they_are_the_weight_says():
    w = NET.connections[0].weight.astype(float)
    top = np.abs(w).max()
    off = EFFECTS["stuck-cells"](NET, rng(), off=0.2).connections[0].weight
    assert np.mean(off == 0) == pytest.approx(0.2, rel=0.02)
    np.testing.assert_allclose(off[off != 0], w[off != 0], atol=1e-6)
    on = EFFECTS["stuck-cells"](NET, rng(), on=0.1).connections[0].weight
    options = np.stack([w, np.sign(w) * top, w - np.sign(w) * top, 0 * w])  # none, own, idle, both
    nearest = np.abs(options - on).argmin(axis=0)
    assert np.abs(options - on).min(axis=0).max() < 1e-6
    shares = np.bincount(nearest.ravel(), minlength=4) / w.size
    np.testing.assert_allclose(shares, [0.81, 0.09, 0.09, 0.01], rtol=0.1)


def test_dead_neurons_are_silent_and_counted():
    net = SMALL
    dead = EFFECTS["dead-neurons"](net, rng(), share=0.25)
    alive = run(net, X).spikes["hidden1"].sum(axis=0)
    spikes = run(dead, X).spikes["hidden1"].sum(axis=0)
    out = dead["hidden1"].unit.v_threshold > 1e20
    assert out.sum() == 5
    assert spikes[out].sum() == 0 < alive[out].sum()
    np.testing.assert_array_equal(spikes[~out], alive[~out])
    values = run(EFFECTS["dead-neurons"](MLP, rng(), share=0.5), rng().random((3, 300)), record=("v",)).v
    assert np.mean(np.all(values["hidden1"] == 0, axis=(0, 1))) >= 0.5


def test_links_lose_double_and_delay_as_often_as_stated():
    raster = np.ones((40, 50, 60))
    lossy = Unreliable(of=Poisson(), lost=0.3, seed=1).spikes(raster, 50)
    assert lossy.mean() == pytest.approx(0.7, rel=0.01)
    assert set(np.unique(lossy)) == {0, 1}
    twice = Unreliable(of=Poisson(), doubled=0.25, seed=1).spikes(raster, 50)
    assert twice.mean() == pytest.approx(1.25, rel=0.01)
    once = np.zeros((40, 50, 60))
    once[:, 10] = 1
    late = Unreliable(of=Poisson(), late=3, seed=1).spikes(once, 50)
    np.testing.assert_allclose(late.mean(axis=(0, 2))[9:15], [0, 0.25, 0.25, 0.25, 0.25, 0], atol=0.03)
    assert late.sum() == once.sum()


def test_faults_of_a_link_do_not_depend_on_the_batch():
    link = Unreliable(of=Poisson(), lost=0.3, doubled=0.2, late=2, seed=4)
    whole = link.spikes(X, 9, seed=7, first=0)
    np.testing.assert_array_equal(whole[4:], link.spikes(X[4:], 9, seed=7, first=4))
    assert (whole[0] != link.spikes(X, 9, seed=8)[0]).any()


@pytest.mark.parametrize("method", ["magnitude", "random"])
def test_pruning_leaves_out_what_it_says(method):
    w = NET.connections[0].weight
    made = EFFECTS["prune"](NET, rng(), share=0.3, method=method).connections[0]
    assert made.synapses == NET.connections[0].synapses - round(0.3 * NET.connections[0].synapses)
    kept = made.weight != 0
    np.testing.assert_array_equal(made.weight[kept], w[kept])
    assert (np.abs(w[kept]).min() >= np.abs(w[~kept]).max()) == (method == "magnitude")


def test_structured_pruning_takes_out_the_weakest_units_and_what_is_left_computes_the_same():
    pruned = EFFECTS["prune"](SMALL, rng(), share=0.25, method="structured")
    assert pruned["hidden1"].size == 15
    norms = (SMALL.connections[0].weight ** 2).sum(axis=0) + (SMALL.connections[1].weight ** 2).sum(axis=1)
    keep = np.sort(np.argsort(norms)[5:])
    np.testing.assert_array_equal(pruned.connections[0].weight, SMALL.connections[0].weight[:, keep])
    cut = SMALL.connections[1].weight.copy()
    cut[np.setdiff1d(np.arange(20), keep)] = 0  # the same units without a voice
    silent = SMALL.replace(connections=[SMALL.connections[0], replace(SMALL.connections[1], weight=cut)])
    np.testing.assert_allclose(run(pruned, X).scores, run(silent, X).scores, atol=1e-5)


def test_units_keep_their_own_parameters_when_others_go():
    theta = np.linspace(1, 2, 20)
    net = SMALL.replace(populations=[replace(SMALL["hidden1"], unit=LIF(v_threshold=theta)), SMALL["output"]])
    np.testing.assert_array_equal(
        take_units(net, "hidden1", np.array([3, 7]))["hidden1"].unit.v_threshold, theta[[3, 7]]
    )


def test_powers_of_two_and_three_values():
    powers = quantise(NET, weight_bits=4, scheme="power-of-two").connections[0].weight
    w = NET.connections[0].weight
    exponents = np.log2(np.abs(powers[powers != 0]))
    assert np.all(exponents == np.round(exponents))
    assert len(np.unique(np.abs(powers[powers != 0]))) == 4  # 2**(4 - 2) of each sign
    big = np.abs(w) > 2.0 ** exponents.min()
    ratio = np.abs(w[big] / powers[big])
    assert np.all((ratio >= 0.75 - 1e-6) & (ratio <= 1.5 + 1e-6))
    three = quantise(NET, weight_bits=2, scheme="ternary").connections[0].weight
    large = np.abs(w) > 0.7 * np.abs(w).mean()
    assert len(np.unique(three)) == 3
    np.testing.assert_allclose(np.abs(three[large]), np.abs(w[large]).mean(), rtol=1e-5)


@pytest.mark.parametrize(("scheme", "bits"), [("uniform", 4), ("power-of-two", 4), ("ternary", 2)])
def test_a_scale_per_channel_is_that_of_each_column_alone(scheme, bits):
    made = quantise(NET, weight_bits=bits, scheme=scheme, per_channel=True).connections[0].weight
    j = 17
    first = replace(NET.connections[0], weight=NET.connections[0].weight[:, j : j + 1])
    column = NET.replace(
        populations=[replace(NET["hidden1"], size=1, bias=None), NET["output"]],
        connections=[first, replace(NET.connections[1], weight=NET.connections[1].weight[:1])],
    )
    alone = quantise(column, weight_bits=bits, scheme=scheme).connections[0].weight
    np.testing.assert_array_equal(made[:, j : j + 1], alone)
    sparse = NET.replace(
        connections=[
            replace(NET.connections[0], weight=sp.csr_array(NET.connections[0].weight)),
            NET.connections[1],
        ]
    )
    again = quantise(sparse, weight_bits=bits, scheme=scheme, per_channel=True).connections[0].weight
    np.testing.assert_allclose(again.toarray(), made, rtol=1e-6)


def test_levels_of_cells_are_levels_of_weights():
    for mapping, number in (("pair", 2 * 5 - 1), ("reference", 5)):
        made = EFFECTS["conductance-range"](NET, rng(), levels=5, mapping=mapping).connections[0].weight
        assert len(np.unique(np.round(made, 6))) == number
    clipped = EFFECTS["conductance-range"](NET, rng(), percentile=90).connections[0].weight
    w = np.abs(NET.connections[0].weight)
    assert np.mean(np.abs(clipped) < w - 1e-7) == pytest.approx(0.1, abs=0.001)


def test_coarse_steps_keep_the_charge_of_a_spike_and_the_time_constants():
    for form in (Discretisation(), Discretisation(input_scale="dt_over_tau")):
        net = Network.dense(
            [12, 20, 5], hidden=LIF(discretisation=form), readout=LI(discretisation=form),
            encoder=Poisson(), steps=40, dt=1e-3, seed=1,
        )  # fmt: skip
        coarse = EFFECTS["coarse-time"](net, rng(), factor=4)
        assert (coarse.steps, coarse.dt) == (10, 4e-3)
        raster = np.zeros((1, 40, 12))
        raster[0, 3, 5] = 1  # one spike in the first long step
        fine = run(net, raster, record=("v",)).v["hidden1"][0, 3::4]
        long = run(coarse, np.repeat(raster, 1, axis=0), record=("v",)).v["hidden1"][0]
        bias_free = np.abs(net["hidden1"].bias).max() == 0
        assert bias_free
        np.testing.assert_allclose(long, fine, atol=1e-6)


def test_coarse_steps_merge_spikes():
    fine = np.zeros((1, 8, 3))
    fine[0, [0, 1, 5], [0, 0, 2]] = 1
    got = Coarse(of=Poisson(), factor=4).spikes(fine, 2)
    np.testing.assert_array_equal(got[0], [[True, False, False], [False, False, True]])


def test_fan_in_is_split_over_cores_with_little_loss():
    big = Network.dense([64, 20, 5], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=30, seed=1)
    x = rng().random((20, 64)).astype(np.float32)
    split = EFFECTS["limited-fan-in"](big, rng(), limit=16, grain=1 / 256)
    assert max(sum(c.fan_in for c in split.into(p.name)).max() for p in split.populations) <= 20
    whole, parts = run(big, x), run(split, x)
    assert np.abs(whole.spikes["hidden1"] - parts.spikes["hidden1"]).mean() < 0.1
    coarse = run(EFFECTS["limited-fan-in"](big, rng(), limit=16, grain=1.0), x)
    error = [np.abs(whole.scores - t.scores).mean() for t in (parts, coarse)]
    assert error[0] < error[1]


def test_dropping_keeps_the_strongest_inputs():
    made = EFFECTS["limited-fan-in"](NET, rng(), limit=50, mode="drop").connections[0]
    w = np.abs(NET.connections[0].weight)
    assert set(made.fan_in) == {50}
    kept = made.weight != 0
    for j in (0, 100):
        assert w[kept[:, j], j].min() >= w[~kept[:, j], j].max()


def test_the_draws_of_an_effect_depend_neither_on_those_before_nor_after():
    mismatch = ("threshold-mismatch", {"sigma": 0.2})
    alone = chip_instance(NET, [mismatch], 3)
    more = chip_instance(NET, [mismatch, ("weight-mismatch", {"sigma": 0.1})], 3)
    np.testing.assert_array_equal(alone["hidden1"].unit.v_threshold, more["hidden1"].unit.v_threshold)
    a, b = (chip_instance(NET, [("weight-mismatch", {"sigma": s}), mismatch], 3) for s in (0.1, 0.3))
    np.testing.assert_array_equal(a["hidden1"].unit.v_threshold, b["hidden1"].unit.v_threshold)


def test_effects_act_in_their_order():
    noise, grid = ("weight-mismatch", {"sigma": 0.1}), ("quantise", {"weight_bits": 3})
    assert len(np.unique(chip_instance(NET, [noise, grid], 0).connections[0].weight)) <= 7
    assert len(np.unique(chip_instance(NET, [grid, noise], 0).connections[0].weight)) > 1000


INTEGERS = fixed_point(quantise(SMALL))
WRONG = [
    (NET, "weight-mismatch", {"sigma": -0.1}, "sigma is -0.1; allowed: 0 or more; a standard deviation"),
    (NET, "weight-mismatch", {"sigma": 0.1, "only": ["input->hidden"]}, "unknown connection 'input->hidden'"),
    (
        NET,
        "weight-mismatch",
        {"sigma": 0.1, "only": "input->hidden1"},
        "only is 'input->hidden1'; allowed: a list",
    ),
    (INTEGERS, "weight-mismatch", {"sigma": 0.1}, "leads into integer units"),
    (INTEGERS, "threshold-mismatch", {"sigma": 0.1}, "no threshold that could deviate"),
    (MLP, "threshold-mismatch", {"sigma": 0.1}, "no threshold that could deviate"),
    (NET, "threshold-mismatch", {"sigma": 0.1, "populations": ["hiden1"]}, "did you mean 'hidden1'"),
    (NET, "time-constant-mismatch", {"sigma": 0.1, "which": ["tau_ref"]}, "unknown time constant 'tau_ref'"),
    (NET, "programming-noise", {"sigma": 0.1, "tolerance": 0.0}, "tolerance is 0.0; allowed: above 0"),
    (NET, "read-noise", {"sigma": 0.1, "reads": 0}, "reads is 0; allowed: whole numbers, 1 to 1000000000"),
    (NET, "stuck-cells", {"off": 0.7, "on": 0.6}, "together at most 1"),
    (NET, "dead-neurons", {"share": 1.5}, "share is 1.5 of the units; allowed: 0 to 1"),
    (MLP, "unreliable-input", {"lost": 0.1}, "takes values, not spikes"),
    (NET, "prune", {"share": 1.0}, "share is 1.0 of what there is; allowed: 0 to below 1"),
    (NET, "prune", {"share": 0.1, "method": "size"}, "unknown method 'size'"),
    (NET, "coarse-time", {"factor": 3}, "factor is 3 and the network takes 8 steps; allowed: a divisor"),
    (NET, "limited-fan-in", {"limit": 8}, "needs 76 partial units .* allowed here: 25 or more"),
    (NET, "quantise", {"scheme": "ternary"}, "three values take 2 bits, give weight_bits=2"),
    (NET, "conductance-range", {"levels": 1}, "levels is 1; allowed: whole numbers, 2 to 65536"),
]


@pytest.mark.parametrize(("network", "name", "how", "words"), WRONG)
def test_what_makes_no_sense_is_refused(network, name, how, words):
    with pytest.raises(SpikingError, match=words):
        EFFECTS[name](network, rng(), **how)


def test_a_list_of_effects_is_checked_before_any_work():
    for effects, words in (
        ([("weight-mismatch", {"sgima": 0.1})], "unknown option of the effect 'weight-mismatch' 'sgima'"),
        ([("weight-mismatch", {})], "the effect 'weight-mismatch' needs sigma"),
        ([("weight-mismach", {"sigma": 0.1})], "did you mean 'weight-mismatch'"),
        (["prune"], "allowed: pairs"),
    ):
        with pytest.raises(SpikingError, match=words):
            chip_instance(NET, effects, 0)


def test_other_units_deviate_too():
    net = Network.dense([4, 9, 2], hidden=ALIF(), readout=LI(), steps=3)
    unit = EFFECTS["time-constant-mismatch"](net, rng(), sigma=0.1)["hidden1"].unit
    assert isinstance(unit, ALIF)
    assert isinstance(net.inputs[0].encoder, Direct)
    assert isinstance(net["hidden1"], Population)
