"""BindsNET's own model of Diehl & Cook's network, learning: seconds per image, as one line of JSON.

``python bindsnet_peer.py RASTER.npy NEURONS IMAGES``, in an interpreter that has torch and bindsnet. The
raster is ``[images, 350, 784]``: BindsNET's model runs in steps of 1 ms. BindsNET imports its data sets and
environments with everything else; packages that only those need and that are not installed are replaced by
empty modules.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import time
import types
from typing import Any

UNUSED = ("torchvision", "gymnasium", "ale_py", "cv2", "pandas", "sklearn", "tensorboardX", "skimage")


class Empty(types.ModuleType):
    """A module whose capital names are empty classes (bases, annotations), its other names modules again."""

    __path__ = ()

    def __getattr__(self, name: str) -> Any:
        if not name[0].isupper():
            raise AttributeError(name)
        return type(name, (), {})


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the packages of ``UNUSED`` that nobody else finds."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.split(".")[0] in UNUSED:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        return Empty(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def main(raster: str, neurons: int, images: int) -> None:
    sys.meta_path.append(Absent())  # last: what is installed is taken as it is
    import numpy as np
    import torch
    from bindsnet.models import DiehlAndCook2015

    torch.set_num_threads(1)
    torch.manual_seed(0)
    # numbers of BindsNET's example eth_mnist.py
    network = DiehlAndCook2015(
        n_inpt=784, n_neurons=neurons, exc=22.5, inh=120, dt=1.0, norm=78.4, nu=(1e-4, 1e-2),
        theta_plus=0.05, inpt_shape=(1, 28, 28),
    )  # fmt: skip
    spikes = torch.from_numpy(np.load(raster)).reshape(-1, 350, 1, 1, 28, 28)
    took = []
    for k in range(images + 1):  # the first one warms up
        start, cpu = time.perf_counter(), time.process_time()
        network.run(inputs={"X": spikes[k % len(spikes)]}, time=350)
        network.reset_state_variables()
        took.append((time.perf_counter() - start, time.process_time() - cpu))
    from importlib.metadata import version

    print(
        json.dumps(
            {
                "seconds": sum(wall for wall, _ in took[1:]) / images,
                "cpu_seconds": sum(cpu for _, cpu in took[1:]) / images,
                "versions": {"bindsnet": version("bindsnet"), "torch": torch.__version__},
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
