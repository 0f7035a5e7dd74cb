"""Annotations: read, settle, split, check; and the project's own files hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import krippendorff
import numpy as np
import pytest

from amur.agreement import agreement, conflicts, near_duplicates, problems
from amur.annotations import (
    SETTLED,
    Annotation,
    in_places,
    part,
    read_annotations,
    read_together,
    settle,
    write_annotations,
)
from amur.errors import AmurError, InputWarning
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
        ({"before": "Beijing waited."}, "`before` is no list"),
        ({"start": float("inf")}, "infinity"),
        ({"document": "d\ud800"}, "surrogates not allowed"),
        ({"text": "half \udc00"}, "surrogates not allowed"),
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
    (tmp_path / "a.jsonl").write_text(json.dumps(ROW)[:-9] + "\n" + json.dumps(ROW))
    with pytest.raises(AmurError, match="line 1"):
        read_annotations(tmp_path, codebook)


def test_a_file_cut_anywhere_keeps_what_is_whole(tmp_path: Path, codebook: Codebook) -> None:
    made = [Annotation("d", at, at + 6, "习近平🚢 ok", True, False, ("trade",)) for at in (0, 8)]  # noqa: FBT003
    write_annotations(tmp_path / "a.jsonl", made)
    whole = (tmp_path / "a.jsonl").read_bytes()
    second = whole.index(b"\n") + 1
    for end in range(second + 1, len(whole) - 1):  # also within characters
        (tmp_path / "a.jsonl").write_bytes(whole[:end])
        with pytest.warns(InputWarning, match=r"a\.jsonl, line 2: cut in the middle"):
            assert read_annotations(tmp_path, codebook) == made[:1]
    (tmp_path / "a.jsonl").write_bytes(whole[:-1])
    assert read_annotations(tmp_path, codebook) == made


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


def said(answers: list[tuple[bool | None, ...]], themes: tuple[str, ...] | None = ()) -> list[Annotation]:
    """Answers to convergence by annotators a0, a1, ...; None where one gave none."""
    return [
        Annotation("d", at, at + 1, "x", answer, False, themes, f"a{annotator}")  # noqa: FBT003
        for at, given in enumerate(answers)
        for annotator, answer in enumerate(given)
        if answer is not None
    ]


def test_alpha_is_krippendorffs_own_example(codebook: Codebook) -> None:
    meg, owen = "0100000010", "1110010000"  # Krippendorff 2011, part A
    rows = said([(one == "1", other == "1") for one, other in zip(meg, owen, strict=True)])
    found = agreement(rows, codebook).set_index("answer")
    assert found.loc["convergence", "alpha"] == pytest.approx(0.095, abs=0.0005)
    assert found["alpha"].isna()["friction"]  # nobody ever said yes


def test_alpha_of_many_annotators_with_gaps_is_the_librarys(codebook: Codebook) -> None:
    chance = np.random.default_rng(0)
    truth, answers = chance.random(60) < 0.3, []
    for yes in truth:
        given = np.where(chance.random(4) < 0.2, ~yes, yes)
        answers.append(
            tuple(None if gap else bool(one) for one, gap in zip(given, chance.random(4) < 0.4, strict=True))
        )
    expected = krippendorff.alpha(np.array(answers, dtype=float).T, level_of_measurement="nominal")
    found = agreement(said(answers), codebook).set_index("answer").loc["convergence"]
    assert found["alpha"] == pytest.approx(expected)
    assert 0.2 < expected < 0.8


def test_one_answer_throughout_tells_nothing_of_agreement(codebook: Codebook) -> None:
    found = agreement(said([(True, True)] * 5), codebook).set_index("answer").loc["convergence"]
    assert (found["agreed"], found["f1"]) == (1, 1)
    assert np.isnan([found["kappa"], found["alpha"]]).all()
    nothing = agreement(said([(True,)] * 5), codebook).set_index("answer").loc["convergence"]
    assert nothing["statements"] == 0
    assert nothing[["agreed", "kappa", "alpha", "f1"]].isna().all()


def test_who_leaves_out_the_themes_does_not_count_for_them(codebook: Codebook) -> None:
    both = said([(True, False)], ("trade",)) + [replace(a, start=5, themes=None) for a in said([(True, True)])]
    found = agreement(both, codebook).set_index("answer")["statements"]
    assert (found["convergence"], found["trade"]) == (2, 1)


def test_conflicts_are_listed_until_they_are_settled(codebook: Codebook) -> None:
    rows = said([(True, True, False), (True, True, True), (False, True)], ("trade",))
    rows.append(replace(rows[3], annotator="a9", themes=("energy",)))
    found = conflicts(rows, codebook)
    assert found[["start", "question", "yes", "no"]].to_numpy().tolist() == [
        [0, "convergence", "a0, a1", "a2"],
        [1, "trade", "a0, a1, a2", "a9"],
        [1, "energy", "a9", "a0, a1, a2"],
        [2, "convergence", "a1", "a0"],
    ]
    settled = [replace(rows[0], annotator=SETTLED), replace(rows[-2], annotator=SETTLED)]
    assert conflicts([*rows, *settled], codebook)["start"].tolist() == [1, 1]


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


def test_what_other_programs_write_is_read_too(tmp_path: Path, codebook: Codebook) -> None:
    nulls = dict.fromkeys(("annotator", "date", "note"))
    (tmp_path / "a.jsonl").write_text(json.dumps(ROW | nulls), encoding="utf-8-sig")  # no line end either
    (row,) = read_annotations(tmp_path, codebook)
    assert (row.text, row.annotator, row.date, row.note) == ("Trade", "", "", "")


def test_files_without_an_answer_stop_nothing_where_others_have_some(tmp_path: Path, codebook: Codebook) -> None:
    for name in ("none", "empty", "some"):
        (tmp_path / name).mkdir()
    (tmp_path / "none" / "a.jsonl").write_text(json.dumps(ROW | {"convergence": None, "friction": None}) + "\n")
    (tmp_path / "empty" / "a.jsonl").touch()
    (tmp_path / "some" / "a.jsonl").write_text(json.dumps(ROW) + "\n")
    paths = [tmp_path / name for name in ("none", "empty", "some")]
    with pytest.warns(InputWarning, match="yet to be annotated passed over: 1"):
        assert len(read_together(paths, codebook)) == 1
    with pytest.raises(AmurError, match=r"no annotations in .*none, .*empty"), pytest.warns(InputWarning):
        read_together(paths[:2], codebook)
