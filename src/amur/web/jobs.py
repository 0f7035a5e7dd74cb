"""Classification in the background: one article after the other, so that a page can show what is done so far."""

import logging
import secrets
import threading
import warnings
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from amur.articles import Article
from amur.balances import balances
from amur.classifier import StanceClassifier
from amur.errors import FAULT, AmurError, InputWarning
from amur.output.tables import records
from amur.pipeline import COLUMNS, classify_in_parts
from amur.project import Project
from amur.project_models import default_model
from amur.resources import shipped
from amur.store import load_model

_log = logging.getLogger(__name__)
_KEPT, _WAITING = 20, 10
Read = Callable[[], Sequence[Article]]
State = Literal["waiting", "reading", "classifying", "done"]


@dataclass(slots=True, eq=False)
class Job:
    """A classification, finished or not; written by one thread and read by others.

    Attributes:
        id: its name in addresses, which nobody can guess.
        state: what it is at.
        articles: what is read, in order.
        done: how many of them are classified or passed over.
        tables: what is classified so far, as ``amur.classify`` gives it.
        problems: a line for each thing that could not be used.
        balances: of each article that is classified, by its id, as ``amur.report`` gives it.
        kept: whether it was added to what the pages show.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: State = "waiting"
    articles: list[Article] = field(default_factory=list)
    done: int = 0
    tables: list[pd.DataFrame] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    balances: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: bool = False

    @property
    def statements(self) -> pd.DataFrame:
        """All that is classified so far."""
        tables = list(self.tables)
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


class Jobs:
    """Takes jobs and does them one after the other, since a model uses all cores; the last ones are kept.

    Parameters:
        model: folder of the model that answers; by default the one that the project uses at the time, or the shipped
            one.
        project: the project.
    """

    def __init__(self, model: Path | None = None, project: Project | None = None) -> None:
        self._model, self.project = model, project
        self._load = lru_cache(maxsize=1)(load_model)
        self._loading = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = ThreadPoolExecutor(1, "classify")

    def submit(self, *reads: Read) -> Job:
        """Start a classification of what ``reads`` give, in the background, since they may fetch it.

        Raises:
            AmurError: too many are waiting.
        """
        job = Job()
        with self._lock:
            if sum(other.state != "done" for other in self._jobs.values()) >= _WAITING:
                msg = f"{_WAITING} classifications are waiting already; come back when some are done"
                raise AmurError(msg)
            self._jobs[job.id] = job
            finished = [key for key, other in self._jobs.items() if other.state == "done"]
            for key in finished[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[key]
        self._thread.submit(self._run, job, reads)
        return job

    @property
    def folder(self) -> Path:
        """The folder of the model that answers.

        Raises:
            AmurError: the project has none that fits it.
        """
        if self._model or not self.project:
            return self._model or shipped("model")
        return default_model(self.project)

    def classifier(self) -> StanceClassifier:
        """The model that answers, loaded once.

        Raises:
            AmurError: it cannot be used.
        """
        with self._loading:
            return self._load(self.folder)

    def get(self, job_id: str) -> Job | None:
        """A job by its id; None where it is gone or never was."""
        return self._jobs.get(job_id)

    def close(self) -> None:
        """Take no more jobs, and stop at the next article."""
        self._closed.set()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, job: Job, reads: Sequence[Read]) -> None:
        try:
            job.state = "reading"
            job.articles = _read(job, reads)
            job.state = "classifying"
            for article in job.articles:
                if self._closed.is_set():
                    return
                with _telling(job, f"{article.id}: "):
                    self._classify(job, article)
                job.done += 1
        finally:
            job.state = "done"

    def _classify(self, job: Job, article: Article) -> None:
        classifier, tables = self.classifier(), []
        for table in classify_in_parts(article, classifier):
            if self._closed.is_set():
                return
            tables.append(table)
            job.tables.append(table)
        whole = pd.concat(tables, ignore_index=True)
        job.balances[article.id] = records(balances(whole, ["document"], errors=classifier.errors_))[0]


def _read(job: Job, reads: Sequence[Read]) -> list[Article]:
    """The articles, with ids that differ; what was passed over on the way goes to the problems."""
    articles: list[Article] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for read in reads:
            with _telling(job):
                articles += read()
    job.problems += [str(warning.message) for warning in caught if issubclass(warning.category, InputWarning)]
    seen: Counter[str] = Counter()
    for at, article in enumerate(articles):
        seen[article.id] += 1
        if seen[article.id] > 1:
            articles[at] = replace(article, id=f"{article.id} ({seen[article.id]})")
    return articles


@contextmanager
def _telling(job: Job, of: str = "") -> Iterator[None]:
    """Put what goes wrong with one file, address or article among the problems; it costs the others nothing."""
    try:
        yield
    except AmurError as error:
        job.problems.append(str(error))
    except Exception:  # noqa: BLE001 (the thread must live on, and the visitor must hear of it)
        _log.exception("a classification failed")
        job.problems.append(of + FAULT)
