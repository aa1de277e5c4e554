"""Braille letters read by a tactile fingertip (Mueller-Cleve et al. 2022, doi:10.3389/fnins.2022.951164)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from spiking.core.errors import require
from spiking.data.dataset import Dataset
from spiking.data.readers.npz import read_npz
from spiking.data.sets import DATA_SETS
from spiking.data.source import Source, found_place

LICENCE = "CC BY 4.0"
EVERY = 4  # of the 77 time bins, so that a sample has 12 x 20 values
HELD_OUT = 8  # of the 40 repetitions of each letter, the last ones, which test


def read(root: Path | None, *, seed: int, download: bool) -> Dataset:
    """Read ``taxels [samples, bins, 12]``, ``label``, ``repetition``; the last repetitions of a letter test.

    Values are scaled from the smallest to the largest training value of all taxels.

    Raises:
        SpikingError: no such file, or arrays that do not fit.
    """
    place = found_place("braille", SOURCE) if root is None else root
    files = sorted(place.glob("*.npz")) if place.is_dir() else [place]
    require(len(files) == 1, f"{place} holds {len(files)} .npz files; give {SOURCE.files}")
    arrays = read_npz(files[0])
    missing = [k for k in ("taxels", "label", "repetition", "letters") if k not in arrays]
    require(not missing, f"{files[0]} lacks {', '.join(missing)}; give {SOURCE.files}")
    taxels, label, repetition = arrays["taxels"], arrays["label"], arrays["repetition"]
    require(
        taxels.ndim == 3 and taxels.dtype.kind in "iuf" and bool(np.isfinite(taxels).all()),
        f"{files[0]} has taxels of shape {taxels.shape}; finite values [samples, bins, taxels] are needed",
    )
    require(
        label.shape == repetition.shape == taxels.shape[:1] and label.dtype.kind in "iu",
        f"{files[0]} has {len(taxels)} samples and labels of shape {label.shape}; each sample needs one",
    )
    x = taxels[:, ::EVERY].reshape(len(taxels), -1).astype(np.float32)
    test = repetition >= repetition.max() + 1 - HELD_OUT
    low, high = float(x[~test].min()), float(x[~test].max())
    x = ((x - low) / max(high - low, 1e-9)).clip(0, 1)
    return Dataset(
        x_train=x[~test], y_train=label[~test], x_test=x[test], y_test=label[test],
        name="braille", classes=int(label.max()) + 1, class_names=tuple(str(c) for c in arrays["letters"]),
        origin=f"{files[0]}; the last {HELD_OUT} repetitions of each letter test",
        scaling=f"{low:g} to {high:g}, the range of the training values, becomes 0 to 1", licence=LICENCE,
    )  # fmt: skip


SOURCE = Source(
    read=read,
    summary="1 080 readings of 27 letters by 12 taxels in 20 time bins",
    licence=LICENCE,
    folder="braille",
    files="the .npz with taxels, label, repetition and letters",
)
DATA_SETS.register("braille")(SOURCE)
