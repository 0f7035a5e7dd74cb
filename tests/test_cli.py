"""The commands as a user runs them: formats, errors, exit codes, standard input and output."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import amur as package
from amur.resources import shipped
from amur.statements import split_statements

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

FIELDS = {"document", "source", "start", "end", "text", "convergence", "friction", "stance", "themes"}
ARTICLE = "Beijing and Moscow signed a gas contract on Monday. The price is still disputed, Russian officials said.\n"


def test_classify_prints_statements_with_offsets_into_the_file(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("🚢 " + ARTICLE, encoding="utf-8")
    done = amur("classify", "note.txt", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rows) == 2
    for row in rows:
        assert row.keys() >= FIELDS
        assert ("🚢 " + ARTICLE)[row["start"] : row["end"]] == row["text"]
        assert 0 <= row["convergence"] <= 1


def test_every_format_holds_the_same_statements(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(ARTICLE)
    expected = package.classify(tmp_path / "note.txt")
    lines = pd.read_json(io.StringIO(amur("classify", "note.txt", "--format", "jsonl").stdout), lines=True)
    table = pd.read_csv(io.StringIO(amur("classify", "note.txt", "--format", "csv").stdout))
    assert amur("classify", "note.txt", "--format", "parquet", "--out", "o.parquet").returncode == 0
    parquet = pd.read_parquet(tmp_path / "o.parquet")
    for found in (lines, table, parquet):
        assert found["text"].tolist() == expected["text"].tolist()
        assert found["stance"].tolist() == expected["stance"].tolist()
    assert [list(themes) for themes in parquet["themes"]] == expected["themes"].tolist()
    assert "signed a gas contract" in amur("classify", "note.txt").stdout


def test_the_ending_of_the_file_is_its_format_unless_another_is_given(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(ARTICLE)
    assert amur("classify", "--out", "o.CSV", "note.txt").returncode == 0
    assert len(pd.read_csv(tmp_path / "o.CSV")) == 2
    assert amur("report", "o.CSV", "--out", "balances.json", "--by", "source").returncode == 0
    balances = json.loads((tmp_path / "balances.json").read_text())["balances"]
    assert [row["statements"] for row in balances] == [2]
    assert amur("report", "o.CSV", "--out", "balances.json", "--format", "md").returncode == 0
    assert (tmp_path / "balances.json").read_text().startswith("| source |")
    assert amur("report", "o.CSV", "--out", "balances.txt").returncode == 0
    assert (tmp_path / "balances.txt").read_text().startswith("source  theme")
    assert amur("classify", "--out", "o.ndjson", "note.txt").returncode == 0
    assert len(pd.read_json(tmp_path / "o.ndjson", lines=True)) == 2
    done = amur("trend", "o.CSV", "--out", "trend.xlsx")
    assert (done.returncode, (tmp_path / "trend.xlsx").exists()) == (2, False)
    assert "this cannot be written as .xlsx" in " ".join(done.stderr.replace("│", " ").split())


def test_standard_input_is_a_dash(amur: Run) -> None:
    done = amur("classify", "-", "--format", "jsonl", stdin=ARTICLE.encode())
    assert json.loads(done.stdout.splitlines()[0])["document"] == "stdin"


def test_report_runs_on_the_seeds_from_any_folder(amur: Run) -> None:
    done = amur("report", "--format", "json")
    rows = json.loads(done.stdout)["balances"]
    assert len({row["source"] for row in rows}) == 5
    for row in rows:
        assert row["convergence"] + row["friction"] + row["mixed"] + row["neutral"] == row["statements"]
        assert (row["balance"] is None) == (row["convergence"] + row["friction"] < 5)
    assert "too few" in amur("report").stdout
    assert amur("report", "--format", "md", "--by", "source").stdout.count("\n") == 2 + 5


def test_report_groups_as_asked(amur: Run) -> None:
    table = pd.read_csv(io.StringIO(amur("report", "--by", "year,theme", "--format", "csv").stdout))
    assert table.columns[:2].tolist() == ["year", "theme"]
    refused = amur("report", "--by", "outlet")
    assert refused.returncode == 1
    assert refused.stderr.startswith("amur: cannot group by outlet")


def test_bad_files_cost_a_warning_and_the_rest_is_classified(amur: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.txt").write_text(ARTICLE)
    (folder / "empty.txt").write_text("")
    (folder / "binary.txt").write_bytes(b"\0\1\2")
    (folder / "german.txt").write_text(
        "Peking und Moskau haben am Montag einen Vertrag über Gas unterzeichnet, sagte der Minister. " * 3
    )
    (folder / "weather.txt").write_text(
        "It will rain in Oslo tomorrow, and the day after it will be dry again in most places there."
    )
    done = amur("classify", "mixed", "nowhere.txt", "--format", "jsonl")
    assert done.returncode == 0
    assert "no such file or folder: nowhere.txt" in done.stderr
    assert {json.loads(line)["document"] for line in done.stdout.splitlines()} == {"good"}
    for reason in ("is empty", "not a text file", "not in English", "never names both", "5 passed over"):
        assert reason in done.stderr
    assert amur("classify", "mixed", "--format", "jsonl", "--quiet").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("classify", "nowhere.txt"), 1, "amur: no such file or folder: nowhere.txt"),
        (("classify", "-"), 1, "amur: nothing to classify"),
        (("report", "-"), 1, "amur: nothing to classify"),
        (("classify",), 2, "PATH"),
        (("report", "x" * 300, "--jobs", "0"), 1, "amur: cannot look for xxx"),
        (("classify", "x", "--format", "xml"), 2, "xml"),
        (("report", "--model", "nowhere"), 1, "amur: no model in nowhere"),
        (("evaluate", "nowhere.jsonl"), 1, "amur: cannot read the annotations"),
        (("train", "--out", "m", "--annotations", "nowhere.jsonl"), 1, "amur: cannot read the annotations"),
    ],
)
def test_errors_are_one_line_and_the_exit_code_tells(
    amur: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = amur(*arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_train_then_use_the_model(amur: Run, few_annotations: Path, tmp_path: Path) -> None:
    done = amur("train", "--annotations", few_annotations, "--out", "mine", "--jobs", 1)
    assert done.returncode == 0
    assert "cross validation" in done.stdout
    assert "model written to mine" in done.stderr
    (tmp_path / "note.txt").write_text(ARTICLE)
    assert amur("classify", "note.txt", "--model", "mine").returncode == 0
    document = min(few_annotations.glob("*.jsonl"))
    assert json.loads(amur("evaluate", document, "--model", "mine", "--format", "json").stdout)["scores"]


def test_a_wrong_theme_stops_training_with_file_and_line(amur: Run, few_annotations: Path, tmp_path: Path) -> None:
    first = next(iter(sorted(few_annotations.glob("*.jsonl")))).read_text().splitlines()
    spoiled = json.loads(first[1]) | {"themes": ["sport"]}
    (tmp_path / "a.jsonl").write_text("\n".join([first[0], json.dumps(spoiled)]))
    done = amur("train", "--annotations", "a.jsonl", "--out", "mine")
    assert done.returncode == 1
    assert "a.jsonl, line 2: no such theme: sport" in done.stderr
    assert not (tmp_path / "mine").exists()


def test_check_annotations_reports_agreement(amur: Run, tmp_path: Path) -> None:
    done = amur("check-annotations", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "test: " in done.stderr
    assert {row["answer"] for row in json.loads(done.stdout)["scores"]} >= {"convergence", "friction", "arctic"}
    file = next(iter(sorted((shipped("annotations") / "statements").glob("*.jsonl"))))
    line = file.read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "twice.jsonl").write_text(line + "\n" + line + "\n", encoding="utf-8")
    done = amur("check-annotations", "twice.jsonl")
    assert done.returncode == 1
    assert "two rows" in done.stderr


def test_output_that_cannot_be_written_is_an_error(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(ARTICLE)
    for out, message in (("no/such/folder/o.jsonl", "there is no folder"), (".", "is a folder; name a file")):
        done = amur("classify", "note.txt", "--out", out, "--format", "jsonl")
        assert done.returncode == 2
        assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_twenty_megabyte_file_is_read(tmp_path: Path) -> None:
    line = "Prices in the town were much the same as in the year before, said the clerk at the market hall on Monday.\n"
    (tmp_path / "long.txt").write_text(line * (20_000_000 // len(line)) + ARTICLE)
    started = time.monotonic()
    assert len(split_statements((tmp_path / "long.txt").read_text())) > 180_000
    assert time.monotonic() - started < 240


def _imported(module: str, *names: str) -> str:
    """Which of some modules a fresh Python has after importing another."""
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = f"import sys, {module}; print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_help_imports_nothing_heavy() -> None:
    assert not _imported("amur.cli", "sklearn", "spacy", "pandas", "onnxruntime", "numpy")


def test_classifying_imports_nothing_that_an_article_does_not_need() -> None:
    others = ("cleanlab", "altair", "fastapi", "trafilatura", "docx", "pypdf", "pyarrow.parquet", "torch")
    assert not _imported("amur.classifying, amur.output", *others, "amur.retraining", "amur.exchange", "amur.adoption")
