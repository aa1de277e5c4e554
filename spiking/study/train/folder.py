"""Where a training goes: a folder of its own, or the one it goes on in."""

from __future__ import annotations

from pathlib import Path

from spiking.core.errors import require
from spiking.core.files import sweep
from spiking.study.record.folder import check_out


def training_folder(folder: Path, kind: str, checkpoints: str, resume: bool) -> Path:
    """Return ``folder`` if a training of this ``kind`` may be written to it; before any work.

    ``checkpoints``: pattern of the names of its checkpoints.

    Raises:
        SpikingError: a place that cannot be written or holds something else; a training that is there
            already, without ``resume``; no checkpoint, with it.
    """
    if folder.is_dir():
        sweep(folder)  # a training that was killed while it wrote its first checkpoint leaves nothing else
    check_out(folder, kind, marks=(checkpoints,))
    require(
        resume or not (folder.is_dir() and any(folder.iterdir())),
        f"--out {folder} holds a training already; give --resume to go on with it, or choose another --out",
    )
    require(
        not resume or any(folder.glob(checkpoints)),
        f"there is no checkpoint {checkpoints} in {folder}; start without --resume",
    )
    return folder
