"""A figure that shows itself in a notebook, whatever backend is set."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from spiking.study.figures.style import style


class Sheet(Figure):
    """A matplotlib ``Figure`` that needs no pyplot to be seen."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        with style():
            self.savefig(out, format="png", bbox_inches="tight", facecolor="white", dpi=110)
        return out.getvalue()
