"""Published energy models, each by its name: the same counts in, their total out.

They differ by two to three orders of magnitude on one network, mostly because some leave memory out.
None is the default of this package; they stand beside it so that a reader sees how far models lie apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from spiking.core.counts import Counts, Layer
from spiking.core.errors import require, unknown
from spiking.core.typed import typed
from spiking.hardware.price import price
from spiking.hardware.quantity import Number
from spiking.hardware.registry import load_chip

PICO = 1e-12
FORMATS: Mapping[str, tuple[float, float]] = {  # multiply-accumulate, accumulate [pJ] (Horowitz 2014)
    "fp32": (4.6, 0.9),
    "fp16": (1.5, 0.4),
    "int8": (0.23, 0.03),
    "int32": (3.2, 0.1),
}
DEVICES: Mapping[str, tuple[float, float, bool]] = {  # J per synaptic operation, J per update, spiking
    "cpu": (8.6e-9, 8.6e-9, False),
    "gpu": (0.3e-9, 0.3e-9, False),
    "arm": (0.9e-9, 0.9e-9, False),
    "loihi": (27.1e-12, 81e-12, True),
    "spinnaker": (13.3e-9, 26e-9, True),
    "spinnaker2": (450e-12, 2.19e-9, True),
}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one published model says of one network: energy per inference by term [J]."""

    model: str
    terms: Mapping[str, Number]
    source: str
    note: str = ""

    @property
    def total(self) -> Number:
        """Energy per inference [J]."""
        return sum(self.terms.values(), start=0.0)


def units(counts: Counts) -> list[Layer]:
    """Layers with units, in order."""
    return [layer for layer in counts.layers if layer.kind != "input"]


def compute_only(counts: Counts, *, format: str = "fp32") -> Estimate:
    """Multiply-accumulates and accumulates times Horowitz's arithmetic: no memory, no state, no static."""
    if format not in FORMATS:
        raise unknown("format", format, FORMATS)
    mac, ac = FORMATS[format]
    return Estimate(
        model="compute-only",
        terms={
            "macs": counts.total("macs_effective") * mac * PICO,
            "accumulates": counts.total("synaptic_events") * ac * PICO,
        },
        source="horowitz2014, syops",
        note=f"{format}: {mac} pJ per MAC, {ac} pJ per accumulate; leaves out memory, state and static power",
    )


def lemaire2022(counts: Counts, *, bits: int = 32, fifo_words: int = 1000) -> Estimate:
    """Lemaire et al. 2022 with the corrected equation 2.4: operations, memory, addressing.

    A word read costs ``1.09e-5 x (bits of the memory) + 13.2`` pJ whatever its width (``bits`` 8 or 32).
    Conventional layers are dense; layers with analog input are charged as multiply-accumulates.
    """
    require(bits in (8, 32), f"bits is {bits!r}; the model has 8 or 32")
    add, multiply = (0.1, 3.1) if bits == 32 else (0.03, 0.2)
    queue = _word(fifo_words * bits)
    t: dict[str, Number] = dict.fromkeys(
        ("operations", "weights", "potentials", "bias", "inputs", "outputs", "addressing"), 0.0
    )
    spikes_in: Number = counts["input", "spikes"]
    for layer in units(counts):
        n, steps = float(layer.size), float(counts.steps)
        out, weights = _word(n * bits), _word(layer.stored_weights * bits)
        events, macs = counts[layer.name, "synaptic_events"], counts[layer.name, "macs_dense"]
        sources = layer.stored_weights / n
        if layer.kind == "analog" and not layer.state_words:
            t["operations"] = t["operations"] + macs * (multiply + add) + n * add
            t["inputs"] = t["inputs"] + sources * _word(sources * bits)
            t["bias"] = t["bias"] + n * out
            t["outputs"] = t["outputs"] + n * out
        else:
            leak = n * steps * (multiply + add) if layer.leaky else 0.0
            spikes = counts[layer.name, "spikes"]
            ops = macs * (multiply + add) + leak + (events + n * steps + spikes) * add
            t["operations"] = t["operations"] + ops
            t["inputs"] = t["inputs"] + (0.0 if layer.analog_input else spikes_in * queue)
            t["bias"] = t["bias"] + n * steps * out
            t["potentials"] = t["potentials"] + 2.0 * (events + n * steps) * out
            t["outputs"] = t["outputs"] + spikes * queue
            spikes_in = spikes
        t["weights"] = t["weights"] + (events + macs) * weights
        t["addressing"] = t["addressing"] + (events + macs) * add
    return Estimate(
        model="lemaire2022",
        terms={k: v * PICO for k, v in t.items()},
        source="lemaire2022",
        note=f"{bits} bit, corrected equation 2.4, memory word cost independent of width; no static power",
    )


def _word(bits: float) -> float:
    return 1.09e-5 * bits + 13.2


