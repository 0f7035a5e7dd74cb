"""Reports over statements classified before: by period, with an audit, compared, over time; and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import amur as package
from amur.errors import AmurError, Note
from amur.reports import trend

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def classified(tmp_path: Path) -> Path:
    """Statements of two sources, of which Alpha is warmer; its tone changes with 2023."""
    rows = []
    for source, share in (("Alpha", 0.9), ("Beta", 0.3)):
        for article in range(16):
            for at in range(12):
                warm = (at + article) % 12 < 12 * (share - (0.5 if source == "Alpha" and article >= 8 else 0))
                place = {"document": f"{source}-{article}", "start": 100 * at, "end": 100 * at + 40}
                words = f"Statement {at} of article {article} in {source} speaks of the river port at length again."
                date = f"{2021 + article // 4}-{article % 4 * 3 + 1:02}-15"
                odds = {"convergence": 0.9, "friction": 0.1} if warm else {"convergence": 0.1, "friction": 0.9}
                stance = "convergence" if warm else "friction"
                rows.append(place | odds | {"source": source, "date": date, "text": words, "stance": stance})
    table = pd.DataFrame(rows).assign(title="", url="")
    table["themes"] = pd.Series([["trade"]] * len(table))
    table.to_parquet(tmp_path / "statements.parquet")
    return tmp_path / "statements.parquet"


def test_statements_classified_before_are_reported_at_once(amur: Run, classified: Path) -> None:
    done = amur("report", classified, "--by", "source,quarter", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["balances"]
    assert len(rows) == 32
    assert rows[0]["quarter"] == "2021-Q1"
    assert sum(rows[0][f"{name}_share"] for name in ("convergence", "friction", "mixed", "neutral")) == pytest.approx(1)
    assert rows[0]["low"] <= rows[0]["balance"] <= rows[0]["high"]


def test_articles_and_statements_are_not_mixed(amur: Run, classified: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Beijing and Moscow signed.")
    done = amur("report", classified, "note.txt")
    assert done.returncode == 1
    assert "one kind at a time" in done.stderr


def test_statements_from_standard_input_are_not_read_as_articles(amur: Run, classified: Path) -> None:
    lines = pd.read_parquet(classified).to_json(orient="records", lines=True)
    done = amur("report", "-", stdin=lines.encode())
    assert (done.returncode, done.stdout) == (1, "")
    assert "standard input holds classified statements" in done.stderr


def test_a_report_without_a_statement_says_why(amur: Run, classified: Path, tmp_path: Path) -> None:
    pd.read_parquet(classified).assign(voice="beijing", speaker="").to_parquet(classified)
    done = amur("report", classified, "--without-quotations")
    assert done.returncode == 1
    assert "no statement of 384 is left to count; drop --without-quotations" in done.stderr
    assert "nothing to classify" not in done.stderr
    pd.read_parquet(classified)[:0].to_csv(tmp_path / "empty.csv", index=False)
    with pytest.raises(AmurError, match="no statement in"):
        package.report(tmp_path / "empty.csv")


def test_a_story_in_two_outlets_counts_once_where_they_are_mixed(classified: Path) -> None:
    table = pd.read_parquet(classified)
    copy = table[table["source"] == "Alpha"].assign(source="Copyist", document=lambda rows: rows["document"] + "-copy")
    both = pd.concat([table, copy], ignore_index=True)
    with pytest.warns(Note, match="16 articles are reprints"):
        assert package.report(both, by=["theme"])["statements"].iloc[0] == len(table)
    assert package.report(both, by=["theme"], reprints=True)["statements"].iloc[0] == len(both)
    assert package.report(both, by=["source"])["statements"].sum() == len(both)


def test_sources_are_compared_by_name_and_in_pairs(amur: Run, classified: Path) -> None:
    done = amur("compare", "Alpha", "Beta", classified, "--format", "json")
    row = json.loads(done.stdout)["differences"][0]
    assert 0 < row["low"] < row["difference"] < row["high"]
    table = amur("compare", "--all", classified, "--by", "year").stdout
    assert len(table.splitlines()) == 1 + 4 * 3 / 2
    assert amur("compare", "Alpha", classified).returncode == 1
    assert amur("compare", "Alpha").returncode == 2


def test_a_change_of_level_is_told_by_source(amur: Run, classified: Path) -> None:
    rows = json.loads(amur("trend", classified, "--by", "source", "--format", "json").stdout)["changes"]
    changes = {row["source"]: row for row in rows}
    assert changes["Alpha"]["date"] == "2023-01-15"
    assert changes["Alpha"]["p"] < 0.01 < changes["Beta"]["p"]
    assert "Alpha" in amur("trend", classified, "--by", "source").stdout


def test_articles_without_a_place_in_time_are_told_of(classified: Path) -> None:
    table = pd.read_parquet(classified)
    dates = table["document"].map({"Alpha-0": "2024-5-16", "Alpha-1": "2024", "Beta-0": ""}).fillna(table["date"])
    with pytest.warns(Note, match="3 of 32 articles left out"):
        assert trend(table.assign(date=dates))["articles"].iloc[0] == 29


def test_an_audit_is_drawn_labelled_and_used(amur: Run, classified: Path, tmp_path: Path) -> None:
    done = amur("audit", classified, "--n", "40", "--out", "audit.jsonl")
    assert done.returncode == 0
    assert "40 statements drawn" in done.stderr
    path = tmp_path / "audit.jsonl"
    refused = amur("report", classified, "--audit", path)
    assert refused.returncode == 1
    assert "40 of 40 rows want labels" in refused.stderr
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    truth = pd.read_parquet(classified).set_index(["document", "start"])["stance"]
    for row in rows:
        said = truth[row["document"], row["start"]]
        row |= {"convergence": said == "convergence", "friction": said == "friction"}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = json.loads(amur("report", classified, "--audit", path, "--by", "source", "--format", "json").stdout)
    assert sum(row["audited"] for row in report["balances"]) == 40
    for row in report["balances"]:
        assert row["low"] <= row["raw_balance"] <= row["high"]
    again = amur("audit", classified, "--out", "audit.jsonl")
    assert "may hold labels" in again.stderr
    assert len(path.read_text().splitlines()) == 40


def test_a_sample_picked_by_hand_is_no_audit(classified: Path, tmp_path: Path) -> None:
    table = pd.read_parquet(classified)[["document", "start", "end", "text", "source"]]
    picked = tmp_path / "picked.jsonl"
    table.head(60).assign(convergence=True, friction=False).to_json(picked, orient="records", lines=True)
    with pytest.raises(AmurError, match="not drawn as an audit"):
        package.report(classified, audit=picked)
