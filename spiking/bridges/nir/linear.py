"""The linear nodes of NIR as matrices ``[in, out]`` over flattened signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

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
    raise NotImplementedError(kind)


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
        bias = np.broadcast_to(np.asarray(bias), (*lead, out)).ravel()
    if int(np.prod(lead)) == 1:
        matrix: Any = np.ascontiguousarray(weight.reshape(out, into).T)
    else:
        matrix = sp.csr_array(sp.block_diag([w.T for w in weight.reshape(-1, out, into)]))
    return Step(shape=(*lead, out), matrix=matrix, bias=bias)


def _scale(node: Any, shape: Shape, name: str) -> Step:
    scale = np.asarray(node.scale)
    fits = scale.size == 1 or tuple(n for n in scale.shape if n != 1) == tuple(n for n in shape if n != 1)
    require(fits, f"type mismatch at node {name!r}: shape {shape} arrives, it scales {scale.shape}")
    diagonal = np.broadcast_to(scale.ravel(), (int(np.prod(shape)),))
    shared = 0 if np.unique(scale).size == 1 else None
    return Step(shape=shape, matrix=sp.diags_array(diagonal, format="csr"), stored=shared)


def _flat(node: Any, shape: Shape) -> Shape:
    n = len(shape)
    first, last = int(node.start_dim) % max(n, 1), int(node.end_dim) % max(n, 1)
    return (*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :])
