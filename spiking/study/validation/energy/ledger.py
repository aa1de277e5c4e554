"""Predictions of measurements that went into no constant: L1 to L12, each an interval in the unit of its row.

Where a publication states no activity, the interval spans what is plausible, chosen before the comparison and
never after it. A row that fails stays, with the reason as far as it is known (``ledger.toml``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spiking.core.counts import Counts
from spiking.hardware.bill import Bill
from spiking.hardware.price import price
from spiking.hardware.quantity import Interval
from spiking.hardware.registry import load_chip
from spiking.study.validation.energy.chips import KWS, TN_NEURONS
from spiking.study.validation.energy.networks import conventional, events, kernels, spiking

# inputs of one output, positions, outputs of each layer of the networks of MLPerf Tiny
DS_CNN = [(40, 125, 64), *[(9, 125, 64), (64, 125, 64)] * 4, (64, 1, 12)]
RESNET8 = [
    (27, 1024, 16), (144, 1024, 16), (144, 1024, 16),
    (144, 256, 32), (288, 256, 32), (16, 256, 32),
    (288, 64, 64), (576, 64, 64), (32, 64, 64), (64, 1, 10),
]  # fmt: skip
AUTOENCODER = (640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640)
# positions and outputs of the depthwise-separable blocks of MobileNetV1 (0.25, 96 x 96), inputs before them
BLOCKS = [(2304, 8, 16), (576, 16, 32), (576, 32, 32), (144, 32, 64), (144, 64, 64), (36, 64, 128)]
BLOCKS += [(36, 128, 128)] * 5 + [(9, 128, 256), (9, 256, 256)]
MOBILENET = [(27, 2304, 8)]
for _positions, _before, _after in BLOCKS:
    MOBILENET += [(9, _positions, _before), (_before, _positions, _after)]
MOBILENET += [(256, 1, 2)]


def over(bills: Sequence[Interval]) -> Interval:
    """Return the interval from the low end of the first to the high end of the last."""
    first, middle, last = bills
    return Interval(first.low, middle.nominal, last.high)


def scaled_model(copies: int) -> Counts:
    """Return the counts of Blouw et al.'s scaling model: ``copies`` of ten 256 x 256 layers between two."""
    macs = 390 * 256 + copies * 10 * 256 * 256 + 256 * copies * 256 + 256 * 29
    return kernels([(1, 1, macs)])


def tiny_energy() -> dict[str, Interval]:
    """L1: MLPerf Tiny on a Cortex-M4, three tasks [uJ]."""
    tasks = {"keyword spotting": DS_CNN, "image classification": RESNET8, "visual wake words": MOBILENET}
    energy = {name: price(kernels(net), "cortex-m4").total() * 1e6 for name, net in tasks.items()}
    return {
        "STM32L4R5, keyword spotting, 3.0 V": energy["keyword spotting"],
        "STM32L4R5, keyword spotting, 1.8 V": energy["keyword spotting"],
        "STM32L4R5, image classification, 3.0 V": energy["image classification"],
        "STM32L4R5, visual wake words, 3.0 V": energy["visual wake words"],
        "STM32L4R5, visual wake words, 1.8 V": energy["visual wake words"],
    }


def tiny_latency() -> dict[str, Interval]:
    """L2: time of keyword spotting at the clock of the board, 120 MHz [ms]."""
    chip = load_chip("cortex-m4").with_values(clock=120.0)
    time = price(kernels(DS_CNN), chip).latency * 1e3
    return {f"STM32L4R5, keyword spotting, time, {who}": time for who in ("Krai", "STMicroelectronics")}


def tiny_detector() -> dict[str, Interval]:
    """L3: the fully connected anomaly detector, from which two constants of the chip were read [uJ]."""
    energy = price(conventional(AUTOENCODER), "cortex-m4").total() * 1e6
    return {f"STM32L4R5, anomaly detection, {v}": energy for v in ("1.8 V", "second submission", "3.0 V")}


def blouw_scaled() -> dict[str, Interval]:
    """L4: a network 42 times as large (N = 10) and 10 times (N = 2) on devices measured with a small one."""
    out = {}
    for label, chip, copies in (
        ("Xeon E5-2630", "cpu-xeon-e5-2630", 2),
        ("Xeon E5-2630", "cpu-xeon-e5-2630", 10),
        ("Quadro K4000", "gpu-quadro-k4000", 2),
        ("Quadro K4000", "gpu-quadro-k4000", 10),
        ("Movidius NCS", "movidius-ncs", 2),
        ("Movidius NCS", "movidius-ncs", 10),
    ):
        out[f"{label}, time of the scaled network, N = {copies}"] = (
            price(scaled_model(copies), chip).latency * 1e3
        )
    energy = price(scaled_model(10), "movidius-ncs").total("dynamic") * 1e3
    return {**out, "Movidius NCS, dynamic energy of the scaled network, N = 10": energy}


