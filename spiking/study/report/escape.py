"""Text for Markdown: whatever names contain is shown as it is and means nothing."""

from __future__ import annotations

import re

ENTITIES = {"<": "&lt;", ">": "&gt;"}
ENTITY = re.compile(r"&(?=[#\w])")  # a bare "&" is no entity
MARKS = re.compile(r"[\\`|$\[\]~#]")  # code, tables, mathematics, links; ** stays for our own emphasis
LINE_ENDS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


class Markdown(str):
    """Text that is Markdown already and is written as it is."""

    __slots__ = ()


def code(text: str) -> Markdown:
    """Return ``text`` as a code span, in which nothing means anything but its end."""
    return Markdown("`" + LINE_ENDS.sub(" ", text).replace("`", "'").replace("|", "/") + "`")


def escaped(value: object) -> str:
    """Return ``value`` as Markdown that reads as its text; :class:`Markdown` comes back unchanged."""
    if isinstance(value, Markdown):
        return value
    text = ENTITY.sub("&amp;", LINE_ENDS.sub(" ", str(value)))
    text = "".join(ENTITIES.get(c, c) for c in text)
    return MARKS.sub(lambda m: "\\" + m.group(), text)
