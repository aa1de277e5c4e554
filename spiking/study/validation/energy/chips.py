"""Targets that compare chips with measured power and energy; those marked prediction fit nothing."""

from __future__ import annotations

from dataclasses import replace

from spiking.hardware.price import price
from spiking.hardware.quantity import Interval
from spiking.hardware.registry import load_chip
from spiking.hardware.scaling import scale_chip
from spiking.study.validation.energy.networks import conventional, events, spiking

KWS = (390, 256, 256, 29)  # Blouw et al. 2019
TN_NEURONS, TN_SYNAPSES = 2**20, 128


def _odin(clock: float, sops: float) -> float:
    """Power [W]: the energy of one second."""
    chip = load_chip("odin").with_values(clock=clock)
    return float(price(events(sops), chip, latency=1.0).total().nominal)


def odin_power() -> dict[str, float]:
    """V14: power at both published points [uW]."""
    return {
        "ODIN, 75 MHz, 37.5 MSOP/s": _odin(75.0, 37.5e6) * 1e6,
        "ODIN, 1.3 MHz, 0.65 MSOP/s": _odin(1.3, 0.65e6) * 1e6,
    }


def odin_all_in() -> dict[str, float]:
    """V15: the same, per operation [pJ]."""
    return {
        "ODIN, 75 MHz, 37.5 MSOP/s": _odin(75.0, 37.5e6) / 37.5e6 * 1e12,
        "ODIN, 1.3 MHz, 0.65 MSOP/s": _odin(1.3, 0.65e6) / 0.65e6 * 1e12,
    }


def _truenorth(rate: float) -> Interval:
    """Power [W] of the full chip at ``rate`` [Hz] with 128 synapses."""
    counts = events(TN_NEURONS * TN_SYNAPSES * rate, TN_NEURONS)
    return price(counts, "truenorth", latency=1.0).total()


def truenorth_held_out() -> dict[str, Interval]:
    """V16: the point that was not used in the fit [mW]."""
    return {"TrueNorth, 20.07 Hz at 0.8 V (held out)": _truenorth(20.07) * 1e3}


def truenorth_elsewhere() -> dict[str, Interval]:
    """V17: other papers and voltages [mW]."""
    power = _truenorth(20.0) * 1e3
    return {f"TrueNorth, 20 Hz at {vdd} V, other paper": power for vdd in (0.775, 0.75)}


def truenorth_arithmetic() -> dict[str, float]:
    """V18: quoted figures from each other."""
    return {
        "energy per event from 72 mW": 72e-3 / (TN_NEURONS * 20 * TN_SYNAPSES) * 1e12,
        "energy per hop of a 32-bit packet": 32 * 72e-3,
        "whole-chip memory read at 1 kHz": 428e6 * 47e-15 * 1e3 * 1e3,
    }


def frady() -> dict[str, Interval]:
    """V19: dynamic energy of a query on 76,800 neurons, 60 steps [mJ]."""
    out = {}
    for spikes in (667, 750):
        counts = events(spikes * 76_800.0, 76_800, updates=76_800 * 60.0)
        energy = price(counts, "loihi1", latency=1.0).total("dynamic")
        out[f"Loihi, nearest neighbours, {spikes} spikes"] = energy * 1e3
    return out


def loihi_arithmetic() -> dict[str, float]:
    """V20: density and static power per chip."""
    chip = load_chip("loihi1")
    neurons = float(chip["neurons_per_core"].si.nominal * chip["cores_per_chip"].si.nominal)
    static = price(events(0.0, 1), chip, latency=1.0).total().nominal
    return {"neurons per mm^2": neurons / 60, "static power per chip": float(static) * 1e3}


def blouw_devices() -> dict[str, float]:
    """V21: dynamic energy per inference of five devices [J]."""
    counts = conventional(KWS)
    names = {
        "GPU": "gpu-quadro-k4000",
        "CPU": "cpu-xeon-e5-2630",
        "Jetson": "jetson-tx1",
        "Movidius": "movidius-ncs",
    }
    out = {
        f"{k}, dynamic energy per inference": float(price(counts, v).total("dynamic").nominal)
        for k, v in names.items()
    }
    return {**out, "Loihi, dynamic energy per inference": (0.110 - 0.029) / 296}


def blouw_slope() -> dict[str, float]:
    """V22: energy of one copy (10 dense 256 x 256 layers and an output share, 10 steps) [uJ]."""
    rate, updates, synapses = 0.095, 2560 * 10.0, 720_896 * 10.0
    base = events(synapses * rate, 2560, updates=updates * (1 - rate))
    table = {**base.table, ("layer", "updates_fired"): updates * rate}
    energy = price(replace(base, table=table), "loihi1", latency=1.0).total("dynamic").nominal
    return {"Loihi, slope per network copy": float(energy) * 1e6}


def blouw_loihi() -> dict[str, float]:
    """V23: even if every synapse fired at every step, the operation count falls short of the measurement."""
    steps = 10
    counts = spiking(KWS, [n * steps for n in KWS], steps)
    bill = price(counts, "loihi1", latency=1 / 296)
    ratio = 0.27e-3 / float(bill.total("dynamic").nominal)
    return {
        "measured over operation count, every synapse at every step": ratio,
        "the bill is marked as a lower bound": float(bill.lower_bound),
    }


def xylo() -> dict[str, float]:
    """V24: rate from dynamic power and energy per inference."""
    return {"keyword spotting rate": float(load_chip("xylo-audio2")["active"].si.nominal) / 6.6e-6}


def renner() -> dict[str, float]:
    """V25: power times time."""
    return {
        "SpiNNaker, power times time": 0.3 * 11e-3 * 1e3,
        "BrainScaleS-2, power over rate": 175e-3 / 20.8e3 * 1e6,
    }


def asic_per_weight() -> dict[str, Interval]:
    """V26: energy per weight of the component model at three nodes, a quarter of the operations done [pJ]."""
    base, out = load_chip("generic-45nm"), {}
    for name, sizes, node, vdd in (
        ("DNN ENGINE, 28 nm", (784, 256, 256, 256, 10), "28", 0.9),
        ("Park 2019, 65 nm", (784, 200, 200, 10), "65", 1.0),
        ("Chen 2018, 10 nm", (784, 1024, 512, 10), "HP10", 0.75),
    ):
        counts = conventional(sizes, active=0.25)
        weights = sum(layer.stored_weights for layer in counts.layers)
        energy = price(counts, scale_chip(base, node, vdd)).total()
        out[f"energy per weight, {name}"] = energy * (1e12 / weights)
    return out


def odin_mnist() -> dict[str, float]:
    """V27: 1,181 operations at full speed [nJ]."""
    return {"ODIN, MNIST at 1,181 operations": float(price(events(1181.0), "odin").total().nominal) * 1e9}


def all_in_guard() -> dict[str, float]:
    """V29: the all-in 26 pJ away from its activity, in error and with a warning."""
    out, warned = {}, 0
    for rate, measured in ((11.58, 68e-3), (95.93, 94e-3)):
        counts = events(TN_NEURONS * TN_SYNAPSES * rate, TN_NEURONS)
        bill = price(counts, "truenorth-all-in", latency=1.0)
        out[f"26 pJ at {rate} Hz, error"] = 100 * (float(bill.total().nominal) / measured - 1)
        warned += any("all-in constant does not hold" in w for w in bill.warnings)
    return {**out, "bills that warn of the activity": float(warned)}
