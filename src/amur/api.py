"""The verbs as plain functions over paths, articles and tables; the command line prints what they return."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from amur import exchange
from amur.adoption import adopt_model, compare_models
from amur.agreement import agreement, count_parts, problems
from amur.annotations import AnyPaths, as_paths, in_places, part, read_together, settle
from amur.articles import Article, read_articles
from amur.codebook import read_codebook
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.exchange import label_studio
from amur.pipeline import COLUMNS, classify_articles
from amur.progress import Progress, ignore
from amur.project import init_project
from amur.project_models import default_model, models, prune_models
from amur.resources import shipped
from amur.retraining import retrain, train_classifier
from amur.store import ENCODER, Manifest, load_model, save_model
from amur.training import score, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from amur.annotations import Annotation
    from amur.classifier import StanceClassifier
    from amur.codebook import Codebook

Source = str | Path | Article
Model: TypeAlias = "str | Path | StanceClassifier | None"

__all__ = [
    "adopt_model",
    "check_annotations",
    "classify",
    "classify_stream",
    "compare_models",
    "default_model",
    "evaluate",
    "export_annotations",
    "import_annotations",
    "init_project",
    "label_studio_interface",
    "make_encoder",
    "models",
    "prune_models",
    "retrain",
    "train",
]


def classify_stream(
    sources: Source | Iterable[Source],
    *,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> Iterator[pd.DataFrame]:
    """Classify articles in chunks; see ``classify``. ``progress`` is told the number of articles done."""
    given = [sources] if isinstance(sources, (str, Path, Article)) else list(sources)
    classifier = load_model(model) if model is None or isinstance(model, (str, Path)) else model
    return classify_articles(_articles(given), classifier, n_jobs=n_jobs, progress=progress)


def classify(
    sources: Source | Iterable[Source],
    *,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Classify every statement of some articles.

    Args:
        sources: a path, glob, folder or ``Article``, or several of them.
        model: a model folder or a fitted classifier; the shipped model by default.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many articles are done, batch by batch.

    Returns:
        One row a statement: ``document, source, title, date, url, start, end, text``, the probabilities
        ``convergence`` and ``friction``, the decision ``stance``, and ``themes``, a list.

    Raises:
        AmurError: a path does not exist, or the model cannot be used.

    Warns:
        InputWarning: a file, line or article was passed over.
    """
    tables = [t for t in classify_stream(sources, model=model, n_jobs=n_jobs, progress=progress) if len(t)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def train(
    annotations: AnyPaths = None,
    *,
    out: str | Path,
    codebook: str | Path | None = None,
    encoder: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> Manifest:
    """Train a model on annotations and write it.

    The fixed test part of the documents is left out of the training; its scores, and those of the cross-validation over
    the rest, go into the manifest.

    Args:
        annotations: a file or folder of annotations, or several; the shipped ones by default.
        out: the folder to write.
        codebook: the themes; the shipped ones by default.
        encoder: folder of an ONNX encoder; the shipped model's by default.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, batch by batch.

    Raises:
        AmurError: annotations or codebook are broken or too few, or ``out`` holds something else.
    """
    encoded_by = SentenceEncoder(str(encoder or shipped("model") / ENCODER))
    book = Path(codebook) if codebook else None
    trained = train_classifier(_paths(annotations), book, encoded_by, n_jobs=n_jobs, progress=progress)
    return save_model(
        trained.classifier,
        Path(out),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        training=trained.training,
        metrics=trained.metrics,
    )


def make_encoder(
    base: str,
    out: str | Path,
    *,
    tune: bool = False,
    annotations: AnyPaths = None,
    codebook: str | Path | None = None,
    teacher: Model = None,
    progress: Progress = ignore,
    **settings: float,
) -> None:
    """Make a sentence encoder for ``train``; see ``amur.export.make_encoder``.

    With ``tune`` it learns from the annotations' documents that are neither in the test nor in the calibration part,
    with ``teacher`` from that model's probabilities for them as well. ``settings`` are those of ``amur.tuning``.
    """
    from amur import export  # noqa: PLC0415 (its libraries are optional)

    if not tune:
        export.make_encoder(base, Path(out))
        return
    book = read_codebook(Path(codebook) if codebook else None)
    found = read_together(_paths(annotations), book)
    learn = [a for a in found if part(a.document) == "learn"]
    says = None if teacher is None else _classifier(teacher, book).predict_proba(in_places(settle(learn)))
    export.make_encoder(base, Path(out), learn, book, teacher=says, changes=settings, progress=progress)


def evaluate(
    annotations: AnyPaths = None,
    *,
    held_out: bool = False,
    model: Model = None,
    codebook: str | Path | None = None,
) -> pd.DataFrame:
    """Score a model on annotations it has not learned from.

    Args:
        annotations: a file or folder of annotations, or several; the shipped ones by default.
        held_out: score their fixed test part only, as is always done without ``annotations``; otherwise all of them.
        model: as for ``classify``.
        codebook: the themes; the shipped ones by default.

    Returns:
        See ``amur.training.score``.

    Raises:
        AmurError: annotations are broken or none are held out, or the model has another codebook.
    """
    book = read_codebook(Path(codebook) if codebook else None)
    classifier = _classifier(model, book)
    found = read_together(_paths(annotations), book)
    scored = split(found)[1] if held_out or annotations is None else found
    if not scored:
        msg = "none of the documents is held out (about one in eight is, by its name); annotate more, or name a file"
        raise AmurError(msg)
    return score(classifier, scored, book)


def check_annotations(
    annotations: AnyPaths = None,
    *,
    briefs: Iterable[str | Path] | None = None,
    codebook: str | Path | None = None,
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Measure the agreement of two annotators, and look for problems.

    Args:
        annotations: a file or folder of annotations, or several; the shipped ones by default.
        briefs: folders with the annotated articles, ``<document>.md``, to hold offsets against; the shipped ones by
            default where the annotations are.
        codebook: the themes; the shipped ones by default.

    Returns:
        The table of ``amur.agreement.agreement``, a line for each part of the corpus, and a line for each problem.
    """
    book = read_codebook(Path(codebook) if codebook else None)
    if annotations is None and briefs is None:
        briefs = (shipped("annotations") / "briefs", shipped("seeds"))
    found = read_together(_paths(annotations), book)
    return (
        agreement(found, book),
        list(count_parts(found)),
        list(problems(found, [Path(folder) for folder in briefs or ()])),
    )


def export_annotations(
    annotations: str | Path | None = None,
    *,
    tool: str,
    out: str | Path,
    briefs: Iterable[str | Path] | None = None,
    codebook: str | Path | None = None,
    force: bool = False,
) -> int:
    """Write annotations for Prodigy, doccano, Label Studio or spaCy; see ``amur.exchange.export_annotations``.

    Returns:
        How many there are.
    """
    book = read_codebook(Path(codebook) if codebook else None)
    found = read_together(_paths(annotations), book)
    exchange.export_annotations(found, tool, Path(out), book, briefs=[Path(b) for b in briefs or ()], force=force)
    return len(found)


def import_annotations(
    file: str | Path,
    *,
    tool: str,
    out: str | Path,
    annotator: str | None = None,
    codebook: str | Path | None = None,
    force: bool = False,
) -> list[Annotation]:
    """Read the annotations that people made in ``tool``, and write them; see ``amur.exchange.import_annotations``."""
    book = read_codebook(Path(codebook) if codebook else None)
    return exchange.import_annotations(Path(file), tool, Path(out), book, annotator=annotator, force=force)


def label_studio_interface(codebook: str | Path | None = None) -> str:
    """The labelling interface to set in a Label Studio project before importing what ``export_annotations`` wrote."""
    return label_studio.interface(read_codebook(Path(codebook) if codebook else None))


def _paths(annotations: AnyPaths) -> tuple[Path, ...]:
    """Where annotations are: the paths given, or the shipped ones."""
    return as_paths(annotations) or (shipped("annotations") / "statements",)


def _articles(sources: Sequence[Source]) -> Iterator[Article]:
    """Articles given as such, then those behind the paths."""
    yield from (source for source in sources if isinstance(source, Article))
    yield from read_articles([source for source in sources if not isinstance(source, Article)])


def _classifier(model: Model, codebook: Codebook) -> StanceClassifier:
    """A model that answers the codebook's questions."""
    classifier = load_model(model) if model is None or isinstance(model, (str, Path)) else model
    if tuple(classifier.labels) != codebook.labels:
        msg = "the model was trained with another codebook; give that one with --codebook"
        raise AmurError(msg)
    return classifier
