"""Confidence: what it is, and that statements below the one asked for are left out and told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import amur as package
from amur.confidence import confidence, keep_sure
from amur.errors import AmurError, Note

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

ARTICLE = "Beijing and Moscow signed a gas contract on Monday. The price is still disputed, Russian officials said.\n"
FOUR = pd.DataFrame(
    {
        "convergence": [0.9, 0.3, 0.8, 0.1],
        "friction": [0.1, 0.6, 0.4, 0.0],
        "stance": ["convergence", "friction", "mixed", "neutral"],
    }
)


def test_it_is_the_probability_that_both_answers_are_right() -> None:
    assert confidence(FOUR).tolist() == [0.81, 0.42, 0.32, 0.9]


def test_what_is_less_sure_is_left_out_and_counted_over_all_chunks() -> None:
    with pytest.warns(Note, match="4 of 8 statements are decided with a confidence below 0.5 and left out"):
        kept = pd.concat(keep_sure([FOUR, FOUR.iloc[:0], FOUR.assign(friction=0.2)], 0.5))
    assert kept["stance"].tolist() == ["convergence", "neutral", "convergence", "neutral"]


def test_nothing_sure_enough_is_said() -> None:
    with pytest.raises(AmurError, match=r"none of the 4 statements .* lower --min-confidence"):
        list(keep_sure([FOUR], 0.95))
    assert list(keep_sure([], 0.95)) == []


def test_classify_tells_how_sure_it_is(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(ARTICLE)
    rows = [json.loads(line) for line in amur("classify", "note.txt", "--format", "jsonl").stdout.splitlines()]
    assert [row["confidence"] for row in rows] == confidence(pd.DataFrame(rows)).tolist()
    least = max(row["confidence"] for row in rows)
    done = amur("classify", "note.txt", "--format", "jsonl", "--min-confidence", least)
    assert [json.loads(line)["confidence"] for line in done.stdout.splitlines()] == [least]
    assert "1 of 2 statements are decided with a confidence below" in done.stderr
    assert amur("classify", "note.txt", "--min-confidence", 1).returncode == 1
    assert amur("classify", "note.txt", "--min-confidence", 2).returncode == 2


def test_reports_count_the_sure_statements_also_of_files_that_lack_the_column(amur: Run, tmp_path: Path) -> None:
    table = pd.concat([FOUR] * 10, ignore_index=True).assign(document="d", source="S", title="", date="", url="")
    table["text"], table["themes"], table["start"], table["end"] = "Trade rose.", [["trade"]] * 40, 0, 9
    with pytest.warns(Note, match=r"20 of 40 statements .* friction is seldom sure"):
        report = package.report(table, by=["source"], min_confidence=0.5)
    assert report[["convergence", "friction", "mixed", "neutral"]].to_numpy().tolist() == [[10, 0, 0, 10]]
    table.to_parquet(tmp_path / "statements.parquet")
    done = amur("report", "statements.parquet", "--by", "source", "--min-confidence", 0.5, "--format", "json")
    assert json.loads(done.stdout)["balances"][0]["statements"] == 20
    assert "20 of 40 statements" in done.stderr
