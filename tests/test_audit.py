"""Audits: what is drawn, which files are refused, and balances that hold however wrong the classifier is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from amur.audit_files import read_audit, write_audit
from amur.audited import audited_balances
from amur.balances import count_stances
from amur.errors import AmurError
from amur.reports import audit
from amur.sampling import DESIGN, draw_audit, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Row = dict[str, Any]

SOURCES = {"Amber Post": 12, "Birch Daily": 6, "Cedar Review": 3}
PER_ARTICLE = 10
DRAWN = [
    ("Amber Post-04", 400),
    ("Amber Post-05", 400),
    ("Birch Daily-02", 700),
    ("Birch Daily-04", 100),
    ("Cedar Review-00", 0),
    ("Cedar Review-00", 800),
]


def corpus(articles: dict[str, int] | None = None) -> pd.DataFrame:
    """A classified corpus: ten statements an article, two months, two themes, a classifier that overrates friction."""
    rng = np.random.default_rng(3)
    rows = []
    for source, number in (articles or SOURCES).items():
        for article in range(number):
            for place in range(PER_ARTICLE):
                odds = {"convergence": round(rng.random(), 4), "friction": round(0.4 + 0.6 * rng.random(), 4)}
                yes = (odds["convergence"] > 0.5, odds["friction"] > 0.5)
                rows.append(
                    {
                        "document": f"{source}-{article:02}",
                        "source": source,
                        "date": "2024-05-16" if article % 2 else "2023-11",
                        "start": 100 * place,
                        "end": 100 * place + 60,
                        "text": f"Statement {place} of the {article}th article says “что-то” new.",
                        **odds,
                        "stance": {(True, False): "convergence", (False, True): "friction", (True, True): "mixed"}.get(
                            yes, "neutral"
                        ),
                        "themes": [["trade"], ["trade", "energy"], []][place % 3],
                    }
                )
    return pd.DataFrame(rows)


def truth(row: Row) -> dict[str, bool]:
    """The answers an annotator would give: two thirds convergence, one fifth friction."""
    digit = int(fingerprint(pd.DataFrame([row]))[:4], 16)
    return {"convergence": digit % 3 > 0, "friction": digit % 5 == 0}


def labelled(statements: pd.DataFrame, size: int = 60, seed: int = 0) -> list[Row]:
    return [row | truth(row) for row in draw_audit(statements, size, seed)]


@pytest.fixture
def statements() -> pd.DataFrame:
    return corpus()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[list[Row]], Path]:
    def write(rows: list[Row]) -> Path:
        path = tmp_path / f"audit-{len(list(tmp_path.iterdir()))}.jsonl"
        write_audit(path, rows)
        return path

    return write


def test_each_source_has_its_share_of_the_sample_and_at_least_two(statements: pd.DataFrame) -> None:
    rows = draw_audit(statements, 42)
    assert pd.Series([row["source"] for row in rows]).value_counts().to_dict() == dict(
        zip(SOURCES, (24, 12, 6), strict=True)
    )
    assert {row["probability"] for row in rows} == {0.2}
    many = corpus({"Large": 40, "Tiny": 1})
    assert [row["source"] for row in draw_audit(many, 6)].count("Tiny") == 2


def test_a_source_with_one_statement_is_drawn_whole(statements: pd.DataFrame) -> None:
    single = pd.concat([statements, corpus({"Lone Letter": 1})[:1]])
    (row,) = (row for row in draw_audit(single, 30) if row["source"] == "Lone Letter")
    assert (row["stratum_size"], row["probability"]) == (1, 1.0)
    table = audited_balances(single, pd.DataFrame(labelled(single)), ["source"])
    assert table["audited"].sum() == 60


def test_the_draw_is_the_same_again_whatever_the_order_of_rows(statements: pd.DataFrame) -> None:
    shuffled = statements.sample(frac=1, random_state=1)
    assert draw_audit(shuffled, 30) == draw_audit(statements, 30)
    assert draw_audit(statements, 30, seed=1) != draw_audit(statements, 30, seed=2)
    places = [(row["document"], row["start"]) for row in draw_audit(statements, 30)]
    assert places == sorted(places)


def test_a_draw_stays_what_it_was_in_earlier_releases(statements: pd.DataFrame) -> None:
    rows = draw_audit(statements, 6, seed=7)
    assert [(row["document"], row["start"]) for row in rows] == DRAWN


def test_every_statement_is_as_likely_to_be_drawn() -> None:
    small = corpus({"Amber Post": 1, "Birch Daily": 1})
    counts = pd.Series([(row["document"], row["start"]) for seed in range(500) for row in draw_audit(small, 8, seed)])
    share = counts.value_counts() / 500
    assert len(share) == len(small)
    assert share.between(0.4 - 4 * 0.022, 0.4 + 4 * 0.022).all()  # four standard errors of 500 draws


def test_the_file_hides_what_the_model_answered(statements: pd.DataFrame) -> None:
    row = draw_audit(statements, 30)[0]
    assert (row["convergence"], row["friction"], row["themes"]) == (None, None, None)
    assert "stance" not in row


@pytest.mark.parametrize("size", [5, 0, -1, 211])
def test_a_size_that_cannot_be_drawn_is_refused_with_those_that_can(statements: pd.DataFrame, size: int) -> None:
    with pytest.raises(AmurError, match="draw from 6 to 210"):
        draw_audit(statements, size)


def test_a_corpus_with_a_copy_is_refused(statements: pd.DataFrame) -> None:
    with pytest.raises(AmurError, match="twice, at 0; leave out the copy"):
        draw_audit(pd.concat([statements, statements[:1]]), 30)


def test_what_is_written_is_read_back_with_its_answers(
    statements: pd.DataFrame, file: Callable[[list[Row]], Path]
) -> None:
    rows = labelled(statements)
    rows[0] |= {"convergence": 1, "friction": 0}
    read = read_audit(file(rows), statements.sample(frac=1, random_state=2))
    assert read["text"].tolist() == [row["text"] for row in rows]
    assert read["convergence"].tolist() == [bool(row["convergence"]) for row in rows]
    assert read["friction"].dtype == bool


def test_a_file_that_exists_is_never_written_over(statements: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "audit.jsonl"
    write_audit(path, draw_audit(statements, 30))
    before = path.read_bytes()
    with pytest.raises(AmurError, match="exists and may hold labels; name another file"):
        write_audit(path, draw_audit(statements, 40))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["audit.jsonl"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(AmurError, match="cannot write"):
        write_audit(tmp_path / "taken" / "audit.jsonl", [])
    with pytest.raises(TypeError):
        write_audit(tmp_path / "audit.jsonl", [{}, {"text": object()}])
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def without(*names: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{key: value for key, value in row.items() if key not in names} for row in rows]


def changed(at: int, **fields: object) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [row | fields if place == at else row for place, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (changed(4, convergence=None), "1 of 60 rows want labels, the first on line 5"),
        (without("friction"), "60 of 60 rows want labels, the first on line 1"),
        (changed(4, friction="no"), "line 5: `friction` is 'no'; answer with true or false"),
        (changed(4, friction=2), "line 5: `friction` is 2"),
        (changed(2, document="Nowhere"), "line 3: the statement at .* of Nowhere is not in the corpus"),
        (changed(2, text="Another text."), "line 3: .* has changed since the draw"),
        (changed(2, sha256="0"), "line 3: .* has changed since the draw"),
        (changed(2, text=7), "line 3: `text` missing or of another kind"),
        (lambda rows: [*rows, rows[8]], "line 61: .* is labelled twice, first on line 9"),
        (without(*DESIGN), "line 1: no `stratum`.* not drawn as an audit; .* not unbiased"),
        (lambda rows: rows[:-2], "not the sample that was drawn; rows that were not drawn: 0, drawn rows gone: 2"),
        (
            changed(2, stratum_size=9),
            r"rows that were not drawn: 1 \(first on line 3\), drawn rows gone: 1; .* unbiased",
        ),
        (changed(0, seed=1), "mixes rows of 2 draws"),
        (lambda rows: [row | {"seed": 1} for row in rows], r"rows that were not drawn: \d+ \(first on"),
        (lambda rows: [row | {"size": 3} for row in rows], "the seed or size of the draw has changed"),
        (lambda rows: [row | {"seed": "x"} for row in rows], "the seed or size of the draw has changed"),
        (lambda rows: [row | {"corpus": "0"} for row in rows], "drawn from another corpus"),
        (lambda _: [], "holds no rows"),
    ],
)
def test_an_audit_that_is_not_as_drawn_or_not_labelled_is_refused_and_left_alone(
    statements: pd.DataFrame,
    file: Callable[[list[Row]], Path],
    spoil: Callable[[list[Row]], list[Row]],
    message: str,
) -> None:
    path = file(spoil(labelled(statements)))
    before = path.read_bytes()
    with pytest.raises(AmurError, match=message):
        read_audit(path, statements)
    assert path.read_bytes() == before


def test_a_row_added_by_hand_is_refused(statements: pd.DataFrame, file: Callable[[list[Row]], Path]) -> None:
    drawn = labelled(statements)
    known = {(row["document"], row["start"]) for row in drawn}
    other = next(row for row in labelled(statements, 200) if (row["document"], row["start"]) not in known)
    picked = drawn[0] | {key: other[key] for key in other if key not in DESIGN}
    with pytest.raises(AmurError, match=r"rows that were not drawn: 1 \(first on line 61\), drawn rows gone: 0"):
        read_audit(file([*drawn, picked]), statements)
    swapped = [picked if place == 5 else row for place, row in enumerate(drawn)]
    with pytest.raises(AmurError, match="drawn rows gone: 1"):
        read_audit(file(swapped), statements)


def test_a_corpus_that_has_grown_or_changed_is_refused(
    statements: pd.DataFrame, file: Callable[[list[Row]], Path]
) -> None:
    path = file(labelled(statements))
    with pytest.raises(AmurError, match="another corpus; classify the articles it was drawn from"):
        read_audit(path, pd.concat([statements, corpus({"Dune Times": 1})]))
    text = read_audit(path, statements)["text"][0]
    with pytest.raises(AmurError, match=r"line 1: .* has changed since the draw"):
        read_audit(path, statements.assign(text=statements["text"].replace(text, "Rewritten.")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"document": "a"\n', "line 1: not JSON"),
        (b"\n[1, 2]\n", "line 2: not a JSON object"),
        (b"[" * 100_000, "line 1: not JSON"),
        (b"\xff\xfe\x00", "cannot read the audit"),
    ],
)
def test_a_file_that_is_no_json_lines_is_refused_with_its_line(
    statements: pd.DataFrame, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(content)
    with pytest.raises(AmurError, match=message):
        read_audit(path, statements)
    with pytest.raises(AmurError, match="cannot read the audit"):
        read_audit(tmp_path / "absent.jsonl", statements)


@pytest.mark.parametrize("by", [["source", "theme"], ["month"], ["year", "theme"], ["document"], ["theme"]])
def test_groups_are_those_of_the_balances(statements: pd.DataFrame, by: list[str]) -> None:
    table = audited_balances(statements, pd.DataFrame(labelled(statements, 120)), by)
    counts = count_stances(statements, by)
    pd.testing.assert_frame_equal(table[counts.columns], counts)
    assert list(table.columns[len(counts.columns) :]) == ["audited", "balance", "low", "high", "friction_score"]
    given = table.dropna()
    assert ((given["low"] <= given["balance"]) & (given["balance"] <= given["high"])).all()
    assert given[["low", "high"]].abs().to_numpy().max(initial=0) <= 1
    if "theme" not in by:
        assert table["audited"].sum() == 120


def test_the_order_of_rows_changes_no_balance(statements: pd.DataFrame) -> None:
    audit = pd.DataFrame(labelled(statements))
    shuffled = audited_balances(statements.sample(frac=1, random_state=4), audit.sample(frac=1, random_state=5))
    pd.testing.assert_frame_equal(shuffled, audited_balances(statements, audit))


def test_an_audit_of_everything_gives_the_labels_balance_and_no_doubt(statements: pd.DataFrame) -> None:
    audit = pd.DataFrame(labelled(statements, len(statements)))
    row = audited_balances(statements, audit, ["source"], target="corpus").iloc[0]
    own = audit[audit["source"] == row["source"]]
    yes, no = own["convergence"].sum(), own["friction"].sum()
    assert row[["balance", "low", "high"]].tolist() == pytest.approx([(yes - no) / (yes + no)] * 3)
    assert row["friction_score"] == pytest.approx(no / (yes + no))


def test_few_one_sided_labels_give_no_number(statements: pd.DataFrame) -> None:
    rows = [row | {"convergence": True, "friction": True} for row in draw_audit(statements, 60)]
    for row in rows[:4]:
        row["friction"] = False
    table = audited_balances(statements, pd.DataFrame(rows), ["source"])
    assert table[["balance", "low", "high", "friction_score"]].isna().all(axis=None)
    assert table["audited"].sum() == 60


def test_an_audit_of_other_statements_and_an_unknown_grouping_are_refused(statements: pd.DataFrame) -> None:
    audit = pd.DataFrame(labelled(statements))
    with pytest.raises(AmurError, match="not of these statements"):
        audited_balances(statements[1:], audit)
    with pytest.raises(AmurError, match="source, theme"):
        audited_balances(statements, audit, ["outlet"])


def test_a_file_that_exists_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "audit.jsonl").touch()
    monkeypatch.setattr("amur.reports.classified_statements", lambda *_: pytest.fail("classified"))
    with pytest.raises(AmurError, match="may hold labels; name another file"):
        audit(out=tmp_path / "audit.jsonl")
