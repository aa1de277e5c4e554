"""``from_brian``: count what a user's own Brian2 simulation did, so that it can be priced.

The meter adds one spike monitor per group and reads everything else (synapses, delays, clocks)
after the run, so any equations will do, and so will the numpy, cython and C++ standalone targets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.counts import Counts, Layer, Number
from spiking.core.errors import SpikingError, require, unknown

Table = dict[tuple[str, str], Number]


def from_brian(network: Any) -> Meter:
    """Attach a meter to a ``brian2.Network``; call its ``counts()`` after the run.

    ::

        meter = from_brian(net)
        net.run(1*second)
        bill = price(meter.counts(), load_chip("loihi1"))

    Raises:
        SpikingError: if this is no explicit ``brian2.Network`` or nothing in it spikes.
    """
    import brian2 as b2

    require(
        isinstance(network, b2.Network),
        f"a brian2.Network is needed, {type(network).__name__} came; collect the objects first: "
        "net = brian2.Network(brian2.collect())",
    )
    return Meter(network)


class Meter:
    """Counts operations of a Brian2 network from the moment it is attached."""

    def __init__(self, network: Any) -> None:
        import brian2 as b2

        self.network = network
        self.start = float(network.t_)
        objects = list(network.objects)
        self.groups = [g for g in objects if hasattr(g, "events") and "spike" in g.events]
        self.groups += [g for g in objects if isinstance(g, b2.SpikeGeneratorGroup | b2.PoissonGroup)]
        self.groups = list({g.name: g for g in self.groups}.values())
        self.silent = [
            g
            for g in objects
            if isinstance(g, b2.NeuronGroup) and g.name not in {x.name for x in self.groups}
        ]
        self.synapses = [s for s in objects if isinstance(s, b2.Synapses)]
        self.noise = [p for p in objects if isinstance(p, b2.PoissonInput)]
        require(len(self.groups) > 0, "nothing in this Brian2 network spikes; there is nothing to count")
        self.monitors = {g.name: b2.SpikeMonitor(g, name=f"meter_{g.name}*") for g in self.groups}
        network.add(*self.monitors.values())

    def counts(self, *, inferences: int = 1, output: str | None = None) -> Counts:
        """Return the counts since the meter was attached, per inference.

        Args:
            inferences: how many inputs were presented in that time.
            output: name of the group whose spikes leave the chip.

        Raises:
            SpikingError: before anything ran, or for an unknown output.
        """
        import brian2 as b2

        names = [g.name for g in [*self.groups, *self.silent]]
        if output is not None and output not in names:
            raise unknown("output group", output, names)
        ends = float(self.network.t_)
        require(ends > self.start, "nothing has run since the meter was attached; call net.run(...) first")
        table: Table = {}
        layers: list[Layer] = []
        inputs = [g for g in self.groups if not isinstance(g, b2.NeuronGroup)]
        if inputs:
            layers.append(self._inputs(inputs, table))
        for group in [g for g in self.groups if g not in inputs] + self.silent:
            layers.append(self._group(group, table, group.name == output))
        lead = next((g for g in self.groups if g not in inputs), self.groups[0])
        steps, dt = max(round(self._steps(lead) / inferences), 1), float(lead.clock.dt_)
        whole = Counts(layers=tuple(layers), table=table, steps=steps, dt=dt, name=self.network.name)
        return whole * (1.0 / inferences)

    def _steps(self, group: Any) -> int:
        """Steps of a group's clock since the meter was attached."""
        return round((float(self.network.t_) - self.start) / float(group.clock.dt_))

    def _inputs(self, groups: list[Any], table: Table) -> Layer:
        import brian2 as b2

        spikes = float(sum(len(self._when(g)) for g in groups))
        draws = sum(len(g) * self._steps(g) for g in groups if isinstance(g, b2.PoissonGroup))
        table["input", "steps"] = float(self._steps(groups[0]))
        table["input", "encoder_draws"] = float(draws)
        table["input", "input_events"] = table["input", "spikes"] = spikes
        return Layer(name="input", kind="input", size=sum(len(g) for g in groups))

    def _group(self, group: Any, table: Table, is_output: bool) -> Layer:
        spiking = group.name in self.monitors
        fired = float(len(self._when(group))) if spiking else 0.0
        updates = float(len(group) * self._steps(group))
        words = len(getattr(group.equations, "diff_eq_names", ()))
        events = plastic = dense = 0.0
        synapses = 0
        for s in self.synapses:
            if _base(s.target).name == group.name:
                synapses += len(s)
                dense += float(len(s) * self._steps(group))
                events += self._arrived(s, "pre", s.source, s.i[:])
            if _is_plastic(s) and _base(s.target).name == group.name:
                plastic += self._arrived(s, "pre", s.source, s.i[:])
                plastic += self._arrived(s, "post", s.target, s.j[:])
        for p in self.noise:  # drawn inside Brian2: the expectation stands for the number
            if _base(p._group).name == group.name:
                events += float(p.N * float(p.rate) * (float(self.network.t_) - self.start) * len(p._group))
        name = group.name
        table[name, "synaptic_events"] = table[name, "accumulates"] = table[name, "weight_reads"] = events
        table[name, "dense_events"] = dense
        table[name, "plastic_updates"] = plastic
        table[name, "updates_fired"], table[name, "updates_silent"] = fired, updates - fired
        table[name, "state_reads"] = table[name, "state_writes"] = updates * words
        if spiking:
            table[name, "spikes"] = fired
        if is_output:
            table[name, "output_events"] = fired if spiking else float(len(group))
        return Layer(
            name=name,
            kind="spiking",
            size=len(group),
            fan_in=synapses / len(group),
            synapses=synapses,
            stored_weights=synapses,
            state_words=words * len(group),
            leaky=words > 0,
        )

    def _when(self, group: Any) -> NDArray[np.int64]:
        """Steps of a group's spikes since the meter was attached."""
        times = np.asarray(self.monitors[group.name].t_[:])
        return np.asarray(np.rint((times - self.start) / float(group.clock.dt_)), np.int64)

    def _arrived(self, s: Any, order: str, source: Any, index: Any) -> float:
        """Spikes of ``source`` times their synapses, for every pathway, that arrived before the end."""
        base, offset = _base(source), getattr(source, "start", 0)
        if base.name not in self.monitors:
            return 0.0
        who = np.asarray(self.monitors[base.name].i[:])
        when, last = self._when(base), self._steps(base)
        total = 0.0
        for path in s._pathways:
            if path.prepost != order:
                continue
            delay = np.rint(np.broadcast_to(path.delay_[:], len(s)) / float(base.clock.dt_)).astype(np.int64)
            for d in np.unique(delay):
                fan = np.bincount(np.asarray(index)[delay == d] + offset, minlength=len(base))
                total += float(fan[who[when + d < last]].sum())
        return total


def _base(group: Any) -> Any:
    """Return the whole group that a subgroup belongs to."""
    import brian2 as b2

    return group.source if isinstance(group, b2.Subgroup) else group


def _is_plastic(s: Any) -> bool:
    return any(path.prepost == "post" for path in s._pathways)


__all__ = ["Meter", "SpikingError", "from_brian"]
