"""Statements classified before are read back from each format, and files that are none are told apart or refused."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from amur import output
from amur.articles import read_articles
from amur.classified import as_classified, is_classified, read_classified
from amur.errors import AmurError, InputWarning
from amur.pipeline import COLUMNS
from amur.reports import report

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pd.DataFrame(
    {
        "document": ["1", "1", "b"],
        "source": ["X", "X", ""],
        "title": "T",
        "date": ["2024-05-16", "2024-05-16", ""],
        "url": "",
        "start": [0, 10, 0],
        "end": [9, 19, 9],
        "text": ["He said, “yes”.", "Trade; grew, 贸易.", "null"],
        "convergence": [0.9, 0.4, 0.1],
        "friction": [0.1, 0.6, 0.05],
        "stance": ["convergence", "mixed", "neutral"],
        "themes": [["trade", "energy"], ["trade"], []],
    }
)
WRITERS = {
    "jsonl": output.statements_as_jsonl,
    "csv": output.statements_as_csv,
    "parquet": output.statements_as_parquet,
}


def _write(path: Path, *tables: pd.DataFrame) -> Path:
    """A file of statements, or of several one below the other, by its ending."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(WRITERS[path.suffix[1:].replace("ndjson", "jsonl")](tables or [TABLE])))
    return path


