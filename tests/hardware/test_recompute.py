"""The bill against a second computation from the weights, which knows nothing of ``spiking.hardware``."""

import ast
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from spiking.core.coding.encode import Direct, Latency, Poisson
from spiking.core.counts import count
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.hardware import load_chip, price
from spiking.hardware.design import Design
from spiking.simulate import run
from tests import recompute_bill
from tests.recompute_bill import recompute

X = np.random.default_rng(1).random((30, 40), dtype=np.float32)
X[X < 0.4] = 0.0
GENERIC = load_chip("generic-45nm")


def pruned(network, share=0.3):
    """The network with some weights at zero, so that dense and sparse differ."""
    rng = np.random.default_rng(3)
    connections = [
        replace(c, weight=4.0 * c.weight * (rng.random(c.weight.shape) > share)) for c in network.connections
    ]
    return network.replace(connections=connections)


def snn(unit, encoder, readout=None):
    net = Network.dense([40, 24, 6], hidden=unit, readout=readout or LI(), encoder=encoder, steps=8, seed=4)
    return pruned(net)


NETWORKS = {
    "leaky, latency": snn(LIF(), Latency(linear=True)),
    "not leaky, Poisson, spiking readout": snn(LIF(tau_mem=np.inf), Poisson(), LIF(tau_mem=np.inf)),
    "stored current": snn(LIF(), Direct()),
    "mlp": pruned(Network.dense([40, 24, 6], hidden=ReLU(), readout=Linear(), encoder=Direct(), seed=4)),
}


def designs(network):
    if not network.spiking:
        for bits, skip, form in product((8, 4), (True, False), ("dense", "sparse")):
            yield Design(weight_bits=bits, value_bits=bits, zero_skip=skip, weight_format=form)
        return
    schedules, forms = ("step-outer", "neuron-stationary"), ("dense", "sparse")
    for schedule, form, given in product(schedules, forms, ("events", "values")):
        yield Design(schedule=schedule, weight_format=form, input=given)
    yield Design(state_bits=None)
    yield Design(state_bits=12, weight_bits=4, decay="shift-add", bias="folded", steps=6)


CASES = [(name, d) for name, net in NETWORKS.items() for d in designs(net)]


@pytest.mark.parametrize(("name", "design"), CASES, ids=[f"{n}-{k}" for k, (n, _) in enumerate(CASES)])
def test_the_bill_of_every_design_is_what_the_weights_give(name, design):
    original = NETWORKS[name]
    peaks = {p.name: 4.0 for p in original.populations} if original.spiking else None
    network = design.network(original, peaks=peaks, calibration=None if original.spiking else X)
    chip = design.chip(GENERIC, spiking=network.spiking)
    bill = price(count(network, run(network, X, seed=5)).mean(), chip)
    assert recompute(network, X, asdict(design), 5) == pytest.approx(float(bill.total().nominal), rel=1e-9)


def test_the_second_computation_knows_nothing_of_the_first():
    tree = ast.parse(Path(recompute_bill.__file__).read_text())
    named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    named += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert not [name for name in named if "hardware" in name]
