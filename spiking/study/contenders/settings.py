"""How the contenders are built and trained: tuned options per data set, changed by what a user asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from spiking.core import check
from spiking.core.errors import require
from spiking.study.contenders import CONTENDERS
from spiking.study.contenders.task import Contender, Options


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Options of each contender's training.

    Attributes:
        options: contender -> its options; ``hidden`` (units) and ``steps`` (per inference) among them.
        validation: fraction of the training samples held out for early stopping.
    """

    options: Mapping[str, Options]
    validation: float = 0.1

    def of(self, name: str) -> Options:
        """Options of one contender."""
        return self.options.get(name, {})

    def having(self, name: str, **options: Any) -> Settings:
        """Return a copy in which one contender's options are changed."""
        return replace(self, options={**self.options, name: {**self.of(name), **options}})

    def changed(self, *, hidden: int | None = None, steps: int | None = None) -> Settings:
        """Return a copy with what the user asked for, in every contender that has such an option.

        Raises:
            SpikingError: fewer than 1 hidden unit or step, or no contender that has any.
        """
        new = self
        for key, value, example in (("hidden", hidden, "128"), ("steps", steps, "16")):
            if value is None:
                continue
            check.whole(f"--{key}", value, 1, 100_000, todo=f"e.g. {example}")
            having = [name for name, options in new.options.items() if key in options]
            require(
                bool(having),
                f"--{key} has no effect on {', '.join(new.options) or 'ready-made networks'}; leave it out",
            )
            for name in having:
                new = new.having(name, **{key: value})
        return new

    def limited(self, name: str, limits: Mapping[str, int]) -> Settings:
        """Return a copy in which options of one contender stay below ``limits``."""
        less = {k: min(v, limits[k]) for k, v in self.of(name).items() if k in limits}
        return self.having(name, **less)

    def quick(self) -> Settings:
        """Return a copy that trains for a few seconds only, to see that everything works."""
        new = self
        for name in self.options:
            new = new.limited(name, CONTENDERS[name].limits)
        return new


def settings_for(data: str, contenders: Iterable[Contender] | None = None) -> Settings:
    """Settings tuned on ``data``, or each contender's defaults where it has none for it."""
    chosen = (CONTENDERS[n] for n in CONTENDERS.names()) if contenders is None else contenders
    return Settings(options={c.name: c.tuned.get(data, c.defaults) for c in chosen if not c.fixed})
