"""Convolutions and pools as sparse matrices ``[in, out]`` over flattened ``[channel, row, column]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from spiking.core.errors import SpikingError, require

Ints = NDArray[np.int64]
LIMIT = 2**30


@dataclass(frozen=True, kw_only=True)
class Window:
    """How a kernel slides along one axis: ``out = (size + before + after - reach) // stride + 1``."""

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def out(self) -> int:
        """Number of positions."""
        reach = self.dilation * (self.kernel - 1) + 1
        return (self.size + self.before + self.after - reach) // self.stride + 1

    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """All (input, output, kernel) indices where the kernel lies on the input."""
        o, k = (a.ravel() for a in np.meshgrid(np.arange(self.out), np.arange(self.kernel), indexing="ij"))
        i = o * self.stride - self.before + k * self.dilation
        inside = (i >= 0) & (i < self.size)
        return i[inside], o[inside], k[inside]


def windows(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: Any, padding: Any, dilation: Any, name: str
) -> list[Window]:
    """Return one window per spatial axis; ``padding`` may be ``"same"`` or ``"valid"``.

    ``"same"`` pads as PyTorch does: the odd row or column goes to the end.
    """
    n = len(size)
    if isinstance(padding, bytes):
        padding = padding.decode()
    word = padding if isinstance(padding, str) else ""
    made = []
    for axis, (s, d) in enumerate(zip(_each(stride, n, name), _each(dilation, n, name), strict=True)):
        require(s > 0 and d > 0, f"the stride and dilation of node {name!r} must be positive")
        if word == "same":
            require(s == 1, f"node {name!r} has padding 'same' with stride {s}; it needs stride 1")
            total = d * (kernel[axis] - 1)
            before, after = total // 2, total - total // 2
        else:
            before = after = 0 if word == "valid" else _each(padding, n, name)[axis]
        window = Window(
            size=size[axis], kernel=kernel[axis], stride=s, before=before, after=after, dilation=d
        )
        require(
            window.out > 0 and before >= 0,
            f"the kernel of node {name!r} ({kernel[axis]}) does not fit its input of size {size[axis]}",
        )
        made.append(window)
    return made


def _each(value: Any, n: int, name: str) -> list[int]:
    flat = [int(v) for v in np.atleast_1d(np.asarray(value)).ravel()]
    require(len(flat) in (1, n), f"node {name!r} has {len(flat)} values where {n} or one are needed")
    return flat * n if len(flat) == 1 else flat


def _spatial(axes: list[Window]) -> tuple[Ints, Ints, Ints, int, int]:
    """Flat (input, output, kernel) indices over all axes, and the sizes of input and output."""
    i = o = k = np.zeros(1, np.int64)
    n_in = n_out = 1
    for w in axes:
        a, b, c = w.pairs()
        i = (i[:, None] * w.size + a).ravel()
        o = (o[:, None] * w.out + b).ravel()
        k = (k[:, None] * w.kernel + c).ravel()
        n_in, n_out = n_in * w.size, n_out * w.out
    return i, o, k, n_in, n_out


def convolution(weight: NDArray[Any], axes: list[Window], groups: int, name: str) -> sp.csr_array:
    """Unroll ``weight`` ``[out channels, in channels / groups, *kernel]``.

    Raises:
        SpikingError: where the unrolled matrix would not fit, before it is made.
    """
    c_out, c_in = weight.shape[:2]
    pairs = int(np.prod([w.pairs()[0].size for w in axes]))
    size = pairs * c_out * c_in * (weight.dtype.itemsize + 20)
    if size > LIMIT:
        raise SpikingError(
            f"unrolled, node {name!r} has {pairs * c_out * c_in:.3g} synapses and takes "
            f"{size / 2**30:.3g} GiB; the limit is {LIMIT / 2**30:.3g} GiB"
        )
    i, o, k, n_in, n_out = _spatial(axes)
    flat = weight.reshape(c_out, c_in, -1)
    out, into = np.meshgrid(np.arange(c_out), np.arange(c_in), indexing="ij")
    first = out // (c_out // groups) * c_in  # input channel at which the group of an output begins
    row = ((first + into)[..., None] * n_in + i).ravel()
    col = (out[..., None] * n_out + o).ravel()
    return sp.csr_array((flat[:, :, k].ravel(), (row, col)), shape=(c_in * groups * n_in, c_out * n_out))


def pool(channels: int, axes: list[Window], value: float, name: str) -> sp.csr_array:
    """Sum every window of each channel, times ``value``."""
    kernel = np.full((channels, 1, *(w.kernel for w in axes)), value)
    return convolution(kernel, axes, channels, name)
