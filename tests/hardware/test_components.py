"""What the component machine stores, reads and lists, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from spiking.core.coding.encode import Events
from spiking.core.counts import count
from spiking.core.network import Network
from spiking.core.neurons import LIF
from spiking.core.parts import Connection, Input, Output, Population
from spiking.hardware import load_chip, price
from spiking.hardware.models import prices
from spiking.simulate import run
from tests.hardware.examples import mlp, snn

GENERIC = load_chip("generic-45nm")
SPARSE = GENERIC.with_settings(weight_format="sparse")


def pruned(share, sources=64, targets=128):
    """Counts of one layer of 8-bit weights of which ``share`` are zero; every source spikes once."""
    weight = np.zeros(sources * targets)
    weight[: round((1 - share) * weight.size)] = 1e-9
    weight = np.random.default_rng(0).permutation(weight).reshape(sources, targets)
    net = Network(
        inputs=[Input(size=sources, encoder=Events())],
        populations=[Population(name="out", size=targets, unit=LIF())],
        connections=[Connection(source="input", target="out", weight=weight, weight_bits=8)],
        output=Output(population="out"),
        steps=1,
    )
    return count(net, run(net, np.ones((1, 1, sources), np.uint8))).mean()


def lines(bill, operation, constant):
    return [x for x in bill.lines if (x.operation, x.constant) == (operation, constant)]


def words(bill):
    return sum(x.count for x in lines(bill, "weight words", "weight word"))


def test_a_dense_array_reads_its_zeros_and_adds_them():
    full, tenth = pruned(0.0), pruned(0.9)
    dense = [price(c, GENERIC) for c in (full, tenth)]
    assert [words(b) for b in dense] == pytest.approx([64 * 16, 64 * 16])  # 128 x 8 bit are 16 words
    added = [sum(x.count for x in lines(b, "synaptic_events", "accumulate")) for b in dense]
    assert added == pytest.approx([8192, 8192])


def test_a_sparse_array_pays_an_index_and_wins_where_enough_weights_are_zero():
    half, tenth = pruned(0.0), pruned(0.9)
    assert words(price(half, SPARSE)) == pytest.approx(64 * 30)  # 8 bit and an index of 7
    assert words(price(tenth, SPARSE)) < words(price(tenth, GENERIC)) / 4
    assert price(tenth, SPARSE).total().nominal < price(tenth, GENERIC).total().nominal
    assert price(half, SPARSE).total().nominal > price(half, GENERIC).total().nominal


def test_leakage_is_paid_for_the_zeros_of_a_dense_array_too():
    tenth = pruned(0.9)
    (dense,), (sparse,) = (
        lines(price(tenth, c, latency=1.0), "sram_bits", "leakage") for c in (GENERIC, SPARSE)
    )
    state = 128 * 32
    assert dense.count == pytest.approx(8192 * 8 + state)
    assert sparse.count == pytest.approx(tenth.layer("out").stored_weights * (8 + 7) + state)


def test_an_entry_of_the_source_list_is_as_wide_as_the_index_of_a_source():
    bill = price(snn(sizes=(784, 100, 10)), GENERIC)
    first, second = lines(bill, "source entries", "source entry")
    assert "10 bit entry" in first.price.note  # of 784 inputs
    assert "7 bit entry" in second.price.note  # of 100 hidden units
    expected = prices.memory(GENERIC, 0.0, 10.0, "").si.nominal
    assert first.energy.nominal == pytest.approx(first.count * expected)


def test_clock_and_leakage_are_two_terms():
    bill = price(snn(), GENERIC, latency=1.0)
    by = bill.by_term()
    assert by["static"].nominal == pytest.approx(100e-12 * (101_632 * 8 + 138 * 16))  # leakage for a second
    assert bill.total().nominal - bill.total("dynamic").nominal == pytest.approx(by["static"].nominal)
    (clock,) = (x for x in bill.lines if x.constant == "clock_tree")
    assert clock.term == "clock"
    assert price(snn(), GENERIC, latency=2.0).by_term()["clock"].nominal == pytest.approx(by["clock"].nominal)


def test_a_clock_that_runs_all_the_time_is_paid_over_the_latency():
    free = GENERIC.with_settings(clock="free")
    bill = price(mlp(), free, latency=1e-3)
    assert bill.by_term()["clock"].nominal == pytest.approx(4.8e-12 * 400e6 * 1e-3)
    assert price(mlp(), free, latency=2e-3).by_term()["clock"].nominal == pytest.approx(
        2 * bill.by_term()["clock"].nominal
    )


def test_hand_written_counts_without_a_dense_row_are_read_as_dense():
    c = snn()
    stated = replace(
        c,
        layers=tuple(
            replace(x, dense_row=float(x.size), dense_weights=x.synapses) if x.synapses else x
            for x in c.layers
        ),
    )
    assert price(c, GENERIC).total().nominal == pytest.approx(price(stated, GENERIC).total().nominal)
