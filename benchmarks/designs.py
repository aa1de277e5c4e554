"""Which design choices decide whether the spiking network or the MLP costs less? One table, digits, seed 0.

    python benchmarks/designs.py [--json FILE]

Both networks are trained as ``spiking compare`` trains them, built in one design after the other, run on the
test samples and priced on the generic 45 nm machine. Two columns: an earlier machine (no memory smaller than
8 KiB, the decay a product of the full width of the state, no sleep) and today's (memories from 1 KiB, a
factor of 12 bit, sleep between inferences). The range is that of the constants.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Any

from spiking.core.counts import Counts, count
from spiking.core.files import write_json
from spiking.core.network import Network
from spiking.data.load import load
from spiking.hardware import Chip, load_chip, price
from spiking.hardware.design import Design
from spiking.hardware.verdict import decide
from spiking.simulate import run
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.settings import settings_for
from spiking.study.contenders.task import Task
from spiking.study.designs.deploy import TEST_SEED
from spiking.study.designs.explore import potentials

MLP, SHIPPED = Design(), Design(state_bits=None)
KEPT = {"schedule": "neuron-stationary", "state_bits": 16}
EARLIER = {"smallest": 8.0, "retention": 1.0, "wake_up": 0.0}
ROWS: list[tuple[str, Design, Design, float | None]] = [
    ("32-bit state in memory, every step", SHIPPED, MLP, None),
    ("24-bit state", Design(state_bits=24), MLP, None),
    ("16-bit state", Design(state_bits=16), MLP, None),
    ("16-bit state in registers over all steps", Design(**KEPT), MLP, None),
    ("the same, decay by shift and add", Design(**KEPT, decay="shift-add"), MLP, None),
    ("the same, biases folded", Design(**KEPT, decay="shift-add", bias="folded"), MLP, None),
    ("16-bit state, MLP without zero skipping", Design(state_bits=16), Design(zero_skip=False), None),
    ("32-bit state, one inference in 1 ms", SHIPPED, MLP, 1e-3),
    ("32-bit state, one inference in 10 ms", SHIPPED, MLP, 1e-2),
    ("32-bit state, one inference in 100 ms", SHIPPED, MLP, 1e-1),
]


@dataclass
class Pair:
    """The two networks as trained, and what they did in each design."""

    snn: Network
    mlp: Network
    known: Any
    data: Any
    made: dict[tuple[bool, Design], tuple[Counts, float]] = field(default_factory=dict)

    @classmethod
    def trained(cls) -> Pair:
        data = load("digits", seed=0)
        contenders = [CONTENDERS["mlp"], CONTENDERS["surrogate"]]
        task = Task.of(data, settings_for("digits", contenders), 0)
        mlp, snn = (c.train(task).original for c in contenders)
        return cls(snn, mlp, task.x[:1000], data)

    def built(self, design: Design, spiking: bool) -> tuple[Counts, float]:
        """Counts of a mean test inference, and the accuracy."""
        if (spiking, design) not in self.made:
            if spiking:
                network = design.network(self.snn, peaks=potentials(self.snn, self.known, 0))
            else:
                network = design.network(self.mlp, calibration=self.known)
            trace = run(network, self.data.x_test, seed=TEST_SEED)
            self.made[spiking, design] = count(network, trace).mean(), trace.accuracy(self.data.y_test)
        return self.made[spiking, design]

    def ratio(self, machine: Chip, a: Design, b: Design, every: float | None, full_width: bool) -> Any:
        """Energy of the spiking network in design ``a`` over that of the MLP in ``b``."""
        left = a.chip(machine, spiking=True)
        if full_width and a.decay == "product":
            left = left.with_settings(decay="either")
        bills = (
            price(self.built(a, True)[0], left, every=every),
            price(self.built(b, False)[0], b.chip(machine, spiking=False), every=every),
        )
        return decide.ratio(*bills, "total", model="surrogate")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    args = parser.parse_args()
    pair, today = Pair.trained(), load_chip("generic-45nm")
    earlier, out = today.with_values(**EARLIER), []
    print(f"{'spiking design':44} {'earlier':>8} {'today (range of the constants)':>32} {'accuracy':>9}")
    for words, a, b, every in ROWS:
        then = pair.ratio(earlier, a, b, every, full_width=True)
        now = pair.ratio(today, a, b, every, full_width=False)
        accuracy = pair.built(a, True)[1]
        span = f"{now.nominal:.2f} ({now.low:.2f} to {now.high:.2f})"
        print(f"{words:44} {then.nominal:8.2f} {span:>32} {100 * accuracy:8.1f}%")
        row = {"design": words, "earlier": float(then.nominal), "today": float(now.nominal)}
        out.append(row | {"low": float(now.low), "high": float(now.high), "accuracy": accuracy})
    if args.json:
        write_json(args.json, out)


if __name__ == "__main__":
    main()
