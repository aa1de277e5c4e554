"""What the report says, on bills small enough to check on paper."""

import pytest

from spiking.study.results.findings import activity_rows, answer, missing, ratios
from tests.study.made import made_bill, made_row, made_table

CORRECT = {"mlp": 980, "surrogate": 975, "stdp": 850}


def said(bills, correct=CORRECT):
    return "\n".join(answer(made_table(bills, correct), bills))


def test_mlp_wins():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 1e-9, 2e-9, 3e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 6e-9, 8e-9, 10e-9)),
    }
    text = said(bills)
    assert "**Accuracy: MLP**, 98.0 %" in text
    assert "overlap with SNN surrogate (97.5 %)" in text
    assert "**Energy on a: MLP** costs least, an estimated 2.00 nJ (1.00 to 3.00)" in text
    assert "SNN surrogate, costs 4.0 times (2.0 to 10) what the MLP does. Verdict: **MLP**" in text


def test_snn_wins():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 4e-9, 5e-9, 6e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 1e-9, 1e-9, 2e-9)),
    }
    text = said(bills)
    assert "**Energy on a: SNN surrogate** costs least" in text
    assert "0.20 times (0.17 to 0.50) what the MLP does. Verdict: **SNN**" in text


def test_undecided_says_so():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 1e-9, 2e-9, 4e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 1e-9, 3e-9, 4e-9)),
    }
    assert "Verdict: **undecided**, the range of the constants includes 1." in said(bills)


def test_shared_constants_decide_what_independent_ranges_would_not():
    lines = [("x", 1e-9, 2e-9, 20e-9)], [("x", 2e-9, 4e-9, 40e-9)]
    bills = {("mlp", "a"): made_bill("a", *lines[0]), ("surrogate", "a"): made_bill("a", *lines[1])}
    (total,) = (r for r in ratios(bills) if r.scope == "total")
    assert (total.low, total.nominal, total.high) == pytest.approx((2, 2, 2))
    assert total.verdict == "MLP"


def test_a_poor_classifier_is_not_compared_as_an_equal():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 2e-9, 2e-9, 2e-9)),
        ("stdp", "a"): made_bill("a", ("y", 1e-9, 1e-9, 1e-9)),
    }
    text = said(bills)
    assert (
        "no spiking network comes within 1 point of the MLP's accuracy; the cheapest of them, SNN STDP"
        in text
    )


def test_mlp_that_cannot_run_is_named_with_what_it_needs():
    bills = {
        ("mlp", "n"): made_bill("n", needs=["multipliers"]),
        ("surrogate", "n"): made_bill("n", ("y", 1e-9, 1e-9, 2e-9)),
    }
    text = said(bills)
    assert "**Energy on n: SNN surrogate** costs least" in text
    assert "The MLP cannot run here: it needs multipliers." in text
    assert "Verdict" not in text


def test_each_on_its_best_chip():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 8e-9, 8e-9, 8e-9)),
        ("surrogate", "a"): made_bill("a", ("x", 9e-9, 9e-9, 9e-9)),
        ("mlp", "n"): made_bill("n", needs=["multipliers"]),
        ("surrogate", "n"): made_bill("n", ("y", 1e-9, 2e-9, 4e-9)),
    }
    assert (
        "SNN surrogate on n costs 0.25 times (0.12 to 0.50) what the MLP does on a. Verdict: **SNN**"
        in said(bills)
    )


def test_nothing_can_run():
    bills = {("mlp", "n"): made_bill("n", needs=["multipliers"])}
    assert "none of the models can be run or priced here" in said(bills)


def test_missing_names_models_and_reasons_once():
    bills = {
        ("mlp", "n"): made_bill("n", needs=["multipliers"], unpriced=["barrier"]),
        ("surrogate", "n"): made_bill("n", ("y", 1, 1, 1), unpriced=["barrier"]),
        ("stdp", "n"): made_bill("n", ("y", 1, 1, 1), unpriced=["barrier"]),
    }
    assert missing(made_table(bills, CORRECT), bills) == [
        "MLP on n: cannot run, needs multipliers.",
        "SNN surrogate, SNN STDP on n: lower bounds, for nobody has published a price for barrier.",
    ]


@pytest.mark.parametrize(
    ("synapse", "step", "words"),
    [
        (0.1, 0.01, "below Davidson & Furber 2021; below Dampfhoffer et al. 2023; below Yan"),
        (1.5, 0.06, "below Davidson & Furber 2021; above Dampfhoffer et al. 2023; within Yan"),
        (1.0, 0.10, "below Davidson & Furber 2021; within Dampfhoffer et al. 2023; above Yan"),
        (2.0, 0.10, "above Davidson & Furber 2021; above Dampfhoffer et al. 2023; above Yan"),
    ],
)
def test_activity_beside_published_thresholds(synapse, step, words):
    bill = made_bill("a", ("y", 1, 1, 1))
    changes = {"spikes_per_synapse": synapse, "spikes_per_neuron_step": step}
    rows = made_table({("mlp", "a"): bill}, CORRECT)
    rows.loc[1] = made_row("surrogate", "a", bill, 975, **changes)
    ((model, _, _, said_words),) = activity_rows(rows)
    assert model == "SNN surrogate"
    assert said_words == words
