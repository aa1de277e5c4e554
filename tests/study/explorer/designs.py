"""Designs for pages: every chip that runs them, every setting that changes a bill."""

import json
import shutil
import subprocess
from dataclasses import replace
from importlib.resources import files
from itertools import product

import numpy as np
import pytest

from spiking.hardware import chip_names, load_chip
from spiking.hardware.verdict.breakeven import layer_counts
from spiking.study.explorer.points import Point

TEMPLATES = files("spiking.study.explorer") / "templates"
PURE = {"Draw": "draw.js", "Pricing": "price.js", "Verdict": "verdict.js", "Controls": "controls.js"}
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")


def counts_of(spikes, units=40, steps=8, shared=False, bits=8):
    """A layer of 60 inputs; ``shared``: its weights are a kernel that slides."""
    made = layer_counts(spikes, fan_in=60, units=units, steps=steps, weight_bits=bits, value_bits=bits)
    table = dict(made.table) | {("input", "encoder_draws"): 480.0, ("layer", "output_events"): 10.0}
    if spikes is not None:
        table["layer", "accumulates"] = table["layer", "synaptic_events"] + units * steps
    layers = made.layers
    if shared:
        layers = (layers[0], replace(layers[1], stored_weights=90, dense_weights=90))
    return replace(made, table=table, layers=layers)


def settings_of(chip, spiking):
    """Designs of a component machine; other chips have one."""
    if chip.model != "components":
        return [chip]
    own = [("sums", ("registers", "sram")), ("clock", ("gated", "free")), ("packed", (True, False))]
    if not spiking:
        own = [
            ("zero_skip", (True, False)),
            ("batch", (1, 8)),
            ("weights", ("sram", "dram")),
            ("clock", ("gated", "free")),
        ]
    else:
        own += [("decay", ("either", "shift-add")), ("weight_format", ("dense", "sparse"))]
    return [
        chip.with_settings(**dict(zip([k for k, _ in own], values, strict=True)))
        for values in product(*(v for _, v in own))
    ]


def points(chips=None):
    out = []
    for name in chips or chip_names():
        chip = load_chip(name)
        for spikes, shared in ((0.3, False), (1.5, True), (None, False), (None, True)):
            counts = counts_of(spikes, shared=shared)
            for k, device in enumerate(settings_of(chip, spikes is not None)):
                out.append(
                    Point(
                        model="mlp" if spikes is None else "surrogate", chip=device, counts=counts,
                        accuracy=0.97 - 0.001 * k, low=0.96 - 0.001 * k, high=0.98, words=f"design {k}",
                    )
                )  # fmt: skip
    return out


def in_node(script, *paths):
    """Run JavaScript with the pure parts of the page in reach; return what it prints as JSON."""
    parts = "\n".join(
        f"const {name} = require({json.dumps(str(TEMPLATES / file))}); globalThis.{name} = {name};"
        for name, file in (
            ("Pricing", "price.js"),
            ("Verdict", "verdict.js"),
            ("Draw", "draw.js"),
            ("Controls", "controls.js"),
        )
    )
    found = subprocess.run(
        ["node", "-e", parts + script, *map(str, paths)], capture_output=True, text=True, timeout=120
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def within(rng, constant):
    """A value within the band of a constant, or within a factor of three of a sharp one."""
    low, high = constant["low"], constant["high"]
    if low == high:
        low, high = low / 3, high * 3
    if high == 0:
        return 0.0
    low = max(low, 1e-3 * high)
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
