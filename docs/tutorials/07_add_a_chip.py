"""
Add a chip
==========

A chip is one TOML file: its constants, each with a unit, a band, a source and a place in it. What
nobody has published is ``unknown``, never zero, and makes a total a stated lower bound.
"""

import tempfile
from pathlib import Path

from spiking import LI, LIF, Latency, Network, count, load, load_chip, price, run

text = """
name = "my-chip"
title = "A chip that exists in this tutorial only"
model = "events"
runs = ["spiking"]
summary = "Two prices and one that nobody has published."
node_nm = 28
vdd = 0.8

[constants.synaptic_event]
value = 10
low = 8
high = 15
unit = "pJ"
per = "synaptic_events"
term = "compute"
covers = ["weight_reads", "accumulates"]
scope = "event"
kind = "assumption"
source = "this project"
where = "made up for the tutorial"

[constants.update]
value = 2
unit = "pJ"
per = "updates_silent"
term = "compute"
covers = [
    "updates_fired", "state_reads", "state_writes", "spikes", "activations", "encoder_draws",
    "input_events", "output_events",
]
scope = "event"
kind = "assumption"
source = "this project"
where = "made up for the tutorial"

[constants.static]
kind = "unknown"
unit = "mW"
per = "chips"
term = "static"
scope = "component"
source = "this project"
note = "static power"

[constants.clock]
value = 100
unit = "MHz"
scope = "limit"
kind = "assumption"
source = "this project"
where = "made up for the tutorial"
"""
path = Path(tempfile.mkdtemp()) / "my-chip.toml"
path.write_text(text)
chip = load_chip(path)

# %%
# Price something on it. The unknown static power makes the total a lower bound, and a lower bound
# never wins a comparison.

network = Network.dense([64, 64, 10], hidden=LIF(), readout=LI(), encoder=Latency(linear=True), steps=8)
bill = price(count(network, run(network, load("digits").x_test)).mean(), chip)
print(bill)
print("lower bound:", bill.lower_bound, "- not priced:", bill.unpriced)

# %%
# ``spiking chips add my-chip.toml`` makes the name known from then on, and ``spiking chips show my-
# chip`` prints every constant with its source.
