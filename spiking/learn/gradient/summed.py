"""The way back through a readout that is collapsed over time (``simulate/summed.py``)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spiking.kernels.dense import product
from spiking.kernels.panels import PANEL
from spiking.learn.gradient.flow import Flow, Pulled
from spiking.simulate.batch import Batch
from spiking.simulate.summed import SummedReadout

Floats = NDArray[np.floating]


def pull_back(summed: SummedReadout, batch: Batch, scores: Floats, flow: Flow, out: Floats) -> None:
    """From the gradient of the scores ``[samples, classes]`` to those of its parameters and sources."""
    program = batch.program
    bias = program.part(out, f"bias:{summed.name}")
    bias += scores.sum(axis=0) * scores.dtype.type(summed.constant)
    for c in summed.connections:
        sums, weight = batch.sums[c.source], program.part(program.parameters, c.name)
        program.part(out, c.name)[:] = product(sums[:, : weight.shape[0]].T, scores)
        columns = np.zeros((len(scores), -(-weight.shape[0] // PANEL) * PANEL), scores.dtype)
        np.matmul(scores, weight.T, out=columns[:, : weight.shape[0]])
        if c.source in batch.kept_units:
            columns[:, : weight.shape[0]] *= batch.kept_units[c.source]
        _, k = program.member(c.source)
        flow.pulled[k] = Pulled(columns, summed.shares[c.source])
