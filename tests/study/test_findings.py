"""What the report says, on bills small enough to check on paper."""

from dataclasses import replace

import numpy as np
import pytest

from spiking.hardware.quantity import Quantity
from spiking.study.results.findings import activity_rows, answer, missing, ratios, total_words
from tests.study.made import made_bill, made_line, made_row, made_table

SYSTEM = Quantity(value=1.0, unit="W", source="this project", kind="assumption", scope="system")
UNKNOWN = Quantity(unit="W", source="this project", kind="unknown", note="static power")

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
    assert "answers were not compared sample by sample" in text
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


@pytest.mark.parametrize(("steps", "yan"), [(8, "6.25 %"), (16, "3.91 %"), (700, "0.18 %")])
def test_thresholds_are_evaluated_at_the_networks_own_steps(steps, yan):
    """``ceil(log2(T + 1)) / (8 T)``: 5/128 at 16 steps and 10/5600 at 700, not 5.7 to 6.4 %."""
    bill = made_bill("a", ("y", 1, 1, 1))
    rows = made_table({("mlp", "a"): bill}, CORRECT)
    changes = {"spikes_per_synapse": 0.1, "spikes_per_neuron_step": 0.0446, "steps": steps}
    rows.loc[1] = made_row("surrogate", "a", bill, 975, **changes)
    ((model, _, _, words),) = activity_rows(rows)
    assert model == "SNN surrogate"
    assert f"{'below' if steps == 8 else 'above'} Yan et al. 2024 ({yan})" in words
    assert "below Davidson & Furber 2021 (1.19)" in words  # 8 bit: (1.25 + 0.3) / (1.25 + 0.05)


def test_a_network_of_four_bits_has_twice_the_threshold_of_one_of_eight():
    bill = made_bill("a", ("y", 1, 1, 1))
    rows = made_table({("mlp", "a"): bill}, CORRECT)
    rows.loc[1] = made_row("surrogate", "a", bill, 975, weight_bits=4)
    assert "(12.50 %)" in activity_rows(rows)[0][3]


LACKS = "the bill of the spiking network, which looks cheaper, lacks barrier"


def test_a_lower_bound_never_wins():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 8e-9, 8e-9, 8e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 1e-9, 1e-9, 1e-9), unpriced=["barrier"]),
    }
    text = said(bills)
    assert "SNN surrogate** has the lowest priced total, at least an estimated 1.00 nJ" in text
    assert "costs least" not in text
    assert "costs at least 0.12 times (0.12 to 0.12) what the MLP does" in text
    assert f"Verdict: **undecided**, {LACKS}." in text


def test_a_lower_bound_may_lose_and_the_missing_term_is_named():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 1e-9, 1e-9, 1e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 8e-9, 8e-9, 8e-9), unpriced=["barrier"]),
    }
    words = "the other bill lacks barrier, which could only make it dearer"
    assert f"Verdict: **MLP**, over the whole range of the constants; {words}." in said(bills)


def test_no_verdict_across_chips_for_a_bill_that_lacks_something():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 8e-9, 8e-9, 8e-9)),
        ("surrogate", "n"): made_bill("n", ("y", 1e-9, 2e-9, 4e-9), unpriced=["barrier"]),
    }
    text = said(bills)
    assert (
        f"costs at least 0.25 times (0.12 to 0.50) what the MLP does on a. Verdict: **undecided**, {LACKS}"
        in text
    )


def test_a_chip_beside_a_whole_board_lacks_the_board():
    board = replace(made_line("x", 8e-3, 8e-3, 8e-3, "system"), price=SYSTEM)
    bills = {
        ("mlp", "a"): replace(made_bill("a"), lines=(board,)),
        ("surrogate", "n"): made_bill("n", ("y", 1e-9, 2e-9, 4e-9)),
    }
    text = said(bills)
    assert (
        "Verdict: **undecided**, the bill of the spiking network, which looks cheaper, lacks the rest of"
        in text
    )


def test_what_a_scope_does_not_hold_does_not_bound_it():
    unknown = replace(made_line("s", 0, 0, 0, "static"), price=UNKNOWN)
    plain = made_bill("a", ("y", 1e-9, 1e-9, 1e-9), unpriced=["static power"])
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 8e-9, 8e-9, 8e-9)),
        ("surrogate", "a"): replace(plain, lines=(*plain.lines, unknown)),
    }
    assert {r.scope: r.verdict for r in ratios(bills)} == {
        "compute": "SNN",
        "dynamic": "SNN",
        "total": "undecided",
    }


def right(correct, samples, start=0):
    out = np.zeros(samples, bool)
    out[start : start + correct] = True
    return out


def test_the_winner_on_energy_must_be_shown_to_answer_as_well():
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 4e-9, 5e-9, 6e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 1e-9, 1e-9, 2e-9)),
    }
    rows = made_table(bills, CORRECT)
    answers = {("mlp", "a"): right(980, 1000), ("surrogate", "a"): right(975, 1000)}  # the same, but for 5
    text = "\n".join(answer(rows, bills, answers))
    assert "but that it loses less than 1 point of accuracy is not shown (SNN less MLP -0.50 points" in text
    assert "Verdict: **undecided**: the SNN costs less" in text
    answers["surrogate", "a"] = right(980, 1000)
    text = "\n".join(answer(rows, bills, answers))
    assert "Verdict: **SNN**, over the whole range of the constants, and it loses less than 1 point" in text


def test_accuracies_are_compared_sample_by_sample():
    bills = {("mlp", "a"): made_bill("a", ("x", 1, 1, 1)), ("surrogate", "a"): made_bill("a", ("x", 1, 1, 1))}
    rows = made_table(bills, {"mlp": 980, "surrogate": 970})  # Wilson intervals overlap
    # right on a subset: 10 against 0
    answers = {("mlp", "a"): right(980, 1000), ("surrogate", "a"): right(970, 1000)}
    assert "every other model differs from it sample by sample" in answer(rows, bills, answers)[0]
    answers["surrogate", "a"] = right(970, 1000, start=30)  # 30 against 20
    assert "it is not shown to differ from SNN surrogate (+1.00 points" in answer(rows, bills, answers)[0]


def test_a_chip_without_prices_says_so():
    bill = made_bill("n", unpriced=["energy of a synaptic event"])
    nan = {k: float("nan") for k in ("energy_J", "energy_low_J", "energy_high_J")}
    rows = made_table({("mlp", "n"): bill}, CORRECT)
    rows.loc[0] = made_row("mlp", "n", bill, 980, **nan)
    assert total_words(rows.iloc[0], "-") == "no published energy"


@pytest.mark.parametrize(("correct", "near"), [(970, True), (969, False)])
def test_one_point_is_the_margin(correct, near):
    """98.0 % against 97.0 % is within 1 point, 96.9 % is not."""
    bills = {
        ("mlp", "a"): made_bill("a", ("x", 2e-9, 2e-9, 2e-9)),
        ("surrogate", "a"): made_bill("a", ("y", 1e-9, 1e-9, 1e-9)),
    }
    text = said(bills, {"mlp": 980, "surrogate": correct})
    assert ("the cheapest spiking network within 1 point" in text) == near
    assert ("no spiking network comes within 1 point" in text) != near
