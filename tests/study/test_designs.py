"""Exploring designs: what is tried, what is chosen, and what flips a verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from spiking.bridges.nir import load as load_nir
from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Latency
from spiking.core.counts import count
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, Linear, ReLU
from spiking.data.load import load
from spiking.hardware import load_chip, price
from spiking.hardware.design import Design
from spiking.hardware.effects.fixed_point import fixed_point
from spiking.simulate import run
from spiking.study.designs import cheapest, explore, flips, front, priced
from spiking.study.designs.deploy import TEST_SEED
from spiking.study.designs.explore import candidates, potentials

RNG = np.random.default_rng(0)
X = RNG.random((60, 12)).astype(np.float32)
Y = (X[:, :6].sum(axis=1) > X[:, 6:].sum(axis=1)).astype(np.int64)
CHIP = load_chip("generic-45nm")


def spiking(unit=None) -> Network:
    return Network.dense(
        [12, 20, 2], hidden=unit or LIF(tau_mem=20e-3), readout=LI(tau_mem=20e-3),
        encoder=Latency(linear=True), decoder=Membrane(over="mean"), steps=6, seed=2,
    )  # fmt: skip


def analog() -> Network:
    return Network.dense([12, 20, 2], hidden=ReLU(), readout=Linear(), decoder=Membrane(over="last"), seed=2)


@pytest.fixture(scope="module")
def found():
    return {net.spiking: priced(explore(net, X, X, Y), CHIP) for net in (spiking(), analog())}


def test_every_option_is_as_accurate_as_the_network_it_simulates():
    for option in explore(spiking(), X, X, Y)[::7]:
        assert option.accuracy == run(option.network, X).accuracy(Y)


def test_the_first_option_is_the_customary_design():
    first = next(candidates(spiking()))
    assert (first.weight_bits, first.state_bits, first.decay, first.bias, first.steps) == (
        8, 16, "product", "per-step", None,
    )  # fmt: skip


def test_the_cheapest_within_the_margin_is_chosen(found):
    for points in found.values():
        chosen = cheapest(points, margin=0.05)
        best = max(p.accuracy for p in points)
        allowed = [p.energy for p in points if p.accuracy >= best - 0.05 - 1e-9]
        assert chosen.best.energy == min(allowed)
        assert chosen.best.accuracy >= best - 0.05 - 1e-9


def test_a_wider_margin_never_costs_more(found):
    energies = [cheapest(found[True], margin=m).best.energy for m in (0.0, 0.02, 0.1, 1.0)]
    assert energies == sorted(energies, reverse=True)


def test_nobody_beats_the_front(found):
    for points in found.values():
        line = front(points)
        assert [p.energy for p in line] == sorted(p.energy for p in line)
        for p in points:
            assert any(q.energy <= p.energy and q.accuracy >= p.accuracy for q in line)


def test_the_energy_of_a_point_is_the_price_of_its_design(found):
    p = found[True][17]
    made = p.design.network(spiking(), peaks=None)
    assert made.steps == p.option.network.steps
    bill = price(p.option.counts, p.design.chip(CHIP, spiking=True))
    assert p.energy == float(bill.total().nominal)


def test_flips_are_single_choices_that_change_the_winner(found):
    snn, mlp = (cheapest(found[kind], margin=1.0) for kind in (True, False))
    level = mlp.best.energy / snn.best.energy * 0.999  # scale the MLP so that nearly everything flips
    close = replace(mlp, best=_Scaled(mlp.best, 1 / level), points=())
    made = flips(snn, close)
    assert made
    assert all(f.ratio > 1 and f.side == "SNN" for f in made)
    assert {f.choice for f in made} <= set(Design.__dataclass_fields__)


class _Scaled:
    """A point whose energy is another one."""

    def __init__(self, point, factor):
        self.design, self.accuracy, self.energy = point.design, point.accuracy, point.energy * factor


def test_units_without_a_fixed_point_form_keep_their_floating_state():
    options = explore(spiking(ALIF()), X, X, Y)
    assert {o.design.state_bits for o in options} == {None}


def test_a_chip_with_a_design_of_its_own_is_not_explored():
    with pytest.raises(SpikingError, match="'loihi1' has a design of its own"):
        priced(explore(analog(), X, X, Y), load_chip("loihi1"))


def test_counts_of_an_option_are_those_of_its_network():
    option = explore(spiking(), X, X, Y)[3]
    again = count(option.network, run(option.network, X)).mean()
    assert option.counts.table == again.table


@pytest.mark.parametrize(("bits", "points"), [(16, 0.3), (12, 1.0)])
@pytest.mark.parametrize("model", ["surrogate", "converted"])
@pytest.mark.parametrize("decay", ["product", "shift-add"])
def test_a_narrow_state_keeps_the_accuracy_of_trained_digits(full_run, model, bits, points, decay):
    network, data = load_nir(full_run[0].path / "models" / f"{model}.nir"), load("digits", seed=0)
    peaks = potentials(network, data.x_train[:500], 0)
    fixed = fixed_point(network, state_bits=bits, decay=decay, peaks=peaks)
    was, now = (run(n, data.x_test, seed=TEST_SEED).accuracy(data.y_test) for n in (network, fixed))
    assert 100 * (was - now) <= points
