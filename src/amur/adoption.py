"""Is a new model of a project better than the one in use? The two are compared on the same held-out documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amur.annotations import read_together
from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.progress import Progress, ignore
from amur.project import AnyProject, Project, annotation_paths, get_project
from amur.project_models import check_labels, model_folder, model_in_use, write_adopted
from amur.store import load_model, read_manifest
from amur.training import compare, split
from amur.vector_cache import CachedEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from amur.annotations import Annotation
    from amur.classifier import StanceClassifier

_FEWEST_DOCUMENTS = 5
"""Held-out documents for a comparison: among three, one on which both score alike makes the interval touch zero."""


class Difference(NamedTuple):
    """Mean F1 of a model minus that of the one in use, its 95% interval, and on how many held-out documents."""

    difference: float
    low: float
    high: float
    documents: int

    def __str__(self) -> str:
        """For a message."""
        interval = f"{self.low:+.3f} to {self.high:+.3f}"
        return f"mean F1 {self.difference:+.3f}, {interval}, on {self.documents} held-out documents"

    @property
    def worse(self) -> bool:
        """Whether the whole interval says so; what may be chance does not count."""
        return self.high < 0


def compare_models(first: str, second: str, project: AnyProject = None, *, progress: Progress = ignore) -> pd.DataFrame:
    """Compare two of a project's models on the same held-out documents; see ``amur.training.compare``.

    Raises:
        AmurError: there is no such model, it answers another codebook, or there are too few held-out documents.
    """
    project = get_project(project)
    loaded = [load_cached(project, name) for name in (first, second)]
    book = read_codebook(project.codebook)
    held_out = split(read_together(annotation_paths(project), book))[1]
    if lack := too_few(held_out):
        msg = f"{lack}; annotate more, or choose a model with `amur models restore NAME`"
        raise AmurError(msg)
    return compare(loaded[0], loaded[1], held_out, book, progress)


def adopt_model(name: str, project: AnyProject = None, *, force: bool = False, progress: Progress = ignore) -> None:
    """Make a model the one that a project uses.

    Args:
        name: one of ``amur.project_models.models``.
        project: the project.
        force: do not compare it with the one in use before.
        progress: told how many statements are encoded.

    Raises:
        AmurError: there is no such model, it cannot be used, or it is worse than the one in use.
    """
    project = get_project(project)
    load_cached(project, name)  # what cannot be loaded shall not be adopted
    used = None if force else comparable_model(project)
    if used not in {None, name}:
        difference = stance_difference(compare_models(str(used), name, project, progress=progress))
        if difference.worse:
            msg = f"{name} is worse than {used} ({difference}); adopt it all the same with --force"
            raise AmurError(msg)
    write_adopted(project, name)


def comparable_model(project: Project) -> str | None:
    """Name of the model in use; None where there is none, or it answers another codebook, so that any is better.

    Raises:
        AmurError: it cannot be read.
    """
    name = model_in_use(project)
    fits = name and read_manifest(model_folder(project, name)).fits(read_codebook(project.codebook))
    return name if fits else None


def load_cached(project: Project, name: str) -> StanceClassifier:
    """A model that answers a project's codebook, its encoder keeping vectors in the project's cache.

    Raises:
        AmurError: there is no such model, it answers another codebook, or it is damaged.
    """
    check_labels(project, name)
    classifier = load_model(model_folder(project, name))
    classifier.encoder = cached_encoder(project, classifier.sentence_encoder.path)
    return classifier


def cached_encoder(project: Project, path: str | Path) -> CachedEncoder:
    """The encoder in a folder, keeping its vectors in the project's cache."""
    return CachedEncoder(str(path), cache=str(project.cache / "vectors"))


def stance_difference(table: pd.DataFrame) -> Difference:
    """The row of a comparison that decides: the mean of convergence and friction."""
    row = next(row for row in table.to_dict("records") if row["answer"] == "stance")
    return Difference(row["difference"], row["low"], row["high"], row["documents"])


def too_few(held_out: Sequence[Annotation]) -> str:
    """Why there can be no comparison on some held-out annotations; nothing where there can."""
    documents = len({a.document for a in held_out})
    if documents >= _FEWEST_DOCUMENTS:
        return ""
    return (
        f"{documents} held-out documents are too few to compare models on, it takes {_FEWEST_DOCUMENTS} "
        "(about one in eight is held out for good)"
    )
