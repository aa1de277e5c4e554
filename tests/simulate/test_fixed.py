"""Fixed-point units against a twin in Python's own integers, with real shifts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiking.core.coding.decode import Membrane
from spiking.core.coding.encode import Events
from spiking.core.errors import SpikingError
from spiking.core.network import Network
from spiking.core.neurons import Fade, FixedLI, FixedLIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.simulate import run


def faded(v: int, fade: Fade) -> int:
    if fade.keep is not None:
        return (v * int(fade.keep) + 2048) >> 12
    left = v - (v >> int(fade.first))
    shift = int(fade.second)
    return left if shift == 0 else left + (v >> shift) if shift > 0 else left - (v >> -shift)


def clipped(v: int, bits: int) -> int:
    top = 2 ** (bits - 1) - 1
    return max(-top, min(top, v))


def twin(network: Network, raster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spikes of the hidden layer and potentials of the readout for one sample ``[steps, inputs]``."""
    hidden, out = network["hidden"], network["out"]
    w1, w2 = ([[int(x) for x in row] for row in c.weight] for c in network.connections)
    v, u = [int(hidden.unit.v_start)] * hidden.size, [0] * hidden.size
    z, y = [0] * out.size, [0] * out.size
    wait = [0] * hidden.size
    spikes, potentials = [], []
    for t in range(network.steps):
        fired = []
        for j in range(hidden.size):
            x = int(hidden.bias[j]) + sum(w1[i][j] for i in np.flatnonzero(raster[t]))
            if hidden.unit.synapse is not None:
                u[j] = clipped(faded(u[j], hidden.unit.synapse) + x, hidden.unit.bits)
                x = u[j]
            if wait[j] == 0:
                v[j] = clipped(faded(v[j], hidden.unit.membrane) + x, hidden.unit.bits)
            theta = int(hidden.unit.v_threshold)
            hit = wait[j] == 0 and (v[j] > theta if hidden.unit.strict else v[j] >= theta)
            wait[j] = round(hidden.unit.tau_ref / network.dt) if hit else max(wait[j] - 1, 0)
            if hit and hidden.unit.reset == "subtract":
                v[j] -= theta - int(hidden.unit.v_reset)
            elif hit:
                v[j] = int(hidden.unit.v_reset)
            fired.append(int(hit))
        for k in range(out.size):
            x = sum(w2[j][k] for j in range(hidden.size) if fired[j])
            z[k] = clipped(faded(z[k], out.unit.membrane) + x, out.unit.bits)
            y[k] = z[k]
        spikes.append(fired)
        potentials.append(list(y))
    return np.array(spikes), np.array(potentials)


@st.composite
def fades(draw) -> Fade:
    if draw(st.booleans()):
        return Fade(keep=draw(st.integers(0, 4096)))
    return Fade(keep=None, first=draw(st.integers(1, 12)), second=draw(st.integers(-12, 12)))


@st.composite
def networks(draw) -> Network:
    bits = draw(st.integers(8, 24))
    top = 2 ** (bits - 1) - 1
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    largest = draw(st.integers(1, top))
    synapse = draw(st.none() | fades())
    tau_ref = draw(st.sampled_from([0.0, 2e-3]))
    hidden = FixedLIF(
        bits=bits, membrane=draw(fades()), synapse=synapse, v_threshold=draw(st.integers(0, top)),
        v_reset=draw(st.integers(-top, top)), v_start=draw(st.integers(-top, top)),
        reset=draw(st.sampled_from(["subtract", "zero"])), strict=draw(st.booleans()), tau_ref=tau_ref,
    )  # fmt: skip
    if hidden.reset == "subtract" and hidden.v_reset > hidden.v_threshold:
        hidden = FixedLIF(**{**vars(hidden), "v_reset": 0})

    def weights(*shape: int) -> np.ndarray:
        return rng.integers(-largest, largest + 1, shape) * 1.0

    return Network(
        inputs=[Input(size=7, encoder=Events())],
        populations=[
            Population(name="hidden", size=5, unit=hidden, bias=rng.integers(-largest, largest + 1, 5) * 1.0),
            Population(name="out", size=3, unit=FixedLI(bits=bits, membrane=draw(fades()))),
        ],
        connections=[
            Connection(source="input", target="hidden", weight=weights(7, 5)),
            Connection(source="hidden", target="out", weight=weights(5, 3)),
        ],
        output=Output(population="out", decoder=Membrane(over="last")),
        steps=draw(st.integers(1, 12)),
    )


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(0, 2**32 - 1), st.sampled_from(["auto", "event", "dense", "reference"]))
def test_compiled_loops_equal_the_integer_twin_in_every_bit(network, seed, engine):
    raster = np.random.default_rng(seed).random((3, network.steps, 7)) < 0.4
    trace = run(network, raster, record=("spikes", "v"), engine=engine)
    for b in range(len(raster)):
        spikes, potentials = twin(network, raster[b])
        assert np.array_equal(trace.raster["hidden"][b], spikes)
        assert np.array_equal(trace.v["out"][b], potentials)


def test_a_state_that_is_too_narrow_is_refused_with_the_bits_it_needs():
    with pytest.raises(SpikingError, match=r"v_threshold reaches 200, above 127, .* it needs 9 bits"):
        FixedLIF(bits=8, membrane=Fade(), v_threshold=200)


def test_decays_are_by_product_or_by_shift():
    with pytest.raises(SpikingError, match="keep and first are both given"):
        Fade(keep=4000, first=3)
    with pytest.raises(SpikingError, match="allowed: whole numbers from 0 to 4096"):
        Fade(keep=0.9)
