"""JAX: products for all steps at once, ``lax.scan`` over the steps, the whole update compiled."""

from __future__ import annotations

import os
import time
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
from jax import lax

from speed.case import Inputs


class Jax:
    """LIF layers as scans, Adam by its equations, parameters updated in place (donated)."""

    dynamics = "plain"

    def __init__(self, inputs: Inputs, threads: int) -> None:
        self.inputs, self.case = inputs, inputs.case
        self.forward = jax.jit(make_scores(self.case))
        self.update = jax.jit(make_update(self.case), donate_argnums=(0, 1))

    def versions(self) -> dict[str, str]:
        return {"jax": jax.__version__}

    def load(self) -> None:
        few = 1 if self.case.task == "inference" else self.case.batches
        self.x = [self.convert(k) for k in range(few)]
        self.y = [jnp.asarray(y) for y in self.inputs.labels]

    def convert(self, k: int) -> Any:
        direct = self.case.code == "direct"
        return jnp.asarray(self.inputs.images[k] if direct else self.inputs.spikes(k))

    def build(self) -> None:
        self.params = [(jnp.array(w), jnp.zeros(w.shape[1])) for w in self.inputs.weights]
        zero = jax.tree.map(jnp.zeros_like, self.params)
        self.state = (zero, jax.tree.map(jnp.copy, zero), jnp.zeros(()))

    def once(self, k: int) -> float:
        if self.case.task == "inference":
            return float(entropy(self.forward(self.params, self.x[k]), self.y[k]))
        self.params, self.state, loss = self.update(self.params, self.state, self.x[k], self.y[k])
        jax.block_until_ready(self.params)
        return float(loss)

    def all_images(self) -> tuple[float, float]:
        seconds, total = 0.0, 0.0
        for k in range(self.case.batches):
            x = jax.block_until_ready(self.convert(k))
            start = time.perf_counter()
            scores = jax.block_until_ready(self.forward(self.params, x))
            seconds += time.perf_counter() - start
            total += float(entropy(scores, self.y[k]))
        return seconds, total / self.case.batches


def entropy(scores: Any, labels: Any) -> Any:
    """Mean softmax cross-entropy."""
    return -jnp.take_along_axis(jax.nn.log_softmax(scores), labels[:, None], axis=1).mean()


def make_scores(case: Any) -> Any:
    """``(params, x) -> mean readout membrane [batch, classes]``."""

    @jax.custom_vjp
    def spike(d: Any) -> Any:
        return (d > 0).astype(d.dtype)

    spike.defvjp(lambda d: (spike(d), d), lambda d, g: (g / (1 + case.slope * jnp.abs(d)) ** 2,))

    def lif(v: Any, current: Any) -> tuple[Any, Any]:
        v = case.beta * v + current
        s = spike(v - 1.0)
        return v - lax.stop_gradient(s), s

    def li(v: Any, current: Any) -> tuple[Any, Any]:
        v = case.beta * v + current
        return v, v

    def scores(params: Any, x: Any) -> Any:
        w, b = params[0]
        current = x @ w + b
        if x.ndim == 2:
            current = jnp.broadcast_to(current, (case.steps, *current.shape))
        for w, b in params[1:]:
            _, spikes = lax.scan(lif, jnp.zeros(current.shape[1:]), current)
            current = spikes @ w + b
        _, v = lax.scan(li, jnp.zeros(current.shape[1:]), current)
        return v.mean(0)

    return scores


def make_update(case: Any) -> Any:
    """``(params, state, x, y) -> (params, state, loss)``: one step of Adam (Kingma & Ba 2015)."""
    scores = make_scores(case)

    def update(params: Any, state: Any, x: Any, y: Any) -> Any:
        loss, grad = jax.value_and_grad(lambda p: entropy(scores(p, x), y))(params)
        first, second, count = state
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grad)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grad)
        fix1, fix2 = 1 - 0.9**count, 1 - 0.999**count

        def move(p: Any, m: Any, v: Any) -> Any:
            return p - case.learning_rate * (m / fix1) / (jnp.sqrt(v / fix2) + 1e-8)

        return jax.tree.map(move, params, first, second), (first, second, count), loss

    return update
