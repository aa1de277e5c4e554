"""``run(network, x) -> Trace``: simulate inferences in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.network import Network
from spiking.core.trace import Trace
from spiking.core.typed import typed
from spiking.kernels.dense import single_threaded_blas
from spiking.kernels.events import arrivals
from spiking.kernels.threads import over_ranges
from spiking.simulate.batch import Batch
from spiking.simulate.event_lists import MOST_SPIKES
from spiking.simulate.kept import Kept
from spiking.simulate.program import Group, Program
from spiking.simulate.summed import summed_readout
from spiking.simulate.workspace import Workspace

ENGINES = ("auto", "event", "dense", "reference")
PRECISIONS = {"float32": np.float32, "float64": np.float64}
BATCH_BYTES = 256 * 2**20


@typed
def run(
    network: Network,
    x: NDArray[Any],
    *,
    record: Sequence[str] = (),
    seed: int = 0,
    first_sample: int = 0,
    engine: str = "auto",
    precision: str = "float32",
    batch_size: int | None = None,
    count: bool = True,
) -> Trace:
    """Simulate one inference per sample.

    Args:
        network: what to run.
        x: ``[samples, features]`` values in [0, 1], or a raster ``[samples, steps, features]`` (of
            spike counts for event encoders, of currents for direct ones).
        record: any of ``"spikes"`` and ``"v"``: keep them for all populations and steps.
        seed, first_sample: spikes of random encoders depend on (seed, sample index) alone.
        engine: ``"event"`` adds weight rows of units that spiked, ``"dense"`` multiplies rasters
            with BLAS, ``"auto"`` is ``"event"`` with linear readouts summed where no count is asked for,
            ``"reference"`` takes one step after the other in plain numpy (slow, to compare with).
        precision: ``"float32"`` or ``"float64"``.
        batch_size: samples at a time; by default what fits 256 MiB.
        count: whether the trace holds spikes, events and first spikes; without them prediction is quicker.

    With ``"auto"`` and ``"event"`` spikes and membranes of a sample are the same bits in whatever batch. What
    goes through BLAS is so to rounding only, with all that is computed from it: layers of analog units
    (``ReLU``, ``Linear``), summed readouts, the other engines.

    Raises:
        SpikingError: wrong shapes, NaN values, raw counts where 0 to 1 is expected, no samples, unknown
            engine, precision or record names, a seed outside 0 to 2**32 - 1.
    """
    data = check_input(network, x)
    check.choice("engine", engine, ENGINES)
    check.choice("precision", precision, PRECISIONS)
    require(not isinstance(record, str), f"record is {record!r}; give a list, e.g. ['spikes']")
    for what in record:
        check.choice("record", what, ("spikes", "v"))
    check.seed(seed)
    check.whole("first_sample", first_sample, 0, check.LAST_SAMPLE)
    check.flag("count", count)
    if batch_size is not None:
        check.whole("batch_size", batch_size, 1)
    if any(p.unit.fixed_point for p in network.populations):
        precision = "float64"  # holds the integers exactly
    program = Program(network, PRECISIONS[precision])
    size = batch_size or fitting_batch(network, len(data))
    made = Parts(len(data))
    read_v = network.output.decoder.needs == "v"
    workspace = Workspace()
    summed = summed_readout(program) if engine == "auto" and not (count or "v" in record) else None
    with single_threaded_blas():
        for first in range(0, max(len(data), 1), size):
            batch = Batch(
                program, data[first : first + size], seed, first_sample + first, engine, workspace, summed
            )
            for group in program.groups:
                output = any(p.name == network.output.population for p in group.populations)
                batch.step_group(group, "v" in record or (read_v and output), count=count or output)
            made.engines = made.engines or dict(batch.engines)
            _note(made, first, batch, record, count)
    engines = {c.name: made.engines.get(c.name, "dense") for c in network.connections}
    return Trace(samples=len(data), steps=network.steps, engines=engines, **made.fields)


class Parts:
    """The arrays of a trace, ``[samples, ...]``, filled batch by batch."""

    def __init__(self, samples: int) -> None:
        self.samples = samples
        names = ("spikes", "events", "first_spike", "raster", "v")
        self.fields: dict[str, Any] = {name: {} for name in names}
        self.engines: dict[str, str] = {}

    def _fill(
        self, into: dict[str, NDArray[Any]], key: str, first: int, part: NDArray[Any], kind: Any
    ) -> None:
        if key not in into:
            into[key] = np.empty((self.samples, *part.shape[1:]), kind)
        into[key][first : first + len(part)] = part

    def put(self, field: str, name: str, first: int, part: NDArray[Any], kind: Any = None) -> None:
        """Copy ``part`` to the samples from ``first`` on of array ``name`` in ``field``."""
        self._fill(self.fields[field], name, first, part, kind or part.dtype)

    def put_scores(self, first: int, part: NDArray[Any]) -> None:
        """The same for the scores."""
        self._fill(self.fields, "scores", first, part, part.dtype)


def check_input(network: Network, x: NDArray[Any]) -> NDArray[np.floating]:
    """Return ``x`` as a float array whose shape and values the network can take."""
    try:
        data = np.asarray(x)
        if data.dtype not in (np.float32, np.float64):
            data = data.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise SpikingError(f"x is no array of numbers: {error}") from None
    require(
        data.ndim in (2, 3) and data.shape[-1] == network.input_size,
        f"x has shape {data.shape}; the network takes [samples, {network.input_size}] "
        f"or [samples, {network.steps}, {network.input_size}]",
    )
    require(len(data) > 0, "x holds no samples; give at least one")
    require(bool(np.isfinite(data).all()), "x holds NaN or infinite values; clean the data before the run")
    column = 0
    for source in network.inputs:
        part = data[..., column : column + source.size]
        column += source.size
        source.encoder.check(part, source.name)
        if data.ndim == 3 and not source.encoder.analog and not source.encoder.takes_streams:
            _check_raster(part, source.name)
    return data


def _check_raster(raster: NDArray[np.floating], name: str) -> None:
    """Check that a raster counts spikes: whole numbers from 0."""
    least, most = float(raster.min()), float(raster.max())
    whole = bool(np.all(raster == np.rint(raster)))
    require(
        whole and least >= 0 and most <= MOST_SPIKES,
        f"the raster of {name!r} holds {f'{least:g} to {most:g}' if whole else 'fractions'}; "
        f"allowed: numbers of spikes per step, 0 to {MOST_SPIKES}",
    )


def fitting_batch(network: Network, samples: int) -> int:
    """Largest batch whose event lists and states fit into ``BATCH_BYTES``."""
    units = network.input_size + sum(p.size for p in network.populations)
    per_sample = 12 * units * network.steps
    if per_sample > 64 * BATCH_BYTES:
        raise SpikingError(
            f"one inference of {network.name!r} needs about {per_sample / 2**30:.0f} GiB; use fewer steps"
        )
    return max(1, min(samples, BATCH_BYTES // per_sample))


def _note(made: Parts, first: int, batch: Batch, record: Iterable[str], count: bool) -> None:
    """Copy what a trace needs of a batch, whose first sample is number ``first``."""
    net = batch.program.network
    spikes: dict[str, NDArray[np.integer]] = {}
    firsts: dict[str, NDArray[np.integer]] = {}
    where: dict[str, tuple[Group, Kept]] = {}
    for source in net.inputs:
        if count and source.encoder.analog:
            spikes[source.name] = nonzero_steps(batch.values[source.name], batch.steps)
        elif count:
            spikes[source.name] = batch.counts(source.name)
        if "spikes" in record and not source.encoder.analog:
            made.put("raster", source.name, first, batch.raster(source.name))
    for group, kept in zip(batch.program.groups, batch.kept, strict=True):
        for p in group.populations:
            span = group.span(p.name)
            where[p.name] = (group, kept)
            if p.unit.spiking:
                spikes[p.name], firsts[p.name] = kept.counts[:, span], kept.first[:, span]
                if "spikes" in record:
                    made.put("raster", p.name, first, kept.spikes()[:, :, span])
            elif count and p.unit.graded:  # a potential is a value at every step, whatever rounding left of 0
                spikes[p.name] = np.full((batch.samples, p.size), batch.steps, np.int64)
            elif count:
                spikes[p.name] = nonzero_steps(batch.values[p.name], batch.steps)
            if "v" in record:
                values = batch.values[p.name] if p.name in batch.values else kept.membranes()[:, :, span]
                made.put("v", p.name, first, values)
    if count:
        for name, counted in spikes.items():
            made.put("spikes", name, first, counted, np.int64)
        for name, when in firsts.items():
            made.put("first_spike", name, first, when, np.int64)
        for c in net.connections:
            made.put("events", c.name, first, _arrived(batch, c, spikes), np.int64)
    if batch.scores is not None:
        made.put_scores(first, batch.scores)
        return
    made.put_scores(first, np.asarray(net.output.decoder.scores(read_out(batch, where, spikes, firsts))))


def read_out(
    batch: Batch,
    where: dict[str, tuple[Group, Kept]],
    spikes: dict[str, NDArray[np.integer]],
    first: dict[str, NDArray[np.integer]],
) -> Any:
    """What the decoder needs of the output population."""
    output = batch.program.network.output
    if output.decoder.needs == "v":
        if output.population in batch.values:
            return batch.values[output.population]
        group, kept = where[output.population]
        return kept.membranes()[:, :, group.span(output.population)]
    require(
        output.population in first,
        f"{type(output.decoder).__name__} reads spikes, but {output.population!r} does not spike; "
        "use the Membrane decoder",
    )
    return spikes[output.population] if output.decoder.needs == "counts" else first[output.population]


def nonzero_steps(values: NDArray[np.floating], steps: int) -> NDArray[np.int64]:
    """In how many of ``steps`` steps each of ``values`` ``[samples, steps or 1, units]`` is not 0."""
    once = np.count_nonzero(values, axis=1).astype(np.int64)
    return np.asarray(once * (steps if values.shape[1] == 1 else 1))


def _arrived(batch: Batch, c: Any, spikes: dict[str, NDArray[np.integer]]) -> NDArray[np.int64]:
    """Synaptic events (or non-zero products) of connection ``c`` per sample."""
    if c.source not in batch.program.sources:
        return np.asarray(spikes[c.source] @ c.fan_out, np.int64)
    out = np.zeros(batch.samples, np.int64)
    delay = batch.program.delays[c.name]
    over_ranges(arrivals, batch.samples, batch.lists(c.source), batch.idx, delay, c.fan_out, out)
    return out
