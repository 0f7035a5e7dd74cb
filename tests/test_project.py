"""A project of the user's: started without harm, found from within, and what stands for what is not given."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from amur.annotations import Annotation, part, read_together, write_annotations
from amur.api import init_project
from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.project import MARKER, Project, annotation_paths, find_project, get_project
from amur.project_models import default_model
from amur.resources import shipped
from conftest import THEMES

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Run = Callable[..., subprocess.CompletedProcess[str]]
    Here = Callable[..., Result]


@pytest.fixture
def themes(tmp_path: Path) -> Path:
    (tmp_path / "themes.md").write_text(THEMES)
    return tmp_path / "themes.md"


def test_init_starts_a_project_with_the_shipped_codebook(amur: Run, tmp_path: Path) -> None:
    done = amur("init", "mine")
    assert done.returncode == 0, done.stderr
    assert "join the shipped ones" in done.stderr
    names = {path.name for path in (tmp_path / "mine").iterdir()}
    assert names == {MARKER, "codebook.md", "annotations", "models"}
    project = get_project(tmp_path / "mine")
    assert project.codebook.read_bytes() == (shipped("annotations") / "codebook.md").read_bytes()
    assert annotation_paths(project) == (shipped("annotations") / "statements",)


def test_init_takes_an_empty_folder_and_another_codebook(tmp_path: Path, themes: Path) -> None:
    (tmp_path / "mine").mkdir()
    project = init_project(tmp_path / "mine", themes)
    assert project == get_project(tmp_path / "mine")
    assert project.codebook.read_text() == THEMES
    assert annotation_paths(project) == (project.annotations,)


def test_init_loses_nothing_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    init_project(tmp_path / "p")
    (tmp_path / "p" / "codebook.md").write_text(THEMES)
    for folder, message in (("", "is not empty"), ("p", "is a project already"), ("thesis.txt", "is a file")):
        with pytest.raises(AmurError, match=message):
            init_project(tmp_path / folder)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    assert (tmp_path / "p" / "codebook.md").read_text() == THEMES


def test_a_broken_codebook_starts_no_project(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("no table")
    with pytest.raises(AmurError, match="names no theme"):
        init_project(tmp_path / "p", tmp_path / "b.md")
    assert not (tmp_path / "p").exists()


def test_a_project_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    project = init_project(tmp_path / "p")
    deep = project.annotations / "2026" / "may"
    deep.mkdir(parents=True)
    assert find_project(deep) == project
    assert find_project(tmp_path) is None
    with pytest.raises(AmurError, match="start one with `amur init`"):
        get_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format = 2\nshipped_annotations = true\n", "update amur"),
        ("format = 1\n", "it needs the lines"),
        ('format = "1"\nshipped_annotations = true\n', "it needs the lines"),
        ("format = ", "cannot read"),
    ],
)
def test_a_broken_or_newer_marker_is_named(tmp_path: Path, text: str, message: str) -> None:
    init_project(tmp_path / "p")
    (tmp_path / "p" / MARKER).write_text(text)
    with pytest.raises(AmurError, match=message):
        find_project(tmp_path / "p")


def test_own_annotations_join_the_shipped_ones(tmp_path: Path) -> None:
    project = init_project(tmp_path / "p")
    own = Annotation("mine", 0, 11, "Trade grew.", convergence=True, friction=False, themes=("trade",))
    write_annotations(project.annotations / "mine.jsonl", [own])
    found = read_together(annotation_paths(project), read_codebook(project.codebook))
    assert found[0] == own
    assert len({a.document for a in found}) > 600


def test_a_changed_codebook_cannot_join(tmp_path: Path) -> None:
    project = init_project(tmp_path / "p")
    project.codebook.write_text(THEMES)
    with pytest.raises(AmurError, match="set `shipped_annotations = false`"):
        annotation_paths(project)
    with pytest.raises(AmurError, match="run `amur train` first"):
        default_model(project)


def test_a_document_that_bears_a_shipped_name_is_refused(tmp_path: Path) -> None:
    project = init_project(tmp_path / "p")
    book = read_codebook(project.codebook)
    first = min((shipped("annotations") / "statements").glob("*.jsonl"))
    shutil.copy(first, project.annotations)
    read_together(annotation_paths(project), book)  # the same document, annotated again, is welcome
    other = Annotation(first.stem, 0, 11, "Trade grew.", convergence=True, friction=False)
    write_annotations(project.annotations / first.name, [other])
    with pytest.raises(AmurError, match="bears the name of another"):
        read_together(annotation_paths(project), book)


def test_commands_take_what_is_not_given_from_the_project(here: Here, trained: Project) -> None:
    done = here(trained, "check-annotations", "--format", "json")
    assert {row["answer"] for row in json.loads(done.stdout)["scores"]} >= {"trade", "diplomacy"}
    assert "test: 6 documents, 120 statements" in done.stderr
    assert "arctic" not in done.stdout
    scored = json.loads(here(trained, "evaluate", "--format", "json").stdout)["scores"]
    assert [row["answer"] for row in scored] == ["convergence", "friction", "trade", "diplomacy", "stance", "themes"]
    assert scored[0]["statements"] == 120


def test_a_cut_annotation_file_is_named_with_its_line_and_the_rest_is_used(here: Here, trained: Project) -> None:
    file = max(file for file in trained.annotations.glob("*.jsonl") if part(file.stem) == "test")
    file.write_bytes(file.read_bytes()[:-40])
    for command in ("check-annotations", "evaluate"):
        done = here(trained, command, "--format", "json")
        assert done.exit_code == 0, done.exception
        assert f"{file.name}, line 20: cut in the middle" in done.stderr
    assert json.loads(done.stdout)["scores"][0]["statements"] == 119
    file.write_bytes(file.read_bytes() + b"\n")  # a broken line that is not the last may hide more
    for command in ("train", "check-annotations", "evaluate"):
        error = here(trained, command).exception
        assert isinstance(error, AmurError)
        assert f"{file.name}, line 20" in str(error)


def test_train_needs_a_folder_or_a_project(amur: Run, here: Here, tmp_path: Path, themes: Path) -> None:
    done = amur("train")
    assert (done.returncode, "amur init" in done.stderr) == (2, True)
    refused = here(init_project(tmp_path / "p"), "train", "--codebook", themes)
    assert (refused.exit_code, "its own codebook" in refused.stderr) == (2, True)
