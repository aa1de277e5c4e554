"""Search instead of a grid: accuracy, energy and latency at once, by Optuna (Akiba et al. 2019, KDD).

Each trial is a point of the ledger, so that no point is computed twice. A trial that a killed process left is
taken up again by the next one; a point that another trial has already is not tried again.
"""

from __future__ import annotations

import importlib.util
import math
import multiprocessing
import platform
import sys
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spiking.core import check
from spiking.core.errors import SpikingError, require
from spiking.core.progress import Progress, Watch, unwatched
from spiking.study.contenders import CONTENDERS
from spiking.study.sweep.front import front
from spiking.study.sweep.points.axes import has_option, training_options
from spiking.study.sweep.points.config import Config, Range
from spiking.study.sweep.points.plan import MLP_ONLY, SNN_ONLY, Group, Planner, plan, shown
from spiking.study.sweep.points.space import Combination
from spiking.study.sweep.run import Source, Sweep
from spiking.study.sweep.store.claims import Claims
from spiking.study.sweep.store.ledger import Ledger
from spiking.study.sweep.table import table
from spiking.study.sweep.workers.work import WAIT, Worker

SAMPLERS = ("nsga2", "tpe")
OBJECTIVES = ("validation_accuracy", "energy_J", "latency_s")
DIRECTIONS = ("maximize", "minimize", "minimize")
REPEATS = 50  # proposals in a row that are known already, after which there is nothing new to find
COUNTED = 20_000  # combinations of lists that are counted beforehand
ASK = "ask"  # claim of the process that proposes a trial
POPULATION = 50  # of NSGA-II (Deb et al. 2002), fewer where the trials are few


