"""What a contender is, the task it gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spiking.core.network import Network
from spiking.core.progress import Watch, unwatched

if TYPE_CHECKING:
    from spiking.data.dataset import Dataset
    from spiking.study.contenders.settings import Settings

Options = Mapping[str, Any]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

WEIGHT_BITS = 8  # of every contender, and of the MLP's values too
CALIBRATION = 1000  # training samples that set scales and thresholds


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """Training samples ``[samples, features]``, held-out validation samples, settings and seed.

    Attributes:
        trained: the contenders that this one is made from, by name.
        watch: called with a :class:`~spiking.core.progress.Progress` while working.
    """

    x: Floats
    y: Ints
    x_validation: Floats
    y_validation: Ints
    classes: int
    settings: Settings
    seed: int
    trained: Mapping[str, Trained] = field(default_factory=dict)
    watch: Watch = unwatched

    @classmethod
    def of(cls, data: Dataset, settings: Settings, seed: int) -> Task:
        """Hold out validation samples of the training set of ``data``, or take those it comes with.

        They are drawn by class, or by whole groups where it has groups; its test samples are not touched.
        """
        x, y = data.x_train, data.y_train
        if data.y_validation is not None:
            xv, yv = data.x_validation, data.y_validation
        else:
            kept, held = _held_out(data, settings.validation, seed)
            x, xv, y, yv = x[kept], x[held], y[kept], y[held]
        return cls(
            x=x, y=y, x_validation=xv, y_validation=yv, classes=data.classes, settings=settings, seed=seed
        )

    def given(self, trained: Mapping[str, Trained], watch: Watch) -> Task:
        """Return the task with what was trained before, and who watches."""
        return replace(self, trained=trained, watch=watch)

    def sizes(self, hidden: int) -> list[int]:
        """Units of input, hidden and output layer."""
        return [self.x.shape[1], hidden, self.classes]

    @property
    def validation(self) -> tuple[Floats, Ints]:
        """Validation samples and labels."""
        return self.x_validation, self.y_validation


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A contender after training.

    Attributes:
        network: as deployed, with 8-bit weights (and values, for the MLP).
        original: the network before quantisation.
        history: dicts with ``epoch, seconds, accuracy, validation_accuracy`` as it learned.
        how: how it was built and trained, in words.
    """

    network: Network
    original: Network
    history: tuple[dict[str, Any], ...] = ()
    how: str


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A thing that competes.

    Attributes:
        name: in options, rows and files; ``label``: for reading; ``summary``: what it is.
        train: from a task to a trained network. needs: contenders that must be trained before.
        colour, marker: in figures; empty takes a spare one. order: place in tables.
        defaults: options of its training where the data set has none of its own.
        tuned: data set -> options, tuned on validation samples.
        limits: largest values of options in a quick run.
        tries: option -> values that are tried on validation samples of unknown data.
        trial: largest values of options in such a try.
        resumable: True where it is one :func:`~spiking.learn.fit.fit`, which takes ``checkpoint`` and
            ``resume``; such a contender can be trained alone by ``train``.
        fixed: True where the network came ready-made, so that no option changes it.
        spiking: whether its networks spike.
    """

    name: str
    label: str
    summary: str
    train: Callable[[Task], Trained]
    needs: tuple[str, ...] = ()
    colour: str = ""
    marker: str = ""
    order: int = 100
    defaults: Options = field(default_factory=dict)
    tuned: Mapping[str, Options] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    tries: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    trial: Mapping[str, int] = field(default_factory=dict)
    resumable: bool = False
    fixed: bool = False
    spiking: bool = True


def _held_out(data: Dataset, share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which training samples are kept and which are held out."""
    from sklearn.model_selection import GroupShuffleSplit, train_test_split

    y = data.y_train
    if data.groups is None or len(np.unique(data.groups)) < 2:
        kept, held = train_test_split(np.arange(len(y)), test_size=share, stratify=y, random_state=seed)
        return kept, held
    cut = GroupShuffleSplit(1, test_size=share, random_state=seed)
    kept, held = next(cut.split(y, y, data.groups))
    return kept, held


def chain(sizes: list[int]) -> str:
    """Layer sizes for reading, e.g. ``64-256-10``."""
    return "-".join(map(str, sizes))


def timed(history: Any) -> tuple[dict[str, Any], ...]:
    """Return a history with seconds since the start instead of seconds per epoch."""
    total = np.cumsum([row["seconds"] for row in history])
    return tuple({**row, "seconds": float(t)} for row, t in zip(history, total, strict=True))


def fit_options(options: Options) -> dict[str, Any]:
    """Return options of :func:`spiking.learn.fit.fit`; ``schedule`` makes an optimiser."""
    from spiking.learn.gradient import Optimiser

    found = dict(options)
    if "schedule" in found:
        found["optimiser"] = Optimiser(
            learning_rate=found.pop("learning_rate"), schedule=found.pop("schedule")
        )
    return found
