"""``spiking warm``."""

from __future__ import annotations

from spiking.cli.apps import app


@app.command()
def warm() -> None:
    """Compile ahead what the other commands use, and keep it for every later start."""
    from spiking.study.warm import warm as jobs

    for name, seconds in jobs():
        print(f"{name}: {seconds:.1f} s")