def blouw_keyword() -> dict[str, Interval]:
    """L5: keyword spotting on Loihi, 10 steps, 5 to 20 % of the units in a step [ms, uJ]."""
    bills = [_loihi(KWS, rate, 10) for rate in (0.05, 0.1, 0.2)]
    return {
        "Loihi, keyword spotting, time": over([b.latency * 1e3 for b in bills]),
        "Loihi, keyword spotting, total energy": over([b.total() * 1e6 for b in bills]),
    }


def renner_digits() -> dict[str, Interval]:
    """L6: 400-400-10 on Loihi; an active unit spikes once, 10 to 40 % are active, 3 to 30 steps [ms, uJ]."""
    sizes = (400, 400, 10)
    bills = [_loihi(sizes, active / steps, steps) for active, steps in ((0.1, 3), (0.2, 10), (0.4, 30))]
    return {
        "Loihi, MNIST 400-400-10, time": over([b.latency * 1e3 for b in bills]),
        "Loihi, MNIST 400-400-10, energy": over([b.total() * 1e6 for b in bills]),
    }


def _loihi(sizes: Sequence[int], rate: float, steps: int) -> Bill:
    return price(spiking(sizes, [n * rate * steps for n in sizes], steps, bits=8), "loihi1")


def frady_again() -> dict[str, Interval]:
    """L7: the query of V19 with the constants fitted to silicon by SANA-FE [mJ]."""
    bills = []
    for spikes in (667.0, 708.5, 750.0):
        counts = events(spikes * 76_800.0, 76_800, updates=76_800 * 60.0)
        bills.append(price(counts, "loihi1-sanafe", latency=1.0).total("dynamic") * 1e3)
    return {"Loihi by SANA-FE's constants, nearest neighbours": over(bills)}


def esser_digits() -> dict[str, Interval]:
    """L8: MNIST on 5 and on 1,920 of 4,096 cores, one tick; 0.5, 5 or 50 % of the crossbar events [uJ]."""
    out = {}
    for cores in (5, 1920):
        parts = []
        for share in (0.005, 0.05, 0.5):
            counts = events(cores * 256 * 256 * share, cores * 256)
            bill = replace(price(counts, "truenorth", latency=1e-3), used=cores / (TN_NEURONS / 256))
            parts.append(bill.share() * 1e6)
        out[f"TrueNorth, MNIST on {cores} cores"] = over(parts)
    return out


def sne_proportion() -> dict[str, Interval]:
    """L9: energy at 4.9 % over that at 1.2 % of input activity; a price per event makes it proportional."""
    high, low = (price(events(share), "sne").total("dynamic") for share in (4.9, 1.2))
    return {
        "SNE, DVS Gesture, energy at 4.9 % over 1.2 % activity": Interval.exact(high.nominal / low.nominal)
    }


def microcircuit() -> dict[str, Interval]:
    """L10: the cortical microcircuit on SpiNNaker, energy of a synaptic event with its share of updates [uJ].

    77,169 units at about 3.5 spikes/s with 0.299e9 synapses; steps of 0.1 ms.
    """
    synaptic, updates = 0.299e9 * 3.5, 77_169 / 1e-4
    bill = price(events(synaptic, 77_169, updates=updates), "spinnaker1", latency=1.0)
    each = bill.total() * (1e6 / synaptic)
    return {
        "SpiNNaker, cortical microcircuit, 20 times slower than real time": each,
        "SpiNNaker, cortical microcircuit, real time, direct current": each,
        "SpiNNaker, cortical microcircuit, real time, Poisson input": each,
    }


def eie_alexnet() -> dict[str, Interval]:
    """L11: three pruned layers of AlexNet at 45 nm: 4-bit weights and an index each, 16-bit values [uJ]."""
    chip = load_chip("generic-45nm").with_settings(weight_format="sparse", zero_skip=True)
    sizes, active, kept = (9216, 4096, 4096, 1000), (0.351, 0.353, 0.375), (0.09, 0.09, 0.25)
    counts = conventional(sizes, bits=4, active=active, kept=kept, value_bits=16)
    return {"EIE, fully connected layers of AlexNet": price(counts, chip, latency=1 / 1.88e4).total() * 1e6}


def ndp_keyword() -> dict[str, Interval]:
    """L12: keyword spotting on a 40 nm accelerator, priced as the generic 45 nm machine [uJ]."""
    energy = price(kernels(DS_CNN), "generic-45nm").total() * 1e6
    return {f"Syntiant NDP9120, keyword spotting, {v}": energy for v in ("0.9 V", "1.1 V")}