def davidson2021(counts: Counts, *, word: float = 5.0, mac: float = 3.2, add: float = 0.1) -> Estimate:
    """Davidson & Furber 2021: per synapse one weight fetch with a MAC, per spike one fetch with an addition.

    The form is theirs (from recall); the constants are a 32-bit SRAM word and 32-bit integers at 45 nm.
    """
    macs, events = counts.total("macs_dense"), counts.total("synaptic_events")
    return Estimate(
        model="davidson2021",
        terms={
            "weights": (macs + events) * word * PICO,
            "macs": macs * mac * PICO,
            "accumulates": events * add * PICO,
        },
        source="davidson2021, horowitz2014",
        note="form from recall; 32-bit words of 5 pJ; leaves out state and static power",
    )


def yan2024(counts: Counts, *, steps: int | None = None) -> Estimate:
    """Yan et al. 2024 as implemented in spyx: 22 nm arithmetic, weights in DRAM, state on the chip.

    A conventional network is priced at ``ceil(log2(steps + 1))`` bits, the information of a spike count
    over ``steps``; without ``steps`` at the width its counts state.
    """
    op, dram, onchip, width = 0.05448, 20.0, 0.25, 8.0
    t: dict[str, Number] = dict.fromkeys(("compute", "weights", "state"), 0.0)
    if counts.spiking:
        require(steps is None, "steps widens a conventional network only; a spiking one states its own")
        for layer in units(counts):
            events = counts[layer.name, "synaptic_events"]
            macs = counts[layer.name, "macs_effective"]
            updates = layer.size * float(counts.steps)
            compare = updates if layer.kind == "spiking" else 0.0
            t["compute"] = t["compute"] + (events + compare + counts[layer.name, "spikes"]) * op
            t["compute"] = t["compute"] + macs * _mac(width)
            t["weights"] = t["weights"] + (events + macs) * width * dram
            t["state"] = t["state"] + updates * width * 2 * onchip
        note = "8-bit weights and state"
    else:
        layers = units(counts)
        bits = float(np.ceil(np.log2(steps + 1))) if steps else float(layers[0].input_bits)
        values = layers[0].stored_weights / layers[0].size + sum(x.size for x in layers)
        synapses = counts.total("macs_dense")
        t["compute"] = synapses * _mac(bits) + sum(x.size for x in layers) * 2 * op
        t["weights"] = synapses * bits * dram
        t["state"] = values * bits * onchip
        note = f"{bits:g} bit weights and values, dense"
    return Estimate(
        model="yan2024",
        terms={k: v * PICO for k, v in t.items()},
        source="yan2024, spyx",
        note=f"{note}, weights from DRAM at 20 pJ per bit; no static power",
    )


def _mac(bits: float) -> float:
    return 3.7 * (bits / 32) ** 2 + 0.9 * bits / 32


def sanafe(counts: Counts) -> Estimate:
    """SANA-FE's Loihi constants on counts: no static power (place the network to include its hops)."""
    bill = price(counts, load_chip("loihi1-sanafe"))
    require(bill.runs_here, f"SANA-FE's Loihi cannot run this network: it needs {'; '.join(bill.needs)}")
    terms = {k: v.nominal for k, v in bill.by_term().items()}
    return Estimate(model="sanafe", terms=terms, source="sanafe", note="no static power, no input encoding")


def keras_spiking(counts: Counts, *, device: str = "") -> Estimate:
    """KerasSpiking's table: synaptic operations and neuron updates times a device constant.

    A device that does not spike computes every synapse once. The default device is ``"loihi"`` for a
    spiking and ``"cpu"`` for a conventional network.
    """
    device = device or ("loihi" if counts.spiking else "cpu")
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    synapse, neuron, spiking = DEVICES[device]
    return _table(counts, f"keras-spiking ({device})", synapse, neuron, spiking)


def _table(counts: Counts, model: str, synapse: float, neuron: float, spiking: bool) -> Estimate:
    layers = units(counts)
    if spiking:
        require(counts.spiking, f"{model} runs spiking networks; a conventional one needs cpu, gpu or arm")
        operations: Number = counts.total("synaptic_events") + counts.total("macs_effective")
        updates = float(sum(x.size for x in layers)) * counts.steps
    else:
        operations = float(sum(x.synapses for x in layers))
        updates = float(sum(x.size for x in layers))
    return Estimate(
        model=model,
        terms={"synapses": operations * synapse, "neurons": updates * neuron},
        source="kerasspiking",
        note="two constants; leaves out memory beyond them, input, static power and overhead",
    )


@typed
def bit_budget(weight_bits: int, value_bits: int, steps: int = 1) -> int:
    """Shen et al. 2024: operations of equal ``steps x weight bits x value bits`` carry equal information."""
    return steps * weight_bits * value_bits


MODELS: Mapping[str, Callable[..., Estimate]] = {
    "compute-only": compute_only,
    "lemaire2022": lemaire2022,
    "davidson2021": davidson2021,
    "yan2024": yan2024,
    "sanafe": sanafe,
    "keras-spiking": keras_spiking,
}


@typed
def estimate(counts: Counts, model: str, **options: object) -> Estimate:
    """Return what the published ``model`` says of ``counts``; ``options`` go to its function.

    Raises:
        SpikingError: an unknown model (with a suggestion), or one that cannot take these counts.
    """
    if model not in MODELS:
        raise unknown("published model", model, MODELS)
    return MODELS[model](counts, **options)
