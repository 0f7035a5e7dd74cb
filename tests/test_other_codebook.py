"""A project about another pair of capitals, with other themes: every command works on it.

The folder ``ankara-athens`` holds its codebook, sixteen invented articles and their annotations.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import amur as package
from amur.annotations import part
from amur.cli import app
from amur.project import get_project
from amur.project_models import default_model
from amur.store import read_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

    from amur.project import Project

    Here = Callable[..., Result]

DATA = Path(__file__).parent / "ankara-athens"
BRIEFS = DATA / "briefs"
THEMES = {"aegean", "commerce", "disasters", "society"}


@pytest.fixture(scope="module")
def other_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("other") / "project"
    done = CliRunner().invoke(app, ["init", str(folder), "--codebook", str(DATA / "codebook.md")])
    assert "they stand alone" in done.stderr
    assert "themes aegean, commerce, disasters, society; sides ankara, athens" in done.stderr
    shutil.copytree(DATA / "annotations", folder / "annotations", dirs_exist_ok=True)
    done = CliRunner().invoke(app, ["--project", str(folder), "train", "--jobs", "1"])
    assert "the first model for this codebook" in done.stderr, done.exception
    return folder


@pytest.fixture
def other(other_once: Path, tmp_path: Path) -> Project:
    return get_project(shutil.copytree(other_once, tmp_path / "project"))


def said(done: Result) -> Any:  # noqa: ANN401 (what JSON holds)
    """What a command that succeeded printed as JSON."""
    assert done.exit_code == 0, done.exception
    return json.loads(done.stdout)


def test_it_learns_from_its_own_annotations_alone(other: Project) -> None:
    manifest = read_manifest(default_model(other))
    names = [file.stem for file in sorted((DATA / "annotations").glob("*.jsonl"))]
    assert list(manifest.training["files"]) == [f"{name}.jsonl" for name in names]
    assert manifest.training["documents"] == sum(part(name) != "test" for name in names) == 11
    assert manifest.labels == ("convergence", "friction", "aegean", "commerce", "disasters", "society")
    assert list(manifest.actors)[:2] == ["ankara", "athens"]
    for table in manifest.metrics.values():
        assert table.set_index("answer")["f1"]["stance"] > 0.7


def test_its_statements_are_classified(other: Project, here: Here) -> None:
    done = here(other, "classify", BRIEFS / "fires.md", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    truth = [json.loads(line) for line in (DATA / "annotations" / "fires.jsonl").read_text().splitlines()]
    assert [(row["start"], row["text"]) for row in rows] == [(row["start"], row["text"]) for row in truth]
    assert {theme for row in rows for theme in row["themes"]} <= THEMES
    found = {row["stance"] for row in rows}
    assert "neutral" in found
    assert found & {"convergence", "mixed"}
    assert {(row["voice"], row["speaker"]) for row in rows} == {("", "")}  # voices were learned of other sides


def test_articles_about_others_are_passed_over(other: Project, here: Here) -> None:
    done = here(other, "classify", "-", stdin=b"Beijing and Moscow signed a gas contract.")
    assert "never names both Ankara and Athens" in done.stderr
    assert done.exit_code == 1


def test_balances_and_findings(other: Project, here: Here, tmp_path: Path) -> None:
    statements = tmp_path / "statements.parquet"
    here(other, "classify", BRIEFS, "--format", "parquet", "--out", statements)
    balances = said(here(other, "report", statements, "--format", "json"))["balances"]
    assert {"all", "aegean", "commerce"} <= {row["theme"] for row in balances} <= {"all", *THEMES}
    assert {"Two Shores", "Island Gazette"} < {row["source"] for row in balances}
    by_theme = {
        row["theme"]: row["balance"]
        for row in said(here(other, "report", statements, "--by", "theme", "--format", "json"))["balances"]
    }
    assert by_theme["aegean"] < by_theme["commerce"]
    (pair,) = said(here(other, "compare", "aegean", "commerce", statements, "--by", "theme", "--format", "json"))[
        "differences"
    ]
    assert pair["difference"] != 0
    assert len(said(here(other, "trend", statements, "--format", "json"))["changes"]) == 1


def test_an_audit_is_drawn_labelled_and_reported(other: Project, here: Here, tmp_path: Path) -> None:
    done = here(other, "audit", BRIEFS, "--n", 40, "--out", tmp_path / "audit.jsonl")
    assert "40 statements drawn" in done.stderr, done.exception
    truth = {
        (row["document"], row["start"]): row
        for file in (DATA / "annotations").glob("*.jsonl")
        for row in map(json.loads, file.read_text().splitlines())
    }
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows:
        if "start" in row:
            row |= {q: truth[row["document"], row["start"]][q] for q in ("convergence", "friction")}
    (tmp_path / "audit.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ("--by", "theme", "--audit", tmp_path / "audit.jsonl", "--format", "json")
    assert {row["theme"] for row in said(here(other, "report", BRIEFS, *options))["balances"]} >= {"all"}


def test_annotations_are_checked_scored_and_carried_to_other_tools(other: Project, here: Here, tmp_path: Path) -> None:
    checked = here(other, "check-annotations", "--briefs", BRIEFS)
    assert checked.exit_code == 0, checked.exception
    assert "learn: 9 documents" in checked.stderr
    scores = said(here(other, "evaluate", "--format", "json"))["scores"]
    assert [row["answer"] for row in scores][2:6] == sorted(THEMES)
    assert scores[0]["statements"] == 50
    for tool in ("prodigy", "doccano", "label-studio", "spacy"):
        there, back = tmp_path / f"{tool}.out", tmp_path / f"{tool}.jsonl"
        done = here(other, "export-annotations", "--to", tool, "--out", there)
        assert "160 annotations written" in done.stderr, done.exception
        done = here(other, "import-annotations", there, "--from", tool, "--out", back)
        assert "160 annotations written" in done.stderr, done.exception
        kept = {(r["document"], r["start"]): r["themes"] for r in map(json.loads, back.read_text().splitlines())}
        assert len(kept) == 160
        assert kept["fires", 62] == ["disasters"]


def test_the_next_model_is_compared_and_the_first_restored(other: Project, here: Here) -> None:
    first = default_model(other).name
    done = here(other, "train", "--jobs", 1)
    assert f"adopted: not worse than {first}" in done.stderr, done.exception
    second = default_model(other).name
    assert [row["name"] for row in said(here(other, "models", "--format", "json"))["models"]] == [first, second]
    table = said(here(other, "models", "compare", first, second, "--format", "json"))["differences"]
    assert [row["difference"] for row in table] == [0, 0, 0, 0]
    assert here(other, "models", "restore", first).exit_code == 0
    assert here(other, "models", "prune", "--keep", 1).stdout == ""
    assert default_model(other).name == first


def test_its_model_stands_alone(other: Project, tmp_path: Path) -> None:
    folder = shutil.copytree(default_model(other), tmp_path / "model")
    shutil.rmtree(other.folder)
    table = package.classify(BRIEFS / "drills.md", model=folder)
    assert len(table) == 10
    assert set(table["themes"].explode().dropna()) <= THEMES


def test_other_sides_alone_make_another_codebook(other: Project, here: Here) -> None:
    text = other.codebook.read_text()
    other.codebook.write_text(text.replace("`athens`", "`nicosia`"))
    for command in (("report", BRIEFS), ("evaluate",)):
        assert "other themes or sides" in str(here(other, *command).exception)
    other.codebook.write_text(text.replace("athens, greece", "athens, cyclades, greece"))
    assert here(other, "evaluate").exit_code == 0  # more words for the same side
