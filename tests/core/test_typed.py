"""The kinds that annotations name, checked at the call."""

import numpy as np
import pytest

from spiking.core.errors import SpikingError
from spiking.core.typed import typed


@typed
def takes(
    n: int, x: float = 0.0, *, on: bool = True, names: list[str] | None = None,
    pair: tuple[int, int] = (1, 2), values: np.ndarray | None = None, **rest: int,
) -> str:  # fmt: skip
    """Kinds of all sorts."""
    return "taken"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 1.0}, "n is 1.0; allowed: whole numbers"),
        ({"n": True}, "n is True; allowed: whole numbers"),
        ({"n": 1, "x": "x"}, "x is 'x'; allowed: numbers"),
        ({"n": 1, "on": 1}, "on is 1; allowed: True or False"),
        ({"n": 1, "pair": 3}, "pair is 3; allowed: a pair"),
        ({"n": 1, "names": "x"}, "names is 'x'; allowed: a list or None"),
        ({"n": 1, "values": ["x"]}, r"values is \['x'\]; allowed: an array of numbers"),
        ({"n": 1, "values": [[1], [1, 2]]}, "allowed: an array of numbers"),
    ],
)
def test_another_kind_is_refused(given, words):
    with pytest.raises(SpikingError, match=words):
        takes(**given)


def test_what_numpy_calls_a_number_is_one_and_the_rest_is_python():
    assert (
        takes(np.int64(2), np.float32(1), on=np.bool_(True), pair=[1, 2], values=[1, 2], more="x") == "taken"
    )
    assert takes(1, 2, names=None) == "taken"
    assert (takes.__doc__, takes.__name__) == ("Kinds of all sorts.", "takes")
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'n'"):
        takes()
