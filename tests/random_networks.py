"""Random networks of any topology, delays, units, encoders, weights, for comparison with the slow twin."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from spiking.core.coding.decode import FirstSpike, Membrane, SpikeCount
from spiking.core.coding.encode import Delta, Direct, Events, Latency, Poisson
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, ConductanceLIF, Discretisation, Linear, ReLU
from spiking.core.parts import Connection, Input, Output, Population
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.differentiate import Differentiator
from spiking.simulate import run
from spiking.simulate.event_lists import MOST_SPIKES
from spiking.simulate.program import Program
from tests import naive


@dataclass
class Case:
    """A network, what is shown to it, and what its encoders make of that: ``[samples, steps, inputs]``."""

    network: Network
    x: Any
    raster: Any
    seed: int


def units(rng, size, smooth):
    """A random unit that spikes; with ``smooth`` one that has a gradient."""

    def per(low, high):  # one value, or one per neuron
        return rng.uniform(low, high, size) if rng.random() < 0.3 else float(rng.uniform(low, high))

    form = Discretisation(
        integrator=str(rng.choice(["exact", "euler"])),
        input_scale=str(rng.choice(["raw", "one_minus_beta", "dt_over_tau", "decayed"])),
        strict=bool(rng.random() < 0.7),
        input_delay=int(rng.random() < 0.2),
        synapse_delay=int(rng.random() < 0.2),
        spike_delay=int(rng.random() < 0.2),
    )
    scaled = form.input_scale in ("one_minus_beta", "dt_over_tau")
    words: dict[str, Any] = {
        "tau_mem": np.inf if rng.random() < 0.15 else per(2e-3, 2e-2),
        "tau_syn": 0.0 if rng.random() < 0.6 else per(2e-3, 8e-3),
        "v_threshold": per(0.1, 0.4) if scaled else per(0.4, 1.2),
        "v_leak": 0.0 if rng.random() < 0.7 else per(-0.1, 0.1),
        "v_reset": 0.0 if rng.random() < 0.7 else per(-0.1, 0.1),
        "v_start": None if rng.random() < 0.7 else per(-0.1, 0.2),
        "reset": str(rng.choice(["subtract", "zero"])),
        "discretisation": form,
    }
    kind = rng.random()
    if kind < 0.2:
        words["tau_ref"] = float(rng.choice([1e-3, 2e-3, 1.0]))
    elif kind < 0.35:
        words["discretisation"] = Discretisation(**{**vars(form), "reset_delay": 1})
    if kind > 0.8:
        return ALIF(**words, tau_adapt=float(rng.uniform(5e-3, 3e-2)), adapt_step=per(0.0, 0.3))
    if not smooth and 0.6 < kind < 0.7:
        multi = {**words, "v_reset": 0.0, "reset": "subtract", "discretisation": Discretisation(multi=True)}
        return LIF(**multi)
    if not smooth and 0.7 < kind < 0.8:
        return ConductanceLIF(
            tau_mem=float(rng.uniform(5e-3, 2e-2)), v_leak=0.0, v_reset=0.0,
            v_threshold=float(rng.uniform(0.05, 0.3)), e_exc=1.0, e_inh=-0.5, tau_ref=2e-3,
            tau_adapt=2e-2, adapt_step=0.02,
        )  # fmt: skip
    return LIF(**words)


def matrix(rng, n, m):
    """Weights ``[n, m]``: dense, sparse, or sparse and empty."""
    w = rng.normal(0.3, 0.6, (n, m))
    kind = rng.random()
    if kind < 0.55:
        return w
    return sp.csr_array(w * (rng.random((n, m)) < (0.0 if kind < 0.7 else 0.5)))


def case(seed, *, smooth=False, samples=5):
    """The random case number ``seed``; with ``smooth`` every part of it has a gradient."""
    rng = np.random.default_rng(seed)
    steps = int(rng.choice([1, 3, 9, 20, 40, 70]))
    inputs = []
    encoders = [Direct(gain=1.5), Poisson(), Latency(linear=True, theta=0.1), Delta(threshold=0.2), Events()]
    chosen = int(rng.integers(5))
    for k in range(1 if chosen == 4 else int(rng.integers(1, 3))):
        encoder = encoders[chosen if k == 0 else int(rng.integers(4))]
        inputs.append(Input(name=f"in{k}", size=int(rng.integers(1, 9)), encoder=encoder))
    pops, conns = [], []
    sizes = [int(rng.choice([1, 3, 8, 17, 40])) for _ in range(int(rng.integers(1, 4)))]
    for k, size in enumerate(sizes):
        unit = units(rng, size, smooth)
        winners = int(rng.integers(1, size + 1)) if not smooth and rng.random() < 0.15 else None
        bias = rng.normal(0.05, 0.1, size) if rng.random() < 0.6 else None
        pops.append(Population(name=f"p{k}", size=size, unit=unit, bias=bias, winners=winners))
    readout = rng.random()
    last = len(sizes)
    if readout < 0.4:
        pops.append(Population(name="out", size=3, unit=LI(tau_mem=5e-3), bias=rng.normal(0, 0.1, 3)))
        decoder = Membrane(over="mean")
    elif readout < 0.5 and not smooth:
        pops.append(Population(name="out", size=3, unit=[ReLU(), Linear()][int(rng.integers(2))]))
        decoder = Membrane(over="sum")
    else:
        pops.append(Population(name="out", size=3, unit=LIF(tau_mem=6e-3, v_threshold=0.7)))
        decoder = SpikeCount() if smooth or rng.random() < 0.7 else FirstSpike()
    names = [i.name for i in inputs]
    values = {i.name for i in inputs if i.encoder.analog}
    bursts = {p.name for p in pops if getattr(getattr(p.unit, "discretisation", None), "multi", False)}

    def join(source, k, delay, label=""):
        n = next(part.size for part in [*inputs, *pops] if part.name == source)
        ports = [r for r in pops[k].unit.receptors if r != "inhibitory" or source not in values]
        conns.append(
            Connection(
                source=source,
                target=pops[k].name,
                weight=matrix(rng, n, pops[k].size),
                delay=delay,
                receptor=str(rng.choice(ports)),
                label=label,
            )
        )

    for k in range(len(pops)):
        before = (
            [*names, *(p.name for p in pops[:k])]
            if rng.random() < 0.4
            else [*names, *(p.name for p in pops[:k])][-1:]
        )
        for source in before:
            late = int(rng.choice([0, 0, 0, 1, 2, 5, steps, steps + 3]))
            join(source, k, late)
            if rng.random() < 0.15:
                join(source, k, late + 1, label="again")
        if k < last and rng.random() < 0.3 and pops[k].name not in bursts:
            join(pops[k].name, k, int(rng.integers(1, 4)), label="own")
        if 0 < k < last and rng.random() < 0.2:
            join(pops[k].name, k - 1, int(rng.integers(1, 4)), label="back")
    for name in names:  # every input is read
        if all(c.source != name for c in conns):
            join(name, 0, 0)
    net = Network(
        inputs=inputs, populations=pops, connections=conns, steps=steps,
        output=Output(population="out", decoder=decoder), name=f"random {seed}",
    )  # fmt: skip
    size = net.input_size
    if chosen == 4:
        x = (rng.random((samples, steps, size)) < rng.choice([0.05, 0.4, 0.9])).astype(float)
        return Case(net, x, x, seed)
    x = rng.random((samples, size))
    parts, column = [], 0
    for i in inputs:
        part = x[:, column : column + i.size]
        column += i.size
        if i.encoder.analog:
            parts.append(np.repeat(part[:, None, :] * i.encoder.gain, steps, axis=1))
        else:
            parts.append(i.encoder.spikes(part, steps, seed, 0).astype(float))
    return Case(net, x, np.concatenate(parts, axis=2), seed)


def check_spikes(c, engine, batch_size, want=None):
    """Assert that ``run`` gives the twin's spikes exactly and its membranes to rounding; return those.

    Bursts that grow without end are refused in words, and only where the twin's do.
    """
    out = want or naive.simulate(c.network, c.raster)[0]
    most = max(float(one.value.max()) for _, spikes in out.values() for one in spikes)
    endless = pytest.raises(SpikingError, match="spikes per unit and step, too many")
    with endless if most > MOST_SPIKES else nullcontext():
        got = run(
            c.network, c.x, record=("spikes", "v"), seed=c.seed, engine=engine, precision="float64",
            batch_size=batch_size,
        )  # fmt: skip
    if most > MOST_SPIKES:
        return out
    for p in c.network.populations:
        v, s = (np.stack([one.value for one in kind], axis=1) for kind in out[p.name])
        if p.unit.spiking:
            np.testing.assert_array_equal(got.raster[p.name], s, err_msg=f"{c.network.name}: {p.name}")
        np.testing.assert_allclose(
            np.broadcast_to(got.v[p.name], v.shape), v, rtol=1e-9, atol=1e-10, err_msg=f"{p.name}"
        )
    return out


def uneven(c):
    """The samples of ``c`` from no activity to much, so that a batch is unlike each of its samples."""
    rng = np.random.default_rng(c.seed)
    share = np.linspace(0, 1, len(c.x)).reshape(-1, *[1] * (c.x.ndim - 1))
    if c.x.ndim == 2:
        return c.x * share
    raster = (rng.random(c.x.shape) < share).astype(float)
    raster[2] *= 1 + 2 * (rng.random(raster[2].shape) < 0.1)  # several spikes in a step
    return raster


def check_batches(c, engine, batch_sizes):
    """Assert that a sample's result does not depend on the batch: the same bits, or without a BLAS promise
    (analog units) the same to rounding.
    """
    x, seen = uneven(c), {}
    for size in batch_sizes:
        try:
            got = run(c.network, x, record=("spikes", "v"), seed=c.seed, engine=engine, batch_size=size)
        except SpikingError as error:
            if "spikes per unit and step, too many" not in str(error):  # bursts without end
                raise
            return
        for p in c.network.populations:
            analog = isinstance(p.unit, ReLU | Linear)
            found = [got.v[p.name], *([got.scores] if p.name == "out" else [])]
            if p.unit.spiking:
                found += [got.raster[p.name], got.first_spike[p.name], got.spikes[p.name]]
            for k, value in enumerate(found):
                want = seen.setdefault((p.name, k), value)
                where = f"{c.network.name}: {p.name}, batches of {size}"
                if analog:
                    np.testing.assert_allclose(value, want, rtol=1e-4, atol=1e-4, err_msg=where)
                else:
                    np.testing.assert_array_equal(value, want, err_msg=where)
                    assert value.tobytes() == want.tobytes(), where


def check_gradient(c, engine):
    """Assert that the gradient of all parameters is the twin's, by automatic differentiation."""
    net, labels = c.network, np.arange(len(c.x)) % 3
    surrogate = Surrogate(slope=5.0)
    spike = naive.spike_with(surrogate.name, 5.0, smooth=False)
    out, w, b = naive.simulate(net, c.raster, spike=spike)
    read = out["out"][0 if net.output.decoder.needs == "v" else 1]
    scores = sum(read[1:], start=read[0])
    loss = naive.cross_entropy(
        scores * (1 / net.steps) if net.output.decoder.needs == "v" else scores, labels
    )
    loss.backward()
    program = Program(net, np.float64)
    got = Differentiator(program, surrogate=surrogate, engine=engine)(c.x, labels, seed=c.seed)
    assert abs(got.loss - float(loss.value)) < 1e-9 * max(1.0, abs(got.loss))
    for connection in net.connections:
        want = np.broadcast_to(w[connection.name].grad, connection.weight.shape)
        if sp.issparse(connection.weight):
            m = connection.weight
            want = want[np.repeat(np.arange(m.shape[0]), np.diff(m.indptr)), m.indices]
        top = np.abs(want).max(initial=0.0)
        part = program.part(got.parameters, connection.name)
        np.testing.assert_allclose(part, want, rtol=1e-8, atol=1e-9 * max(top, 1.0), err_msg=connection.name)
    for p in net.populations:
        if p.bias is not None:
            want = b[p.name].grad
            part = program.part(got.parameters, f"bias:{p.name}")
            np.testing.assert_allclose(part, want, rtol=1e-8, atol=1e-9 * max(np.abs(want).max(), 1.0))
