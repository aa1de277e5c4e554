"""Wrong values of every field of every public class beyond core (``core/test_values.py`` has those).

Each field gets each odd value: it is taken, or refused in one sentence before any work.
"""

import dataclasses

import numpy as np
import pytest

from spiking.bridges.nir.reading import Reading
from spiking.core.errors import SpikingError
from spiking.core.neurons import LIF
from spiking.core.plasticity import STDP
from spiking.data.dataset import Dataset
from spiking.data.events import Streams
from spiking.hardware import load_chip
from spiking.hardware.design import Design
from spiking.hardware.quantity import Quantity
from spiking.hardware.verdict.breakeven import Layers
from spiking.learn.gradient.adjoint import Surrogate
from spiking.learn.gradient.config import FitConfig
from spiking.learn.gradient.hardware_aware.straight_through import StraightThrough
from spiking.learn.gradient.optimise import Optimiser
from spiking.learn.stdp.config import LearnConfig
from spiking.learn.stdp.network import NetworkConfig
from spiking.study.compare import Comparing
from spiking.study.inferences import Inferences
from spiking.study.pricing import Pricing
from spiking.study.train.gradient import TrainConfig
from spiking.study.train.stdp import STDPConfig

X, Y = np.linspace(0, 1, 18).reshape(6, 3), np.arange(6) % 2
CHIP = load_chip("generic-45nm")
GOOD = [
    Reading(),
    Dataset(
        **{f"x_{part}": X for part in ("train", "test", "validation")},
        **{f"y_{part}": Y for part in ("train", "test", "validation")},
        groups=np.arange(6), name="d", classes=2, class_names=("a", "b"), image_shape=(1, 3),
    ),
    Streams(time=np.array([0.0, 1e-3]), unit=np.array([0, 1]), start=np.array([0, 1, 2]), frame=(2,)),
    Quantity(value=1.0, unit="pJ", source="x"),
    next(iter(CHIP.constants.values())),
    NetworkConfig(neurons=3, rate=100.0, rule=STDP(a_plus=1e-3)),
    *(CHIP, Design(), Surrogate(), FitConfig(epochs=1), Optimiser(), StraightThrough(), LearnConfig()),
    *(Layers(), Comparing(), Inferences(), Pricing(), TrainConfig(), STDPConfig()),
]  # fmt: skip
ODD = [
    *(None, True, False, -1, 0, 1, 3, 2**40, -(2**40), 2**70, 0.5, 1.5),
    *(float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 1e-320),
    *("", "x", "[/x]", "a\nb", "~nobody-of-that-name/x", "nul\0byte", "n" * 5000, b"x"),
    *((), [], {}, [1, "x"], {"x": 1}, object(), 1j, LIF(), print, range(3), np.datetime64("2020")),
    *(np.array("x"), np.array([]), np.array([np.nan, 1, 1]), np.ones(2), np.ones(3), np.zeros((3, 2))),
    *(np.ones((2, 2, 2)), np.ones((10, 10)), np.float32("inf"), np.int64(-1), np.array([object()])),
]


@pytest.mark.parametrize("good", GOOD, ids=lambda g: type(g).__name__)
@pytest.mark.filterwarnings("ignore")
def test_a_field_is_taken_or_refused_in_one_sentence(good):
    taken = {}
    for field in dataclasses.fields(good):
        for value in ODD:
            try:
                dataclasses.replace(good, **{field.name: value})
            except SpikingError as error:
                said = str(error)
                assert said
                assert "\n" not in said
                assert len(said) < 6000
                continue
            taken.setdefault(field.name, []).append(value)
    for name, values in taken.items():
        assert len(values) < len(ODD) / 2, f"{name} is not checked at all"
        for value in values:  # what is taken is no object of another kind, and never NaN
            assert not isinstance(value, complex) or isinstance(value, int | float), name
            assert type(value) is not object, name
            assert not (isinstance(value, float) and np.isnan(value)), name


def test_sentences_have_one_line_whatever_came():
    with pytest.raises(SpikingError, match=r"^dt is an array of shape \(10, 10\) s; allowed: above 0$"):
        Reading(dt=np.ones((10, 10)))
    with pytest.raises(SpikingError, match=r"dt is array\(\[\[0., 0.\],  .*allowed: above 0$"):
        Reading(dt=np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Dataset(x_train=X, y_train=Y, x_test=X, y_test=Y, name="d", classes=2**40), "classes is 10"),
        (lambda: Comparing(steps="x"), "--steps is 'x'; allowed: whole numbers, 1 to 100000"),
        (lambda: Comparing(design=None), "design is 'None'; allowed: best"),
        (lambda: Comparing(design="no.toml"), "no.toml cannot be read"),
        (lambda: TrainConfig(hidden=0), "--hidden is 0"),
        (lambda: Inferences(data="~nobody-of-that-name/x.csv"), "names a home folder that does not exist"),
        (lambda: Inferences(data="n" * 5000), "is no usable path: File name too long"),
        (lambda: Quantity(value=(), unit="pJ", source="x"), r"value is \(\); a finite number"),
        (lambda: dataclasses.replace(CHIP, runs=("dancing",)), "unknown runs of 'generic-45nm' 'dancing'"),
        (lambda: Pricing(chips="loihi1"), "chips is 'loihi1'; a list is needed"),
    ],
)  # fmt: skip
def test_the_sentence_says_what_came_and_what_is_allowed(make, words):
    with pytest.raises(SpikingError, match=words):
        make()
