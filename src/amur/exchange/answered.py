"""What every tool's file comes down to: statements, each with the labels that were answered yes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from amur.annotations import Annotation, statements_before
from amur.codebook import QUESTIONS, STANCES
from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amur.codebook import Codebook

# Stances say both questions at once; people who label by hand like to use them.
_STANCES = {stance: tuple(q for q in QUESTIONS if stance in (q, "mixed")) for stance in STANCES}


@dataclass(frozen=True, slots=True)
class Answered:
    """One statement of a tool's file.

    Attributes:
        statement: all but the answers; ``themes`` as they were exported, ``document`` empty where the file names none.
        labels: those answered yes.
        where: the place in the file, for messages.
        shown: the text that the tool showed, of which the statement may be a part.
        task: what the tool or the file calls the task.
        asked: the labels that the file says were on offer.
        ours: whether an export of ours tells which themes there were.
    """

    statement: Annotation
    labels: tuple[str, ...]
    where: str
    shown: str
    task: str
    asked: tuple[str, ...] = ()
    ours: bool = False


def labels_of(annotation: Annotation) -> list[str]:
    """The labels that an annotation answers yes."""
    return [q for q in QUESTIONS if getattr(annotation, q)] + list(annotation.themes or ())


def metadata(annotation: Annotation) -> dict[str, Any]:
    """What the tools have no place for, to be handed back by them; ``answered`` only where it is False."""
    row = asdict(annotation)
    asked = annotation.themes is not None or not annotation.answered
    themes = list(annotation.themes or ()) if asked else None
    kept = {key: row[key] for key in ("document", "start", "end", "annotator", "date", "note")}
    kept |= {} if annotation.answered else {"answered": False}
    return kept | {"themes": themes} | ({"before": list(annotation.before)} if annotation.before else {})


def answered(
    shown: str,
    labels: Sequence[Any],
    given: Mapping[str, Any],
    *,
    where: str,
    task: str,
    span: tuple[int, int] | None = None,
    asked: Sequence[Any] = (),
) -> Answered:
    """A statement from the text shown, its span there (the whole by default) and the metadata given with it.

    Raises:
        ValueError: the span is not in the text, the statement is blank, or the metadata are of another kind.
        UnicodeEncodeError: a text holds half a character.
    """
    start, end = span or (0, len(shown))
    if not 0 <= start < end <= len(shown) or not shown[start:end].strip():
        msg = f"no statement at {start}-{end} of {len(shown)} characters" if shown.strip() else "`text` is empty"
        raise ValueError(msg)
    text, ours = shown[start:end], "themes" in given
    if span is None and ours:  # others may mean anything by a start and an end
        start, end = whole_number(given["start"]), whole_number(given["end"])
    statement = _unanswered(start, end, text, given)
    return Answered(statement, tuple(map(str, labels)), where, shown, task, tuple(map(str, asked)), ours)


def _unanswered(start: int, end: int, text: str, given: Mapping[str, Any]) -> Annotation:
    keys = ("document", "annotator", "date", "note")
    said = ["" if given.get(key) is None else str(given[key]) for key in keys]
    before = statements_before(given)
    "".join((text, *before, *said)).encode()
    themes = None if given.get("themes") is None else tuple(map(str, given["themes"]))
    document, annotator, date, note = said
    return Annotation(document, start, end, text, False, False, themes, annotator, date, note, before)  # noqa: FBT003


def whole_number(value: Any) -> int:  # noqa: ANN401 (whatever a file holds)
    """An offset as a file holds it; doccano makes 3.0 of 3 where a column has gaps.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1:
        return int(value)
    msg = f"an offset must be a whole number, not {value!r}"
    raise ValueError(msg)


def settled_answers(
    found: Sequence[Answered], file: Path, codebook: Codebook, annotator: str | None
) -> list[Annotation]:
    """Annotations from statements and labels.

    Raises:
        AmurError: a label is not in the codebook.
    """
    asked = any(label in codebook.themes for a in found for label in (*a.labels, *a.asked))
    names: dict[str, str] = {}  # two annotators' tasks on one text are one document
    annotations = []
    for a in found:
        yes = _known(a, file, codebook)
        document = a.statement.document or names.setdefault(a.shown, f"{file.stem}-{a.task}")
        annotations.append(
            replace(
                a.statement,
                document=document,
                convergence="convergence" in yes,
                friction="friction" in yes,
                themes=_themes(a, yes, codebook, asked=asked),
                annotator=a.statement.annotator if annotator is None else annotator,
            )
        )
    return annotations


def _known(a: Answered, file: Path, codebook: Codebook) -> set[str]:
    unknown = sorted(set(a.labels) - {*codebook.labels, *STANCES})
    if unknown:
        msg = f"{file}, {a.where}: no such label: {', '.join(unknown)}; the codebook has {', '.join(codebook.labels)}"
        raise AmurError(msg)
    return {said for label in a.labels for said in ((label,) if label in codebook.labels else _STANCES[label])}


def _themes(a: Answered, yes: set[str], codebook: Codebook, *, asked: bool) -> tuple[str, ...] | None:
    exported = a.statement.themes
    themes = yes - set(QUESTIONS)
    if themes == set(exported or ()):
        return exported if a.ours else () if asked else None  # in the order, and with the silence, of the export
    return tuple(theme for theme in codebook.themes if theme in themes)
