"""Networks that use everything the package can say, for round trips."""

import numpy as np
import scipy.sparse as sp

from spiking.core.coding.decode import Assigned, FirstSpike, Membrane, SpikeCount
from spiking.core.coding.encode import Delta, Direct, Events, Latency, Poisson
from spiking.core.network import Network
from spiking.core.neurons import ALIF, LI, LIF, ConductanceLIF, Discretisation, Linear, ReLU
from spiking.core.parts import Connection, Input, Output, Population


def mlp() -> Network:
    return Network.dense([8, 5, 3], hidden=ReLU(bits=8, scale=0.3), readout=Linear(), name="mlp")


def chain() -> Network:
    return Network.dense(
        [8, 5, 3],
        hidden=LIF(tau_mem=np.linspace(0.01, 0.03, 5), tau_ref=2e-3, reset="zero"),
        readout=LI(tau_syn=5e-3),
        encoder=Poisson(gain=0.3),
        decoder=Membrane(over="max"),
        steps=7,
        dt=2e-3,
        seed=1,
    )


def everything() -> Network:
    rng = np.random.default_rng(0)
    w = rng.normal(size=(4, 6))
    pops = [
        Population(name="e", size=6, unit=ConductanceLIF(adapt_start=rng.normal(size=6)), winners=1),
        Population(name="i", size=6, unit=ALIF(tau_mem=np.inf, adapt_step=0.2), bias=rng.normal(size=6)),
        Population(name="heaviside", size=1, unit=LIF(tau_mem=1e-6, reset="zero"), bias=np.ones(1)),
        Population(
            name="late",
            size=3,
            unit=LIF(
                tau_syn=3e-3,
                v_leak=0.1,
                v_threshold=np.array([1.0, 2.0, 3.0]),
                discretisation=Discretisation(integrator="euler", input_scale="dt_over_tau", multi=True),
            ),
            state_bits=24,
        ),
    ]
    conns = [
        Connection(source="x", target="e", weight=w, receptor="excitatory"),
        Connection(source="x", target="e", weight=-w, receptor="inhibitory", delay=2),
        Connection(source="b", target="e", weight=rng.normal(size=(2, 6)), receptor="excitatory", label="b"),
        Connection(source="e", target="i", weight=3 * sp.eye_array(6)),
        Connection(
            source="i", target="e", weight=1 - np.eye(6), delay=3, receptor="inhibitory", weight_bits=4
        ),
        Connection(source="i", target="i", weight=1 - np.eye(6), delay=1, stored_weights=9),
        Connection(source="i", target="late", weight=rng.normal(size=(6, 3)).astype(np.float32)),
        Connection(source="late", target="i", weight=rng.normal(size=(3, 6)), delay=1),
    ]
    return Network(
        inputs=[
            Input(name="x", size=4, encoder=Latency()),
            Input(name="b", size=2, encoder=Direct(), bits=8),
        ],
        populations=pops,
        connections=conns,
        output=Output(population="e", decoder=Assigned(votes=rng.normal(size=(6, 2)))),
        steps=9,
        metadata={"note": "τ", "limit": np.inf, "list": [1, np.arange(3)], "nested": {"a": None}},
    )


def variants() -> list[Network]:
    """Every encoder and decoder once."""
    made = []
    for encoder in (Direct(stored=False), Poisson(), Latency(linear=True), Delta(), Events()):
        made.append(Network.dense([4, 3, 2], hidden=LIF(), readout=LIF(), encoder=encoder, steps=3))
    for decoder in (SpikeCount(), FirstSpike(), Membrane(over="last")):
        made.append(Network.dense([4, 2], hidden=LIF(), readout=LIF(), decoder=decoder, bias=False))
    return made
