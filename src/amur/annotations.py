"""Hand-made annotations: read, settle, check and write them.

A file holds one JSON object a line: ``document, start, end, text, convergence, friction``, and, where known, ``themes,
annotator, date, note``, and ``before``, the statements read before it, where the document is not annotated whole. A
document labelled twice holds both annotators' rows; rows by the annotator ``settled`` give the answer agreed on where
the two differed. A row whose two answers are null is yet to be annotated.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from amur.errors import AmurError, InputWarning
from amur.passages import Passage, in_place
from amur.resources import shipped
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from amur.codebook import Codebook

AnyPaths: TypeAlias = "str | Path | Sequence[str | Path] | None"

SETTLED = "settled"
PARTS = ("learn", "calibration", "test")
TEST_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's answers for one statement.

    ``themes`` is None where the file does not say. ``before`` has the statements that stand before it in the article,
    where those are not annotated as well. ``answered`` is False for what is yet to be annotated; its answers are then
    nobody's.
    """

    document: str
    start: int
    end: int
    text: str
    convergence: bool
    friction: bool
    themes: tuple[str, ...] | None = None
    annotator: str = ""
    date: str = ""
    note: str = ""
    before: tuple[str, ...] = ()
    answered: bool = True


def read_annotations(path: Path, codebook: Codebook, *, unanswered: bool = False) -> list[Annotation]:
    """Read an annotation file, or every ``.jsonl`` file in a folder, in order.

    Args:
        path: the file or folder.
        codebook: the themes there are.
        unanswered: keep the statements that are yet to be annotated.

    Raises:
        AmurError: the path does not exist or holds nothing, or a line is broken; the message names file and line.

    Warns:
        InputWarning: a file is cut in the middle of its last line, and what stands before is kept; or statements yet to
            be annotated are passed over.
    """
    return read_together([path], codebook, unanswered=unanswered)


def read_together(paths: Sequence[Path], codebook: Codebook, *, unanswered: bool = False) -> list[Annotation]:
    """Read the annotations of several paths, see ``read_annotations``.

    Raises:
        AmurError: as there, where none of the paths holds anything; or two of them hold documents of the same name with
            different statements.
    """
    found: list[Annotation] = []
    for path in paths:
        added = _read(path, codebook, unanswered=unanswered)
        _check_names(found, added, path)
        found += added
    if not found:
        msg = f"no annotations in {', '.join(map(str, paths))}; give a .jsonl file or a folder of them"
        raise AmurError(msg)
    return found


def _read(path: Path, codebook: Codebook, *, unanswered: bool) -> list[Annotation]:
    """The annotations of one path, none where it holds none."""
    found = [annotation for file in annotation_files(path) for annotation in read_file(file, codebook)]
    kept = [annotation for annotation in found if annotation.answered or unanswered]
    if left := len(found) - len(kept):
        warnings.warn(f"{path}: statements yet to be annotated passed over: {left:,}", InputWarning, stacklevel=3)
    return kept


def as_paths(given: AnyPaths) -> tuple[Path, ...]:
    """A path, or several, as a tuple; an empty one for None."""
    if given is None:
        return ()
    return tuple(map(Path, [given] if isinstance(given, (str, Path)) else given))


def paths_or_shipped(given: AnyPaths) -> tuple[Path, ...]:
    """A path, or several, as a tuple; for None, where the shipped annotations are."""
    return as_paths(given) or (shipped("annotations") / "statements",)


def annotation_files(path: Path) -> list[Path]:
    """The files that a path of annotations stands for: itself, or every ``.jsonl`` file in the folder, in order."""
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def settle(annotations: Iterable[Annotation]) -> list[Annotation]:
    """One annotation a statement: the settled one where there is one, else the first given; documents in order."""
    chosen: dict[tuple[str, int, int, str], Annotation] = {}
    for annotation in annotations:
        key = (annotation.document, annotation.start, annotation.end, annotation.text)
        if key not in chosen or annotation.annotator == SETTLED:
            chosen[key] = annotation
    places = {document: place for place, document in enumerate(dict.fromkeys(key[0] for key in chosen))}
    return sorted(chosen.values(), key=lambda a: (places[a.document], a.start))


def part(document: str) -> str:
    """The part of the corpus a document belongs to for good, by the hash of its name.

    ``test`` (12%): no training and no choice ever sees it. ``calibration`` (12%): the encoder is not tuned on it, so
    that probabilities and thresholds can be fitted on it. ``learn``: the rest.
    """
    share = hashlib.sha256(document.encode()).digest()[0] / 256
    return "test" if share < TEST_SHARE else "calibration" if share >= 1 - TEST_SHARE else "learn"


