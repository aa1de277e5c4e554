"""Wrong values of every argument of the functions that users call: one sentence, or a finite answer.

``test_values.py`` does the same with the fields of the public classes.
"""

import dataclasses
import inspect
from collections.abc import Mapping
from functools import partial

import numpy as np
import pytest
import scipy.sparse as sp

from spiking import convert, count, fit, load, load_chip, load_network, price, quantise, run, save
from spiking.bridges.brian import to_brian
from spiking.bridges.counts import read_counts
from spiking.bridges.nir import from_graph, to_graph
from spiking.bridges.nir.file import read as read_graph
from spiking.core.coding.encode import Direct, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Linear, ReLU
from spiking.core.parts import Input
from spiking.core.plasticity import STDP
from spiking.data.own import check_data, read_data
from spiking.data.readers.idx import read_idx, read_images
from spiking.data.readers.npz import read_npy, read_npz
from spiking.data.readers.table import read_csv
from spiking.data.sets.yinyang import yinyang_points
from spiking.hardware import add_chip, register_chip
from spiking.hardware.design import read_after
from spiking.hardware.duty import at_interval
from spiking.hardware.effects import EFFECTS
from spiking.hardware.effects.compose import chip_instance
from spiking.hardware.effects.fixed_point import fixed_point
from spiking.hardware.effects.loihi import to_loihi
from spiking.hardware.mesh import capacity
from spiking.hardware.mesh.place import destinations, hops, place, route
from spiking.hardware.mesh.timing import step_latency
from spiking.hardware.published import bit_budget, estimate
from spiking.hardware.scaling import logic_energy, logic_factor, scale_chip
from spiking.hardware.verdict.accuracy import bootstrap, margin_of, paired
from spiking.hardware.verdict.breakeven import breakeven
from spiking.hardware.verdict.decide import ratio
from spiking.hardware.verdict.uncertainty import draw, monte_carlo, sample, sensitivity
from spiking.learn.adopt import adopt
from spiking.learn.counts import count_stdp, count_training
from spiking.learn.gradient.config import FitConfig
from spiking.learn.stdp import learn_stdp, presentation_order, stdp_network
from spiking.learn.stdp.label import votes
from spiking.learn.stdp.network import NetworkConfig, freeze, paced, paced_rule
from spiking.learn.stdp.samples import default_rate
from spiking.learn.stdp.synapse import weight_after
from spiking.learn.stdp.train import label_stdp, responses, train_stdp
from spiking.simulate.instances import run_instances
from tests.hardware import examples
from tests.test_values import ODD

NET = Network.dense([3, 5, 2], hidden=LIF(), readout=LI(), encoder=Poisson(), steps=4)
MLP = Network.dense([3, 5, 2], hidden=ReLU(), readout=Linear(), encoder=Direct(), steps=1)
X, Y = np.linspace(0, 1, 18).reshape(6, 3), np.arange(6) % 2
TRACE = run(NET, X, record=("spikes",))
CHIP, MESH = load_chip("generic-45nm"), load_chip("loihi1")
COUNTS, DENSE = examples.snn(), examples.mlp()
BILL = price(COUNTS, CHIP)
PLACED = place(NET, MESH)
RNG = np.random.default_rng(0)
RIGHT = np.arange(20) % 3 > 0
STDP_NET = stdp_network(3, neurons=4, duration=10e-3)
NEEDED: dict[str, dict[str, object]] = {
    "limited-fan-in": {"limit": 2}, "coarse-time": {"factor": 2}, "dead-neurons": {"share": 0.1},
    "prune": {"share": 0.2}, "unreliable-input": {"lost": 0.1}, "stuck-cells": {"off": 0.1},
    "quantise": {"calibration": X}, "conductance-range": {"levels": 4},
}  # fmt: skip


def effects():
    for name in EFFECTS.names():
        options = {"sigma": 0.1} if "sigma" in inspect.signature(EFFECTS[name]).parameters else {}
        yield EFFECTS[name], {"network": NET, "rng": RNG, **options, **NEEDED.get(name, {})}


