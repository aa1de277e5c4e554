"""The peers that stand on PyTorch, each written as its own documentation shows.

All get their spikes ready made, as float tensors ``[steps, batch, features]``. Where a library lets the
first layer be multiplied for all steps at once this is done; direct current is multiplied once. ``compiled``:
forward and backward through ``torch.compile``.
"""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from speed.case import Inputs


class TorchPeer:
    """A model, Adam, and steps of training or inference on the case's batches."""

    dynamics = "plain"
    weight_scale = 1.0
    package = "torch"

    def __init__(self, inputs: Inputs, threads: int, compiled: bool = False) -> None:
        torch.set_num_threads(threads)
        self.compiled = compiled
        self.inputs, self.case = inputs, inputs.case
        self.x: list[Tensor] = []
        self.y: list[Tensor] = []

    def versions(self) -> dict[str, str]:
        from importlib.metadata import version

        return {name: version(name) for name in {"torch", self.package}}

    def load(self) -> None:
        few = 1 if self.case.task == "inference" else self.case.batches
        self.x = [self.convert(k) for k in range(few)]
        self.y = [torch.from_numpy(y) for y in self.inputs.labels]

    def convert(self, k: int) -> Tensor:
        if self.case.code == "direct":
            return torch.from_numpy(self.inputs.images[k])
        return torch.from_numpy(self.inputs.spikes(k))

    def build(self) -> None:
        layers = []
        for w in self.inputs.weights:
            layer = nn.Linear(*w.shape)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(w.T * self.weight_scale))
                layer.bias.zero_()
            layers.append(layer)
        self.model = self.assemble(layers)
        self.score = torch.compile(self.scores) if self.compiled else self.scores
        rate = self.case.learning_rate
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=rate, fused=True)

    def once(self, k: int) -> float:
        """A training step on batch ``k``, or one batch of inference; the loss."""
        if self.case.task == "inference":
            with torch.no_grad():
                return cross_entropy(self.score(self.x[k]), self.y[k]).item()
        self.optimiser.zero_grad()
        loss = cross_entropy(self.score(self.x[k]), self.y[k])
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def all_images(self) -> tuple[float, float]:
        """Seconds for the scores of all batches (converting the spikes is not timed), and the loss."""
        seconds, total = 0.0, 0.0
        with torch.no_grad():
            for k in range(self.case.batches):
                x = self.convert(k)
                start = time.perf_counter()
                scores = self.score(x)
                seconds += time.perf_counter() - start
                total += cross_entropy(scores, self.y[k]).item()
        return seconds, total / self.case.batches

    def assemble(self, layers: list[nn.Linear]) -> nn.Module:
        raise NotImplementedError

    def scores(self, x: Tensor) -> Tensor:
        """Mean readout membrane ``[batch, classes]``."""
        raise NotImplementedError


class SnnTorch(TorchPeer):
    """Leaky units in a loop over steps, as in snnTorch's tutorial 5; its reset comes a step late."""

    dynamics = "delayed"
    package = "snntorch"

    def assemble(self, layers: list[nn.Linear]) -> nn.Module:
        import snntorch

        grad = snntorch.surrogate.fast_sigmoid(slope=self.case.slope)
        hidden = [snntorch.Leaky(beta=self.case.beta, spike_grad=grad) for _ in layers[:-1]]
        readout = snntorch.Leaky(beta=self.case.beta, reset_mechanism="none")
        self.layers, self.units = layers, [*hidden, readout]
        return nn.ModuleList([*layers, *self.units])

    def scores(self, x: Tensor) -> Tensor:
        states = [unit.init_leaky() for unit in self.units]
        constant = self.layers[0](x) if x.ndim == 2 else None
        membranes = []
        for t in range(self.case.steps):
            current = self.layers[0](x[t]) if constant is None else constant
            for k, unit in enumerate(self.units):
                spikes, states[k] = unit(current, states[k])
                if k + 1 < len(self.layers):
                    current = self.layers[k + 1](spikes)
            membranes.append(states[-1])
        return torch.stack(membranes).mean(0)


