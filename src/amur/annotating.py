"""Annotating statement by statement: which comes next, what becomes of an answer, how far one is.

Several annotators may be at it at once. A queue is named by its kind, and by which of that kind after a colon:
``suggested`` (what waits in the project's files for an answer, then what ``amur.learning.suggest`` chooses) or
``suggested:rare`` by one strategy, ``random``, ``source:NAME`` (whole articles in order), ``second`` (what others have
annotated) and ``audit:FILE``.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from amur.annotation_tasks import Answer, Key, Reading, Task, annotation_of, answer_of, key_of
from amur.annotations import SETTLED, Annotation, read_annotations
from amur.answer_sheets import AnnotationSheet, AuditSheet, Sheet
from amur.audit_files import is_audit
from amur.codebook import STANCES, read_codebook
from amur.errors import AmurError
from amur.learning import suggest
from amur.project import annotation_paths
from amur.strategies import RANDOM, installed
from amur.suggesting import Suggestions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import pandas as pd

    from amur.project import Project

KINDS = ("suggested", RANDOM, "source", "second", "audit")
_BATCH, _AHEAD = 40, 8


@dataclass(slots=True, eq=False)
class _Seat:
    """What is before one annotator in one queue; nothing that a restart must keep.

    Attributes:
        task: the statement shown.
        before: what was said of it before that was undone.
        skipped: set aside; they come again when nothing else is left.
    """

    task: Task | None = None
    before: Answer | None = None
    skipped: set[Key] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Turn:
    """What an annotator is shown next.

    Attributes:
        task: the statement; None where there is none, or none yet.
        choosing: whether suggestions are being made.
        before: the answer that was undone.
        last: the annotator's last answer, with its statement.
        done: statements of the queue that are answered.
        total: statements of the queue.
        message: why there is no statement.
        problems: what is wrong with annotation files that are used all the same.
    """

    task: Task | None = None
    choosing: bool = False
    before: Answer | None = None
    last: tuple[Task, Answer] | None = None
    done: int = 0
    total: int = 0
    message: str = ""
    problems: list[str] = field(default_factory=list)


class Annotating:
    """The statements of some articles and of a project's files, to be annotated in a project.

    Parameters:
        project: where the answers go.
        statements: of the articles: ``document, source, title, date, start, end, text``, and, where a model has
            answered, ``convergence, friction, stance, themes``.
        audits: files of audits besides those that lie in the project's folder.
    """

    def __init__(self, project: Project, statements: pd.DataFrame, audits: Sequence[Path] = ()) -> None:
        for file in audits:
            _check_audit(file, project.folder)
        self.codebook = read_codebook(project.codebook)
        self.reading = Reading(statements)
        self._project = project
        self._given = list(audits)
        self._sheet = AnnotationSheet(project.annotations, self.codebook)
        self._audits = {
            file.name: AuditSheet(file) for file in (*sorted(project.folder.glob("*.jsonl")), *audits) if is_audit(file)
        }
        self._suggestions = Suggestions(self._suggest)
        self._seats: dict[tuple[str, str], _Seat] = {}
        self._lock = threading.RLock()

    @property
    def queues(self) -> list[str]:
        """The queues there are."""
        strategies = [name for name in installed() if name != RANDOM]
        return [
            *("suggested", *(f"suggested:{name}" for name in strategies), RANDOM),
            *("source", *(f"source:{name}" for name in self.reading.sources), "second"),
            *(f"audit:{name}" for name in self._audits),
        ]

    def named(self, queue: str) -> str:
        """A queue by its full name; ``audit`` alone is the first audit.

        Raises:
            AmurError: there is no such queue.
        """
        if queue == "audit" and self._audits:
            return f"audit:{next(iter(self._audits))}"
        if queue not in self.queues:
            msg = f"there is no queue `{queue[:80]}`; take {', '.join(KINDS)}"
            if queue.partition(":")[0] == "audit":
                msg = f"no audit {queue[6:86]} in {self._project.folder}; draw one there with `amur audit`"
            raise AmurError(msg)
        return queue

    def turn(self, name: str, queue: str) -> Turn:
        """What an annotator is shown next in a queue."""
        with self._lock:
            seat, rows = self._seat(name, queue), self._sheet_of(queue).rows()
            order, done = self._order(name, queue, rows), self._done(name, queue, rows)
            mine = {key_of(row) for row in rows if row.answered and row.annotator == name}
            message = ""
            if seat.task is None or seat.task.key in (mine if seat.before else done):
                seat.task, seat.before = None, None
                message = self._choose(name, queue, rows, order, done)
            last = self._sheet_of(queue).last(name)
            told = (self.reading.of(last), answer_of(last)) if last else None
            choosing = seat.task is None and self._suggestions.is_running(queue)
            finished = sum(key in done for key in order)
            return Turn(seat.task, choosing, seat.before, told, finished, len(order), message, self._sheet.problems)

    def answer(self, name: str, queue: str, key: Key, answer: Answer) -> None:
        """Write an annotator's answer to the statement before them; it is on disk when this returns.

        Raises:
            AmurError: the statement is not the one before them, somebody has answered it where it is to be answered
                once, the answer is none, or it cannot be written.
        """
        with self._lock:
            seat = self._seat(name, queue)
            task, sheet = _shown(seat, key), self._sheet_of(queue)
            answered_by = {row.annotator for row in sheet.rows() if row.answered and key_of(row) == key}
            if name in answered_by:
                msg = f"{name} has answered this statement in another queue; load the page again"
                raise AmurError(msg)
            if answered_by and queue != "second" and seat.before is None:  # what one took back is one's own to answer
                msg = "somebody has answered this statement meanwhile; load the page again"
                raise AmurError(msg)
            unknown = sorted(set(answer.themes) - self.codebook.themes.keys())
            if unknown or answer.stance not in STANCES:
                msg = f"{', '.join(unknown) or answer.stance} is no answer; load the page again"
                raise AmurError(msg)
            themes = tuple(theme for theme in self.codebook.themes if theme in answer.themes)
            sheet.add(annotation_of(task, answer._replace(themes=themes), name))
            seat.task, seat.before = None, None

    def skip(self, name: str, queue: str, key: Key) -> None:
        """Set the statement before an annotator aside until nothing else is left."""
        with self._lock:
            seat = self._seat(name, queue)
            seat.skipped.add(_shown(seat, key).key)
            seat.task, seat.before = None, None

    def undo(self, name: str, queue: str, key: Key) -> None:
        """Take an annotator's last answer, which is to a statement, back, and show the statement again.

        Raises:
            AmurError: there is none to take back, or it is to another statement.
        """
        with self._lock:
            sheet = self._sheet_of(queue)
            last = sheet.last(name)
            if last and key_of(last) != key:
                msg = "this is no longer your last answer, you may have gone on in another window; load the page again"
                raise AmurError(msg)
            taken = sheet.take_back(name)
            if taken is None:
                msg = f"there is no answer of {name} to take back here; change it in the file"
                raise AmurError(msg)
            seat = self._seat(name, queue)
            seat.task, seat.before = self.reading.of(taken), answer_of(taken)
            seat.skipped.discard(key_of(taken))

    def rows(self, queue: str) -> list[Annotation]:
        """All answers where those of a queue go."""
        with self._lock:
            return [row for row in self._sheet_of(queue).rows() if row.answered]

    def close(self) -> None:
        """Stop what runs in the background."""
        self._suggestions.close()

    def _seat(self, name: str, queue: str) -> _Seat:
        return self._seats.setdefault((name, queue), _Seat())

    def _sheet_of(self, queue: str) -> Sheet:
        kind, _, which = queue.partition(":")
        return self._audits[which] if kind == "audit" else self._sheet

    def _order(self, name: str, queue: str, rows: Sequence[Annotation]) -> dict[Key, str]:
        """The statements of a queue in order, each with the reason why it is in it."""
        kind, _, which = queue.partition(":")
        if kind == "audit":
            return dict.fromkeys(map(key_of, rows), "")
        if kind == "second":
            return {key_of(a): "" for a in rows if a.answered and a.annotator not in {name, SETTLED}}
        if kind == "source":
            barred = self._known | {key for sheet in self._audits.values() for key in map(key_of, sheet.rows())}
            return {key: "" for key in self.reading.keys(which) if key not in barred}
        waiting = {key_of(a): "it waits in the project's files" for a in rows if not a.answered}
        return (waiting if kind == "suggested" else {}) | self._suggestions.so_far(queue)

    def _done(self, name: str, queue: str, rows: Sequence[Annotation]) -> set[Key]:
        """What needs no answer any more: in a second pass, of this annotator."""
        second = queue == "second"
        return {key_of(a) for a in rows if a.answered and (not second or a.annotator == name)}

    def _choose(self, name: str, queue: str, rows: Sequence[Annotation], order: dict[Key, str], done: set[Key]) -> str:
        """Put the next statement before an annotator; where there is none, say why."""
        seat = self._seat(name, queue)
        left = [key for key in order if key not in done]
        wanted = [key for key in left if key not in seat.skipped]
        others = {s.task.key for (who, _), s in self._seats.items() if s.task and who != name}
        free = wanted if queue == "second" else [key for key in wanted if key not in others]
        refusal = self._more(queue, len(free))
        if refusal is None:
            return ""
        if not (wanted := free or wanted):
            wanted = left
            seat.skipped.clear()
        if not wanted:
            return refusal or "nothing is left in this queue"
        row = next((row for row in rows if key_of(row) == wanted[0]), None)
        task = self.reading.of(row) if row else self.reading.task(wanted[0])
        seat.task = task and replace(task, reason=order[wanted[0]])
        return ""

    def _more(self, queue: str, left: int) -> str | None:
        """Have more suggested where few are left; why there are no more, and None where one must wait for them."""
        if queue.partition(":")[0] not in {"suggested", RANDOM} or left >= _AHEAD:
            return ""
        refusal = "" if left else self._suggestions.refusal(queue)
        if not refusal:
            self._suggestions.ask(queue)
        return None if not left and not refusal else refusal

    def _suggest(self, queue: str, besides: Collection[Key]) -> pd.DataFrame:
        kind, _, which = queue.partition(":")
        every = [which] if which else [name for name in installed() if name != RANDOM]
        names = [RANDOM] if kind == RANDOM else every
        return suggest(
            self.reading.table,
            size=_BATCH,
            strategies=names,
            project=self._project,
            audits=self._given,
            besides=besides,
            seed=len(besides),
        )

    @cached_property
    def _known(self) -> set[Key]:
        """What the shipped annotations answer, where they join the project's."""
        paths = [path for path in annotation_paths(self._project) if path != self._project.annotations]
        return {key_of(a) for path in paths for a in read_annotations(path, self.codebook)}


def _check_audit(file: Path, folder: Path) -> None:
    """Raise ``AmurError`` where a file is no audit, or could be taken for another one of the project."""
    if not is_audit(file):
        msg = f"{file} is no audit; give a file that `amur audit --out` wrote"
        raise AmurError(msg)
    own = folder / file.name
    if own.exists() and not own.samefile(file):
        msg = f"{file} has the name of {own}; rename one of them"
        raise AmurError(msg)


def _shown(seat: _Seat, key: Key) -> Task:
    """The statement before an annotator, if it is this one."""
    if seat.task is None or seat.task.key != key:
        msg = "this statement is no longer before you, it may be answered in another window; load the page again"
        raise AmurError(msg)
    return seat.task
