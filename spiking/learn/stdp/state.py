"""Checkpoints of STDP learning: what changes while learning, and the range of each part of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.learn import checkpoint
from spiking.learn.checkpoint import Identity
from spiking.learn.stdp.label import RunningAccuracy
from spiking.learn.stdp.learner import Learner

GIVEN = (
    "base",
    "log",
    "logged",
)  # parts of the state that follow from the network, or are no part of learning
TRACES = ("x", "x2", "y", "y2", "seen", "late_x", "late_x2")  # never negative


def save(path: Path, identity: Identity, state: Learner, estimate: RunningAccuracy, done: int) -> None:
    """Write a checkpoint after ``done`` samples; until it is whole the one before it stays."""
    checkpoint.save(path, identity, _arrays(state, estimate), {"done": done})


def load(path: Path, identity: Identity, state: Learner, estimate: RunningAccuracy, total: int) -> int:
    """Fill ``state`` and ``estimate`` from the checkpoint at ``path``; return the samples done.

    Raises:
        SpikingError: a damaged file, one of another training, values out of their range, or more samples
            learned than the ``total`` that is asked for.
    """
    own = _arrays(state, estimate)
    arrays, counters = checkpoint.load(path, identity, own)
    try:
        require(set(counters) == {"done"}, "it does not say how many samples are done")
        done = check.whole("done", counters["done"], 1)
        _check_state(state, arrays, done)
        _check_estimate(arrays)
    except SpikingError as error:
        raise SpikingError(
            f"the checkpoint {path} holds what learning never leaves ({error}); delete it and learn again"
        ) from None
    require(
        done <= total,
        f"the checkpoint {path} has learned {done} samples, and {total} are asked for; "
        "ask for as many or more, or name another checkpoint",
    )
    for name, array in own.items():
        array[...] = arrays[name]
    return done


def _arrays(state: Learner, estimate: RunningAccuracy) -> dict[str, NDArray[Any]]:
    parts = {name: value for name, value in state.state._asdict().items() if name not in GIVEN}
    return parts | {
        "weight": state.weight,
        "tally": state.tally,
        "sums": estimate.sums,
        "members": estimate.members,
        "accuracy": estimate.accuracy,
    }


def _check_state(state: Learner, arrays: dict[str, NDArray[Any]], done: int) -> None:
    for name, array in arrays.items():
        if array.dtype.kind == "f" and name != "accuracy":
            require(bool(np.isfinite(array).all()), f"{name} is NaN or infinite")
    for name in TRACES:
        require(bool((arrays[name] >= 0).all()), f"{name} is negative")
    for name, (low, high) in _ranges(state, int(arrays["clock"][0]), done).items():
        array = arrays[name]
        good = array.size == 0 or (low <= int(array.min()) and int(array.max()) <= high)
        require(good, f"{name} lies outside {low} to {high}")
    require(not arrays["weight"][:, state.units :].any(), "weight has synapses of units that do not exist")
    tries = int(arrays["tally"][0])
    require(done <= tries <= done * state.plan.tries, f"{tries} tries were needed for {done} samples")


def _ranges(state: Learner, clock: int, done: int) -> dict[str, tuple[int, int]]:
    """The range of each array of whole numbers; those that are indices would reach beyond their arrays."""
    units, features, many = state.units, len(state.weight), 2**62
    length = state.plan.steps + state.plan.rest
    return {
        "clock": (0, length * (done * state.plan.tries if state.plan.carry else 1)),
        "free_at": (0, clock + 1 + state.cell.refractory),
        "inner_free_at": (0, clock + 1 + state.inner.refractory),
        "last_pre": (-1, clock + 1),
        "last_post": (-1, clock + 1),
        "spiked": (0, many),
        "tally": (0, many),
        "due": (0, units),
        "ring": (0, units - 1),
        "inner_due": (0, units),
        "inner_ring": (0, units - 1),
        "late_due": (0, features),
        "late_event": (0, features - 1),
    }


def _check_estimate(arrays: dict[str, NDArray[Any]]) -> None:
    for name in ("sums", "members"):
        require(bool((arrays[name] >= 0).all()), f"{name} is negative")
    accuracy = float(arrays["accuracy"][0])
    require(math.isnan(accuracy) or 0 <= accuracy <= 1, f"accuracy is {accuracy}")