class Search:
    """Trials of one study, proposed and worked on by this process.

    Args:
        kind: ``"nsga2"`` or ``"tpe"``. trials: different points to try in all processes together.
        storage: URL of a database; None: a SQLite file in the folder.

    Raises:
        SpikingError: Optuna is missing, or the database cannot be opened.
    """

    def __init__(self, sweep: Sweep, kind: str, trials: int, storage: str | None = None) -> None:
        self.sweep, self.kind = sweep, kind
        self.config: Config = sweep.config
        self.trials = min(trials, different(self.config))
        self.planner = Planner(self.config)
        self.ledger = Ledger(sweep.folder)
        self.claims = Claims(sweep.folder / "trials")
        self.where = f"{platform.node()}:{sweep.folder.resolve()}"
        self.study = self._study(storage or f"sqlite:///{sweep.folder.resolve() / 'search.db'}")
        self.worker = Worker(self.planner.plan(), self.ledger, lambda _: None)

    def _study(self, url: str) -> Any:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        known, name = 0, f"sweep-{self.sweep.identity}"
        try:
            study = optuna.create_study(
                storage=url,
                study_name=name,
                directions=DIRECTIONS,
                load_if_exists=True,
            )
            known = len(study.get_trials(deepcopy=False))
        except Exception as error:  # whatever the driver of the database raises
            said = " ".join(str(error).split())[:160]
            raise SpikingError(f"the database {url} cannot be opened ({said}); give another URL") from None
        seed = self.config.seed + known  # a later process proposes something new
        if self.kind == "tpe":
            study.sampler = optuna.samplers.TPESampler(seed=seed)
        else:
            size = int(np.clip(self.trials // 4, 4, POPULATION))
            study.sampler = optuna.samplers.NSGAIISampler(seed=seed, population_size=size)
        return study

    def run(self, watch: Watch = unwatched) -> pd.DataFrame:
        """Try until there are enough trials; return a row per point, in the order of the trials."""
        for kind in ("trainings", "evaluations", "rows"):
            self.ledger.refresh(kind)
        while (trial := self._next()) is not None:
            self._try(trial)
            done = len(self._finished())
            watch(Progress(stage="search", done=min(done, self.trials), total=self.trials, unit="trials"))
        return self.rows()

    def _next(self) -> Any:
        """A trial that a dead process left, or a new one; None where there are enough."""
        repeats = 0
        while True:
            while not self.claims.take(ASK):
                time.sleep(WAIT)
            try:
                trial = self._left() or self._new()
                if trial is None:
                    return None
                self.claims.take(f"trial {trial.number}")
                group = self._group(self._choices(trial))
                twin = self._twin(trial.number, group)
                trial.set_user_attr("point", group.key)
                trial.set_user_attr("where", self.where)
                if twin is None:
                    return trial
                self._tell(trial, "FAIL", f"the point of trial {twin}")
            finally:
                self.claims.give(ASK)
            self.claims.give(f"trial {trial.number}")
            repeats += 1
            if repeats >= REPEATS:
                return None

    def _states(self, *names: str) -> list[Any]:
        return [t for t in self.study.get_trials(deepcopy=False) if t.state.name in names]

    def _left(self) -> Any:
        import optuna

        for frozen in self._states("RUNNING"):
            here = frozen.user_attrs.get("where", self.where) == self.where
            if here and self.claims.take(f"trial {frozen.number}"):
                return optuna.trial.Trial(self.study, frozen._trial_id)
        return None

    def _new(self) -> Any:
        if len(self._finished()) + len(self._states("RUNNING")) >= self.trials:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.study.ask()

    def _finished(self) -> list[Any]:
        """Trials with a point of their own that is done, failed ones among them."""
        return [t for t in self._states("COMPLETE", "FAIL") if "twin" not in t.user_attrs]

    def _twin(self, number: int, group: Group) -> int | None:
        return next(
            (t.number for t in self._states("COMPLETE", "RUNNING", "FAIL")
             if t.number != number and t.user_attrs.get("point") == group.key and "twin" not in t.user_attrs),
            None,
        )  # fmt: skip

    def _choices(self, trial: Any) -> dict[str, Any]:
        """What a trial chooses; axes that do not touch its contender are left out."""
        names = sorted(self.config.axes, key=lambda n: n != "contender")
        found: dict[str, Any] = {}
        for name in names:
            contender = found.get("contender", self.config.base["contender"])
            if not _touches(name, contender):
                continue
            values = self.config.axes[name]
            if isinstance(values, Range):
                suggest = trial.suggest_int if values.whole else trial.suggest_float
                found[name] = suggest(name, values.low, values.high, log=values.log)
            else:
                words = {_word(v): v for v in values}
                found[name] = words[trial.suggest_categorical(name, list(words))]
        return found

    def _group(self, choices: Mapping[str, Any]) -> Group:
        return self.planner.add(Combination(choices=choices, constants={}, size=1))

    def _try(self, trial: Any) -> None:
        group = self._group(self._choices(trial))
        self.worker.finish(group)
        row = self.ledger.known["rows"][group.key]
        values = [row.get(name) for name in OBJECTIVES]
        bad = row.get("error") or ("it cannot be run or priced there" if not _known(values) else "")
        bad = bad or ("a lower bound, which never wins" if row["lower_bound"] else "")
        if bad:
            self._tell(trial, "FAIL", bad)
        else:
            self.study.tell(trial, np.array(values, float).tolist())
        self.claims.give(f"trial {trial.number}")

    def _tell(self, trial: Any, state: str, why: str) -> None:
        import optuna

        trial.set_user_attr("twin" if why.startswith("the point of") else "why", why)
        self.study.tell(trial, state=optuna.trial.TrialState[state])

    def rows(self) -> pd.DataFrame:
        """One row per point, with the number of its trial, and whether no other beats it.

        ``in_front``: in validation accuracy, energy and latency; never a lower bound.
        """
        finished = sorted(self._finished(), key=lambda t: t.number)
        require(len(finished) > 0, "no trial is finished; allow more with --trials")
        groups = [self._group(self._choices(t)) for t in map(_replay, finished)]
        for group in groups:
            self.worker.finish(group)  # those of other machines lie in their own folders
        made = table(replace(self.planner.plan(), groups=groups), self.ledger)
        made.insert(0, "trial", [t.number for t in finished])
        values = made[list(OBJECTIVES)].astype(float).to_numpy() * [-1.0, 1.0, 1.0]
        values[made["lower_bound"].fillna(True).astype(bool).to_numpy()] = np.nan
        return made.assign(in_front=front(values))


def searched(
    source: Source,
    *,
    out: str | Path | None,
    kind: str,
    trials: int,
    jobs: int = 1,
    storage: str | None = None,
    watch: Watch = unwatched,
) -> pd.DataFrame:
    """Search the axes of a configuration; see :func:`spiking.study.sweep.run.sweep`."""
    start = time.perf_counter()
    made = Sweep.of(source, out, search=True)
    check_search(kind, trials)
    ledger = Ledger(made.folder)
    facts = made.begin(ledger)
    ledger.claims.close()
    others = [_other(made, kind, trials, storage) for _ in range(jobs - 1)]
    rows = Search(made, kind, trials, storage).run(watch)
    for process in others:
        process.join()
    made.end(rows, facts, time.perf_counter() - start)
    return rows


def check_search(kind: str, trials: int) -> None:
    """Refuse what no search is.

    Raises:
        SpikingError: an unknown kind, fewer than 1 trial, or Optuna is missing.
    """
    check.choice("--search", kind, SAMPLERS)
    check.whole("--trials", trials, 1, 1_000_000)
    if importlib.util.find_spec("optuna") is None:
        raise SpikingError(
            "--search needs Optuna, which is not installed; run: pip install 'spikejoule[search]'"
        )


def _other(made: Sweep, kind: str, trials: int, storage: str | None) -> Any:
    """Start another process on the same study."""
    process = multiprocessing.get_context("spawn").Process(
        target=_search, args=(made, kind, trials, storage), daemon=True
    )
    process.start()
    return process


def _search(made: Sweep, kind: str, trials: int, storage: str | None) -> None:
    with suppress(KeyboardInterrupt):
        Search(made, kind, trials, storage).run()


def different(config: Config) -> int:
    """How many different points a search can find: those of the grid, where every axis is a short list."""
    lists = [v for v in config.axes.values() if not isinstance(v, Range)]
    if len(lists) < len(config.axes) or math.prod(map(len, lists)) > COUNTED:
        return sys.maxsize
    return plan(replace(config, kind="grid")).points


def _replay(frozen: Any) -> Any:
    """A trial that gives what was chosen before."""
    import optuna

    return optuna.trial.FixedTrial(frozen.params, frozen.number)


def _known(values: list[Any]) -> bool:
    return all(v is not None and np.isfinite(v) for v in values)


def _word(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(shown(value))


def _touches(name: str, contender: Any) -> bool:
    """Whether an axis may matter to a contender, as far as its name says."""
    if contender not in CONTENDERS:
        return True
    if name in training_options() or name == "encoder":
        return has_option(contender, name)
    return name not in (MLP_ONLY if CONTENDERS[contender].spiking else SNN_ONLY)