CALLS = [
    (run, {"network": NET, "x": X}),
    (run_instances, {"network": NET, "chips": [NET], "x": X}),
    (count, {"network": NET, "trace": TRACE}),
    (convert, {"mlp": MLP, "calibration": X, "steps": 4}),
    (quantise, {"network": MLP, "calibration": X}),
    (fixed_point, {"network": NET, "peaks": None}),
    (to_loihi, {"network": NET}),
    (chip_instance, {"network": NET, "effects": [("prune", {"share": 0.5})], "seed": 0}),
    (read_after, {"network": NET, "steps": 2}),
    (price, {"counts": COUNTS, "chip": CHIP}),
    (estimate, {"counts": COUNTS, "model": "davidson2021"}),
    (bit_budget, {"weight_bits": 8, "value_bits": 8}),
    (load_chip, {"name": "loihi1"}),
    (add_chip, {"path": "no.toml"}),
    (register_chip, {"name": "mine", "energy_per_synop": 1e-12, "energy_per_neuron": 1e-12, "spiking": True}),
    (at_interval, {"bill": BILL, "chip": CHIP, "every": 1.0}),
    (capacity.check, {"network": NET, "chip": MESH}),
    (place, {"network": NET, "chip": MESH}),
    (destinations, {"network": NET, "placement": PLACED, "name": "hidden1"}),
    (hops, {"network": NET, "placement": PLACED, "name": "hidden1"}),
    (route, {"counts": count(NET, TRACE), "network": NET, "placement": PLACED, "spikes": TRACE.spikes}),
    (step_latency, {"network": NET, "chip": MESH, "placement": PLACED, "raster": TRACE.raster}),
    (breakeven, {"samples": 20}),
    (ratio, {"snn": BILL, "mlp": price(DENSE, CHIP)}),
    (draw, {"bill": BILL, "which": "total", "samples": 10}),
    (sample, {"chip": CHIP, "samples": 10}),
    (monte_carlo, {"snn": COUNTS, "mlp": DENSE, "chip": CHIP, "samples": 10}),
    (sensitivity, {"snn": COUNTS, "mlp": DENSE, "chip": CHIP}),
    (bootstrap, {"first": RIGHT, "second": ~RIGHT, "draws": 10}),
    (paired, {"first": RIGHT, "second": ~RIGHT}),
    (margin_of, {"value": 1.0}),
    (logic_energy, {"node": "45", "vdd": 0.9}),
    (logic_factor, {"source": ("45", 0.9), "target": ("28", 0.9)}),
    (scale_chip, {"chip": CHIP, "node": "28", "vdd": 0.9}),
    (adopt, {"model": [], "name": "mlp"}),
    (count_training, {"network": NET, "trace": TRACE, "batch_size": 2}),
    (count_stdp, {"learned": STDP_NET, "trace": run(freeze(STDP_NET), X)}),
    (fit, {"network": NET, "x": X, "y": Y, "config": FitConfig(epochs=1)}),
    (stdp_network, {"features": 3, "config": NetworkConfig(neurons=4)}),
    (learn_stdp, {"network": STDP_NET, "x": X}),
    (label_stdp, {"network": STDP_NET, "x": X, "y": Y}),
    (partial(train_stdp, neurons=4, duration=10e-3), {"x": X, "y": Y}),
    (responses, {"network": STDP_NET, "x": X}),
    (presentation_order, {"samples": 6, "total": 9, "seed": 0}),
    (default_rate, {"x": X}),
    (votes, {"counts": np.ones((6, 4), int), "y": Y, "classes": 2}),
    (freeze, {"network": STDP_NET}),
    (paced, {"unit": STDP_NET["excitatory"].unit, "neurons": 4, "images": 10, "duration": 0.35}),
    (paced_rule, {"rule": STDP(a_plus=1e-3), "neurons": 4}),
    (weight_after, {"rule": STDP(a_plus=1e-3), "pre": [0.01], "post": [0.02], "weight": 0.5}),
    (load, {"name": "digits"}),
    (check_data, {"data": (X, Y)}),
    (read_data, {"data": (X, Y)}),
    *((reader, {"path": "no.file"}) for reader in (read_csv, read_npy, read_npz, read_idx, read_counts)),
    (read_images, {"images": "no", "labels": "no"}),
    (yinyang_points, {"samples": 5, "seed": 0}),
    (load_network, {"path": "no.nir"}),
    (read_graph, {"path": "no.nir"}),
    (save, {"network": NET, "path": "net.nir"}),
    (to_graph, {"network": NET}),
    (from_graph, {"graph": to_graph(NET)}),
    *effects(),
]  # fmt: skip


