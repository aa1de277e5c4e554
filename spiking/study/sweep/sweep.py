"""``sweep``: every point of a configuration, or those that a search proposes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from spiking.core import check
from spiking.core.errors import require
from spiking.core.progress import Watch, unwatched
from spiking.study.sweep.run import Source, Sweep, worker
from spiking.study.sweep.search import searched


def sweep(
    config: Source,
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    cluster: str | None = None,
    search: str | None = None,
    trials: int = 100,
    storage: str | None = None,
    progress: Watch | None = None,
) -> pd.DataFrame:
    """Train, build, test and price every point of a configuration, each once; go on where a process stopped.

    Args:
        config: path of a TOML file, or its tables as a mapping: ``{"base": {...}, "axes": {...}}``.
        out: folder of the ledger and the rows, ``runs/<name of the file>`` by default. The same sweep goes on
            there, in as many processes at once as you start.
        jobs: processes on this machine. cluster: address of a Dask scheduler, or ``"local"`` for one with
            ``jobs`` workers of its own.
        search: ``"nsga2"`` or ``"tpe"``: no grid; Optuna proposes ``trials`` points, for validation accuracy,
            energy and latency at once. storage: URL of its database; None: SQLite in the folder.
        progress: called with a :class:`~spiking.core.progress.Progress` after each point.

    Returns:
        One row per point. A point that failed has its reason in the column ``error``; of a search the columns
        ``trial`` and ``in_front`` besides.

    Raises:
        SpikingError: anything wrong with configuration, data, folder or cluster, before any work.
    """
    check.whole("jobs", jobs, 1, 1000)
    if search is not None:
        require(cluster is None, "a search runs on this machine, in --jobs processes; leave --cluster out")
        found: pd.DataFrame = searched(
            config,
            out=out,
            kind=search,
            trials=trials,
            jobs=jobs,
            storage=storage,
            watch=progress or unwatched,
        )
        return found
    require(storage is None, "storage is the database of a search; give search='nsga2' or 'tpe' with it")
    made = Sweep.of(config, out)
    return made.run(worker(jobs, cluster, made.folder), progress or unwatched)
