"""Small random networks of every kind, shared by the tests."""

from __future__ import annotations

import itertools

import numpy as np
import scipy.sparse as sp

from spiking.core.coding.decode import Membrane, SpikeCount
from spiking.core.coding.encode import Direct, Events
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, Discretisation
from spiking.core.parts import Connection, Input, Output, Population

FORMS = {
    "subtract": LIF(tau_mem=5e-3),
    "zero": LIF(tau_mem=5e-3, reset="zero"),
    "leak": LIF(tau_mem=5e-3, v_leak=0.1, v_reset=0.2, v_start=0.3, reset="zero"),
    "synapse": LIF(tau_mem=5e-3, tau_syn=3e-3),
    "refractory": LIF(tau_mem=8e-3, tau_ref=2e-3, reset="zero"),
    "adaptive": ALIF(tau_mem=8e-3, tau_adapt=10e-3, adapt_step=0.3),
    "delayed": LIF(tau_mem=5e-3, discretisation=Discretisation(reset_delay=1)),
    "delayed_zero": LIF(tau_mem=5e-3, reset="zero", discretisation=Discretisation(reset_delay=1)),
    "euler": LIF(
        tau_mem=5e-3,
        discretisation=Discretisation(integrator="euler", input_scale="dt_over_tau"),
        v_threshold=0.2,
    ),
    "scaled": LIF(tau_mem=5e-3, discretisation=Discretisation(input_scale="one_minus_beta"), v_threshold=0.2),
    "loose": LIF(tau_mem=5e-3, discretisation=Discretisation(strict=False, input_delay=1)),
}


def chain(
    unit,
    *,
    seed=0,
    steps=12,
    sizes=(6, 9, 7, 3),
    readout="membrane",
    encoder=None,
    sparse=False,
    recurrent=False,
):
    """A random chain; optionally with sparse weights and delayed recurrence in the first hidden layer."""
    rng = np.random.default_rng(seed)
    names = ["input", *(f"h{k}" for k in range(1, len(sizes) - 1)), "out"]
    conns, pops = [], []
    for k, (n, m) in enumerate(itertools.pairwise(sizes)):
        w = rng.normal(0.25, 0.6, (n, m))
        if sparse:
            w = sp.csr_array(w * (rng.random((n, m)) < 0.6))
        conns.append(
            Connection(source=names[k], target=names[k + 1], weight=w, delay=k % 2 if recurrent else 0)
        )
        last = k == len(sizes) - 2
        kind = LI(tau_mem=7e-3) if last and readout == "membrane" else unit
        pops.append(Population(name=names[k + 1], size=m, unit=kind, bias=rng.normal(0, 0.05, m)))
    if recurrent:
        w = rng.normal(0, 0.3, (sizes[1], sizes[1]))
        conns.append(Connection(source="h1", target="h1", weight=sp.csr_array(w) if sparse else w, delay=1))
        back = rng.normal(0, 0.3, (sizes[2], sizes[1]))
        conns.append(Connection(source="h2", target="h1", weight=back, delay=2))
    return Network(
        inputs=[Input(size=sizes[0], encoder=encoder or Events())],
        populations=pops,
        connections=conns,
        output=Output(
            population="out", decoder=Membrane(over="mean") if readout == "membrane" else SpikeCount()
        ),
        steps=steps,
    )


def raster(network, samples=4, seed=1, density=0.35):
    """Random input spikes ``[samples, steps, inputs]``."""
    rng = np.random.default_rng(seed)
    return (rng.random((samples, network.steps, network.input_size)) < density).astype(float)


def direct(unit, **kwargs):
    """A chain with constant-current input."""
    return chain(unit, encoder=Direct(), **kwargs)
