"""doccano: JSON Lines for text classification, a line a statement, with its labels.

doccano takes the fields beside ``text`` and ``label`` as an example's metadata, and hands them back beside them. Files
of sequence labelling are read too (``label`` or ``entities`` with offsets). Versions differ in whether those count code
points (https://github.com/doccano/doccano/pull/108) or UTF-16 code units
(https://github.com/doccano/doccano/issues/2484); in a text where that matters, the reading that cuts fewer words is
taken.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from amur.exchange.answered import answered, labels_of, metadata, whole_number
from amur.exchange.files import field, json_objects, located, pass_over
from amur.exchange.offsets import Span, cuts_no_word, in_code_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amur.annotations import Annotation
    from amur.codebook import Codebook
    from amur.exchange.answered import Answered

_LABELS = ("label", "labels", "cats")


def encode(annotations: Sequence[Annotation], codebook: Codebook, texts: Mapping[str, str]) -> bytes:  # noqa: ARG001
    """A line a statement, for a project of text classification that allows several labels."""
    rows = ({"text": a.text, "label": labels_of(a), **metadata(a)} for a in annotations)
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def decode(file: Path) -> list[Answered]:
    """The statements of a text classification, or the spans of a sequence labelling.

    A row without a label is a statement that is neither, but for one of ours that was yet to be annotated.
    """
    rows = list(json_objects(file))
    by_spans = any(_spans(row) for _, row in rows)
    found: list[Answered] = []
    untouched = 0
    for number, row in rows:
        with located(file, f"line {number}"):
            read = _labelled_spans(row, number) if by_spans else [_classified(row, number)]
            answers = [a for a in read if a.labels or row.get("answered") is not False]
            untouched += len(read) - len(answers)
            found += answers
    if untouched:
        pass_over(f"{file}: {untouched} statements without a label passed over; label `neutral` those that are neither")
    return found


def _classified(row: Mapping[str, Any], number: int) -> Answered:
    name = next((name for name in _LABELS if name in row), _LABELS[0])
    labels = [row[name]] if isinstance(row[name], str) else field(row, name, list)
    task = str(row.get("id", number))
    return answered(field(row, "text", str), labels, row, where=f"line {number}", task=task)


def _labelled_spans(row: Mapping[str, Any], number: int) -> list[Answered]:
    text = field(row, "text", str)
    labelled: dict[Span, list[Any]] = {}
    for start, end, label in map(_span, _spans(row)):
        labelled.setdefault((start, end), []).append(label)
    spans = in_code_points(text, list(labelled), lambda _, span: cuts_no_word(text, span))
    make = partial(answered, text, where=f"line {number}", task=str(row.get("id", number)))
    return [make(labels, row, span=span) for span, labels in zip(spans, labelled.values(), strict=True)]


def _spans(row: Mapping[str, Any]) -> list[Any]:
    """What in a row is a labelled span: ``[start, end, label]``, or an object in projects with relations."""
    values = (row.get(name) for name in (*_LABELS, "entities"))
    return [span for value in values if isinstance(value, list) for span in value if isinstance(span, (list, dict))]


def _span(span: Sequence[Any] | Mapping[str, Any]) -> tuple[int, int, Any]:
    if isinstance(span, dict):
        start, end, label = span["start_offset"], span["end_offset"], span["label"]
    else:
        start, end, label = span
    return whole_number(start), whole_number(end), label
