"""The README's run-through: new articles, what to annotate of them, a model that has learned it, and the old one back."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from amur.annotations import part, read_annotations
from amur.codebook import read_codebook
from amur.project_models import model_in_use
from amur.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    from amur.project import Project

    Here = Callable[..., Result]


@pytest.fixture
def articles(trained: Project, tmp_path: Path) -> Path:
    """Two briefs that the project has no annotations of."""
    known = {file.stem for file in trained.annotations.glob("*.jsonl")}
    briefs = sorted((shipped("annotations") / "briefs").glob("*.md"))
    folder = tmp_path / "articles"
    folder.mkdir()
    for brief in [b for b in briefs if b.stem not in known and part(b.stem) == "calibration"][:2]:
        shutil.copy(brief, folder)
    return folder


def answer(row: dict[str, Any], themes: str) -> dict[str, Any]:
    """What the annotator of our own corpus said of a suggested statement, on the project's themes."""
    book = read_codebook(shipped("annotations") / "codebook.md")
    said = read_annotations(shipped("annotations") / "statements" / f"{row['document']}.jsonl", book)
    same = next(a for a in said if a.start == row["start"])
    kept = [theme for theme in same.themes or () if theme in themes]
    return row | {"convergence": same.convergence, "friction": same.friction, "themes": kept, "annotator": "kim"}


def test_from_new_articles_to_a_new_model_and_back(trained: Project, articles: Path, here: Here) -> None:
    def run(*arguments: object) -> str:
        done = here(trained, *arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    first = model_in_use(trained)
    classified = [json.loads(line) for line in run("classify", articles, "--format", "jsonl").splitlines()]
    assert len({row["document"] for row in classified}) == 2

    chosen = trained.folder / "to-annotate.jsonl"
    run("suggest", articles, "--n", 20, "--out", chosen)
    asked = [json.loads(line) for line in chosen.read_text().splitlines()]
    assert len(asked) == 20
    assert {(row["document"], row["start"]) for row in asked} < {(row["document"], row["start"]) for row in classified}

    themes = trained.codebook.read_text()
    answered = trained.annotations / "suggested.jsonl"
    answered.write_text("".join(json.dumps(answer(row, themes)) + "\n" for row in asked))
    checked = here(trained, "check-annotations")
    assert checked.exit_code == 0, checked.stdout

    trained_now = here(trained, "train", "--jobs", 1)
    assert trained_now.exit_code == 0, trained_now.stderr
    models = json.loads(run("models", "--format", "json"))["models"]
    assert len(models) == 2
    second = next(row["name"] for row in models if row["name"] != first)
    assert second in trained_now.stderr
    if model_in_use(trained) == first:
        run("models", "adopt", second, "--force")
    assert model_in_use(trained) == second
    compared = json.loads(run("models", "compare", first, second, "--format", "json"))
    shown = {row["answer"]: (row["first"], row["second"]) for row in next(iter(compared.values()))}
    listed = {row["name"]: round(row["f1"], 2) for row in models}
    assert [round(f1, 2) for f1 in shown["stance"]] == [listed[first], listed[second]]

    run("models", "restore", first)
    assert model_in_use(trained) == first
    again = [json.loads(line) for line in run("classify", articles, "--format", "jsonl").splitlines()]
    assert again == classified