@pytest.mark.parametrize("ending", WRITERS)
def test_what_classify_wrote_is_read_back(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"statements.{ending}"
    path.write_bytes(b"".join(WRITERS[ending]([TABLE])))
    assert is_classified(path)
    found = read_classified([path]).assign(themes=lambda table: table["themes"].map(list))
    columns = ["document", "source", "date", "start", "end", "text", "convergence", "friction", "stance", "themes"]
    expected = TABLE.assign(source=["X", "X", "b"])  # as an article without a source is named as its file
    pd.testing.assert_frame_equal(found[columns], expected[columns], check_dtype=False)


def test_statements_in_quoted_columns_are_told_from_articles(tmp_path: Path) -> None:
    first, _, rest = b"".join(output.statements_as_csv([TABLE])).decode().partition("\n")
    quoted = ",".join(f'"{name}"' for name in first.strip().split(","))
    (tmp_path / "quoted.csv").write_text(f"{quoted}\n{rest}")
    assert is_classified(tmp_path / "quoted.csv")
    assert len(read_classified([tmp_path / "quoted.csv"])) == len(TABLE)


def test_statements_without_places_have_none(tmp_path: Path) -> None:
    path = tmp_path / "statements.csv"
    path.write_bytes(b"".join(output.statements_as_csv([TABLE.drop(columns=["start", "end"])])))
    assert read_classified([path])[["start", "end"]].isna().to_numpy().all()


def test_articles_are_not_taken_for_statements(tmp_path: Path) -> None:
    for name, content in {
        "a.jsonl": '{"id": "1", "text": "Trade grew."}\n',
        "b.csv": "id,text\n1,Trade grew.\n",
        "c.txt": "Trade grew.",
        "d.jsonl": "not JSON",
        "e.jsonl": "[" * 100_000,
        "f.csv": "word " * 40_000,
    }.items():
        (tmp_path / name).write_text(content)
        assert not is_classified(tmp_path / name)
    assert not is_classified(tmp_path)


def test_a_stance_or_probability_that_cannot_be_is_refused(tmp_path: Path) -> None:
    for change, reason in (({"stance": "warm"}, "warm"), ({"friction": 1.2}, "between 0 and 1")):
        path = tmp_path / "statements.jsonl"
        path.write_bytes(b"".join(output.statements_as_jsonl([TABLE.assign(**change)])))
        with pytest.raises(AmurError, match=reason):
            read_classified([path])


def test_a_lacking_column_or_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "statements.parquet"
    TABLE.drop(columns="themes").to_parquet(path)
    with pytest.raises(AmurError, match="no column themes"):
        read_classified([path])
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(AmurError, match="cannot read"):
        read_classified([path])


def test_statements_are_found_in_folders_and_globs_and_below_blank_lines(tmp_path: Path) -> None:
    for number, name in enumerate(("a.ndjson", "b.csv", "c.parquet", "d.jsonl")):
        _write(tmp_path / "months" / name, TABLE.assign(document=TABLE["document"] + str(number)))
    for name in ("b.csv", "d.jsonl"):
        file = tmp_path / "months" / name
        file.write_bytes(b"\n \n" + file.read_bytes())
        assert is_classified(file)
    (tmp_path / "months" / ".hidden.md").write_text("Beijing and Moscow signed.")
    for path in (tmp_path / "months", tmp_path / "months" / "*"):
        assert is_classified(path)
        assert len(read_classified([path])) == 4 * len(TABLE)
    assert is_classified(tmp_path / "months" / "*.ndjson")


def test_statements_among_articles_are_passed_over_and_named(tmp_path: Path) -> None:
    _write(tmp_path / "statements.jsonl")
    _write(tmp_path / "statements.csv")
    (tmp_path / "note.txt").write_text("Beijing and Moscow signed.")
    with pytest.raises(
        AmurError, match=r"holds classified statements, .*note\.txt does not; name the files of one kind"
    ):
        report(tmp_path)
    with pytest.warns(InputWarning, match="holds classified statements, not articles; name the file itself") as told:
        assert [article.id for article in read_articles([tmp_path])] == ["note"]
    assert len(told) == 2


def test_a_file_named_twice_counts_once(tmp_path: Path) -> None:
    path = _write(tmp_path / "months" / "jan.jsonl")
    assert len(read_classified([path, tmp_path / "months" / ".." / "months" / "jan.jsonl", tmp_path / "months"])) == 3


def test_an_article_in_two_files_counts_once_and_two_of_one_name_are_told_apart(tmp_path: Path) -> None:
    january = _write(tmp_path / "jan.jsonl")
    changed = TABLE.assign(text=TABLE["text"].mask(TABLE["document"] == "1", "Other words."))
    february = _write(tmp_path / "feb.parquet", changed[::-1])
    with pytest.warns(InputWarning, match=r"feb.parquet: 1 of 2 articles are in a file named before"):
        found = read_classified([january, february])
    assert found.groupby("document")["text"].agg(list).to_dict() == {
        "1": TABLE["text"].tolist()[:2],
        "b": ["null"],
        "feb-1": ["Other words."] * 2,
    }
    again = _write(tmp_path / "more" / "feb.csv", TABLE.assign(text="New.", document=["1", "feb-1", "1"]))
    with pytest.warns(InputWarning, match="passed over"):
        found = read_classified([january, february, again])
    assert sorted(found["document"].unique()) == ["1", "b", "feb-1", "feb-1-2", "feb-1-3"]


def test_a_file_whose_name_is_not_utf8_can_name_articles(tmp_path: Path) -> None:
    other = TABLE.assign(text=["They met.", "They left.", "It rained."])
    files = [_write(tmp_path / "a.jsonl"), _write(tmp_path / os.fsdecode(b"caf\xe9.jsonl"), other)]
    found = read_classified(files)["document"].unique().tolist()
    assert found == ["1", "b", "caf\N{REPLACEMENT CHARACTER}-1", "caf\N{REPLACEMENT CHARACTER}-b"]


@pytest.mark.parametrize("themes", [None, float("nan"), "", []])
def test_a_statement_without_themes_has_none(themes: object) -> None:
    given = TABLE.assign(themes=pd.Series([themes, ["trade"], ["trade"]], dtype=object))
    assert as_classified(given)["themes"].tolist() == [[], ["trade"], ["trade"]]


def test_themes_that_are_one_text_are_taken_apart() -> None:
    given = TABLE.assign(themes=["trade;energy", "trade", ""])
    assert as_classified(given)["themes"].tolist() == TABLE["themes"].tolist()


def test_a_table_that_pandas_read_is_reported_as_the_file_is(tmp_path: Path) -> None:
    path = _write(tmp_path / "statements.csv", pd.concat([TABLE] * 3).assign(text="Trade grew."))
    given = pd.read_csv(path)
    pd.testing.assert_frame_equal(report(given, by=["theme"]), report(path, by=["theme"]))
    assert set(report(given, by=["source", "theme"])["theme"]) == {"all", "trade", "energy"}
    lists = pd.read_csv(io.StringIO(TABLE.to_csv(index=False)))  # as `to_csv` alone writes lists
    assert as_classified(lists)["themes"].tolist() == TABLE["themes"].tolist()


def test_a_table_is_given_what_it_lacks_and_stays_as_it_is_then() -> None:
    found = as_classified(TABLE.drop(columns=["title", "start"]).set_index("document", drop=False))
    assert set(found) == set(COLUMNS)
    assert found[["title", "voice", "speaker", "confidence"]].iloc[0].tolist() == ["", "", "", 0.81]
    assert found["start"].isna().all()
    pd.testing.assert_frame_equal(as_classified(found), found)


def test_texts_that_no_chart_can_hold_are_made_good() -> None:
    themes = pd.Series([["oil\x01"]] * 3)
    found = as_classified(TABLE.assign(source="The\x00Paper\u2028", text="Gas\x08 flows.", themes=themes))
    assert found[["source", "text", "themes"]].iloc[0].tolist() == ["The Paper ", "Gas  flows.", ["oil "]]


@pytest.mark.parametrize(("line", "reason"), [("[1, 2]", "line 3 is no JSON object"), ("{", "line 3 is not JSON")])
def test_a_line_that_is_no_statement_is_refused_by_number(line: str, reason: str, tmp_path: Path) -> None:
    first, *others = b"".join(output.statements_as_jsonl([TABLE])).decode().splitlines()
    (tmp_path / "statements.jsonl").write_text("\n".join([first, "", line, *others]))
    with pytest.raises(AmurError, match=reason):
        read_classified([tmp_path / "statements.jsonl"])


def test_a_row_without_themes_counts_under_none(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in b"".join(output.statements_as_jsonl([TABLE])).splitlines()]
    rows[0].pop("themes")
    rows[1]["themes"] = None
    path = tmp_path / "statements.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert report(path, by=["theme"])["theme"].tolist() == ["all"]


def test_a_file_without_a_statement_is_said_to_hold_none(tmp_path: Path) -> None:
    path = _write(tmp_path / "statements.csv", TABLE[:0])
    assert is_classified(path)
    with pytest.raises(AmurError, match=r"no statement in .*statements\.csv"):
        read_classified([path])
