"""This package. Spikes are drawn from the images in every step, so encoding is part of its time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from speed.case import Case, Inputs
from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Direct, Poisson
from spiking.core.network import Network
from spiking.core.neurons import LI, LIF, Discretisation, Linear, ReLU
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.learn.gradient.loss import on_scores
from spiking.learn.gradient.optimise import Optimiser, OptimiserState
from spiking.simulate import run
from spiking.simulate.program import Program

EULER = Discretisation(integrator="euler", input_scale="dt_over_tau")


def make_network(case: Case, dynamics: str, weights: list[Any]) -> Network:
    """The case's network under the dynamics of a peer."""
    dt = 1e-3
    tau = -dt / np.log(case.beta)
    forms: dict[str, dict[str, Any]] = {
        "plain": {"hidden": LIF(tau_mem=tau), "readout": LI(tau_mem=tau)},
        "delayed": {
            "hidden": LIF(tau_mem=tau, discretisation=Discretisation(reset_delay=1)),
            "readout": LI(tau_mem=tau),
        },
        "euler": {
            "hidden": LIF(tau_mem=dt / (1 - case.beta), discretisation=EULER),
            "readout": LI(tau_mem=dt / (1 - case.beta), discretisation=EULER),
        },
        "mlp": {"hidden": ReLU(), "readout": Linear()},
    }
    mlp = dynamics == "mlp"
    encoder = Direct() if case.code == "direct" or mlp else Poisson(gain=case.gain)
    net = Network.dense(
        case.sizes,
        encoder=encoder,
        decoder=Membrane(over="mean"),
        steps=1 if mlp else case.steps,
        dt=dt,
        **forms[dynamics],
    )
    scale = np.float32(1 / (1 - case.beta) if dynamics == "euler" else 1)
    biases = [np.zeros(p.size, np.float32) for p in net.populations]
    return net.with_parameters([scale * w for w in weights], biases)


class Spiking:
    """Training by :class:`Differentiator`, inference by :func:`run`."""

    def __init__(self, inputs: Inputs, threads: int, dynamics: str) -> None:
        self.inputs, self.case, self.dynamics, self.threads = inputs, inputs.case, dynamics, threads

    def versions(self) -> dict[str, str]:
        import numba

        return {"numpy": np.__version__, "numba": numba.__version__}

    def load(self) -> None:
        """Nothing: images are used as they are."""

    def build(self) -> None:
        case = self.case
        self.network = make_network(case, self.dynamics, self.inputs.weights)
        if case.task == "training":
            slope = 1.0 if self.dynamics == "euler" else case.slope  # see torch_peers.Norse
            self.program = Program(self.network)
            self.gradient = Differentiator(self.program, surrogate=Surrogate(slope=slope))
            optimiser = Optimiser(learning_rate=case.learning_rate)
            self.state = OptimiserState.start(optimiser, self.program.parameters, 1)

    def once(self, k: int) -> float:
        x, y, case = self.inputs.images[k], self.inputs.labels[k], self.case
        draw = {"seed": case.seed, "first_sample": k * case.batch}
        if case.task == "inference":
            return on_scores("cross_entropy", run(self.network, x, count=False, **draw).scores, y)[0]
        result = self.gradient(x, y, **draw)
        self.state.apply(self.program.parameters, result.parameters)
        return result.loss

    def all_images(self) -> tuple[float, float]:
        case, flat = self.case, self.inputs.images.reshape(-1, self.case.sizes[0])
        start = time.perf_counter()
        trace = run(self.network, flat, seed=case.seed, batch_size=case.batch, count=False)
        seconds = time.perf_counter() - start
        return seconds, on_scores("cross_entropy", trace.scores, self.inputs.labels.ravel())[0]

    def limits(self) -> dict[str, Any]:
        """Work of a step (or of all images) and what this machine could do at best.

        ``bytes``: weight rows read by events, and gradient rows read by them on the way back.
        ``operations``: additions of these, and multiply-adds (two each) of dense products.
        """
        case, net = self.case, self.network
        training = case.task == "training"
        k = slice(0, 1) if training else slice(None)
        x = self.inputs.images[k].reshape(-1, case.sizes[0])
        if training:  # weights as they are after the steps so far
            weights = [self.program.matrix(c) for c in net.connections]
            net = net.with_parameters(weights, [p.bias for p in net.populations])
        trace = run(net, x, seed=case.seed)
        names = [i.name for i in net.inputs if i.encoder.analog]
        adds = sum(float(trace.events[c.name].sum()) for c in net.connections if c.source not in names)
        adds *= 2 if training else 1
        dense = 0.0
        for c in net.connections:
            size = 2.0 * c.weight.shape[0] * c.weight.shape[1] * len(x)
            if c.source in names:
                dense += size * (2 if training else 1)
            elif training and c.source != net.inputs[0].name:
                dense += size * case.steps  # gradient for the source's spikes
        units = {
            p.name: float(trace.spikes[p.name].mean()) / net.steps for p in net.populations if p.unit.spiking
        }
        sources = [i.name for i in net.inputs if not i.encoder.analog]
        density = float(trace.spikes[sources[0]].mean()) / net.steps if sources else 1.0
        return {
            "bytes": 4.0 * adds,
            "operations": adds + dense,
            "bandwidth": copy_bandwidth(self.threads),
            "rate": product_rate(self.threads),
            "density": density,
            "spikes_per_unit_step": units,
        }


def copy_bandwidth(threads: int) -> float:
    """Bytes read and written per second when each thread copies 512 KiB over and over (level 2)."""

    def copies(_: int) -> float:
        a, b = np.ones(1 << 17, np.float32), np.empty(1 << 17, np.float32)
        best = 0.0
        for _ in range(20):
            start = time.perf_counter()
            for _ in range(50):
                np.copyto(b, a)
            best = max(best, 50 * 2 * a.nbytes / (time.perf_counter() - start))
        return best

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(copies, range(threads)))


def product_rate(threads: int) -> float:
    """Operations per second of matrix products in float32 that stay in cache."""
    from spiking.kernels.dense import product, single_threaded_blas

    a, b = np.ones((1024, 512), np.float32), np.ones((512, 512), np.float32)
    out, best = np.empty((1024, 512), np.float32), 0.0
    with single_threaded_blas():
        for _ in range(20):
            start = time.perf_counter()
            product(a, b, out=out)
            best = max(best, 2.0 * 1024 * 512 * 512 / (time.perf_counter() - start))
    return best
