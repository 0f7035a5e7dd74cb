"""What the tests share: small annotated corpora, a real but small model, the real articles where they are at hand."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from amur.annotations import Annotation, part, read_annotations, write_annotations
from amur.api import init_project, retrain, train
from amur.cli import app
from amur.codebook import STANCES, Codebook, read_codebook
from amur.project import Project, get_project
from amur.resources import shipped

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return read_codebook()


@pytest.fixture(scope="session")
def annotations(codebook: Codebook) -> list[Annotation]:
    """The project's own annotations."""
    return read_annotations(shipped("annotations") / "statements", codebook)


@pytest.fixture(scope="session")
def few_annotations(annotations: list[Annotation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the annotations of some documents: enough to train on, in seconds.

    Half of those that the shipped encoder was not tuned on, and a few of those it was and of the test part.
    """
    folder = tmp_path_factory.mktemp("annotations")
    for wanted, step in (("calibration", 2), ("learn", 32), ("test", 10)):
        for name in sorted({a.document for a in annotations if part(a.document) == wanted})[::step]:
            shutil.copy(shipped("annotations") / "statements" / f"{name}.jsonl", folder)
    return folder


@pytest.fixture(scope="session")
def small_model(few_annotations: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on ``few_annotations``."""
    folder = tmp_path_factory.mktemp("models") / "small"
    train(few_annotations, out=folder, n_jobs=1)
    return folder


@pytest.fixture
def model_copy(small_model: Path, tmp_path: Path) -> Path:
    """A copy of the small model to spoil."""
    return Path(shutil.copytree(small_model, tmp_path / "model"))


THEMES = "# Mine\n\n| `trade` | goods and customs |\n| `diplomacy` | visits and votes |\n"


@pytest.fixture(scope="session")
def project_annotations(annotations: list[Annotation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginnings of a few documents, by the two themes of ``THEMES``: ten to learn from, six held out."""
    folder = tmp_path_factory.mktemp("own")
    book = read_codebook(shipped("annotations") / "codebook.md")
    for wanted, count in (("calibration", 10), ("test", 6)):
        for name in sorted({a.document for a in annotations if part(a.document) == wanted})[:count]:
            rows = read_annotations(shipped("annotations") / "statements" / f"{name}.jsonl", book)[:20]
            kept = [replace(a, themes=tuple(t for t in a.themes or () if t in THEMES)) for a in rows]
            write_annotations(folder / f"{name}.jsonl", kept)
    return folder


@pytest.fixture(scope="session")
def trained_once(project_annotations: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a codebook of its own, in which one model was trained."""
    folder = tmp_path_factory.mktemp("project") / "project"
    (folder.parent / "themes.md").write_text(THEMES)
    project = init_project(folder, folder.parent / "themes.md")
    shutil.copytree(project_annotations, project.annotations, dirs_exist_ok=True)
    retrain(project, n_jobs=1)
    return folder


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Project:
    """A copy of that project to work in and to spoil."""
    return get_project(shutil.copytree(trained_once, tmp_path / "project"))


RIVERS = "# Ours\n\n| `trade` | goods and customs |\n| `rivers` | ferries, dams, fishing |\n"
_WORDS = "amber birch cedar delta ember fjord grain heron inlet jetty knoll larch maple north otter pearl".split()


def articles_to_annotate(count: int = 6, statements: int = 10) -> pd.DataFrame:
    """Statements that no two of are alike, as ``amur.classify`` returns them; none of the articles is held out."""
    names = [name for name in (f"story-{n}" for n in range(1000)) if part(name) != "test"][:count]
    rows = []
    for number, name in enumerate(names):
        for at in range(statements):
            words = [f"{_WORDS[(number * 7 + at * step + step) % 16]}{number}{at}{step}" for step in range(1, 6)]
            text = f"Beijing and Moscow spoke of {' and '.join(words)}."
            stance = STANCES[(number + at) % 4]
            odds = (0.9 if stance in {"convergence", "mixed"} else 0.1, 0.8 if stance in {"friction", "mixed"} else 0.2)
            source = ("Harbour Post", "Steppe Times")[number % 2]
            rows.append(
                (
                    name,
                    source,
                    f"Story {number}",
                    "2025-03-01",
                    at * 100,
                    at * 100 + len(text),
                    text,
                    *odds,
                    stance,
                    ["trade"],
                )
            )
    columns = "document source title date start end text convergence friction stance themes".split()
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def to_annotate() -> pd.DataFrame:
    """Six articles of ten statements by two sources."""
    return articles_to_annotate()


@pytest.fixture
def new_project(tmp_path: Path) -> Project:
    """A new project of the two themes of ``RIVERS``, without annotations and without a model."""
    (tmp_path / "themes.md").write_text(RIVERS)
    return init_project(tmp_path / "project", tmp_path / "themes.md")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, and a tokenizer of letters."""
    torch = pytest.importorskip("torch", reason="needs the extra `encoder` (PyTorch)")
    transformers = pytest.importorskip("transformers", reason="needs the extra `encoder` (transformers)")
    folder = tmp_path_factory.mktemp("tiny")
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    (folder / "vocab.txt").write_text("\n".join(words))
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def here() -> Callable[..., Result]:
    """Run a command in a project, within this process: that saves the start of another."""

    def run(project: Project, *arguments: object, stdin: bytes = b"") -> Result:
        command = ["--project", str(project.folder), *map(str, arguments)]
        return CliRunner().invoke(app, command, input=stdin)

    return run


@pytest.fixture
def amur(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a user does, in an empty folder."""

    def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "amur", *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, cwd=tmp_path, check=False)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def gold() -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The real articles with their labels; the test is skipped where they are not at hand."""
    if not SHARED.is_dir():
        pytest.skip("the real articles (../shared) are not here; this test measures on them")
    pairs = []
    for name in ("", "seeds."):
        labels = [json.loads(line) for line in (SHARED / f"gold/{name}labels.jsonl").read_text().splitlines()]
        for line in (SHARED / f"gold/{name}articles.jsonl").read_text().splitlines():
            article = json.loads(line)
            pairs.append((article, [label for label in labels if label["document"] == article["id"]]))
    return pairs
