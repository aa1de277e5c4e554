"""Rows of a comparison: one per model and chip, plain numbers in SI units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from spiking.core.counts import Counts
from spiking.hardware.bill import Bill
from spiking.hardware.chip import Chip
from spiking.hardware.duty import pace_of
from spiking.hardware.quantity import Number
from spiking.hardware.verdict.thresholds import design_of

NAN = float("nan")
SCOPES = ("compute", "dynamic", "total")


@lru_cache(maxsize=4096)
def wilson(correct: int, samples: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927) as fractions."""
    from scipy.stats import binomtest

    interval = binomtest(correct, samples).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def activity(counts: Counts) -> dict[str, float]:
    """How much a network spikes, in the measures of the published thresholds; NaN for an MLP.

    ``spikes_per_inference``: all spikes, input spikes included. ``spikes_per_synapse``: synaptic
    events per inference over the synapses that carry spikes (those fed by values are charged as
    MACs and left out). ``spikes_per_neuron_step``: spikes per inference over units that spike x steps.
    """
    c = counts.mean()
    if not c.spiking:
        return dict.fromkeys(("spikes_per_inference", "spikes_per_synapse", "spikes_per_neuron_step"), NAN)
    spikes = float(c.total("spikes"))
    synapses = float(c.total("dense_events")) / c.steps
    emitting = {layer for (layer, operation), _ in c.table.items() if operation == "spikes"}
    units = sum(c.layer(name).size for name in emitting)
    return {
        "spikes_per_inference": spikes,
        "spikes_per_synapse": float(c.total("synaptic_events")) / synapses if synapses else NAN,
        "spikes_per_neuron_step": spikes / (units * c.steps),
    }


def _design(counts: Counts) -> dict[str, float]:
    """Widths and sizes the published thresholds depend on; NaN where no spikes arrive."""
    design = design_of(counts)
    keys = ("weight_bits", "state_bits", "fan_in", "units")
    return {k: NAN if design is None else float(getattr(design, k)) for k in keys}


def _number(x: Number) -> Number:
    """A plain float, or the array of a bill with arrays in it."""
    return x if isinstance(x, np.ndarray) and x.ndim else float(x)


def row(model: str, chip: str, *, correct: int, samples: int, counts: Counts, bill: Bill) -> dict[str, Any]:
    """One row: accuracy with its interval, three energies with theirs, speed, activity, what is missing.

    Energies [J], latency [s], throughput [1/s] and energy-delay product [J s] are per inference, as the bill
    states them (:class:`~spiking.hardware.bill.Bill`), NaN where the network cannot run on the chip and where
    a time is not published. ``lower_bound`` is True where something has no published price (``unpriced``),
    and then the energy-delay product is one too. A bill with arrays in it gives arrays.
    """
    low, high = wilson(correct, samples)
    out: dict[str, Any] = {
        "model": model,
        "chip": chip,
        "accuracy": correct / samples,
        "accuracy_low": low,
        "accuracy_high": high,
    }
    for scope in SCOPES[::-1]:
        name = "energy" if scope == "total" else f"energy_{scope}"
        e = bill.total(scope) if bill.runs_here else None
        out[f"{name}_J"] = _number(e.nominal) if e else NAN
        out[f"{name}_low_J"] = _number(e.low) if e else NAN
        out[f"{name}_high_J"] = _number(e.high) if e else NAN
    out["latency_s"] = _number(bill.latency.nominal) if bill.runs_here else NAN
    out["throughput_per_s"] = _number(bill.throughput().nominal)
    delayed = bill.energy_delay()
    for end in ("", "_low", "_high"):
        out[f"energy_delay{end}_Js"] = _number(getattr(delayed, end[1:] or "nominal"))
    out |= activity(counts)
    c = counts.mean()
    out |= {
        "steps": c.steps,
        **_design(c),
        "synapses": sum(layer.synapses for layer in c.layers),
        "synaptic_events": float(c.total("synaptic_events")),
        "macs": float(c.total("macs_effective")),
        "runs_here": bool(bill.runs_here),
        "needs": "; ".join(bill.needs),
        "lower_bound": bool(bill.runs_here and bill.unpriced),
        "unpriced": "; ".join(bill.unpriced),
    }
    return out


def pace_columns(bill: Bill, chip: Chip) -> dict[str, float]:
    """What a row needs to say what an inference costs by how often there is one; NaN where not known.

    ``busy_energy_J``: back to back. ``idle_power_W``: between inferences, asleep where the chip can sleep.
    ``wake_up_J``: to come back. ``occupied_s``: time of an inference.
    """
    p = pace_of(bill, chip) if bill.runs_here else None
    names = {"busy_energy_J": "busy", "idle_power_W": "power", "wake_up_J": "wake", "occupied_s": "occupied"}
    return {column: NAN if p is None else getattr(p, name) for column, name in names.items()}


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON has them, every digit kept (pandas' own writer keeps ten decimals); NaN is null."""
    return [{str(k): _json(v) for k, v in r.items()} for r in rows.to_dict(orient="records")]


def _json(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not np.isfinite(value) else value


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows as a DataFrame."""
    return pd.DataFrame([dict(r) for r in rows])


def term_rows(model: str, chip: str, bill: Bill) -> list[dict[str, Any]]:
    """Nominal energy of each term of a bill [J]; nothing where the network cannot run."""
    if not bill.runs_here:
        return []
    terms = bill.by_term().items()
    return [{"model": model, "chip": chip, "term": t, "energy_J": float(e.nominal)} for t, e in terms]
