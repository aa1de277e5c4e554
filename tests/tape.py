"""A tiny reverse-mode automatic differentiation over numpy arrays, for slow twins only."""

from __future__ import annotations

import numpy as np


class Var:
    """An array with the operations that made it; ``backward`` fills ``grad`` of everything below."""

    def __init__(self, value, parents=()):
        self.value = np.asarray(value, np.float64)
        self.parents = parents  # pairs (Var, function from output gradient to parent gradient)
        self.grad = np.zeros_like(self.value)

    def __add__(self, other):
        o = as_var(other)
        return Var(self.value + o.value, [(self, fit_to(self)), (o, fit_to(o))])

    def __mul__(self, other):
        o = as_var(other)
        left, right = fit_to(self), fit_to(o)
        return Var(
            self.value * o.value,
            [(self, lambda g: left(g * o.value)), (o, lambda g: right(g * self.value))],
        )

    def __sub__(self, other):
        return self + as_var(other) * -1.0

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return as_var(other) - self

    def __matmul__(self, other):
        return Var(
            self.value @ other.value,
            [(self, lambda g: g @ other.value.T), (other, lambda g: self.value.T @ g)],
        )

    def detach(self):
        return Var(self.value)

    def apply(self, forward, derivative):
        """An element-wise function; its derivative may be a surrogate."""
        slope = derivative(self.value)
        return Var(forward(self.value), [(self, lambda g: g * slope)])

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = np.ones_like(self.value)
        for node in reversed(order):
            for parent, pull in node.parents:
                parent.grad = parent.grad + pull(node.grad)


def as_var(x):
    return x if isinstance(x, Var) else Var(x)


def fit_to(var):
    """Sum a gradient over the axes along which ``var`` was broadcast."""

    def pull(g):
        g = np.asarray(g)
        while g.ndim > var.value.ndim:
            g = g.sum(axis=0)
        for axis, n in enumerate(var.value.shape):
            if n == 1 and g.shape[axis] > 1:
                g = g.sum(axis=axis, keepdims=True)
        return g

    return pull
