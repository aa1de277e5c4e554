"""A user's own network as a contender: a ``.nir`` file or a :class:`Network`, tested as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spiking.core.errors import SpikingError, require, unknown
from spiking.core.network import Network
from spiking.data.dataset import Dataset
from spiking.study.contenders import CONTENDERS, contender_names
from spiking.study.contenders.task import Contender, Task, Trained

Wanted = str | Path | Network


def chosen(wanted: Sequence[Wanted] | None) -> list[Contender]:
    """Return the contenders that were asked for: named ones in the order of tables, then ready-made networks.

    Args:
        wanted: names of :data:`~spiking.study.contenders.CONTENDERS`, paths of ``.nir`` files, networks;
            None: all names.

    Raises:
        SpikingError: an unknown name, a file that cannot be read, or two contenders of one name.
    """
    known = contender_names()
    if wanted is None:
        return [CONTENDERS[name] for name in known]
    if isinstance(wanted, str | Path | Network):
        raise SpikingError(
            f"contenders is {_shown(wanted)}; a list is needed, e.g. contenders=[{_shown(wanted)}]"
        )
    try:
        items = list(wanted)
    except TypeError:
        raise SpikingError(
            f"contenders is {wanted!r}; a list is needed, of {', '.join(known)}, .nir files or networks"
        ) from None
    require(bool(items), f"no contender came; allowed: {', '.join(known)}, .nir files and networks")
    named = [name for name in known if name in {item for item in items if isinstance(item, str)}]
    ready = [_ready(item, known) for item in items if not (isinstance(item, str) and item in named)]
    found = [CONTENDERS[name] for name in named] + ready
    names = [c.name for c in found]
    for name in names:
        require(names.count(name) == 1, f"two contenders are called {name!r}; rename the file or the network")
    return found


def check_fit(contender: Contender, network: Network, data: Dataset) -> None:
    """Raise :class:`SpikingError` unless ``network`` takes the samples of ``data`` and scores its classes."""
    require(
        network.input_size == data.features,
        f"{contender.name} takes {network.input_size} values, a sample of {data.name} has {data.features}; "
        "name the data it was trained on with --data",
    )
    classes = network.output.decoder.classes(network[network.output.population].size)
    require(
        classes == data.classes,
        f"{contender.name} scores {classes} classes, {data.name} has {data.classes}; "
        "name the data it was trained on with --data",
    )


def ready_made(contender: Contender) -> Network | None:
    """Return the network of a ready-made contender, None for one that is trained."""
    return contender.train.network if isinstance(contender.train, _AsItIs) else None


class _AsItIs:
    """Gives back the network that came."""

    def __init__(self, network: Network, how: str) -> None:
        self.network, self.how = network, how

    def __call__(self, _: Task) -> Trained:
        return Trained(network=self.network, original=self.network, how=self.how)


def _ready(item: Wanted, known: Sequence[str]) -> Contender:
    if isinstance(item, Network):
        return _contender(item, item.name, "a ready-made network, not trained here")
    if not isinstance(item, str | Path):
        raise SpikingError(f"a contender is {item!r}; allowed: {', '.join(known)}, a .nir file or a Network")
    path = Path(item)
    if path.suffix.lower() != ".nir":
        raise unknown("contender", str(item), known, "or name a .nir file")
    from spiking.bridges.nir import Reading, from_reading, own, read

    graph = read(path)
    require(
        own(graph),
        f"{path} is a file of another simulator and does not say how it is run; test it with `spiking run`, "
        f"or save it once as a file of this package: save(load_network({str(path)!r}, steps=25, "
        "discretisation='norse', encoder=Direct()), 'mine.nir')",
    )
    network = from_reading(graph, Reading(), path.stem)
    return _contender(network, path.stem, f"read from {path.name}, not trained here")


def _contender(network: Network, name: str, how: str) -> Contender:
    plain = re.sub(r"[^\w.-]+", "-", name).strip(".-") or "network"  # it names a file and a row
    return Contender(name=plain, label=plain, summary=how, train=_AsItIs(network, how), fixed=True)


def _shown(wanted: object) -> str:
    return f"Network {wanted.name!r}" if isinstance(wanted, Network) else repr(str(wanted))
