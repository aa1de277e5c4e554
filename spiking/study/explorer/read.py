"""The data of the page of a folder: a comparison keeps them beside its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from spiking.core.errors import SpikingError, require
from spiking.study.explorer.data import FORMAT

KEPT = "explorer.json"  # beside rows.csv
PAGE = "explorer.html"


def read(folder: Path) -> dict[str, Any]:
    """Return what :func:`~spiking.study.explorer.page.page` needs of the run in ``folder``.

    Raises:
        SpikingError: no folder of a run, or of one that an earlier version wrote.
    """
    require(folder.is_dir(), f"{folder} is no folder; give the folder of a run, e.g. runs/digits-0")
    path = folder / KEPT
    require(
        path.is_file(),
        f"{folder} has no {KEPT}, in which a comparison keeps its counts; give the folder of a "
        "`spiking compare` of this version",
    )
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SpikingError(f"{path} cannot be read ({error}); run the comparison again") from None
    found = data.get("format") if isinstance(data, dict) else None
    require(
        found == FORMAT,
        f"{path} has the format {found!r}, this version reads {FORMAT}; run the comparison again",
    )
    return dict(data)
