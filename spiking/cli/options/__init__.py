"""Options that several commands share, each checked before any work starts.

A command takes its options from here, ``samples: Samples = 200``; one that only it has is made with the
same checks: ``Annotated[int, typer.Option(help="...", callback=whole(1, 64))]``. The name in the sentence
is the option's own. Paths to write are ``Json``, ``Figures``, ``Page``, or any ``Path`` with
``callback=new_file`` or ``new_folder``; paths to read ``callback=there``. None (not given) passes unchecked.

The convention: ``--chips`` (names and files separated by commas, or ``all``), ``--samples``,
``--batch-size``, ``--seed`` and ``--seeds`` (how many, from ``--seed`` on), ``--steps``, ``--data``,
``--data-path``, ``--out`` (a folder of results), ``--json`` (a file), ``--figures`` (a folder).

Checks import numpy when first called, so that ``spiking --help`` stays quick.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from spiking.core.errors import SpikingError

Callback = Callable[[typer.Context, typer.CallbackParam, Any], Any]

MOST_STEPS = 100_000
MOST_UNITS = 1_000_000
MOST = 1_000_000_000  # samples, images, passes: more than anybody has


def name_of(param: typer.CallbackParam) -> str:
    """Name of an option as it is typed, e.g. ``--batch-size``."""
    return max(param.opts, key=len) if param.param_type_name == "option" else str(param.name)


def whole(low: int, high: int | None = None, todo: str = "") -> Callback:
    """Allow whole numbers from ``low`` to ``high``."""

    def callback(context: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
        from spiking.core import check

        return value if value is None else check.whole(name_of(param), value, low, high, todo=todo)

    return callback


def number(low: float, high: float, todo: str = "", **ends: Any) -> Callback:
    """Allow numbers from ``low`` to ``high``; ``ends`` are those of :func:`spiking.core.check.number`."""

    def callback(context: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
        from spiking.core import check

        return value if value is None else check.number(name_of(param), value, low, high, todo=todo, **ends)

    return callback


def one_of(*allowed: str) -> Callback:
    """Allow these words."""

    def callback(context: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
        from spiking.core import check

        return value if value is None else check.choice(name_of(param), value, allowed)

    return callback


def there(context: typer.Context, param: typer.CallbackParam, value: Path | None) -> Path | None:
    """Allow paths of files and folders that exist and can be read."""
    if value is not None:
        from spiking.core.files import check_readable

        _named(param, check_readable, value)
    return value


def new_file(context: typer.Context, param: typer.CallbackParam, value: Path | None) -> Path | None:
    """Allow paths that a file can be written to."""
    if value is not None:
        from spiking.core.files import check_file

        _named(param, check_file, value)
    return value


def new_folder(context: typer.Context, param: typer.CallbackParam, value: Path | None) -> Path | None:
    """Allow paths of folders that files can be written into."""
    if value is not None:
        from spiking.core.files import check_folder

        _named(param, check_folder, value)
    return value


def _named(param: typer.CallbackParam, check: Callable[[Path], None], value: Path) -> None:
    try:
        check(value)
    except SpikingError as error:
        raise SpikingError(f"{name_of(param)} {error}") from None


def split(text: str | None) -> list[str] | None:
    """Names separated by commas."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


Data = Annotated[str, typer.Option(help="data set: {data sets}")]
DataPath = Annotated[
    Path | None, typer.Option(help="where the files of the data set lie (folder or .npz)", callback=there)
]
Chips = Annotated[
    str, typer.Option(help="chips by name, or paths of chip files, separated by commas; or: all")
]
Seed = Annotated[
    int,
    typer.Option(help="of the split, the weights, the batches and every spike", callback=whole(0, 2**32 - 1)),
]
Seeds = Annotated[int, typer.Option(help="how many seeds, from --seed on", callback=whole(1, 1000))]
Samples = Annotated[int, typer.Option(help="number of samples to use", callback=whole(1, MOST))]
Steps = Annotated[
    int | None,
    typer.Option(help="steps of one inference  [default: tuned]", callback=whole(1, MOST_STEPS)),
]
Hidden = Annotated[
    int | None, typer.Option(help="hidden units  [default: tuned]", callback=whole(1, MOST_UNITS))
]
Epochs = Annotated[
    int | None,
    typer.Option(help="passes over the training samples  [default: tuned]", callback=whole(1, 1_000_000)),
]
BatchSize = Annotated[
    int | None, typer.Option(help="samples per update  [default: tuned]", callback=whole(1, MOST))
]
Json = Annotated[Path | None, typer.Option(help="write the results to this file", callback=new_file)]
Figures = Annotated[Path | None, typer.Option(help="write figures into this folder", callback=new_folder)]
Page = Annotated[
    Path | None, typer.Option(help="write the page of the docs into this folder", callback=new_folder)
]
