import numpy as np
import pytest
from sklearn.datasets import load_digits, make_classification
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier as TheirMLP
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from spiking.core.errors import SpikingError
from spiking.core.neurons import ReLU
from spiking.learn.adopt import adopt
from spiking.simulate import run
from spiking.study.contenders.estimators import (
    ConvertedClassifier,
    MLPClassifier,
    SpikingClassifier,
    STDPClassifier,
)

QUICK = [
    MLPClassifier((20,), epochs=25, learning_rate=0.02),
    SpikingClassifier((20,), epochs=25, learning_rate=0.02, steps=5),
    ConvertedClassifier((20,), epochs=25, learning_rate=0.02),
    STDPClassifier(20, epochs=1),
]


@pytest.fixture(scope="module")
def digits():
    x, y = load_digits(return_X_y=True)
    return train_test_split(x / 16, y, test_size=0.25, random_state=0, stratify=y)


@pytest.mark.parametrize("estimator", QUICK, ids=lambda e: type(e).__name__)
def test_scikit_learns_own_checks(estimator):
    failed = []
    for one, check in estimator_checks_generator(estimator):
        name = getattr(check, "func", check).__name__
        try:
            check(one)
        except Exception as error:
            if type(error).__name__ not in ("SkipTest", "SkipTestWarning"):
                failed.append(f"{name}: {error!r}"[:300])
    assert not failed


@pytest.mark.parametrize(
    ("estimator", "least"),
    [
        (MLPClassifier((64,), epochs=15), 0.95),
        (SpikingClassifier((64,), epochs=10, steps=8), 0.93),
        (SpikingClassifier((64,), epochs=10, steps=12, encoder="poisson"), 0.85),
        (ConvertedClassifier((64,), epochs=15), 0.94),
    ],
    ids=lambda v: type(v).__name__ if not isinstance(v, float) else "",
)
def test_they_learn_and_cost(estimator, least, digits):
    x, xt, y, yt = digits
    fitted = estimator.fit(x, y + 5)
    assert fitted.score(xt, yt + 5) >= least
    assert set(fitted.predict(xt[:20])) <= set(range(5, 15))
    p = fitted.predict_proba(xt[:20])
    assert p.shape == (20, 10)
    assert np.allclose(p.sum(axis=1), 1)
    energy = fitted.energy("generic-45nm", xt[:50]).total("total")
    assert 0 < float(energy.low) <= float(energy.nominal) <= float(energy.high)
    assert fitted.network_.populations[-1].size >= 10


def test_stdp_learns_without_labels(digits):
    x, xt, y, yt = digits
    fitted = STDPClassifier(40, epochs=1).fit(x[:400], y[:400])
    assert fitted.score(xt[:150], yt[:150]) > 0.4
    assert float(fitted.energy("generic-45nm", xt[:5]).total("total").nominal) > 0


def test_pipeline_and_grid_search():
    x, y = make_classification(150, 12, n_informative=8, n_classes=3, random_state=0)
    model = make_pipeline(MinMaxScaler(), SpikingClassifier((16,), steps=4, epochs=12, learning_rate=0.02))
    search = GridSearchCV(model, {"spikingclassifier__tau_mem": [3e-3, 20e-3]}, cv=2).fit(x, y)
    assert search.best_score_ > 0.55
    bill = search.best_estimator_[-1].energy("generic-45nm", search.best_estimator_[:-1].transform(x))
    assert bill.runs_here


def test_a_fitted_scikit_learn_mlp_becomes_a_network(digits):
    x, xt, y, _ = digits
    theirs = TheirMLP((30, 20), max_iter=30, random_state=0).fit(x, y)
    net = adopt(theirs)
    ours = run(net, xt, precision="float64")
    assert np.array_equal(theirs.classes_[ours.predictions], theirs.predict(xt))
    assert [p.size for p in net.populations] == [30, 20, 10]
    binary = TheirMLP((9,), max_iter=30, random_state=0).fit(x, y == 3)
    assert np.array_equal(run(adopt(binary), xt, precision="float64").predictions == 1, binary.predict(xt))


class Layer:
    """Stands for a PyTorch layer: only names and arrays matter."""

    def __init__(self, weight=None, bias=None):
        self.weight, self.bias = (None if a is None else Tensor(a) for a in (weight, bias))


class Tensor:
    def __init__(self, a):
        self.a = a

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.a


def layer(name, *arrays):
    return type(name, (Layer,), {})(*arrays)


def test_a_sequential_of_linear_and_relu_becomes_a_network():
    rng = np.random.default_rng(0)
    w1, b1, w2 = rng.normal(size=(7, 4)), rng.normal(size=7), rng.normal(size=(3, 7))
    net = adopt([layer("Flatten"), layer("Linear", w1, b1), layer("ReLU"), layer("Linear", w2)])
    x = rng.random((5, 4))
    want = np.maximum(x @ w1.T + b1, 0) @ w2.T
    np.testing.assert_allclose(run(net, x, precision="float64").scores, want, rtol=1e-12)
    assert isinstance(net["hidden1"].unit, ReLU)


def test_models_that_cannot_be_read_are_named(digits):
    x, _, y, _ = digits
    w = np.ones((2, 2))
    with pytest.raises(SpikingError, match="layer 1 is a Tanh"):
        adopt([layer("Linear", w), layer("Tanh")])
    with pytest.raises(SpikingError, match="has no ReLU behind it"):
        adopt([layer("Linear", w), layer("Linear", w)])
    with pytest.raises(SpikingError, match="is not fitted"):
        adopt(TheirMLP())
    with pytest.raises(SpikingError, match="activation is 'tanh'"):
        adopt(TheirMLP((3,), activation="tanh", max_iter=1).fit(x[:50], y[:50]))
    with pytest.raises(SpikingError, match="a dict is no network"):
        adopt({})
    with pytest.raises(SpikingError, match="encoder is 'rate'"):
        SpikingClassifier(encoder="rate").fit(x, y)
