"""What an inference costs by how often there is one: idle and sleep power, waking, and the fastest rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spiking.core.errors import require
from spiking.core.numbers import si
from spiking.hardware.verdict.accuracy import MARGIN
from spiking.study.figures.rows.axes import sheet
from spiking.study.figures.rows.table import spiking
from spiking.study.figures.style import EDGE, label, look

COLUMNS = ("busy_energy_J", "idle_power_W", "wake_up_J", "occupied_s")
SLOWEST = 1.0  # inference a second
MOST = 6  # chips that have a panel


def paced(rows: pd.DataFrame) -> list[str]:
    """Return the chips on which some network has a known idle power and time."""
    if not all(name in rows for name in COLUMNS):
        return []
    known = rows[rows[list(COLUMNS)].notna().all(axis=1)]
    return [str(c) for c in dict.fromkeys(known["chip"])]


def pace(rows: pd.DataFrame, *, title: str | None = None) -> Figure:
    """Return energy per inference against inferences per second, a curve per kind of network and chip.

    Of each kind the row is drawn that costs least back to back, the spiking one among those within a point of
    the MLP's accuracy. Curves end at the fastest rate, back to back; diamonds mark where two of them cross.

    Args:
        rows: of a comparison, with the columns :data:`COLUMNS`. title: by default where they cross.

    Raises:
        SpikingError: no row has a known idle power and time.
    """
    chips = paced(rows)[:MOST]
    require(
        bool(chips), "no row of a chip whose idle power and time are known; a pace needs one (generic-45nm)"
    )
    models = list(dict.fromkeys(rows["model"]))
    found = {chip: _best(rows[rows["chip"] == chip]) for chip in chips}
    notes = ["Left of the end of a curve networks wait: the device idles, or sleeps where its file says how. "
             "Nominal constants; diamond: both cost the same."]  # fmt: skip
    said = "; ".join(filter(None, (_words(chip, best) for chip, best in found.items())))
    with sheet(
        (said and f"At nominal constants, {said}") if title is None else title,
        notes,
        panels=len(chips),
        width=1.0 if len(chips) > 1 else 0.85,
        height=3.6 if len(chips) < 4 else 5.4,
    ) as (figure, axes, handles):
        drawn: dict[str, Any] = {}
        for ax, chip in zip(axes, chips, strict=True):
            for r in found[chip]:
                tint, marker = look(r["model"], models)
                rate = np.geomspace(min(SLOWEST, 0.1 / r["occupied_s"]), 1 / r["occupied_s"], 200)
                ax.plot(rate, energy_at(r, rate), color=tint, lw=1.8, zorder=2)
                ax.plot(rate[-1], energy_at(r, rate[-1]), color=tint, marker=marker, ms=6, zorder=3)
                drawn[r["model"]] = Line2D([], [], color=tint, marker=marker, label=label(r["model"]))
            at = crossing(*found[chip]) if len(found[chip]) == 2 else None
            if at is not None:
                ax.plot(at, energy_at(found[chip][0], at), "D", mfc="white", mec=EDGE, ms=7, zorder=4)
            ax.set(xscale="log", yscale="log", title=chip, xlabel="Inferences per second")
            ax.xaxis.set_major_formatter(lambda v, _: si(float(v), "/s", 1))
            ax.yaxis.set_major_formatter(lambda v, _: si(float(v), "J", 1))
            ax.grid(True)
        axes[0].set_ylabel("Estimated energy per inference")
        handles += drawn.values()
    return figure


def energy_at(row: Any, rate: Any) -> Any:
    """Energy [J] of an inference when there are ``rate`` of them a second."""
    rest = 1 / np.asarray(rate, np.float64) - row["occupied_s"]
    return row["busy_energy_J"] + row["wake_up_J"] + row["idle_power_W"] * np.maximum(rest, 0.0)


def crossing(a: Any, b: Any) -> float | None:
    """Return the rate [1/s] at which both cost the same; None where neither reaches it, or there is none."""
    start = [r["busy_energy_J"] + r["wake_up_J"] - r["idle_power_W"] * r["occupied_s"] for r in (a, b)]
    apart = start[1] - start[0]
    rate = (a["idle_power_W"] - b["idle_power_W"]) / apart if apart else np.nan
    limit = min(1 / a["occupied_s"], 1 / b["occupied_s"])
    return float(rate) if np.isfinite(rate) and 0 < rate <= limit else None


def _best(here: pd.DataFrame) -> list[Any]:
    """The MLP and the spiking network that cost least back to back."""
    known = here[here[list(COLUMNS)].notna().all(axis=1)].sort_values("busy_energy_J", kind="stable")
    kind = spiking(known)
    mlp, snn = known[~kind], known[kind]
    floor = float(mlp["accuracy"].iloc[0]) - MARGIN - 1e-9 if len(mlp) else 0.0
    near = snn[snn["accuracy"] >= floor]
    snn = near if len(near) else snn
    return [part.iloc[0] for part in (mlp, snn) if len(part)]


def _words(chip: str, best: list[Any]) -> str:
    """Which kind costs less at which rates."""
    if len(best) < 2:
        return ""
    at = crossing(*best)
    limit = min(1 / r["occupied_s"] for r in best)
    slow = min(best, key=lambda r: float(energy_at(r, limit / 1e6 if at is None else at / 10)))
    name = label(slow["model"])
    if at is None:
        return f"{chip}: {name} costs less at every rate that both reach"
    other = label(next(r for r in best if r is not slow)["model"])
    return f"{chip}: {name} costs less below {si(at, '/s')}, {other} above"
