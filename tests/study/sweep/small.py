"""A sweep that takes a second: small networks on few made-up samples."""

import numpy as np


def data(samples=120, features=8, classes=3, seed=0):
    """``(x, y)``: each class is bright in its own features."""
    rng = np.random.default_rng(seed)
    y = np.arange(samples) % classes
    x = rng.uniform(0, 0.4, (samples, features))
    x[np.arange(samples), y] += 0.6
    return x.astype(np.float32), y


def base(**more):
    return {"data": data(), "quick": True, "hidden": 8, "budget": 0, **more}


GRID = {
    "contender": ["mlp", "surrogate"],
    "steps": [2, 4],
    "weight_bits": [4, 8],
    "chip": ["generic-45nm", "loihi1"],
}
POINTS = 2 * 2 + 2 * 2 * 2  # the steps do not touch the MLP
