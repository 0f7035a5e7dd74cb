"""Work on a project's models in the background, one piece at a time: retrain, compare, adopt, restore."""

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from amur import api
from amur.errors import FAULT, AmurError
from amur.project import Project

_log = logging.getLogger(__name__)
_KEPT = 20
_PATIENCE = 10.0
"""Seconds that a server which stops waits for its work to end; cut off later, it leaves everything as it was too."""

Kind = Literal["retrain", "compare", "adopt", "restore"]
State = Literal["running", "done", "failed"]
_TITLES = {"retrain": "Retraining", "compare": "Comparing", "adopt": "Adopting", "restore": "Restoring"}


class _StoppedError(Exception):
    """The server stops."""


@dataclass(slots=True, eq=False)
class Work:
    """A piece of work on models, finished or not; written by one thread and read by others.

    Attributes:
        kind: what is done.
        names: the models it is done with.
        id: its name in addresses.
        state: whether it runs, is done or has failed.
        stage: what is counted now; ``done`` of ``total``, or of nobody knows how many, since ``since`` (seconds).
        outcome: what came of it, or the error, in a line.
        model: the model that may be adopted all the same, where one was not.
        comparison: two models compared, see ``amur.training.compare``; None where none were.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: State = "running"
    stage: str = "statements encoded"
    total: int | None = None
    done: int = 0
    since: float = field(default_factory=time.monotonic)
    outcome: str = ""
    model: str = ""
    comparison: pd.DataFrame | None = None

    @property
    def title(self) -> str:
        """What is done, as a word."""
        return _TITLES[self.kind]

    @property
    def seconds_left(self) -> float | None:
        """How long this stage will take at the pace so far; None where that is not known."""
        if self.state != "running" or not self.total or not self.done:
            return None
        return (time.monotonic() - self.since) / self.done * max(0, self.total - self.done)

    def begin(self, stage: str, total: int | None) -> None:
        """Count something else."""
        self.stage, self.total, self.done, self.since = stage, total, 0, time.monotonic()


class ModelWork:
    """Does one piece of work on a project's models at a time, and keeps what came of the last ones.

    Each has a thread of its own, so that pages and classifications go on.

    Parameters:
        project: the project; None where there is none to work on.
        n_jobs: joblib's number of parallel jobs for training.
    """

    def __init__(self, project: Project | None = None, n_jobs: int = 1) -> None:
        self.project = project
        self._n_jobs = n_jobs
        self._works: OrderedDict[str, Work] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, kind: Kind, *names: str) -> Work:
        """Begin a piece of work.

        Raises:
            AmurError: there is no project, or another piece is not done yet.
        """
        if self.project is None:
            msg = "there is no project to work on; start one with `amur init` and `amur serve` in its folder"
            raise AmurError(msg)
        with self._lock:
            if running := self.running:
                msg = f"{running.title.lower()} is not done yet; wait for it, then ask again"
                raise AmurError(msg)
            work = Work(kind, names)
            self._works[work.id] = work
            if len(self._works) > _KEPT:
                self._works.popitem(last=False)
            # a daemon: work that does not hear the end of the server must not keep it alive
            self._thread = threading.Thread(target=self._run, args=(work, self.project), daemon=True)
            self._thread.start()
        return work

    @property
    def running(self) -> Work | None:
        """What is being done now."""
        return next((work for work in list(self._works.values()) if work.state == "running"), None)

    def get(self, work_id: str) -> Work | None:
        """A piece of work by its id; None where it is gone or never was."""
        return self._works.get(work_id)

    def close(self) -> None:
        """Stop what is being done; nothing of it is kept."""
        self._closed.set()
        if self._thread:
            self._thread.join(_PATIENCE)

    def _run(self, work: Work, project: Project) -> None:
        state: State = "failed"
        try:
            getattr(self, f"_{work.kind}")(work, project)
            state = "done"
        except AmurError as error:
            work.outcome = str(error)
            if work.kind == "adopt":
                work.model = work.names[0]
        except _StoppedError:
            work.outcome = "stopped with the server; everything is as it was"
        except Exception:  # noqa: BLE001 (the visitor must hear of it)
            _log.exception("%s models failed", work.title.lower())
            work.outcome = FAULT
        work.state = state  # last: what is said to be done must hold all

    def _retrain(self, work: Work, project: Project) -> None:
        progress, stage = self._telling(work)
        done = api.retrain(project, n_jobs=self._n_jobs, progress=progress, stage=stage)
        work.comparison = done.comparison
        work.names = (str(done.manifest.training["parent"]), done.name) if done.comparison is not None else (done.name,)
        work.model = "" if done.adopted else done.name
        work.outcome = f"{done.name} {'adopted' if done.adopted else 'written but not adopted'}: {done.reason}"

    def _compare(self, work: Work, project: Project) -> None:
        first, second = work.names
        work.comparison = api.compare_models(first, second, project, progress=self._telling(work)[0])
        work.outcome = f"{second} compared with {first}: F1 of the second minus that of the first"

    def _adopt(self, work: Work, project: Project) -> None:
        api.adopt_model(work.names[0], project, progress=self._telling(work)[0])
        work.outcome = f"{work.names[0]} adopted: not worse than the one before"

    def _restore(self, work: Work, project: Project) -> None:
        api.adopt_model(work.names[0], project, force=True)
        work.outcome = f"{work.names[0]} adopted, without comparing"

    def _telling(self, work: Work) -> tuple[Callable[[int], None], Callable[[str, int | None], None]]:
        """What to call as work goes on; it raises ``_StoppedError`` when the server stops."""

        def check() -> None:
            if self._closed.is_set():
                raise _StoppedError

        def progress(done: int) -> None:
            check()
            work.done += done

        def stage(what: str, total: int | None) -> None:
            check()
            work.begin(what, total)

        return progress, stage
