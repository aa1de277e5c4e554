"""Networks of snnTorch and Norse through NIR: the same predictions on scikit-learn's digits."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from spiking.bridges.nir import from_graph
from spiking.core.coding.decode import SpikeCount
from spiking.core.coding.encode import Direct
from spiking.simulate import run

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra: peers)")
STEPS = 15


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    return torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)


def trained(forward, parameters, x, y, passes=60):
    """Fit spike counts by gradient descent; returns counts of the first 1 000 digits."""
    optimiser = torch.optim.Adam(parameters, lr=2e-2)
    for _ in range(passes):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(forward(x), y).backward()
        optimiser.step()
    with torch.no_grad():
        return forward(x[:1000]).numpy()


def check(graph, counts, x, y, **words):
    net = from_graph(graph, steps=STEPS, encoder=Direct(), decoder=SpikeCount(), **words)
    trace = run(net, x[:1000].numpy())
    theirs = counts.argmax(axis=1)
    assert np.mean(theirs == y[:1000].numpy()) > 0.6  # it learned, so agreement means something
    assert np.mean(trace.predictions == theirs) >= 0.999  # float32 sums in another order
    assert np.mean(trace.scores == counts) > 0.999


def test_snntorch(digits):
    snn = pytest.importorskip("snntorch")
    from snntorch import utils
    from snntorch.export_nir import export_to_nir

    torch.manual_seed(0)

    def leaky(n, **words):
        return snn.Leaky(
            beta=0.9 * torch.ones(n),
            threshold=torch.ones(n),
            reset_mechanism="zero",
            reset_delay=False,
            init_hidden=True,
            **words,
        )

    layers = torch.nn.Sequential(
        torch.nn.Linear(64, 32),
        leaky(32),
        torch.nn.Linear(32, 10),
        leaky(10, output=True),
    )

    def forward(x):
        utils.reset(layers)
        return torch.stack([layers(x)[0] for _ in range(STEPS)]).sum(dim=0)

    counts = trained(forward, layers.parameters(), *digits)
    utils.reset(layers)
    graph = export_to_nir(layers, digits[0][0])  # it takes the sample's shape whole
    check(graph, counts, *digits, dt=1e-4, discretisation="snntorch-nir")


def test_norse(digits):
    norse = pytest.importorskip("norse.torch")
    torch.manual_seed(0)
    parameters = norse.LIFBoxParameters(
        tau_mem_inv=torch.tensor(100.0), v_th=torch.tensor(0.3), alpha=torch.tensor(10.0)
    )
    layers = norse.SequentialState(
        torch.nn.Linear(64, 32),
        norse.LIFBoxCell(parameters, dt=1e-3),
        torch.nn.Linear(32, 10),
        norse.LIFBoxCell(parameters, dt=1e-3),
    )

    def forward(x):
        state, total = None, 0
        for _ in range(STEPS):
            z, state = layers(x, state)
            total = total + z
        return total

    counts = trained(forward, layers.parameters(), *digits)
    # Norse's exporter multiplies tau by its dt argument; 1 leaves seconds
    graph = norse.to_nir(layers, digits[0][:1], dt=1)
    check(graph, counts, *digits, dt=1e-3, discretisation="norse")
