"""Statements classified before are read back from each format, and files that are none are told apart or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from amur import output
from amur.classified import is_classified, read_classified
from amur.errors import AmurError

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


@pytest.mark.parametrize("ending", WRITERS)
def test_what_classify_wrote_is_read_back(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"statements.{ending}"
    path.write_bytes(b"".join(WRITERS[ending]([TABLE])))
    assert is_classified(path)
    found = read_classified([path]).assign(themes=lambda table: table["themes"].map(list))
    columns = ["document", "source", "date", "start", "end", "text", "convergence", "friction", "stance", "themes"]
    pd.testing.assert_frame_equal(found[columns], TABLE[columns], check_dtype=False)


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
