"""Tuning in a project: what it learns from, what it keeps, and what is left when it is cut short."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from amur import api
from amur.annotations import Annotation, part, read_annotations, write_annotations
from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.project_models import default_model
from amur.store import read_manifest
from conftest import THEMES
from test_models import cut_short, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    from amur.project import Project

    Here = Callable[..., Result]

pytestmark = pytest.mark.filterwarnings("ignore")  # the exporters of these libraries warn of themselves


@pytest.fixture
def untaught(project_annotations: Path, tmp_path: Path) -> Project:
    """A project with ten documents of the calibration part and six of the test part, but no model."""
    (tmp_path / "themes.md").write_text(THEMES)
    project = api.init_project(tmp_path / "project", tmp_path / "themes.md")
    shutil.copytree(project_annotations, project.annotations, dirs_exist_ok=True)
    return project


@pytest.fixture
def tunable(untaught: Project, annotations: list[Annotation]) -> Project:
    """That project with eight documents more: the encoder may be tuned on those."""
    for name in sorted({a.document for a in annotations if part(a.document) == "learn"})[:8]:
        rows = [a for a in annotations if a.document == name][:20]
        kept = [replace(a, themes=tuple(t for t in a.themes or () if t in THEMES)) for a in rows]
        write_annotations(untaught.annotations / f"{name}.jsonl", kept)
    return untaught


@pytest.fixture
def tiny_in_use(tunable: Project, tiny: Path, tmp_path: Path) -> Project:
    """That project with a model in use whose encoder was made of ``tiny``."""
    api.make_encoder(str(tiny), tmp_path / "encoder")
    api.retrain(tunable, encoder=tmp_path / "encoder", n_jobs=1)
    return tunable


def test_too_few_documents_to_tune_on_are_counted(untaught: Project, here: Here) -> None:
    before = snapshot(untaught)
    error = here(untaught, "train", "--tune").exception
    assert "0 of 16 documents are in the learn part" in str(error)
    assert "some 42 documents in all" in str(error)
    for file in sorted(f for f in untaught.annotations.iterdir() if part(f.stem) == "calibration")[4:]:
        file.unlink()
    with pytest.raises(AmurError, match="4 of 10 documents are in the calibration part"):
        api.retrain(untaught, tune=True)
    gone = before.keys() - snapshot(untaught).keys()
    assert len(gone) == 6
    assert snapshot(untaught) == {name: content for name, content in before.items() if name not in gone}


def test_a_question_that_a_part_does_not_answer_is_named(tunable: Project) -> None:
    for name in ("learn", "calibration"):
        for file in tunable.annotations.glob("*.jsonl"):
            if part(file.stem) == name:
                rows = [json.loads(line) | {"friction": False} for line in file.read_text().splitlines()]
                file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        with pytest.raises(AmurError, match=f"`friction` in the {name} part"):
            api.retrain(tunable, tune=True)


def test_what_is_missing_is_said_at_once(tunable: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(AmurError, match="install amur with the extra `encoder`"):
        api.retrain(tunable, tune=True)
    (tmp_path / "origin.json").write_text("{}")
    with pytest.raises(AmurError, match="does not tell its base"):
        api.retrain(tunable, tune=True, encoder=tmp_path)


def test_tuning_outside_a_project_is_refused(here: Here, untaught: Project, tmp_path: Path) -> None:
    done = here(untaught, "train", "--tune", "--out", tmp_path / "m")
    assert (done.exit_code, "amur encoder NAME --tune" in done.stderr) == (2, True)


def test_a_tuned_encoder_is_kept_with_the_new_model(tiny_in_use: Project, tiny: Path) -> None:
    heard: list[int] = []
    stages: list[tuple[str, int | None]] = []
    done = api.retrain(
        tiny_in_use,
        tune=True,
        force=True,
        n_jobs=1,
        progress=heard.append,
        stage=lambda what, total: stages.append((what, total)),
    )
    origin = done.manifest.training["encoder"]
    names = {file.stem for file in tiny_in_use.annotations.glob("*.jsonl")}
    learned = sorted(name for name in names if part(name) == "learn")
    assert (origin["base"], origin["tuned_on"], origin["sides"]) == (str(tiny), learned, ["beijing", "moscow"])
    statements = len(read_together_of(tiny_in_use, learned))
    assert stages[0] == ("statements learned from", 2 * statements)
    assert [what for what, _ in stages[1:]] == [
        "statements encoded",
        "held-out statements answered",
        "statements read for whose words they are",
        "held-out statements answered by both models",
        "model written",
    ]
    assert sum(heard) >= sum(total or 0 for _, total in stages) > 2 * statements
    assert done.manifest.training["documents"] == 10
    assert (default_model(tiny_in_use) / "encoder" / "heads.npy").is_file()
    assert {path.name for path in tiny_in_use.cache.iterdir()} == {"vectors"}
    again = api.retrain(tiny_in_use, n_jobs=1)
    assert read_manifest(tiny_in_use.models / again.name).training["encoder"] == origin


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_a_tuning_cut_short_leaves_the_project_as_it_was(tiny_in_use: Project, sent: signal.Signals, code: int) -> None:
    before = snapshot(tiny_in_use)
    ended, errors = cut_short(tiny_in_use, "unfinished-*/encoder", sent, "--tune", "--jobs", "1")
    assert ended == code
    assert snapshot(tiny_in_use) == before
    if sent == signal.SIGINT:
        assert errors.splitlines()[-1] == "amur: stopped"
        assert "Traceback" not in errors
        assert {path.name for path in tiny_in_use.cache.iterdir()} == {"vectors"}


def read_together_of(project: Project, names: list[str]) -> list[Annotation]:
    book = read_codebook(project.codebook)
    return [a for name in names for a in read_annotations(project.annotations / f"{name}.jsonl", book)]
