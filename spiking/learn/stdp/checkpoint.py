"""Checkpoints of STDP learning: everything that changes, in one ``.npz`` file, written at once."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from spiking.core.errors import SpikingError, require
from spiking.learn.stdp.label import RunningAccuracy
from spiking.learn.stdp.learner import Learner

VERSION = 1


def save(path: Path, state: Learner, estimate: RunningAccuracy, seed: int, done: int) -> None:
    """Write a checkpoint after ``done`` samples; a crash leaves the one before it."""
    arrays = {f"state_{name}": value for name, value in state.state._asdict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        np.savez(
            file, version=VERSION, seed=seed, done=done, weight=state.weight, tally=state.tally,
            settings=_settings(state), sums=estimate.sums, members=estimate.members,
            accuracy=estimate.accuracy, **arrays,
        )  # fmt: skip
    os.replace(part, path)


def resume(path: Path, state: Learner, estimate: RunningAccuracy, seed: int, features: int) -> int:
    """Fill ``state`` from the checkpoint at ``path``; return the samples done, 0 where there is none.

    Raises:
        SpikingError: the file is no checkpoint, or one of another network, rule, seed or image size.
    """
    if not path.exists():
        return 0
    try:
        with np.load(path, allow_pickle=False) as file:
            data = {name: file[name] for name in file.files}
        require(int(data["version"]) == VERSION, f"version {data['version']}")
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise SpikingError(
            f"{path} is not a checkpoint of STDP learning ({error}); delete it or name another file"
        ) from None
    came = (len(data["weight"]), len(data["state_v"]))
    require(
        came[0] == features,
        f"the checkpoint {path} learned images of {came[0]} values, these have {features}; "
        "give the data it was made with or name another checkpoint",
    )
    require(
        came[1] == state.units,
        f"the checkpoint {path} has {came[1]} neurons, this network {state.units}; "
        "give the same number or name another checkpoint",
    )
    same = str(data["settings"]) == _settings(state) and int(data["seed"]) == seed
    require(
        same,
        f"the checkpoint {path} was made with another seed, rule, unit or protocol; "
        "give the same ones or name another checkpoint",
    )
    require(
        bool(np.isfinite(data["weight"]).all()),
        f"the checkpoint {path} holds weights that are NaN or infinite; delete it and learn again",
    )
    state.weight[:] = data["weight"]
    state.tally[:] = data["tally"]
    for name, value in state.state._asdict().items():
        value[:] = data[f"state_{name}"]
    if data["sums"].shape == estimate.sums.shape:
        estimate.sums, estimate.members = data["sums"], data["members"]
        estimate.accuracy = data["accuracy"]
    return int(data["done"])


def _settings(state: Learner) -> str:
    return repr((state.cell, state.inner, state.side, state.rule, state.plan, str(state.weight.dtype)))
