"""What a group leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(eq=False)
class Kept:
    """What one group leaves behind for its readers.

    ``v, a``: membranes before the reset and adaptation ``[samples, steps, units]``, of groups in panels
    ``[panels, samples, steps, PANEL]``, or empty; ``s``: spikes ``[samples, steps, units]``, or, of groups in
    panels, as bits in ``words`` ``[samples, steps, units / LANES]``. ``counts`` and ``first`` may be empty
    where ``words`` is not.
    """

    units: int
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
        return bits[:, :, : self.units].view(np.int8)

    def membranes(self) -> Floats:
        """Membranes before the reset ``[samples, steps, units]``."""
        if self.v.ndim < 4:
            return self.v
        _, samples, steps, _ = self.v.shape
        return self.v.transpose(1, 2, 0, 3).reshape(samples, steps, -1)[:, :, : self.units]
