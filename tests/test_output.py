"""Tables to bytes: what a reader sees, and what a machine reads."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from amur.balances import balances
from amur.output import (
    balances_as,
    scores_as,
    statements_as_csv,
    statements_as_jsonl,
    statements_as_parquet,
    statements_as_text,
)
from amur.pipeline import COLUMNS
from amur.quantification import Errors


@pytest.fixture
def statements() -> pd.DataFrame:
    rows = [
        (0, 6, "Trade\nrose.", 0.9, 0.1, "convergence", 0.81, ["trade", "energy"], "moscow", "Petrova, a trader"),
        (7, 12, "[bold]No.", 0.1, 0.2, "neutral", 0.72, [], "author", ""),
    ]
    return pd.DataFrame([("d", "S | T", "Title", "2024-05-16", "", *row) for row in rows], columns=list(COLUMNS))


def test_chunks_join_to_one_file(statements: pd.DataFrame) -> None:
    chunks = [statements.iloc[:0], statements.iloc[:1], statements.iloc[1:]]
    lines = b"".join(statements_as_jsonl(chunks)).splitlines()
    assert [json.loads(line)["themes"] for line in lines] == [["trade", "energy"], []]
    table = pd.read_csv(io.BytesIO(b"".join(statements_as_csv(chunks))))
    assert table["themes"].fillna("").tolist() == ["trade;energy", ""]
    parquet = pd.read_parquet(io.BytesIO(b"".join(statements_as_parquet(chunks))))
    assert [list(themes) for themes in parquet["themes"]] == [["trade", "energy"], []]
    assert pd.read_parquet(io.BytesIO(b"".join(statements_as_parquet([])))).empty


def test_text_shows_the_sentence_as_it_is(statements: pd.DataFrame) -> None:
    shown = b"".join(statements_as_text([statements])).decode()
    assert "S | T · 2024-05-16 · Title" in shown
    assert "Trade rose." in shown
    assert "[bold]No." in shown
    assert "moscow: Petrova, a trader" in shown
    assert "author" not in shown


def test_too_few_is_said_in_text_and_null_in_json(statements: pd.DataFrame) -> None:
    table = balances(statements, ["source"], errors=Errors(1.0, (0.0, 0.0), (0.5, 0.5), (0.1, 0.1), 1.0, 9))
    assert table["balance"].isna().all()
    assert "too few" in balances_as("table", table, ["source"]).decode()
    assert r"S \| T" in balances_as("md", table, ["source"]).decode()
    row = json.loads(balances_as("json", table, ["source"]))["balances"][0]
    assert (row["balance"], row["low"], row["friction_score"]) == (None, None, None)
    assert row["statements"] == 2


def test_scores_are_written_alike() -> None:
    scores = pd.DataFrame({"answer": ["trade"], "yes": [3], "f1": [0.123456]})
    assert "0.12" in scores_as("table", scores).decode()
    assert json.loads(scores_as("json", scores))["scores"] == [{"answer": "trade", "yes": 3, "f1": 0.123456}]
    assert scores_as("csv", scores) == b"answer,yes,f1\ntrade,3,0.123456\n"
