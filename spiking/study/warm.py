"""Compile ahead what the commands use, so that the first run starts at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Direct, Latency, Poisson
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF
from spiking.learn.fit import fit
from spiking.learn.stdp import train_stdp
from spiking.simulate import run


def warm() -> Iterator[tuple[str, float]]:
    """Compile one kind of job after another; yield its name and the seconds it took."""
    rng = np.random.default_rng(0)
    x, y = rng.random((16, 8)).astype(np.float32), np.arange(16) % 2

    def network(hidden: LIF, encoder: Direct | Latency | Poisson) -> Network:
        return Network.dense(
            [8, 24, 2],  # a wide and a narrow layer
            hidden=hidden,
            readout=LI(tau_mem=20e-3),
            encoder=encoder,
            decoder=Membrane(over="mean"),
            steps=4,
        )

    plain, timed = LIF(tau_mem=20e-3), Latency(linear=True, theta=0.05)
    jobs: dict[str, Callable[[], object]] = {
        "simulation": lambda: [
            run(network(plain, c), x, count=count) for c in (Poisson(), Direct()) for count in (True, False)
        ],
        "training": lambda: [
            fit(network(plain, c), x, y, epochs=1, batch_size=8) for c in (Poisson(), Direct(), timed)
        ],
        "units with refractory periods": lambda: run(network(LIF(tau_mem=20e-3, tau_ref=2e-3), timed), x),
        "learning by STDP": lambda: train_stdp(x, y, neurons=4),
    }
    for name, job in jobs.items():
        start = time.perf_counter()
        job()
        yield name, time.perf_counter() - start