class SpikingJelly(TorchPeer):
    """Multi-step mode; the readout is a LIF unit whose threshold is out of reach."""

    package = "spikingjelly"

    def assemble(self, layers: list[nn.Linear]) -> nn.Module:
        from spikingjelly.activation_based import functional, neuron, surrogate

        self.functional = functional
        # SoftSign's derivative is the fast sigmoid's times slope/2. A constant factor per layer leaves
        # Adam's updates as they are, and a built-in surrogate takes the library's quicker path.
        common = {"tau": 1.0 / (1.0 - self.case.beta), "decay_input": False, "v_reset": None}
        common |= {"surrogate_function": surrogate.SoftSign(alpha=self.case.slope), "detach_reset": True}
        units = [neuron.LIFNode(**common, step_mode="m") for _ in layers[:-1]]
        self.readout = neuron.LIFNode(**common, step_mode="m", v_threshold=1e9, store_v_seq=True)
        self.layers, self.units = layers, units
        return nn.ModuleList([*layers, *units, self.readout])

    def scores(self, x: Tensor) -> Tensor:
        self.functional.reset_net(self.model)
        current = self.layers[0](x)
        if x.ndim == 2:
            current = current.unsqueeze(0).expand(self.case.steps, *current.shape)
        for layer, unit in zip(self.layers[1:], self.units, strict=True):
            current = layer(unit(current))
        self.readout(current)
        return self.readout.v_seq.mean(0)


class Norse(TorchPeer):
    """Units without synaptic current. Norse scales the input by ``dt / tau``, so weights are larger.

    Its SuperSpike surrogate takes a slope and does not use it (1.1.0); ours takes slope 1 beside it.
    """

    dynamics = "euler"
    package = "norse"

    @property
    def weight_scale(self) -> float:  # type: ignore[override]
        return 1.0 / (1.0 - self.case.beta)

    def assemble(self, layers: list[nn.Linear]) -> nn.Module:
        from norse.torch import LIBoxCell, LIFBoxCell
        from norse.torch.functional.leaky_integrator_box import LIBoxParameters
        from norse.torch.functional.lif_box import LIFBoxParameters

        def subtract(z: Tensor, v: Tensor, reset: Tensor, threshold: Tensor) -> Tensor:
            return v - z.detach() * threshold

        rate = torch.as_tensor((1.0 - self.case.beta) / 1e-3)
        form = LIFBoxParameters(tau_mem_inv=rate, reset_method=subtract)
        self.units: list[Any] = [LIFBoxCell(form) for _ in layers[:-1]]
        self.units.append(LIBoxCell(LIBoxParameters(tau_mem_inv=rate)))
        self.layers = layers
        return nn.ModuleList([*layers, *self.units])

    def scores(self, x: Tensor) -> Tensor:
        first = self.layers[0](x)
        states: list[Any] = [None] * len(self.units)
        membranes = []
        for t in range(self.case.steps):
            current = first if x.ndim == 2 else first[t]
            for k, unit in enumerate(self.units):
                current, states[k] = unit(current, states[k])
                if k + 1 < len(self.layers):
                    current = self.layers[k + 1](current)
            membranes.append(current)
        return torch.stack(membranes).mean(0)


class Mlp(TorchPeer):
    """A conventional network of the same sizes on the images, for scale: one step, ReLU."""

    dynamics = "mlp"

    def convert(self, k: int) -> Tensor:
        return torch.from_numpy(self.inputs.images[k])

    def assemble(self, layers: list[nn.Linear]) -> nn.Module:
        parts: list[nn.Module] = [layers[0]]
        for layer in layers[1:]:
            parts += [nn.ReLU(), layer]
        return nn.Sequential(*parts)

    def scores(self, x: Tensor) -> Tensor:
        return self.model(x)
