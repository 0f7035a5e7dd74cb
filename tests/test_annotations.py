"""Annotations: read, settle, split, check; and the project's own files hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from amur.agreement import agreement, near_duplicates, problems
from amur.annotations import SETTLED, Annotation, in_places, part, read_annotations, settle, write_annotations
from amur.errors import AmurError
from amur.passages import Passage
from amur.resources import shipped

if TYPE_CHECKING:
    from pathlib import Path

    from amur.codebook import Codebook

ROW = {
    "document": "d",
    "start": 0,
    "end": 5,
    "text": "Trade",
    "convergence": True,
    "friction": False,
    "themes": ["trade"],
}


def test_annotations_survive_a_round_trip(tmp_path: Path, codebook: Codebook) -> None:
    made = [
        Annotation("d", 0, 3, "Ja…", True, False, ("trade",), "a1", "2026-01-01", "note"),  # noqa: FBT003
        Annotation("d", 4, 6, "🚢.", False, False, None),  # noqa: FBT003
    ]
    write_annotations(tmp_path / "a.jsonl", made)
    assert read_annotations(tmp_path, codebook) == made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"themes": ["sport"]}, "no such theme: sport"),
        ({"convergence": "yes"}, "true or false"),
        ({"text": " "}, "`text` is empty"),
        ({"start": "x"}, "invalid literal"),
        ({"friction": None}, "true or false"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line(
    tmp_path: Path, codebook: Codebook, change: dict[str, object], message: str
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(ROW) + "\n" + json.dumps(ROW | change) + "\n")
    with pytest.raises(AmurError, match=rf"a\.jsonl, line 2: .*{message}"):
        read_annotations(tmp_path, codebook)


def test_a_missing_answer_and_a_cut_line_are_named(tmp_path: Path, codebook: Codebook) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"document": "d"}))
    with pytest.raises(AmurError, match="line 1: no `convergence`"):
        read_annotations(tmp_path, codebook)
    (tmp_path / "a.jsonl").write_text(json.dumps(ROW)[:-9])
    with pytest.raises(AmurError, match="line 1"):
        read_annotations(tmp_path, codebook)


def test_the_settled_answer_wins_else_the_first() -> None:
    first = Annotation("d", 0, 1, "a", True, False, annotator="a1")  # noqa: FBT003
    second = replace(first, convergence=False, annotator="a2")
    final = replace(first, friction=True, annotator=SETTLED)
    other = replace(first, start=2, end=3, text="b")
    assert settle([first, other, second]) == [first, other]
    assert settle([first, other, second, final]) == [final, other]


def test_a_statements_place_is_its_document() -> None:
    rows = [
        Annotation(d, i, i + 1, t, convergence=False, friction=False)
        for i, (d, t) in enumerate([("d", "a"), ("d", "b"), ("e", "x")])
    ]
    assert in_places(rows) == [Passage(("a", "b"), 0), Passage(("a", "b"), 1), Passage(("x",), 0)]


def test_agreement_is_cohens_kappa(codebook: Codebook) -> None:
    pairs = [(1, 1)] * 4 + [(0, 0)] * 4 + [(1, 0)] + [(0, 1)]
    rows = [
        Annotation("d", i, i + 1, "x", bool(answer), False, (), annotator)  # noqa: FBT003
        for i, pair in enumerate(pairs)
        for annotator, answer in zip(("a1", "a2"), pair, strict=True)
    ]
    found = agreement(rows, codebook).set_index("answer").loc["convergence"]
    assert found["statements"] == 10
    assert found["kappa"] == pytest.approx(0.6)  # agreed 0.8, by chance 0.5
    assert found["f1"] == pytest.approx(0.8)


def test_problems_are_found(tmp_path: Path) -> None:
    (tmp_path / "d.md").write_text("Trade grew between the two large neighbours again last year.")
    text = "Trade grew between the two large neighbours again last year."
    good = Annotation("d", 0, len(text), text, True, False, ("trade",), "a1")  # noqa: FBT003
    assert list(problems([good], [tmp_path])) == []
    assert "two rows" in next(problems([good, good], [tmp_path]))
    assert "span is" in next(problems([replace(good, end=9)], [tmp_path]))
    assert "the brief reads" in next(problems([replace(good, text=text.upper())], [tmp_path]))
    assert "no e.md" in next(problems([replace(good, document="e")], [tmp_path]))
    assert "near-duplicates" in next(near_duplicates([good, replace(good, document="e", text=text + " Yes.")]))


def test_the_projects_annotations_are_sound(annotations: list[Annotation]) -> None:
    assert list(problems(annotations, [shipped("annotations") / "briefs", shipped("seeds")])) == []


def test_documents_are_labelled_twice_and_the_annotators_agree(
    annotations: list[Annotation], codebook: Codebook
) -> None:
    documents = {a.document for a in annotations}
    twice = {a.document for a in annotations if a.annotator == "a2"}
    assert len(twice) >= 0.15 * len(documents)
    agreed = agreement(annotations, codebook).set_index("answer")["kappa"]
    assert (agreed[["convergence", "friction"]] > 0.7).all()


def test_the_parts_of_the_corpus_are_fixed(annotations: list[Annotation]) -> None:
    documents = {a.document for a in annotations}
    for name in ("test", "calibration"):
        assert 0.06 < sum(part(document) == name for document in documents) / len(documents) < 0.2
    assert [part(name) for name in ("a001", "a005", "a010", "choice")] == ["test", "learn", "learn", "learn"]
