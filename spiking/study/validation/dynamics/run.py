"""All comparisons in one list."""

from __future__ import annotations

from pathlib import Path

from spiking.study.validation.dynamics.closed import closed_forms
from spiking.study.validation.dynamics.golden import golden_vectors
from spiking.study.validation.dynamics.live import live_brian, live_peers
from spiking.study.validation.dynamics.traces import spike_steps, stored_traces, traces_folder
from spiking.study.validation.energy.run import Row


def validate_dynamics(*, traces: Path | None = None, peers: bool = True) -> list[Row]:
    """Run every comparison; stored traces and peers only where they are present.

    Args:
        traces: folder of the NIR paper's CSV files; by default the first usual place that has them
            (:func:`~spiking.study.validation.dynamics.traces.usual_places`).
        peers: also run Brian2 and the other simulators that are installed.

    Raises:
        SpikingError: a folder that was named lacks a trace, or a trace is damaged.
    """
    folder = traces_folder(traces)
    rows = [*closed_forms(), *spike_steps(), *golden_vectors()]
    if folder is not None:
        rows += stored_traces(folder)
    if peers:
        rows += [*live_brian(), *live_peers()]
    return rows
