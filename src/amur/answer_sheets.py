"""Where answers go while somebody annotates: each is on disk before the next statement is shown.

Annotations go to one file an annotator, which grows by a line an answer and shrinks by one to undo it, so that a
process killed at any moment loses none. Answers to an audit go into the audit's own rows.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
import warnings
from typing import TYPE_CHECKING, Protocol

from amur.annotations import SETTLED, Annotation, annotation_files, as_line, read_file
from amur.audit_files import answer_row, read_rows
from amur.codebook import QUESTIONS
from amur.errors import AmurError, InputWarning
from amur.sampling import TO_FILL_IN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from amur.codebook import Codebook
    from amur.sampling import Row

_NAME = re.compile(r"\w([\w .-]{0,38}\w)?")


class Sheet(Protocol):
    """Where the answers of a queue go."""

    def rows(self) -> Sequence[Annotation]:
        """All rows, those yet to be annotated included, as they are on disk now."""

    def add(self, annotation: Annotation) -> None:
        """Write an answer; it is on disk when this returns."""

    def last(self, annotator: str) -> Annotation | None:
        """An annotator's last answer, so far as it can be taken back."""

    def take_back(self, annotator: str) -> Annotation | None:
        """Remove an annotator's last answer and return it; None where there is none."""


def annotator_name(given: str) -> str:
    """An annotator's name as it stands in files; it names a file as well.

    Raises:
        AmurError: it cannot be used.

    >>> annotator_name(" Kim  Lee ")
    'Kim Lee'
    """
    name = " ".join(unicodedata.normalize("NFC", given).split())
    if not _NAME.fullmatch(name) or name.casefold() == SETTLED:
        msg = (
            f"{given[:60]!r} cannot name an annotator; take letters, digits, spaces, dots and hyphens, at most 40, "
            f"beginning and ending with a letter or digit, and not `{SETTLED}`"
        )
        raise AmurError(msg)
    return name


class AnnotationSheet:
    """The annotation files of a folder, to which each annotator adds in a file of their own.

    Attributes:
        problems: what is wrong with files that are used all the same, a line each.
    """

    def __init__(self, folder: Path, codebook: Codebook) -> None:
        self._folder = folder
        self._codebook = codebook
        self._read: dict[Path, tuple[tuple[int, int], list[Annotation], list[str]]] = {}

    @property
    def problems(self) -> list[str]:
        """What is wrong with files that are used all the same, a line each."""
        return [line for _, _, lines in self._read.values() for line in lines]

    def file_of(self, annotator: str) -> Path:
        """The file that an annotator's answers go to."""
        return self._folder / f"{annotator.casefold()}.jsonl"

    def rows(self) -> list[Annotation]:
        """The rows of all files; one that has changed is read again, since other programs write to the folder too.

        Raises:
            AmurError: a line is broken; the message names it.
        """
        files = annotation_files(self._folder) if self._folder.is_dir() else []
        self._read = {file: self._rows_of(file) for file in files}
        return [row for _, rows, _ in self._read.values() for row in rows]

    def add(self, annotation: Annotation) -> None:
        """Append an answer to its annotator's file.

        Raises:
            AmurError: it cannot be written.
        """
        file, line = self.file_of(annotation.annotator), as_line(annotation)
        try:
            self._folder.mkdir(exist_ok=True)
            with file.open("ab") as opened:  # buffered: what is written in part is written on, or an error
                _mend(file)
                opened.write(line)
                opened.flush()
                os.fsync(opened.fileno())
        except OSError as error:
            raise _not_written(file, error) from error

    def last(self, annotator: str) -> Annotation | None:
        """The answer at the end of an annotator's file; None where it ends with something else."""
        file = self.file_of(annotator)
        row = next(iter(self._rows_of(file)[1][-1:]), None) if file.is_file() else None
        return row if row and row.answered and row.annotator == annotator else None

    def take_back(self, annotator: str) -> Annotation | None:
        """Cut an annotator's last answer off their file; None where the file ends with something else.

        Raises:
            AmurError: the file cannot be read or written.
        """
        last, file = self.last(annotator), self.file_of(annotator)
        if last is not None:
            try:
                _mend(file)
                _cut_last_line(file)
            except OSError as error:
                raise _not_written(file, error) from error
        return last

    def _rows_of(self, file: Path) -> tuple[tuple[int, int], list[Annotation], list[str]]:
        found = file.stat()
        mark = (found.st_mtime_ns, found.st_size)
        if file in self._read and self._read[file][0] == mark:
            return self._read[file]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", InputWarning)
            rows = list(read_file(file, self._codebook))
        return mark, rows, [str(warning.message) for warning in caught]


