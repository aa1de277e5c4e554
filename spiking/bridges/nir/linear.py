"""The linear nodes of NIR as matrices ``[in, out]`` over flattened signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from spiking.bridges.nir.conv import convolution, pool, windows
from spiking.core.errors import require

Shape = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One linear node: output shape, matrix (None passes on), constant, weights in memory."""

    shape: Shape
    matrix: Any = None
    bias: Any = None
    stored: int | None = None


def transform(node: Any, kind: str, shape: Shape, name: str) -> Step:
    """Return what ``node`` does to a signal of ``shape``.

    Raises:
        SpikingError: if the shapes do not fit or the unrolled matrix would be too large.
    """
    if kind in ("Affine", "Linear"):
        return _affine(node, shape, name)
    if kind == "Scale":
        return _scale(node, shape, name)
    if kind == "Flatten":
        return Step(shape=_flat(node, shape))
    if kind in ("Conv1d", "Conv2d"):
        return _conv(node, shape, name)
    return _pool(node, kind, shape, name)


def _conv(node: Any, shape: Shape, name: str) -> Step:
    weight = np.asarray(node.weight)
    n, groups = weight.ndim - 2, int(np.asarray(node.groups))
    require(
        len(shape) == n + 1 and weight.shape[1] * groups == shape[0] and weight.shape[0] % groups == 0,
        f"type mismatch at node {name!r}: shape {shape} arrives, its weight is {weight.shape} "
        f"with {groups} groups ([channels, {', '.join(['size'] * n)}] is needed)",
    )
    given = getattr(node, "input_shape", None)
    if given is not None:
        given = tuple(int(k) for k in np.atleast_1d(np.asarray(given)))
        require(given == shape[1:], f"type mismatch at node {name!r}: {shape[1:]} arrives, it takes {given}")
    axes = windows(shape[1:], weight.shape[2:], node.stride, node.padding, node.dilation, name)
    out = (weight.shape[0], *(w.out for w in axes))
    bias = None if node.bias is None else np.asarray(node.bias)
    if bias is not None:
        require(bias.size in (1, out[0]), f"node {name!r} has {bias.size} biases for {out[0]} channels")
        bias = np.repeat(np.broadcast_to(bias.ravel(), (out[0],)), int(np.prod(out[1:])))
    matrix = convolution(weight, axes, groups, name)
    return Step(shape=out, matrix=matrix, bias=bias, stored=weight.size)


def _pool(node: Any, kind: str, shape: Shape, name: str) -> Step:
    require(
        len(shape) == 3, f"type mismatch at node {name!r}: shape {shape} arrives, [channels, y, x] is needed"
    )
    kernel = tuple(int(k) for k in np.broadcast_to(np.asarray(node.kernel_size), (2,)))
    axes = windows(shape[1:], kernel, node.stride, node.padding, 1, name)
    value = 1.0 if kind == "SumPool2d" else 1.0 / (kernel[0] * kernel[1])
    matrix = pool(shape[0], axes, value, name)
    return Step(shape=(shape[0], *(w.out for w in axes)), matrix=matrix, stored=0)


def _affine(node: Any, shape: Shape, name: str) -> Step:
    weight = np.asarray(node.weight)
    *lead, out, into = weight.shape
    need = (*lead, into)
    require(
        tuple(n for n in shape if n != 1) == tuple(n for n in need if n != 1),
        f"type mismatch at node {name!r}: shape {shape} arrives, its weight takes {need}",
    )
    bias = getattr(node, "bias", None)
    if bias is not None:
        flat, whole = np.asarray(bias).ravel(), int(np.prod(lead)) * out
        require(
            flat.size in (1, out, whole),
            f"type mismatch at node {name!r}: its bias has {flat.size} entries, its weight {out} rows",
        )
        bias = np.resize(flat, whole)
    if int(np.prod(lead)) == 1:
        matrix: Any = np.ascontiguousarray(weight.reshape(out, into).T)
    else:
        matrix = sp.csr_array(sp.block_diag([w.T for w in weight.reshape(-1, out, into)]))
    return Step(shape=(*lead, out), matrix=matrix, bias=bias)


def _scale(node: Any, shape: Shape, name: str) -> Step:
    scale = np.asarray(node.scale)
    fits = scale.size == 1 or tuple(n for n in scale.shape if n != 1) == tuple(n for n in shape if n != 1)
    require(fits, f"type mismatch at node {name!r}: shape {shape} arrives, it scales {scale.shape}")
    kind = scale.dtype if scale.dtype.kind == "f" else np.dtype(np.float64)
    diagonal = np.broadcast_to(scale.ravel(), (int(np.prod(shape)),)).astype(kind)
    shared = 0 if np.unique(scale).size == 1 else None
    return Step(shape=shape, matrix=sp.diags_array(diagonal, format="csr"), stored=shared)


def _flat(node: Any, shape: Shape) -> Shape:
    n = len(shape)
    first, last = int(node.start_dim) % max(n, 1), int(node.end_dim) % max(n, 1)
    return (*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :])
