"""How far a long piece of work is: the one event that every watcher gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spiking.core.network import Network


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``done`` of ``total`` ``unit`` in a ``stage`` of the work.

    Attributes:
        stage: what is being done, in words; ``unit``: what is counted, in the plural.
        who: the contender, seed or file it is done for; empty for the whole.
        accuracy, loss: so far, as fractions; None where there are none.
        seconds: time the finished work took [s]; None while it goes on.
        spikes: mean spikes per sample in the last report; None where not counted.
        network: returns the network as it is now; None where there is none to show.
    """

    stage: str
    done: int
    total: int
    unit: str
    who: str = ""
    accuracy: float | None = None
    loss: float | None = None
    seconds: float | None = None
    spikes: float | None = None
    network: Callable[[], Network] | None = None


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """Watch nothing."""
