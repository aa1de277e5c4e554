"""Energy against the rate of inferences: what pricing says, and the crossing where both meet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spiking.core.errors import SpikingError
from spiking.hardware import load_chip, price
from spiking.hardware.duty import pace_of
from spiking.study.figures.rows.pace import crossing, energy_at, pace, paced
from spiking.study.results.rows import pace_columns, row
from tests.hardware.examples import mlp, snn

CHIP = load_chip("generic-45nm")


def table(chip=CHIP, every=None):
    made = []
    for model, counts in (("mlp", mlp()), ("surrogate", snn(theta=(100.0, 20.0, 2.0), weight_bits=16))):
        bill = price(counts, chip, every=every)
        one = row(model, chip.name, correct=95, samples=100, counts=counts, bill=bill)
        made.append(one | pace_columns(bill, chip))
    return pd.DataFrame(made)


@pytest.mark.parametrize("every", [None, 1e-2])
def test_the_curve_is_what_pricing_at_that_interval_says(every):
    for counts, (_, r) in zip((mlp(), snn(theta=(100.0, 20.0, 2.0), weight_bits=16)),
                              table(every=every).iterrows(), strict=True):  # fmt: skip
        for period in (1e-3, 0.1, 3.0):
            told = float(price(counts, CHIP, every=period).total().nominal)
            assert float(energy_at(r, 1 / period)) == pytest.approx(told, rel=1e-12)


def test_both_cost_the_same_where_they_cross():
    rows = table()
    a, b = (r for _, r in rows.iterrows())
    at = crossing(a, b)
    assert at is not None
    assert float(energy_at(a, at)) == pytest.approx(float(energy_at(b, at)), rel=1e-12)
    # the wider weights leak more, fewer events cost less
    assert float(energy_at(b, at / 10)) > float(energy_at(a, at / 10))
    assert float(energy_at(b, at * 2)) < float(energy_at(a, at * 2))
    said = pace(rows).legends[0].get_title().get_text().replace("\n", " ").replace("\xa0", " ")
    assert "MLP costs less below" in said
    assert crossing(a, a) is None


def test_curves_end_back_to_back():
    ax = pace(table()).axes[0]
    ends = sorted(line.get_xdata().max() for line in ax.lines if len(line.get_xdata()) > 2)
    assert ends == pytest.approx(sorted(1 / table()["latency_s"]))


def test_what_is_not_known_has_no_curve():
    loihi = load_chip("loihi1")
    assert pace_of(price(snn(), loihi), loihi) is None  # its barrier and host have no price
    rows = table().assign(idle_power_W=np.nan)
    assert paced(rows) == []
    with pytest.raises(SpikingError, match="idle power and time are known"):
        pace(rows)
