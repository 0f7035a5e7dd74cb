"""The verbs that look annotations over: check_annotations, conflicts, likely_errors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from amur.adoption import cached_encoder
from amur.agreement import agreement, count_parts, problems
from amur.agreement import conflicts as unsettled
from amur.annotations import AnyPaths, paths_or_shipped, read_together
from amur.codebook import read_codebook
from amur.encoder import SentenceEncoder
from amur.progress import Progress, ignore
from amur.project_models import default_model, model_in_use
from amur.resources import shipped
from amur.store import ENCODER

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from amur.project import Project


def check_annotations(
    annotations: AnyPaths = None,
    *,
    briefs: Iterable[str | Path] | None = None,
    codebook: str | Path | None = None,
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Measure the agreement of annotators, and look for problems.

    Args:
        annotations: a file or folder of annotations, or several; the shipped ones by default.
        briefs: folders with the annotated articles, ``<document>.md``, to hold offsets against; the shipped ones by
            default where the annotations are.
        codebook: the themes; the shipped ones by default.

    Returns:
        The table of ``amur.agreement.agreement``; a line for each part of the corpus, and one for answers that differ;
        and a line for each problem.
    """
    book = read_codebook(codebook)
    if annotations is None and briefs is None:
        briefs = (shipped("annotations") / "briefs", shipped("seeds"))
    found = read_together(paths_or_shipped(annotations), book)
    differ = len(unsettled(found, book))
    return (
        agreement(found, book),
        [
            *count_parts(found),
            *([f"{differ:,} answers differ between annotators and are not settled"] if differ else ()),
        ],
        list(problems(found, [Path(folder) for folder in briefs or ()])),
    )


def conflicts(annotations: AnyPaths = None, *, codebook: str | Path | None = None) -> pd.DataFrame:
    """List the answers in which annotators differ and which nobody has settled; see ``amur.agreement.conflicts``.

    ``annotations`` and ``codebook`` are as for ``check_annotations``.
    """
    book = read_codebook(codebook)
    return unsettled(read_together(paths_or_shipped(annotations), book), book)


def likely_errors(
    annotations: AnyPaths = None,
    *,
    codebook: str | Path | None = None,
    project: Project | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Rank the annotated answers that are likely wrong; see ``amur.label_errors.likely_errors``.

    ``annotations`` and ``codebook`` are as for ``check_annotations``. The encoder is that of the model in use in
    ``project``, which keeps its vectors; without one it is the shipped model's.
    """
    from amur import label_errors  # noqa: PLC0415 (no other verb needs it)

    book = read_codebook(codebook)
    found = read_together(paths_or_shipped(annotations), book)
    if project and model_in_use(project):
        encoder: SentenceEncoder = cached_encoder(project, default_model(project) / ENCODER)
    else:
        encoder = SentenceEncoder(str(shipped("model") / ENCODER))
    return label_errors.likely_errors(found, book, encoder, n_jobs=n_jobs, progress=progress)
