"""Targets that check arithmetic and published models: they guard against slips and wrong citations."""

from __future__ import annotations

import numpy as np

from spiking.core.coding.encode import Direct, Events
from spiking.core.counts import Counts, count
from spiking.core.network import Network
from spiking.core.neurons import LIF, Linear, ReLU
from spiking.core.trace import Trace
from spiking.hardware.models import prices
from spiking.hardware.price import price
from spiking.hardware.published import MODELS, bit_budget, estimate
from spiking.hardware.registry import REGISTERED, load_chip, register_chip
from spiking.hardware.scaling import logic_factor
from spiking.hardware.verdict.breakeven import breakeven
from spiking.study.validation.energy.networks import conventional, spiking


def horowitz() -> dict[str, float]:
    """V1: sums of products and additions from the constants of the chip file."""
    chip, out = load_chip("generic-45nm"), {}
    for name, bits, floating in (
        ("fp32", 32, True),
        ("fp16", 16, True),
        ("int8", 8, False),
        ("int32", 32, False),
    ):
        add, product = prices.add_parts(bits, floating), prices.multiply_parts(bits, bits, floating)
        mac = prices.combine(chip, [*product, *add], "").si.nominal
        out[f"{name} multiply-accumulate"] = float(mac) * 1e12
        out[f"{name} accumulate"] = float(prices.combine(chip, add, "").si.nominal) * 1e12
    return out


def stillmaker() -> dict[str, float]:
    """V2: factors of logic."""
    start = ("HP45", 0.9)
    return {
        "HP45 at 0.9 V to HP7 at 0.7 V": logic_factor(start, ("HP7", 0.7)),
        "HP45 at 0.9 V to HP14 at 0.75 V": logic_factor(start, ("HP14", 0.75)),
        "HP45 at 0.9 V to 65 nm at 1.0 V": logic_factor(start, ("65", 1.0)),
    }


def keras_spiking() -> dict[str, float]:
    """V3: the table of devices, and a device of one's own."""
    counts = conventional([784, 128])
    device = register_chip("validation-device", 1e-10, 2e-9, False)
    try:
        own = price(counts, device).total().nominal
    finally:
        REGISTERED.pop("validation-device", None)
    return {
        "Dense(784, 128) on cpu": float(estimate(counts, "keras-spiking", device="cpu").total),
        "Dense(784, 128) on a registered device": float(own),
    }


def syops() -> dict[str, float]:
    """V4: multiply-accumulates and accumulates at 4.6 and 0.9 pJ."""

    def energy(macs: float, accumulates: float) -> float:
        layers = conventional([1, 1]).layers
        table = {("layer1", "macs_effective"): macs, ("layer1", "synaptic_events"): accumulates}
        return float(estimate(Counts(layers=layers, table=table), "compute-only").total) * 1e3

    return {"ResNet-18": energy(1.82e9, 0.0), "SEW-ResNet-18": energy(2.75e9, 0.5e9)}


def _network(sizes: list[int], snn: bool, bias: bool) -> Network:
    unit = LIF() if snn else ReLU()
    encoder = Events() if snn else Direct()
    readout = LIF() if snn else Linear()
    return Network.dense(sizes, hidden=unit, readout=readout, encoder=encoder, bias=bias)


def _dense_operations(network: Network) -> float:
    """Count a trace in which nothing happened: the dense counts do not depend on activity."""

    def zeros(name: str) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        return np.zeros((1, network.source_size(name)), np.int64)

    names = [i.name for i in network.inputs] + [p.name for p in network.populations]
    trace = Trace(
        samples=1,
        steps=network.steps,
        scores=np.zeros((1, 1)),
        spikes={n: zeros(n) for n in names},
        events={c.name: np.zeros(1, np.int64) for c in network.connections},
    )
    counts = count(network, trace).mean()
    return float(counts.total("macs_dense") + counts.total("dense_events"))


