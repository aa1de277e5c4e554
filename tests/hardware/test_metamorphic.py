"""What must hold on every chip, whatever its constants: silence, more work, less work, the sum of lines."""

from dataclasses import replace

import numpy as np
import pytest

from spiking.hardware import chip_names, load_chip, price
from spiking.hardware.bill import STANDING
from tests.hardware.examples import mlp, silent, snn

CHIPS = chip_names()
SPIKING = [name for name in CHIPS if "spiking" in load_chip(name).runs]
ANALOG = [name for name in CHIPS if "analog" in load_chip(name).runs]
# what is paid for a unit in every step, for memories, and for time
STATE = {"updates", "updates_silent", "updates_touched", "state words", "state_reads", "state_writes"}
STATE |= {"unit parameters", "cycles", "clock_cycles", "steps"}
TIME = {"chips", "cores", "time", "sram_bits", "neurons", "inferences", "arrays"}
EVERYTHING = {"work"}  # a whole board computes every synapse, spikes or not
SHARES = np.sort(np.concatenate([[0.0, 1.0, 0.5], np.random.default_rng(0).uniform(0.0, 1.0, 500)]))


def busy(share):
    """The same network with ``share`` of its units spiking in each step (arrays sweep)."""
    counts = snn()
    table = dict(counts.table)
    for layer in counts.layers:
        spikes = share * layer.size * counts.steps
        table[layer.name, "spikes"] = spikes
        if layer.kind == "input":
            table[layer.name, "input_events"] = spikes
            before = spikes
            continue
        for operation in ("synaptic_events", "accumulates", "weight_reads"):
            table[layer.name, operation] = before * layer.size
        table[layer.name, "updates_fired"] = spikes
        table[layer.name, "updates_silent"] = layer.size * counts.steps - spikes
        before = spikes
    table[counts.layers[-1].name, "output_events"] = before
    return replace(counts, table=table)


def alive(share):
    """An MLP of which ``share`` of the values is not zero."""
    counts = mlp()
    table = dict(counts.table)
    for layer in counts.layers[1:]:
        for operation in ("macs_effective", "weight_reads"):
            table[layer.name, operation] = layer.synapses * share
    return replace(counts, table=table)


def ends(bill, which="total"):
    t = bill.total(which)
    return [np.asarray(x, float) for x in (t.low, t.nominal, t.high)]


def priced(bill):
    return bill.runs_here and not np.any(np.isnan(bill.total().nominal))


@pytest.mark.parametrize("name", SPIKING)
def test_silence_costs_exactly_state_static_power_and_input(name):
    bill = price(silent(), name)
    paid = [line for line in bill.lines if np.any(line.energy.high > 0)]
    allowed = STATE | TIME | (EVERYTHING if bill.model == "system" else set())
    assert {line.operation for line in paid} <= allowed
    if priced(bill):
        assert float(bill.total().nominal) == pytest.approx(
            sum(float(line.energy.nominal) for line in paid), rel=1e-12, abs=0
        )


@pytest.mark.parametrize("name", SPIKING)
def test_more_events_never_cost_less(name):
    bill = price(busy(SHARES), name)
    if not priced(bill):
        return
    for total in ends(bill):
        total = np.broadcast_to(total, SHARES.shape)
        assert np.all(np.diff(total) >= -1e-12 * np.abs(total[1:]))


@pytest.mark.parametrize("name", ANALOG)
def test_more_values_never_cost_less(name):
    bill = price(alive(SHARES), name)
    if not priced(bill):
        return
    for total in ends(bill):
        total = np.broadcast_to(total, SHARES.shape)
        assert np.all(np.diff(total) >= -1e-12 * np.abs(total[1:]))


LESS = {
    "fewer steps": lambda: (snn(theta=(90.0, 60.0, 5.0), steps=5), snn(theta=(90.0, 60.0, 5.0), steps=10)),
    "narrower weights": lambda: (snn(weight_bits=4), snn(weight_bits=8)),
    "narrower state": lambda: (snn(state_bits=12), snn(state_bits=16)),
    "no leak": lambda: (snn(leaky=False), snn(leaky=True)),
    "fewer units": lambda: (snn(sizes=(784, 64, 10), theta=(784.0, 32.0, 5.0)), snn()),
}


@pytest.mark.parametrize("name", SPIKING)
@pytest.mark.parametrize("what", LESS)
def test_strictly_less_work_never_costs_more(name, what):
    less, more = (price(counts, name) for counts in LESS[what]())
    if not (priced(less) and priced(more)):
        return
    for a, b in zip(ends(less), ends(more), strict=True):
        assert a <= b * (1 + 1e-12)


@pytest.mark.parametrize("name", ANALOG)
@pytest.mark.parametrize(
    ("less", "more"),
    [(mlp(bits=4), mlp(bits=8)), (mlp(sizes=(784, 64, 10)), mlp()), (mlp(active=(0.2, 0.5)), mlp())],
)
def test_strictly_less_work_of_an_mlp_never_costs_more(name, less, more):
    for a, b in zip(ends(price(less, name)), ends(price(more, name)), strict=True):
        assert np.isnan(a) or a <= b * (1 + 1e-12)


MACHINES = [name for name in CHIPS if load_chip(name).model == "components"]
CHEAPER = [
    ({"state": "registers"}, {"state": "sram"}),
    ({"parameters": "once"}, {"parameters": "per-step"}),
    ({"update": "lazy"}, {"update": "stepped"}),
    ({"decay": "shift-add"}, {"decay": "product"}),
    ({"weights": "sram"}, {"weights": "dram"}),
    ({"packed": True}, {"packed": False}),
    ({"sums": "registers"}, {"sums": "sram"}),
    ({"clock": "gated"}, {"clock": "free"}),
]


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize(("less", "more"), CHEAPER, ids=lambda s: "-".join(map(str, *s.items())))
def test_a_design_that_does_less_never_costs_more(name, less, more):
    chip = load_chip(name)
    a, b = (price(snn(), chip.with_settings(**s)) for s in (less, more))
    assert float(a.total().nominal) <= float(b.total().nominal) * (1 + 1e-12)


@pytest.mark.parametrize("name", MACHINES)
def test_a_batch_that_shares_its_weights_never_costs_more(name):
    chip = load_chip(name)
    totals = [float(price(mlp(), chip.with_settings(batch=b)).total().nominal) for b in (64, 8, 1)]
    assert totals == sorted(totals)


@pytest.mark.parametrize("name", CHIPS)
@pytest.mark.parametrize("counts", [snn(), mlp(), silent()], ids=["snn", "mlp", "silent"])
@pytest.mark.parametrize("every", [None, 10.0])
def test_the_total_is_the_sum_of_its_lines(name, counts, every):
    bill = price(counts, name, every=every)
    if not priced(bill):
        return
    for k, end in enumerate(("low", "nominal", "high")):
        known = [(x.term, float(getattr(x.energy, end))) for x in bill.lines if x.price.known]
        assert ends(bill)[k] == pytest.approx(sum(e for _, e in known), rel=1e-12, abs=0)
        if "dynamic" in bill.offers and not np.isnan(ends(bill, "dynamic")[k]):
            dynamic = sum(e for term, e in known if term not in STANDING)
            assert ends(bill, "dynamic")[k] == pytest.approx(dynamic, rel=1e-12, abs=0)
        assert sum(float(getattr(e, end)) for e in bill.by_term().values()) == pytest.approx(ends(bill)[k])
        assert sum(float(getattr(e, end)) for e in bill.by_layer().values()) == pytest.approx(ends(bill)[k])
