"""The options that attacks share, and what one found as JSON: command, seed, time, versions, failures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spiking.core.files import write_json
from spiking.study.record.manifest import machine, versions

ROOT = Path(__file__).resolve().parents[2]


def options(about: str | None, **own: tuple[int | float, str]) -> argparse.ArgumentParser:
    """The command line of an attack: ``--seed``, ``--json``, and ``own`` options with default and meaning."""
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    for name, (default, meaning) in own.items():
        parser.add_argument(f"--{name}", type=type(default), default=default, help=meaning)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="file for the result")
    return parser


def record(path: str | None, *, seed: int, seconds: float, found: Mapping[str, Any]) -> None:
    """Write ``found`` to ``path`` if there is one; ``seconds``: how long the attack took."""
    if path is None:
        return
    place = Path(sys.argv[0]).resolve().relative_to(ROOT).with_suffix("")
    about = {
        "command": " ".join(["python -m", ".".join(place.parts), *sys.argv[1:]]),
        "seed": seed,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds),
    }
    write_json(path, {**about, **found, "machine": machine(), "versions": versions()})