def finite(value, depth=0):
    """Whether no number in ``value`` is NaN."""
    if isinstance(value, float | np.floating):
        return not np.isnan(value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind not in "fc" or not np.isnan(value).any()
    if sp.issparse(value):
        return finite(value.data)
    if depth == 6:
        return True
    if isinstance(value, Mapping):
        return all(finite(v, depth + 1) for v in value.values())
    if isinstance(value, tuple | list):
        return all(finite(v, depth + 1) for v in value)
    if dataclasses.is_dataclass(value):
        return all(finite(getattr(value, f.name), depth + 1) for f in dataclasses.fields(value))
    return True


def arguments(function, good):
    """Names of what can be given, those left at their defaults included."""
    parameters = inspect.signature(function).parameters.values()
    return [*good, *(p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in good)]


@pytest.mark.parametrize(("function", "good"), CALLS, ids=lambda v: getattr(v, "__name__", ""))
@pytest.mark.filterwarnings("ignore")
def test_an_argument_is_taken_or_refused_in_one_sentence(function, good, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPIKING_CHIPS", str(tmp_path / "chips"))
    monkeypatch.setattr("spiking.hardware.registry.REGISTERED", {})
    said = []
    for name in arguments(function, good):
        for value in ODD:
            try:
                answer = function(**{**good, name: value})
            except SpikingError as error:
                said.append(str(error))
            else:  # a history has NaN where nothing was validated
                assert finite(getattr(answer, "network", answer)), (name, value)
    assert all(sentence and "\n" not in sentence for sentence in said)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quantise("mlp"), r"^network is 'mlp'; allowed: a Network$"),
        (lambda: quantise(NET, weight_bits=True), "^weight_bits is True; allowed: whole numbers$"),
        (lambda: place(NET, "loihi1"), "^chip is 'loihi1'; allowed: a Chip$"),
        (lambda: at_interval(BILL, CHIP, np.nan), "^every is nan s; allowed: above 0 to 1e"),
        (lambda: price(COUNTS, CHIP, latency=1e300), r"latency is 1e\+300 s; allowed: above 0 to 1e\+12"),
        (lambda: breakeven(samples=2**40), "samples is 1099511627776; allowed: whole numbers, 1 to 10000000"),
        (lambda: EFFECTS["prune"](NET, 0, share=0.1), "^rng is 0; allowed: a Generator$"),
        (lambda: convert(MLP, 0.5, steps=4), r"calibration has shape \(\); give training samples"),
        (lambda: to_brian(NET, X, codegen="gpu"), "unknown codegen 'gpu'; allowed: auto, cython, numpy"),
        (lambda: to_brian(NET, X, seed=-1), "seed is -1; allowed"),
        (lambda: Input(size=3, scale=1e-300), "scale of input 'input' is 1e-300; allowed: 1e-30 to 1e"),
        (lambda: load_network("n" * 5000), "is no usable path: File name too long"),
        (lambda: from_graph({}), "a dict came; a nir.NIRGraph is needed"),
        (lambda: bootstrap([1.0, 0.0], [1.0, 0.0]), "two arrays of True and False of one length"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_came_and_what_is_allowed(call, words):
    with pytest.raises(SpikingError, match=words):
        call()


def test_a_missing_or_unknown_name_is_pythons_own_error():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'chip'"):
        place(NET)
    with pytest.raises(TypeError, match="unexpected keyword argument 'bits'"):
        quantise(NET, bits=8)
