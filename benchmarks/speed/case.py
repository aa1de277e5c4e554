"""What every contender is given: sizes, weights, images and spikes, as files that need numpy alone."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import asdict, dataclass, replace
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

    def tiny(self) -> Inputs:
        """The same with two samples and 16 hidden units, to make libraries load and compile."""
        small = copy(self)
        sizes = (self.case.sizes[0], *(16 for _ in self.weights[1:]), self.case.sizes[-1])
        small.case = replace(self.case, sizes=sizes, batch=2)
        small.weights = [w[:n, :m] for w, n, m in zip(self.weights, sizes[:-1], sizes[1:], strict=True)]
        small.images, small.labels = self.images[:, :2], self.labels[:, :2]
        small._packed = None if self._packed is None else self._packed[:, :2]
        return small


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