def in_places(annotations: Sequence[Annotation]) -> list[Passage]:
    """The annotated statements in their places.

    The statements of a document make up its passages, but for those that bring along what stands before them.
    """
    documents = groupby(annotations, key=attrgetter("document"))
    return [passage for _, rows in documents for passage in _in_places(list(rows))]


def _in_places(rows: Sequence[Annotation]) -> Iterator[Passage]:
    whole = iter(in_place([row.text for row in rows if not row.before]))
    for row in rows:
        yield Passage((*row.before, row.text), len(row.before)) if row.before else next(whole)


def write_annotations(path: Path, annotations: Iterable[Annotation]) -> None:
    """Write annotations as JSON Lines; the file appears whole or not at all.

    Raises:
        AmurError: it cannot be written.
    """
    with suppress(OSError):  # what is in the way, the writing will say
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, map(as_line, annotations))


def as_line(annotation: Annotation) -> bytes:
    """An annotation as a line of an annotation file, line end included."""
    return f"{json.dumps(_as_row(annotation), ensure_ascii=False)}\n".encode()


def _as_row(annotation: Annotation) -> dict[str, Any]:
    row = asdict(annotation)
    unsaid = {"answered"} | ({"themes"} if annotation.themes is None else set())
    unsaid |= set() if annotation.before else {"before"}
    no_answers = {} if annotation.answered else dict.fromkeys(("convergence", "friction", "themes"))
    return {key: value for key, value in (row | no_answers).items() if key not in unsaid}


def _check_names(before: Iterable[Annotation], added: Iterable[Annotation], path: Path) -> None:
    """Raise ``AmurError`` where a document bears the name of another one read before: they would become one."""
    known, new = _statements_by_document(before), _statements_by_document(added)
    for document in sorted(known.keys() & new.keys()):
        if not (known[document] <= new[document] or new[document] <= known[document]):
            msg = f"`{document}` in {path} bears the name of another annotated document; give it a name of its own"
            raise AmurError(msg)


def _statements_by_document(annotations: Iterable[Annotation]) -> dict[str, set[tuple[int, int, str]]]:
    found: dict[str, set[tuple[int, int, str]]] = {}
    for a in annotations:
        found.setdefault(a.document, set()).add((a.start, a.end, a.text))
    return found


def read_file(file: Path, codebook: Codebook) -> Iterator[Annotation]:
    """The rows of one annotation file, those yet to be annotated included; see ``read_annotations``."""
    try:
        # not read_text: a file may be cut within a character
        lines = codecs.getincrementaldecoder("utf-8-sig")().decode(file.read_bytes()).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the annotations {file}: {error}"
        raise AmurError(msg) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _parse(line, codebook)
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
                if isinstance(error, json.JSONDecodeError) and number == len(lines):  # no line end: the file is cut
                    msg = f"{file}, line {number}: cut in the middle; passed over, what stands before it is kept"
                    warnings.warn(msg, InputWarning, stacklevel=2)
                    return
                reason = f"no `{error.args[0]}`" if isinstance(error, KeyError) else str(error)
                msg = f"{file}, line {number}: {reason}"
                raise AmurError(msg) from error


def _parse(line: str, codebook: Codebook) -> Annotation:
    row = json.loads(line)
    if not isinstance(row, dict):
        msg = "not a JSON object"
        raise TypeError(msg)
    answers = {question: row[question] for question in ("convergence", "friction")}
    answered = any(answer is not None for answer in answers.values())
    if answered and not all(answer in (True, False) for answer in answers.values()):
        msg = f"answers must be true or false, not {answers}"
        raise ValueError(msg)
    themes = row.get("themes")
    unknown = sorted(set(themes or ()) - codebook.themes.keys())
    if unknown:
        msg = f"no such theme: {', '.join(unknown)}; the codebook has {', '.join(codebook.themes)}"
        raise ValueError(msg)
    if not isinstance(row["text"], str) or not row["text"].strip():
        msg = "`text` is empty"
        raise ValueError(msg)
    if "\\u" in line:
        json.dumps(row, ensure_ascii=False).encode()  # an error where half a character is written so
    return Annotation(
        document=str(row["document"]),
        start=int(row["start"]),
        end=int(row["end"]),
        text=row["text"],
        convergence=bool(answers["convergence"]),
        friction=bool(answers["friction"]),
        themes=None if themes is None else tuple(themes),
        **{name: "" if row.get(name) is None else str(row[name]) for name in ("annotator", "date", "note")},
        before=statements_before(row),
        answered=answered,
    )


def statements_before(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The statements before one whose article is not annotated whole, as a row of a file has them.

    Raises:
        TypeError: they are no list.
    """
    before = row.get("before") or []
    if not isinstance(before, list):
        msg = "`before` is no list of statements"
        raise TypeError(msg)
    return tuple(map(str, before))
