"""Statements to annotate: each in its context, with what the model would answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from amur.annotations import Annotation
from amur.codebook import QUESTIONS, STANCES, stance
from amur.passages import LEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
_PLACE = ("document", "start", "end")
_ABOUT = ("source", "title", "date", "text")
_AFTER = 2


class Key(NamedTuple):
    """Which statement: its document, and its place there in code points."""

    document: str
    start: int
    end: int


def key_of(annotation: Annotation) -> Key:
    """The statement that an annotation is about."""
    return Key(annotation.document, annotation.start, annotation.end)


class Answer(NamedTuple):
    """What an annotator says of a statement."""

    stance: str
    themes: tuple[str, ...] = ()
    note: str = ""


def answer_of(annotation: Annotation) -> Answer:
    """What an annotation says."""
    said = stance(annotation.convergence, annotation.friction)
    return Answer(said, annotation.themes or (), annotation.note)


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model says of a statement; ``convergence`` and ``friction`` are probabilities."""

    stance: str
    convergence: float
    friction: float
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A statement to annotate, with what stands around it in its article, and why it was chosen."""

    key: Key
    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    source: str = ""
    title: str = ""
    date: str = ""
    reason: str = ""
    guess: Guess | None = None


def annotation_of(task: Task, answer: Answer, annotator: str) -> Annotation:
    """An answer as it is written, given today."""
    convergence, friction = (answer.stance in {question, "mixed"} for question in QUESTIONS)
    today = datetime.now().astimezone().date().isoformat()
    return Annotation(
        *task.key, task.text, convergence, friction, answer.themes, annotator, today, answer.note, task.before
    )


class Reading:
    """The statements of articles, to be read in their order.

    Attributes:
        table: the statements whose place in the article is known, one a row.
    """

    def __init__(self, statements: pd.DataFrame) -> None:
        table = statements.assign(**{name: "" for name in (*_PLACE, *_ABOUT) if name not in statements})
        for name in ("start", "end"):
            table[name] = pd.to_numeric(table[name], errors="coerce")
        table = table.dropna(subset=["start", "end"]).astype({"start": int, "end": int, "source": str})
        self.table = table.sort_values("start", kind="stable")
        self._rows: dict[Key, dict[str, Any]] = {}
        self._documents: dict[str, list[Key]] = {name: [] for name in table["document"].unique()}
        columns = [name for name in (*_PLACE, *_ABOUT, *QUESTIONS, "stance", "themes") if name in table]
        for row in self.table[columns].to_dict("records"):
            key = Key(row["document"], row["start"], row["end"])
            self._rows[key] = {str(name): value for name, value in row.items()}
            self._documents[key.document].append(key)

    def keys(self, source: str = "") -> Iterator[Key]:
        """The statements, article by article; of one source, or of all."""
        for keys in self._documents.values():
            if not source or self._rows[keys[0]]["source"] == source:
                yield from keys

    @property
    def sources(self) -> list[str]:
        """The sources by name."""
        return sorted(set(self.table["source"]))

    def task(self, key: Key) -> Task | None:
        """A statement in its context; None where it is not among these."""
        row = self._rows.get(key)
        if row is None:
            return None
        document = self._documents[key.document]
        at = document.index(key)
        before, after = ([self._rows[k]["text"] for k in keys] for keys in _around(document, at))
        about = {name: str(row[name]) for name in ("source", "title", "date")}
        return Task(key, row["text"], tuple(before), tuple(after), **about, guess=_guess(row))

    def of(self, annotation: Annotation) -> Task:
        """The statement of an annotation in its context, so far as that is known."""
        found = self.task(key_of(annotation))
        if found is None or found.text != annotation.text:
            return Task(key_of(annotation), annotation.text, annotation.before)
        return found


def _around(document: list[Key], at: int) -> tuple[list[Key], list[Key]]:
    return document[max(0, at - LEAD) : at], document[at + 1 : at + 1 + _AFTER]


def _guess(row: dict[str, Any]) -> Guess | None:
    if row.get("stance") not in STANCES:
        return None
    convergence, friction = (float(row[question]) for question in QUESTIONS)
    return Guess(str(row["stance"]), convergence, friction, tuple(row.get("themes", ())))
