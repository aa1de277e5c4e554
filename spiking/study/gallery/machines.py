"""The two machines that most experiments set side by side: an MLP, and a spiking network of the same size."""

from __future__ import annotations

from collections.abc import Sequence

from spiking import LI, LIF, Latency, Linear, Membrane, Network, ReLU

TAU = 20e-3  # membrane time constant [s]
STEPS = 8


def mlp(sizes: Sequence[int], seed: int) -> Network:
    """Return layers of ReLU units with weights as they are drawn, ``sizes`` from the input on."""
    return Network.dense(list(sizes), hidden=ReLU(), readout=Linear(), seed=seed, name="MLP")


def spiking(sizes: Sequence[int], seed: int, *, steps: int = STEPS, bias: bool = True) -> Network:
    """Return layers of LIF units, read by the mean of leaky membranes; inputs are spike times."""
    return Network.dense(
        list(sizes),
        hidden=LIF(tau_mem=TAU),
        readout=LI(tau_mem=TAU),
        encoder=Latency(linear=True, theta=0.05),
        decoder=Membrane(over="mean"),
        steps=steps,
        seed=seed,
        bias=bias,
        name="spiking network",
    )


MACHINES = {"MLP": mlp, "spiking network": spiking}
