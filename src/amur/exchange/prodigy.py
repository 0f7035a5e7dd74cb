"""Prodigy: JSON Lines of tasks for its ``choice`` interface, a task a statement, with every label as an option.

https://prodi.gy/docs/api-interfaces#choice: ``accept`` lists the options ticked, ``answer`` says what became of the
task, ``meta`` is shown and handed back. Offsets of ``spans`` come from spaCy's tokens and count code points.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from amur.exchange.answered import answered, labels_of, metadata, whole_number
from amur.exchange.files import count_unanswered, field, json_objects, located

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amur.annotations import Annotation
    from amur.codebook import Codebook
    from amur.exchange.answered import Answered


def encode(annotations: Sequence[Annotation], codebook: Codebook, texts: Mapping[str, str]) -> bytes:  # noqa: ARG001
    """A task a statement, ready for ``prodigy db-in`` or, to be answered again, for a recipe."""
    options = [{"id": label, "text": label} for label in codebook.labels]
    return b"".join(json.dumps(_task(a, options), ensure_ascii=False).encode() + b"\n" for a in annotations)


def decode(file: Path) -> list[Answered]:
    """The statements of accepted tasks of the interfaces ``choice``, ``classification`` and ``spans_manual``."""
    found: list[Answered] = []
    unanswered = 0
    for number, task in json_objects(file):
        with located(file, f"line {number}"):
            if _is_accepted(task):
                found += _statements(task, number)
            else:
                unanswered += 1
    count_unanswered(file, unanswered)
    return found


def _task(annotation: Annotation, options: list[dict[str, str]]) -> dict[str, Any]:
    by = {"_annotator_id": annotation.annotator} if annotation.annotator else {}
    said = {"accept": labels_of(annotation), "answer": "accept"} if annotation.answered else {}
    return {
        "text": annotation.text,
        "options": options,
        **said,
        "meta": metadata(annotation),
        "_view_id": "choice",
        "config": {"choice_style": "multiple"},
        **by,
    }


def _is_accepted(task: Mapping[str, Any]) -> bool:
    """Whether somebody accepted a task; one that has only options was never shown."""
    return bool(task.get("answer", "accept" if task.keys() & {"accept", "spans", "label"} else "") == "accept")


def _statements(task: Mapping[str, Any], number: int) -> list[Answered]:
    text = field(task, "text", str)
    given = dict(field({"meta": task.get("meta") or {}}, "meta", dict))
    if task.get("_annotator_id"):
        given["annotator"] = task["_annotator_id"]
    asked = [field(option, "id", (str, int)) for option in task.get("options") or []]
    return [
        answered(text, labels, given, where=f"line {number}", task=str(number), span=span, asked=asked)
        for span, labels in _answers(task).items()
    ]


def _answers(task: Mapping[str, Any]) -> dict[tuple[int, int] | None, list[Any]]:
    """The labels answered yes by span, None being the whole text."""
    if "accept" in task or "options" in task:
        return {None: field({"accept": task.get("accept") or []}, "accept", list)}
    if "spans" in task:
        spans: dict[tuple[int, int] | None, list[Any]] = {}
        for span in field(task, "spans", list):
            at = (whole_number(span["start"]), whole_number(span["end"]))
            spans.setdefault(at, []).append(span["label"])
        return spans
    if "label" not in task:
        msg = "no answers: neither `accept`, `spans` nor `label`"
        raise ValueError(msg)
    return {None: [field(task, "label", str)]}
