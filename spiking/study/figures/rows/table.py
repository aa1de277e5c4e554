"""Rows as figures take them: checked columns, axes that were varied, kinds of network, words for reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spiking.core.errors import require, unknown
from spiking.core.numbers import percent, si
from spiking.study.figures.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION

BASELINE = "mlp"
NEEDED = ("model", "accuracy", "energy_J")
UNITS = {"_per_s": "/s", "_Js": "J s", "_J": "J", "_s": "s"}
ENDS = ("_low", "_high", "_low_J", "_high_J", "_low_Js", "_high_Js")
MEASURED = (
    "accuracy", "energy_J", "energy_dynamic_J", "energy_compute_J", "latency_s", "throughput_per_s",
    "energy_delay_Js", "busy_energy_J", "idle_power_W", "wake_up_J", "occupied_s",
    "training_energy_J", "training_samples", "training_lower_bound", "spikes_per_inference",
    "spikes_per_synapse", "spikes_per_neuron_step", "synaptic_events", "macs", "validation_accuracy",
)  # fmt: skip
# what a row says besides: no axis of a sweep, unless it was asked for
DESCRIBED = (
    "model", "runs_here", "needs", "lower_bound", "unpriced", "network", "point", "evaluation", "training",
    "error", "fan_in", "units", "synapses", "contender",
)  # fmt: skip
WORDS = {
    "accuracy": "Test accuracy", "energy_J": "Estimated energy per inference", "latency_s": "Latency",
    "throughput_per_s": "Inferences per second, back to back", "energy_delay_Js": "Energy-delay product",
    "energy_dynamic_J": "Estimated dynamic energy", "energy_compute_J": "Estimated energy of arithmetic",
    "spikes_per_neuron_step": "Spikes per neuron and step", "spikes_per_inference": "Spikes per inference",
    "spikes_per_synapse": "Spikes per synapse and inference", "validation_accuracy": "Validation accuracy",
}  # fmt: skip
LOOKS: tuple[tuple[str, str, Any], ...] = (
    (BLUE, "o", "-"),
    (VERMILLION, "^", "--"),
    (GREEN, "D", "-."),
    (PURPLE, "v", ":"),
    (ORANGE, "P", (0, (5, 1))),
    (SKY, "X", (0, (1, 1))),
)


def checked(rows: pd.DataFrame, *columns: str | None) -> pd.DataFrame:
    """Return the rows that have an energy and an accuracy, in order, with fresh numbers.

    Raises:
        SpikingError: a column is missing, or no row can be drawn.
    """
    require(isinstance(rows, pd.DataFrame), f"rows are a DataFrame; a {type(rows).__name__} came")
    for name in (*NEEDED, *(c for c in columns if c is not None)):
        if name not in rows:
            raise unknown("column of these rows", name, list(rows.columns))
    kept = rows[(rows["energy_J"] > 0) & rows["accuracy"].notna()]
    if "runs_here" in rows:
        kept = kept[kept["runs_here"].astype(bool)]
    if "steps" in kept:  # an MLP takes one step, whatever the axis says
        kept = kept.assign(steps=kept["steps"].where(kept["model"] != BASELINE))
    require(len(kept) > 0, "none of these rows has an accuracy and an energy above 0; nothing can be drawn")
    return kept.reset_index(drop=True)


def axes_of(rows: pd.DataFrame) -> list[str]:
    """Columns that were varied: more than one value, and no measurement."""
    return [
        str(name)
        for name in rows
        if name not in MEASURED
        and name not in DESCRIBED
        and not str(name).endswith(ENDS)
        and rows[name].dropna().astype(str).nunique() > 1
    ]


def spiking(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """True for rows of spiking networks."""
    return np.asarray(rows["model"] != BASELINE)


def bounds(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """True for rows whose energy is a lower bound."""
    if "lower_bound" not in rows:
        return np.zeros(len(rows), np.bool_)
    return np.asarray(rows["lower_bound"].fillna(False).astype(bool))


def ends_of(rows: pd.DataFrame, column: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Low and high ends of a measured column, or None where the rows have none."""
    unit = next((u for u in ("_Js", "_J") if column.endswith(u)), "")
    stem = column.removesuffix(unit)
    names = [f"{stem}_{end}{unit}" for end in ("low", "high")]
    if not all(name in rows for name in names):
        return None
    low, high = (rows[name].to_numpy(np.float64) for name in names)
    value = rows[column].to_numpy(np.float64)
    return np.fmin(low, value), np.fmax(high, value)


def words(column: str) -> str:
    """A column for reading."""
    return WORDS.get(column, str(column).replace("_", " "))


def shown(column: str, digits: int = 2) -> Callable[[float, Any], str]:
    """How a value of ``column`` stands at an axis: joules and seconds with so many digits."""
    unit = next((u for end, u in UNITS.items() if column.endswith(end)), "")

    def text(v: float, _: Any = None) -> str:
        if unit:
            return _plain(si(float(v), unit, digits))
        return _plain(percent(float(v))) if "accuracy" in column else f"{float(v):.3g}"

    return text


def _plain(text: str) -> str:
    """A number with its unit, without zeros that say nothing."""
    number, _, unit = text.partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"


def in_order(values: pd.Series) -> list[Any]:
    """Distinct values, numbers by size, words as they come."""
    found = list(dict.fromkeys(values.dropna()))
    numbers = all(isinstance(v, int | float | np.integer | np.floating) for v in found)
    return sorted(found) if numbers else found


def groups(rows: pd.DataFrame, column: str) -> list[tuple[Any, pd.DataFrame, tuple[str, str, Any]]]:
    """``(value, rows, (colour, marker, dash))`` for each value of ``column``."""
    values: Sequence[Any] = in_order(rows[column])
    return [(v, rows[rows[column] == v], LOOKS[i % len(LOOKS)]) for i, v in enumerate(values)]
