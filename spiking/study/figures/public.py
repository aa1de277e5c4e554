"""The figures of a comparison, from a ``Comparison`` or from rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd
from matplotlib.figure import Figure

from spiking.core.errors import SpikingError, require
from spiking.study.figures import accuracy, chips, headline, learning, terms
from spiking.study.results.findings import Bills
from spiking.study.results.rows import frame, term_rows

NEEDED = ("model", "chip", "accuracy", "energy_J", "runs_here", "lower_bound")


class Compared(Protocol):
    """What is read of a comparison."""

    @property
    def rows(self) -> pd.DataFrame:
        """A row per contender and chip."""

    @property
    def bills(self) -> Bills:
        """A bill per contender and chip."""


def accuracy_energy(found: Compared | pd.DataFrame, *, title: str | None = None) -> Figure:
    """Accuracy against estimated energy per inference [J], one panel per chip, with ranges.

    Args:
        found: a :class:`~spiking.study.compare.Comparison`, or its rows (``rows.csv``).
        title: set above; by default the answer, which needs the bills of a comparison.

    Raises:
        SpikingError: rows without the columns of a comparison.
    """
    rows, bills = _parts(found)
    return accuracy.accuracy_energy(rows, title=_or(title, headline.who_costs_less(rows, bills)))


def across_chips(found: Compared | pd.DataFrame, *, title: str | None = None) -> Figure:
    """Estimated energy per inference [J] of every contender on every chip that runs it, cheapest first.

    Args:
        found: a :class:`~spiking.study.compare.Comparison`, or its rows.
        title: set above; by default the cheapest MLP and the cheapest spiking network.

    Raises:
        SpikingError: rows without the columns of a comparison.
    """
    rows, _ = _parts(found)
    return chips.across_chips(rows, title=_or(title, headline.cheapest_of_each_kind(rows)))


def energy_terms(found: Compared, *, title: str | None = None) -> Figure:
    """Where the energy goes: the share of each term of the bill, one panel per chip.

    Args:
        found: a :class:`~spiking.study.compare.Comparison`.
        title: set above; by default the largest terms.

    Raises:
        SpikingError: rows alone came; terms stand in the bills.
    """
    rows, bills = _parts(found)
    require(len(bills) > 0, "energy terms stand in the bills; give the comparison itself, not its rows")
    each = frame(t for (model, chip), bill in bills.items() for t in term_rows(model, chip, bill))
    return terms.energy_terms(each, rows, title=_or(title, headline.largest_terms(each, rows)))


def learning_curves(
    histories: Mapping[str, Sequence[Mapping[str, Any]]], *, title: str | None = None
) -> Figure:
    """Error rate of each contender as it learns, against passes and against seconds.

    Args:
        histories: for each contender a list of dicts with ``epoch``, ``seconds``, and ``accuracy`` and/or
            ``validation_accuracy`` (fractions), such as ``fit(...).history``.
        title: set above; by default the lowest validation errors.
    """
    return learning.learning_curves(histories, title=_or(title, headline.best_errors(histories)))


def _or(title: str | None, answer: str) -> str:
    return answer if title is None else title


def _parts(found: Compared | pd.DataFrame) -> tuple[pd.DataFrame, Bills]:
    rows, bills = (found, {}) if isinstance(found, pd.DataFrame) else (found.rows, found.bills)
    missing = [name for name in NEEDED if name not in rows]
    if missing:
        raise SpikingError(
            f"these rows have no column {', '.join(missing)}; give a comparison, or the rows of its rows.csv"
        )
    return rows, bills
