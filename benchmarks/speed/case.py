"""What every contender is given: sizes, weights, images and spikes, as files that need numpy alone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of the table.

    Attributes:
        task: ``training`` or ``inference``.
        code: ``poisson`` (spikes drawn beforehand) or ``direct`` (the image as constant current).
        gain: a spike with probability ``gain x`` per step; unused for ``direct``.
        sizes: units per layer. steps: per inference. batch: samples of a step.
        batches: how many different batches there are; they are used in turn.
        beta: decay of membranes and readout per step. slope: of the fast-sigmoid surrogate.
    """

    name: str
    task: str
    code: str
    gain: float
    sizes: tuple[int, ...]
    steps: int
    batch: int
    batches: int
    seed: int = 0
    beta: float = 0.9
    slope: float = 25.0
    learning_rate: float = 1e-3

    @property
    def network(self) -> str:
        """Sizes as people write them."""
        return "-".join(map(str, self.sizes))


class Inputs:
    """The arrays of a case, read from its folder."""

    def __init__(self, folder: Path) -> None:
        said = json.loads((folder / "case.json").read_text())
        self.case = Case(**{**said, "sizes": tuple(said["sizes"])})
        self.weights = [np.load(folder / f"weight{k}.npy") for k in range(len(self.case.sizes) - 1)]
        self.images = np.load(folder / "images.npy")  # [batches, batch, features], in [0, 1]
        self.labels = np.load(folder / "labels.npy")  # [batches, batch]
        packed = folder / "spikes.npy"
        self._packed = np.load(packed, mmap_mode="r") if packed.exists() else None

    def spikes(self, k: int) -> NDArray[np.float32]:
        """Spikes of batch ``k``, time first as the peers want them: ``[steps, batch, features]``."""
        assert self._packed is not None, "a case with direct input has no spikes"
        bits = np.unpackbits(self._packed[k], axis=-1, count=self.case.sizes[0])
        return np.ascontiguousarray(bits.transpose(1, 0, 2), np.float32)


def save(
    folder: Path,
    case: Case,
    weights: list[NDArray[Any]],
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    spikes: list[NDArray[np.bool_]] | None,
) -> None:
    """Write a case for the processes to read; ``spikes``: ``[batch, steps, features]`` for each batch."""
    (folder / "case.json").write_text(json.dumps(asdict(case)))
    for k, w in enumerate(weights):
        np.save(folder / f"weight{k}.npy", np.asarray(w, np.float32))
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)
    if spikes is not None:
        np.save(folder / "spikes.npy", np.stack([np.packbits(s, axis=-1) for s in spikes]))