def neurobench_operations() -> dict[str, float]:
    """V5: dense operations of four networks of the leaderboard."""
    nets = {
        "ANN2D 96-32-48-2": _network([96, 32, 48, 2], False, True),
        "ANN2D 192-32-48-2": _network([192, 32, 48, 2], False, True),
        "SNN 96-50-2": _network([96, 50, 2], True, False),
        "SNN 192-50-2": _network([192, 50, 2], True, False),
    }
    return {f"dense operations of {k}": _dense_operations(n) for k, n in nets.items()}


def _parameter_bytes(network: Network) -> float:
    weights = sum(c.memory_words * c.weight_bits for c in network.connections)
    biases = sum(0 if p.bias is None else p.size * 32 for p in network.populations)
    return (weights + biases) / 8


def neurobench_spiking_footprint() -> dict[str, float]:
    """V6: weights, and the 12 words of neuron parameters NeuroBench adds."""
    return {
        f"footprint of SNN {n}-50-2": _parameter_bytes(_network([n, 50, 2], True, False)) + 48
        for n in (96, 192)
    }


def neurobench_footprint() -> dict[str, float]:
    """V7: weights, biases, normalisation (1296 B) and input buffer (384 B)."""
    network = _network([96, 32, 48, 2], False, True)
    return {"footprint of ANN2D 96-32-48-2": _parameter_bytes(network) + 1296 + 384}


YAN = (256, 128, 10)


def _yan_snn(rate: float, steps: int) -> float:
    spikes = (rate * YAN[0] * steps, rate * YAN[1] * steps, 0.0)
    counts = spiking(YAN, spikes, steps, bits=8, readout=True)
    return float(estimate(counts, "yan2024").total) * 1e12


def _yan_ann(steps: int) -> float:
    return float(estimate(conventional(YAN), "yan2024", steps=steps).total) * 1e12


def _crossover(steps: int) -> float:
    fixed, full = _yan_snn(0.0, steps), _yan_snn(1.0, steps)
    return 100 * (_yan_ann(steps) - fixed) / (full - fixed)


def yan_crossover() -> dict[str, float]:
    """V8: the rate at which both cost the same, in percent of neurons per step."""
    return {f"crossover at {steps} steps": _crossover(steps) for steps in range(5, 11)}


def yan_threshold() -> dict[str, float]:
    """V9: the crossover at 5 steps beside the abstract's threshold."""
    return {"threshold at 5 steps": _crossover(5)}


def yan_energies() -> dict[str, float]:
    """V10: both energies at 5 steps."""
    return {"quantised network of 3 bit": _yan_ann(5), "spiking network, 5 % spikes": _yan_snn(0.05, 5)}


def lemaire() -> dict[str, float]:
    """V11: the corrected equations on 784-128-10."""
    sizes = (784, 128, 10)
    snn = spiking(sizes, (784.0, 64.0, 5.0), 10)
    return {
        "784-128-10 conventional": float(estimate(conventional(sizes, bits=32), "lemaire2022").total) * 1e9,
        "784-128-10 spiking": float(estimate(snn, "lemaire2022").total) * 1e9,
    }


def break_even() -> dict[str, float]:
    """V12: break-even of the component model against three conventional opponents, and their order."""
    forms = ("naive", "reuse", "reuse+zero-skip")
    s = [float(breakeven(form=f, which="dynamic", samples=1).spikes_per_synapse.nominal) for f in forms]
    out = {f"break-even against {f}": x for f, x in zip(forms, s, strict=True)}
    return {**out, "naive above reuse above reuse+zero-skip": float(s[0] > s[1] > s[2])}


def shen() -> dict[str, float]:
    """V28: equal bit budgets."""
    return {
        "spiking bit budget, 4 steps of 8 bit": bit_budget(8, 1, steps=4),
        "conventional bit budget, 8 by 4 bit": bit_budget(8, 4),
    }


def spread() -> dict[str, float]:
    """V30: how far the published models lie apart on one spiking network."""
    counts = spiking((784, 128, 10), (784.0, 64.0, 5.0), 10)
    totals = [float(estimate(counts, m).total) for m in MODELS]
    return {"largest over smallest of the published models": max(totals) / min(totals)}