class AuditSheet:
    """An audit, whose rows are answered in place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answered: list[Annotation] = []

    def rows(self) -> list[Annotation]:
        """The audit's rows in its order.

        Raises:
            AmurError: a line is broken; the message names it.
        """
        return list(map(_of_audit, read_rows(self._path)))

    def add(self, annotation: Annotation) -> None:
        """Answer a row.

        Raises:
            AmurError: somebody has answered it, it is no longer there, or the file cannot be written.
        """
        at = next((at for at, row in enumerate(self.rows()) if _same(row, annotation) and not row.answered), None)
        if at is None:
            msg = f"somebody has answered this statement of {self._path.name} meanwhile; load the page again"
            raise AmurError(msg)
        answers = {name: getattr(annotation, name) for name in TO_FILL_IN}
        answer_row(self._path, at, answers | {"themes": list(annotation.themes or ())})
        self._answered.append(annotation)

    def last(self, annotator: str) -> Annotation | None:
        """The answer that an annotator gave last; an audit does not say which that was in an earlier run."""
        return next((a for a in reversed(self._answered) if a.annotator == annotator), None)

    def take_back(self, annotator: str) -> Annotation | None:
        """Empty the row that an annotator answered last; None where none was, or it is gone.

        Raises:
            AmurError: a line is broken, or the file cannot be written.
        """
        last = self.last(annotator)
        at = next((at for at, row in enumerate(self.rows()) if last and _same(row, last)), None)
        if last is None or at is None:
            return None
        answer_row(self._path, at, TO_FILL_IN)
        self._answered.remove(last)
        return last


def _of_audit(row: Row) -> Annotation:
    answers = [row.get(question) for question in QUESTIONS]
    return Annotation(
        row["document"],
        row["start"],
        row["end"],
        row["text"],
        convergence=bool(answers[0]),
        friction=bool(answers[1]),
        themes=None if row.get("themes") is None else tuple(row["themes"]),
        annotator=str(row.get("annotator") or ""),
        note=str(row.get("note") or ""),
        answered=None not in answers,
    )


def _same(one: Annotation, other: Annotation) -> bool:
    return (one.document, one.start, one.end, one.text) == (other.document, other.start, other.end, other.text)


def _mend(file: Path) -> None:
    """Make a file end with a whole line: give it the line end it lacks, or cut off what was never finished."""
    data = file.read_bytes()
    whole, line_end, rest = data.rpartition(b"\n")
    if not rest:
        return
    try:
        json.loads(rest)
    except ValueError:
        _truncate(file, len(whole + line_end))
    else:
        with file.open("ab", buffering=0) as opened:
            opened.write(b"\n")


def _cut_last_line(file: Path) -> None:
    """Cut off the last line that holds something; a file that is left empty goes, for it is no annotation file."""
    left = file.read_bytes().rstrip().rpartition(b"\n")
    size = len(left[0] + left[1])
    if size:
        _truncate(file, size)
    else:
        file.unlink()


def _truncate(file: Path, size: int) -> None:
    with file.open("r+b", buffering=0) as opened:
        opened.truncate(size)
        os.fsync(opened.fileno())


def _not_written(file: Path, error: OSError) -> AmurError:
    return AmurError(f"cannot write {file}: {error.strerror or error}; make room, or make its folder writable")
