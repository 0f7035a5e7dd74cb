"""Label Studio: a JSON list of tasks; in each the text of an article, its statements as regions with choices.

https://labelstud.io/guide/task_format: what belongs to one region has one ``id``. ``value.start`` and ``value.end``
count code points: the editor turns JavaScript's UTF-16 code units into them before it saves (``charsToCodePoints`` in
its ``selection-tools.js``; its test ``ner/emoji`` holds it to that). Releases before
https://github.com/HumanSignal/label-studio/pull/1559 saved code units; the text saved beside them tells such files.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from amur.exchange import files
from amur.exchange.answered import answered, labels_of, metadata, whole_number
from amur.exchange.offsets import Span, in_code_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from amur.annotations import Annotation
    from amur.codebook import Codebook
    from amur.exchange.answered import Answered

REGION = "statement"
_BREAKS = re.compile(r"\\n|\s")  # the editor saves a line end as a backslash and an n


def interface(codebook: Codebook) -> str:
    """The labelling interface to set in the project, which names the same controls as the tasks."""
    choices = "".join(f'<Choice value="{label}"/>' for label in codebook.labels)
    return (
        f'<View><Labels name="region" toName="text"><Label value="{REGION}"/></Labels>'
        '<Text name="text" value="$text"/>'
        f'<Choices name="answers" toName="text" choice="multiple" perRegion="true">{choices}</Choices>'
        '<TextArea name="note" toName="text" perRegion="true"/></View>\n'
    )


def encode(annotations: Sequence[Annotation], codebook: Codebook, texts: Mapping[str, str]) -> bytes:  # noqa: ARG001
    """A task a document whose text is at hand, and a task a statement of the others; a task a line."""
    grouped: dict[tuple[Any, ...], list[tuple[int, Annotation]]] = {}
    for number, a in enumerate(annotations):
        key = (a.document,) if a.document in texts else (a.document, a.start, a.end, a.text)
        grouped.setdefault(key, []).append((number, a))
    tasks = (_task(rows, texts.get(rows[0][1].document)) for rows in grouped.values())
    return ("[\n" + ",\n".join(json.dumps(task, ensure_ascii=False) for task in tasks) + "\n]\n").encode()


def _task(rows: Sequence[tuple[int, Annotation]], text: str | None) -> dict[str, Any]:
    """``offset`` is where the text shown begins in the document; ``statements`` the metadata by region.

    What is yet to be annotated is a prediction: the editor offers its region, and counts no answer.
    """
    first = rows[0][1]
    offset = first.start if text is None else 0
    by_annotator: dict[str, list[dict[str, Any]]] = {}
    offered: list[dict[str, Any]] = []
    for number, a in rows:
        results = by_annotator.setdefault(a.annotator, []) if a.answered else offered
        results.extend(_results(a, f"s{number}", a.start - offset))
    return {
        "data": {
            "text": first.text if text is None else text,
            "document": first.document,
            "offset": offset,
            "statements": {f"s{number}": {"row": number, **metadata(a)} for number, a in rows},
        },
        "annotations": [{"result": results} for results in by_annotator.values()],
        **({"predictions": [{"result": offered}]} if offered else {}),
    }


def _results(a: Annotation, region: str, start: int) -> Iterator[dict[str, Any]]:
    at = {"start": start, "end": start + len(a.text)}
    common = {"id": region, "to_name": "text"}
    yield {**common, "from_name": "region", "type": "labels", "value": {**at, "text": a.text, "labels": [REGION]}}
    if labels_of(a):
        choices = {**at, "text": a.text, "choices": labels_of(a)}
        yield {**common, "from_name": "answers", "type": "choices", "value": choices}
    if a.note:
        yield {**common, "from_name": "note", "type": "textarea", "value": {**at, "text": [a.note]}}


def decode(file: Path) -> list[Answered]:
    """The regions of a list of tasks, or its whole texts where choices were made for them."""
    found: list[tuple[float, Answered]] = []
    unanswered = 0
    for number, task in files.json_objects(file):
        with files.located(file, f"line {number}"):
            if "annotations" not in task:
                msg = "no `annotations`; export the project as JSON, not as JSON-MIN"
                raise ValueError(msg)
            made = files.field(task, "annotations", list)
            kept = [a for a in made if a.get("result") and not a.get("was_cancelled")]
            unanswered += max(len(made), 1) - len(kept)
            for annotation in kept:
                found += _statements(task, annotation, number)
    files.count_unanswered(file, unanswered)
    return [a for _, a in sorted(found, key=lambda row: row[0])]  # in the order of the export


@dataclass(slots=True)
class _Region:
    """What the results of one region say; without a span, of the whole text."""

    span: Span | None = None
    said: str = ""
    labels: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _statements(
    task: Mapping[str, Any], annotation: Mapping[str, Any], number: int
) -> Iterator[tuple[float, Answered]]:
    data = files.field(task, "data", dict)
    shown = _shown(data)
    known = files.field({"statements": {}, **data}, "statements", dict)
    offset = whole_number(data.get("offset", 0))
    by = {"document": data.get("document"), "annotator": _name(annotation.get("completed_by"))}
    regions = _regions(annotation["result"])
    spans = _spans(shown, regions)
    for key, region in regions.items():
        exported = {name: value for name, value in known.get(key, {}).items() if value != ""}
        given = {**by, **exported, **({"note": "\n".join(region.notes)} if region.notes else {})}
        unmoved = key in known and spans.get(key) == (0, len(shown))  # then the metadata know where it is
        span = None if unmoved else spans.get(key, (0, len(shown)))
        a = answered(shown, region.labels, given, where=f"line {number}", task=str(task.get("id", number)), span=span)
        if span:
            a = replace(a, statement=replace(a.statement, start=span[0] + offset, end=span[1] + offset))
        yield whole_number(given["row"]) if "row" in given else math.inf, a


def _shown(data: Mapping[str, Any]) -> str:
    """The text of a task: ``text``, or the only text there is."""
    if isinstance(data.get("text"), str):
        return str(data["text"])
    texts = [value for value in data.values() if isinstance(value, str)]
    if len(texts) != 1:
        raise KeyError("text")  # noqa: EM101 (as a missing field is)
    return texts[0]


def _regions(results: Sequence[Mapping[str, Any]]) -> dict[str, _Region]:
    with_span = {str(r["id"]) for r in results if "start" in r.get("value", {})}
    regions: dict[str, _Region] = {}
    for result in results:
        kind, value = result.get("type"), result.get("value", {})
        if kind not in {"labels", "choices", "textarea"}:
            continue  # relations, ratings and the like say nothing that the codebook asks
        key = str(result.get("id"))
        region = regions.setdefault(key if key in with_span else "", _Region())
        if "start" in value:
            region.span = (whole_number(value["start"]), whole_number(value["end"]))
        if kind == "textarea":
            region.notes += [value["text"]] if isinstance(value["text"], str) else value["text"]
        else:
            region.labels += [label for label in files.field(value, kind, list) if label != REGION]
            region.said = str(value.get("text") or "")
    return regions


def _spans(shown: str, regions: Mapping[str, _Region]) -> dict[str, Span]:
    found = {key: region.span for key, region in regions.items() if region.span}
    said = [_BREAKS.sub("", regions[key].said) for key in found]
    read = in_code_points(
        shown, list(found.values()), lambda at, span: said[at] == _BREAKS.sub("", shown[span[0] : span[1]])
    )
    return dict(zip(found, read, strict=True))


def _name(completed_by: Any) -> Any:  # noqa: ANN401 (a number, or the person)
    return completed_by.get("email") if isinstance(completed_by, dict) else completed_by
