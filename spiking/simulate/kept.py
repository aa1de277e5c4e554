"""What a group leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(eq=False)
class Kept:
    """What one group leaves behind for its readers: ``[samples, steps, units]`` arrays or empty.

    Spikes are in ``s`` or, as bits, in ``words`` ``[samples, steps, units / LANES]``; see :meth:`spikes`.
    ``counts`` and ``first`` may be empty where ``words`` is not.
    """

    v: Floats
    a: Floats
    s: NDArray[np.signedinteger]
    words: NDArray[np.uint16]
    counts: NDArray[np.int32]
    first: NDArray[np.int32]

    def spikes(self) -> NDArray[np.signedinteger]:
        """Number of spikes ``[samples, steps, units]``."""
        if not self.words.size:
            return self.s
        bits = np.unpackbits(self.words.view(np.uint8), axis=-1, bitorder="little")
        return bits[:, :, : self.counts.shape[1]].view(np.int8)
