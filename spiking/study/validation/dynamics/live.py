"""Other simulators run beside ours on random input: those that are installed, each in its own words.

A peer is a function ``(currents [steps], words) -> spikes [steps]`` of one neuron; ours runs the same
currents under the profile that carries the peer's name. Torch runs in float64 where it can.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.coding.encode import Direct
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.simulate import run
from spiking.study.validation.dynamics.rows import lif, row
from spiking.study.validation.energy.run import Row

STEPS, SEEDS = 1000, 20
TAU, DT = 20e-3, 1e-3
Array = NDArray[np.float64]


def currents(scale: float) -> Array:
    """Random currents ``[seeds, steps]``, half of them zero."""
    rng = np.random.default_rng(7)
    return np.asarray(rng.random((SEEDS, STEPS)) * (rng.random((SEEDS, STEPS)) < 0.5) * scale)


def ours(unit: LIF, x: Array) -> Array:
    """Spikes ``[seeds, steps]`` of our neuron under currents ``[seeds, steps]``."""
    net = Network(
        inputs=[Input(size=1, encoder=Direct())],
        populations=[Population(name="n", size=1, unit=unit)],
        connections=[Connection(source="input", target="n", weight=np.ones((1, 1)))],
        output=Output(population="n"),
        steps=x.shape[1],
        dt=DT,
    )
    return np.asarray(run(net, x[..., None], record=["spikes"], precision="float64").raster["n"][:, :, 0])


def _torch_loop(step: Callable[[Any, Any], tuple[Any, Any]], x: Array) -> Array:
    torch = importlib.import_module("torch")
    state, out = None, []
    with torch.no_grad():
        for t in range(x.shape[1]):
            spikes, state = step(torch.tensor(x[:, t : t + 1], dtype=torch.float64), state)
            out.append(spikes.double().numpy()[:, 0])
    return np.stack(out, axis=1)


def snntorch_leaky(x: Array) -> Array:
    """``snn.Leaky`` with default arguments: subtraction, one step late."""
    torch, snn = importlib.import_module("torch"), importlib.import_module("snntorch")
    cell = snn.Leaky(beta=torch.tensor(1 - DT / TAU, dtype=torch.float64)).double()

    def step(current: Any, state: Any) -> tuple[Any, Any]:
        return cell(current, torch.zeros_like(current) if state is None else state)  # type: ignore[no-any-return]

    return _torch_loop(step, x)


def snntorch_synaptic(x: Array) -> Array:
    """``snn.Synaptic`` with default arguments."""
    torch, snn = importlib.import_module("torch"), importlib.import_module("snntorch")
    one = torch.tensor(1 - DT / 5e-3, dtype=torch.float64), torch.tensor(1 - DT / TAU, dtype=torch.float64)
    cell = snn.Synaptic(alpha=one[0], beta=one[1]).double()

    def step(current: Any, state: Any) -> tuple[Any, Any]:
        zero = torch.zeros_like(current)
        spikes, *state = cell(current, *(state or (zero, zero)))
        return spikes, state

    return _torch_loop(step, x)


def spikingjelly_lif(x: Array) -> Array:
    """``LIFNode`` with default arguments: decaying input, reset to 0, ``>=``."""
    neuron = importlib.import_module("spikingjelly.activation_based.neuron")
    cell = neuron.LIFNode(tau=TAU / DT).double()
    return _torch_loop(lambda current, state: (cell(current), 0), x)


def norse_box(x: Array) -> Array:
    """``LIFBoxCell``."""
    torch, box = importlib.import_module("torch"), importlib.import_module("norse.torch.module.lif_box")
    wide = {"dtype": torch.float64}
    words = {"tau_mem_inv": 1 / TAU, "v_leak": 0.0, "v_th": 1.0, "v_reset": 0.0}
    parameters = box.LIFBoxParameters(**{k: torch.tensor(v, **wide) for k, v in words.items()})
    return _torch_loop(box.LIFBoxCell(p=parameters, dt=DT), x)


def norse_current(x: Array) -> Array:
    """``LIFCell`` with its exponential synapse."""
    torch, module = importlib.import_module("torch"), importlib.import_module("norse.torch.module.lif")
    wide = {"dtype": torch.float64}
    words = {"tau_mem_inv": 1 / TAU, "tau_syn_inv": 1 / 5e-3, "v_leak": 0.0, "v_th": 1.0, "v_reset": 0.0}
    parameters = module.LIFParameters(**{k: torch.tensor(v, **wide) for k, v in words.items()})
    return _torch_loop(module.LIFCell(p=parameters, dt=DT), x)


def nengo_lif(x: Array) -> Array:
    """``nengo.LIF(tau_ref=0)`` stepped by its own ``step`` method."""
    nengo = importlib.import_module("nengo")
    out = np.zeros(x.shape)
    model = nengo.LIF(tau_rc=TAU, tau_ref=0.0)
    state = {"voltage": np.zeros(len(x)), "refractory_time": np.zeros(len(x))}
    for t in range(x.shape[1]):
        spikes = np.zeros(len(x))
        model.step(DT, x[:, t].copy(), spikes, **state)
        out[:, t] = spikes > 0
    return out


def nest_exp(x: Array) -> Array:
    """``iaf_psc_exp`` without refractoriness, driven by weighted spikes; needs dt = 1 ms."""
    nest: Any = importlib.import_module("nest")
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = DT * 1e3
    capacity, out = 250.0, np.zeros(x.shape)
    words = {"C_m": capacity, "tau_m": TAU * 1e3, "tau_syn_ex": 5.0, "tau_syn_in": 5.0, "t_ref": 0.0,
             "E_L": 0.0, "V_th": 1.0, "V_reset": 0.0, "V_m": 0.0}  # fmt: skip
    cells = nest.Create("iaf_psc_exp", len(x), params=words)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    for k in range(len(x)):
        when = np.flatnonzero(x[k])
        spikes = nest.Create("spike_generator", params={
            "spike_times": (when + 1) * DT * 1e3,
            "spike_weights": x[k, when] * capacity / (TAU * 1e3)})  # fmt: skip
        nest.Connect(spikes, cells[k], syn_spec={"delay": DT * 1e3})
    nest.Simulate(x.shape[1] * DT * 1e3 + 3)
    events = recorder.get("events")
    step = np.rint(np.asarray(events["times"]) / (DT * 1e3)).astype(int)
    who = np.asarray(events["senders"]) - cells[0].global_id
    # a generator's spike of step t leaves at its end, lands one delay later and acts after that
    inside = (step - 2 >= 0) & (step - 2 < x.shape[1])
    out[who[inside], step[inside] - 2] = 1
    return out


PEERS: dict[str, tuple[str, str, float, dict[str, Any], Callable[[Array], Array]]] = {
    # item: (package, profile, size of the currents, words of the unit, the peer)
    "snntorch Leaky": ("snntorch", "snntorch", 0.3, {"tau_mem": TAU}, snntorch_leaky),
    "snntorch Synaptic": ("snntorch", "snntorch", 0.1, {"tau_mem": TAU, "tau_syn": 5e-3}, snntorch_synaptic),
    "spikingjelly LIFNode": ("spikingjelly", "spikingjelly", 6.0, {"tau_mem": TAU}, spikingjelly_lif),
    "norse LIFBoxCell": ("norse", "norse", 6.0, {"tau_mem": TAU}, norse_box),
    "norse LIFCell": ("norse", "norse", 1.5, {"tau_mem": TAU, "tau_syn": 5e-3}, norse_current),
    "nengo LIF": ("nengo", "nengo", 6.0, {"tau_mem": TAU}, nengo_lif),
    "nest iaf_psc_exp": ("nest", "nest", 1.5, {"tau_mem": TAU, "tau_syn": 5e-3}, nest_exp),
}


def live_peers() -> list[Row]:
    """Compare spikes step by step with every installed peer: 1 000 random steps x 20 seeds."""
    rows = []
    for item, (package, name, scale, words, peer) in PEERS.items():
        if importlib.util.find_spec(package) is None:
            continue
        x = currents(scale)
        theirs, mine = peer(x), ours(lif(name, **words), x)
        version = getattr(importlib.import_module(package), "__version__", "")
        rows.append(
            row("D13", f"{item}: steps of {theirs.size} with another spike", f"{package} {version}",
                "live peer",
                expected=0, got=float(np.sum((theirs > 0) != (mine > 0))), tolerance=0.0,
                note=f"{int(np.sum(theirs > 0))} spikes")
        )  # fmt: skip
    return rows


def live_brian() -> list[Row]:
    """The ``brian2`` profile against a layer as a Brian2 user writes it."""
    if importlib.util.find_spec("brian2") is None:
        return []
    from spiking.bridges.brian import plain_layer
    from spiking.core.coding.decode import SpikeCount
    from spiking.core.coding.encode import Events

    rng = np.random.default_rng(3)
    raster = (rng.random((STEPS, 30)) < 0.05).astype(float)
    weight = rng.normal(0.3, 1.0, (30, SEEDS))
    theirs = plain_layer(raster, weight, tau_mem=TAU, tau_syn=5e-3, dt=DT)
    net = Network(
        inputs=[Input(size=30, encoder=Events())],
        populations=[Population(name="n", size=SEEDS, unit=lif("brian2", tau_mem=TAU, tau_syn=5e-3))],
        connections=[Connection(source="input", target="n", weight=weight)],
        output=Output(population="n", decoder=SpikeCount()),
        steps=STEPS,
        dt=DT,
    )
    mine = run(net, raster[None], record=["spikes"], precision="float64").raster["n"][0]
    return [
        row("D12", f"plain CUBA layer: steps of {theirs.size} with another spike", "brian2", "live peer",
            expected=0, got=float(np.sum(theirs != mine)), tolerance=0.0, note=f"{int(theirs.sum())} spikes")
    ]  # fmt: skip
