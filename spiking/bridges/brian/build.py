"""``to_brian``: a network as a Brian2 network with the same order of events in every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.bridges.brian.units import Recipe, bursts, recipe
from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.parts import Connection, Input
from spiking.core.synapses.grid import to_levels
from spiking.core.trace import Trace
from spiking.core.typed import typed

SLOTS = ("synapses", "groups", "charge", "thresholds", "relax", "resets")
PORT = {"current": "x", "excitatory": "x", "inhibitory": "x_inh"}


@dataclass(eq=False)
class BrianModel:
    """A Brian2 network with handles on its parts.

    Attributes:
        network: what it was made from; ``brian``: the ``brian2.Network``.
        groups: NeuronGroup or SpikeGeneratorGroup of each population and input.
        synapses: Synapses of each connection, by its name.
        monitors: SpikeMonitor of each spiking source; ``potentials``: StateMonitor of the output
            where its decoder reads the membrane.
        block: steps from the start of one sample to the next; after ``network.steps`` of them
            nothing fires, so that spikes on their way arrive before the next sample begins.
    """

    network: Network
    brian: Any
    groups: dict[str, Any] = field(default_factory=dict)
    synapses: dict[str, Any] = field(default_factory=dict)
    monitors: dict[str, Any] = field(default_factory=dict)
    potentials: Any = None
    block: int = 1
    samples: int = 0

    def run(self, **options: Any) -> Trace:
        """Simulate all samples and return what happened, as :func:`spiking.simulate.run` does."""
        import brian2 as b2

        self.brian.run(self.samples * self.block * self.network.dt * b2.second, **options)
        net, shape = self.network, (self.samples, self.network.steps)
        raster = {name: self._raster(name) for name in self.monitors}
        spikes = {name: r.sum(axis=1).astype(np.int64) for name, r in raster.items()}
        first = {}
        for p in net.populations:
            if p.unit.spiking:
                fired = raster[p.name] > 0
                first[p.name] = np.where(fired.any(axis=1), fired.argmax(axis=1), net.steps).astype(np.int64)
        v = {}
        if self.potentials is not None:
            flat = np.asarray(self.potentials.v).T.reshape(self.samples, self.block, -1)
            v[net.output.population] = flat[:, : shape[1]]
        need = net.output.decoder.needs
        read: Any = {"v": v, "counts": spikes, "first": first}[need][net.output.population]
        events = {c.name: self._events(c, raster) for c in net.connections if c.source in raster}
        return Trace(
            samples=self.samples,
            steps=net.steps,
            scores=net.output.decoder.scores(read),
            spikes=spikes,
            events=events,
            first_spike=first,
            raster=raster,
            v=v,
        )

    def _raster(self, name: str) -> NDArray[Any]:
        """Spikes of a source as ``[samples, steps, units]``."""
        monitor, size = self.monitors[name], self.network.source_size(name)
        out = np.zeros((self.samples * self.block, size), np.int32)
        when = np.rint(np.asarray(monitor.t_) / self.network.dt).astype(np.int64)
        weight = np.asarray(monitor.burst, np.int32) if hasattr(monitor, "burst") else 1
        np.add.at(out, (when, np.asarray(monitor.i)), weight)
        return out.reshape(self.samples, self.block, size)[:, : self.network.steps]

    def _events(self, c: Connection, raster: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
        arrived = max(self.network.steps - self.network.total_delay(c), 0)
        return np.asarray(raster[c.source][:, :arrived].sum(axis=1) @ c.fan_out, np.int64)


@typed
def to_brian(
    network: Network, x: NDArray[Any], *, seed: int = 0, first_sample: int = 0, codegen: str | None = None
) -> BrianModel:
    """Build a Brian2 network that runs ``x`` sample after sample.

    Args:
        network: any network that does not learn (for one that does: ``learn_in_brian``); its units
            become NeuronGroups, its connections Synapses.
        x: ``[samples, features]`` or a raster ``[samples, steps, features]``, as for ``run``.
        seed, first_sample: spikes of random encoders are the same as in ``run``.
        codegen: Brian2's target (``"numpy"``, ``"cython"``); None keeps the user's preference.

    Raises:
        SpikingError: for what has no counterpart in Brian2, naming it.
    """
    import brian2 as b2

    check.seed(seed)
    check.whole("first_sample", first_sample, 0, check.LAST_SAMPLE)
    if codegen is not None:
        check.choice("codegen", codegen, ("auto", "cython", "numpy"))
        b2.prefs.codegen.target = codegen
    data = np.asarray(x, np.float64)
    require(
        data.ndim in (2, 3) and data.shape[-1] == network.input_size,
        f"x has shape {data.shape}; the network takes [samples, {network.input_size}]",
    )
    for c in network.connections:
        require(
            c.plasticity is None,
            f"{c.name!r} learns; to_brian runs samples apart and would not let it. Freeze the network "
            "(spiking.learn.stdp.network.freeze), or let Brian2 learn it sample after sample with "
            "spiking.bridges.brian.learn_in_brian",
        )
    b2.defaultclock.dt = network.dt * b2.second
    late = max([network.total_delay(c) for c in network.connections], default=0)
    model = BrianModel(network, b2.Network(), block=network.steps + late, samples=len(data))
    order = [name for group in network.groups for name in group]
    model.brian.schedule = [
        "start",
        "groups",
        "inputs",
        *(f"{s}_{k}" for k in range(len(order)) for s in SLOTS),
        "end",
    ]
    column = 0
    for source in network.inputs:
        part = data[..., column : column + source.size]
        column += source.size
        _input(model, source, part, seed, first_sample)
    for k, name in enumerate(order):
        _population(model, name, k)
    for c in network.connections:
        _connection(model, c, order)
    parts = [*model.groups.values(), *model.synapses.values(), *model.monitors.values()]
    model.brian.add(*parts, *([model.potentials] if model.potentials is not None else []))
    return model


def _input(model: BrianModel, source: Input, part: NDArray[Any], seed: int, first: int) -> None:
    import brian2 as b2

    net = model.network
    if source.encoder.analog:
        values = part if part.ndim == 3 else np.repeat(part[:, None, :], net.steps, axis=1)
        values = np.asarray(values * source.encoder.gain)
        values = to_levels(values, source.bits, source.scale)
        table = np.zeros((model.samples, model.block, source.size))
        table[:, : net.steps] = values
        signal = b2.TimedArray(table.reshape(-1, source.size), dt=net.dt * b2.second)
        group = b2.NeuronGroup(
            source.size, "v : 1", method="euler", namespace={"signal": signal}, name=_name("in", source.name)
        )
        group.run_regularly("v = signal(t, i)", when="inputs")
    else:
        drawn = part.ndim == 2 or source.encoder.takes_streams
        raster = np.asarray(source.encoder.spikes(part, net.steps, seed, first)) if drawn else part
        require(
            raster.shape[1] == net.steps,
            f"a raster of {raster.shape[1]} steps came; the network has {net.steps}",
        )
        require(
            float(raster.max(initial=0)) <= 1,
            f"input {source.name!r} has several spikes in one step; Brian2 takes one, so use a smaller dt",
        )
        sample, step, unit = np.nonzero(raster)
        times = (sample * model.block + step) * net.dt * b2.second
        group = b2.SpikeGeneratorGroup(source.size, unit, times, when="inputs", name=_name("in", source.name))
        model.monitors[source.name] = b2.SpikeMonitor(group, when="inputs", order=1)
    model.groups[source.name] = group


def _name(kind: str, name: str) -> str:
    """Return a name Brian2 accepts, unique for what it stands for."""
    return f"{kind}_" + "".join(ch if ch.isascii() and ch.isalnum() else f"_{ord(ch)}_" for ch in name)


def _population(model: BrianModel, name: str, k: int) -> None:
    import brian2 as b2

    p = model.network[name]
    made: Recipe = recipe(p, model.network.dt)
    live = f" and timestep(t, dt) % {model.block} < {model.network.steps}"
    spiking: dict[str, Any] = {}
    if made.threshold is not None:
        spiking = {"threshold": f"({made.threshold}){live}", "reset": made.reset}
        if made.refractory_steps:  # Brian2 counts the step of the spike, this package those held after it
            spiking["refractory"] = (made.refractory_steps + 1) * model.network.dt * b2.second
    slots = [f"{c.name}" for c in model.network.into(name) if model.network.is_analog(c.source)]
    summed = [f"s{j} : 1" for j in range(len(slots))]
    group = b2.NeuronGroup(
        p.size, "\n".join([*made.equations, *summed]), method=made.method, name=_name("p", name), **spiking
    )
    for key, value in {**made.parameters, **made.start}.items():
        setattr(group, key, np.broadcast_to(np.asarray(value, np.float64).ravel(), (p.size,)))
    group.state_updater.when = f"groups_{k}"
    extra = "".join(f"x += s{j}\n" for j in range(len(slots)))
    group.run_regularly(extra + made.charge, when=f"charge_{k}")
    if made.relax:
        group.run_regularly(made.relax, when=f"relax_{k}")
    if made.threshold is not None:
        group.thresholder["spike"].when = f"thresholds_{k}"
        group.resetter["spike"].when = f"resets_{k}"
        burst = ["burst"] if "burst" in made.start else None
        model.monitors[name] = b2.SpikeMonitor(group, burst, when=f"thresholds_{k}", order=1)
    _restart(group, made, p.size, model)
    if name == model.network.output.population and model.network.output.decoder.needs == "v":
        model.potentials = b2.StateMonitor(group, "v", record=True, when=f"thresholds_{k}")
    model.groups[name] = group


def _restart(group: Any, made: Recipe, size: int, model: BrianModel) -> None:
    """Put every state variable back at the start of each sample."""
    fresh = {f"{key}_0": value for key, value in made.start.items() if np.ndim(value) and np.size(value) > 1}
    code = [
        f"{key} = {f'{key}_0[i]' if f'{key}_0' in fresh else repr(float(np.asarray(value).ravel()[0]))}"
        for key, value in made.start.items()
    ]
    import brian2 as b2

    for key, value in fresh.items():
        table = b2.TimedArray(np.asarray(value, np.float64)[None, :], dt=1e6 * b2.second)
        group.namespace[key] = table
    text = "\n".join(line.replace("_0[i]", "_0(t, i)") for line in code)
    if made.refractory_steps:  # first: Brian2 writes no held variable of a refractory unit
        text = "lastspike = -1e4*second\nnot_refractory = True\n" + text
    group.run_regularly(text, dt=model.block * model.network.dt * b2.second, when="start")


def _connection(model: BrianModel, c: Connection, order: list[str]) -> None:
    import brian2 as b2

    net, k = model.network, order.index(c.target)
    delay = net.total_delay(c)
    instant = c.source not in order or order.index(c.source) < k
    pre, post = model.groups[c.source], model.groups[c.target]
    rows, cols = c.weight.nonzero() if sp.issparse(c.weight) else np.nonzero(c.weight)
    weights = np.asarray(c.weight[rows, cols], np.float64).ravel()
    if rows.size == 0:
        return
    name = _name("s", c.name)
    if model.network.is_analog(c.source):
        if delay or not instant:
            raise SpikingError(
                f"{c.name!r} carries values {delay} steps late; in Brian2 only spikes can be delayed"
            )
        slot = [a.name for a in net.into(c.target) if net.is_analog(a.source)].index(c.name)
        synapses = b2.Synapses(pre, post, f"w : 1 (constant)\ns{slot}_post = w*v_pre : 1 (summed)", name=name)
        synapses.connect(i=rows, j=cols)
        for updater in synapses.summed_updaters.values():
            updater.when = f"synapses_{k}"
    else:
        several = c.source in order and bursts(net[c.source].unit)
        if several and delay:
            raise SpikingError(
                f"{c.name!r} delays bursts of several spikes a step; Brian2 has no such event, use delay 0"
            )
        text = f"{PORT[c.receptor]}_post += w{'*burst_pre' if several else ''}"
        synapses = b2.Synapses(pre, post, "w : 1 (constant)", on_pre=text, name=name)
        synapses.connect(i=rows, j=cols)
        synapses.pre.when = f"synapses_{k}"
        # a source computed later in the step shows its spikes of the step before
        synapses.pre.delay = (delay - (0 if instant else 1)) * net.dt * b2.second
    synapses.w = weights
    model.synapses[c.name] = synapses
