"""The verbs as plain functions over paths, articles and tables; the command line prints what they return."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from amur import exchange
from amur.adoption import adopt_model, cached_encoder, compare_models
from amur.agreement import agreement, count_parts, problems
from amur.agreement import conflicts as unsettled
from amur.annotations import AnyPaths, as_paths, read_together
from amur.articles import Article, read_articles
from amur.codebook import read_codebook
from amur.confidence import keep_sure
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.exchange import label_studio
from amur.explanation import explain_articles
from amur.pipeline import COLUMNS, classify_articles
from amur.progress import Progress, ignore
from amur.project import init_project
from amur.project_models import default_model, models, prune_models
from amur.resources import shipped
from amur.retraining import retrain, train_classifier
from amur.store import ENCODER, Manifest, load_model, save_model
from amur.training import score, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amur.annotations import Annotation
    from amur.classifier import StanceClassifier
    from amur.codebook import Codebook
    from amur.project import Project

Source = str | Path | Article
Model: TypeAlias = "str | Path | StanceClassifier | None"

__all__ = [
    "adopt_model",
    "check_annotations",
    "classify",
    "classify_stream",
    "compare_models",
    "conflicts",
    "default_model",
    "evaluate",
    "explain",
    "export_annotations",
    "import_annotations",
    "init_project",
    "label_studio_interface",
    "likely_errors",
    "make_encoder",
    "models",
    "prune_models",
    "retrain",
    "train",
]


def classify_stream(
    sources: Source | Iterable[Source],
    *,
    min_confidence: float = 0.0,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> Iterator[pd.DataFrame]:
    """Classify articles in chunks; see ``classify``. ``progress`` is told the number of articles done."""
    tables = classify_articles(_articles(sources), _loaded(model), n_jobs=n_jobs, progress=progress)
    return keep_sure(tables, min_confidence) if min_confidence else tables


def classify(
    sources: Source | Iterable[Source],
    *,
    min_confidence: float = 0.0,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Classify every statement of some articles.

    Args:
        sources: a path, glob, folder or ``Article``, or several of them.
        min_confidence: leave out statements that are decided with less; a note tells how many.
        model: a model folder or a fitted classifier; the shipped model by default.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many articles are done, batch by batch.

    Returns:
        One row a statement: ``document, source, title, date, url, start, end, text``, the probabilities
        ``convergence`` and ``friction``, the decision ``stance``, its ``confidence`` (the probability that both answers
        are right, see ``amur.confidence``), ``themes``, a list, and ``voice`` and ``speaker``: whose words it is, and
        who that is, by name and role as written (``amur.voice_classifier``).

    Raises:
        AmurError: a path does not exist, the model cannot be used, or no decision has ``min_confidence``.

    Warns:
        InputWarning: a file, line or article was passed over.
        Note: statements were left out for want of confidence.
    """
    stream = classify_stream(sources, min_confidence=min_confidence, model=model, n_jobs=n_jobs, progress=progress)
    tables = [table for table in stream if len(table)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def explain(
    sources: Source | Iterable[Source],
    *,
    statements: Iterable[int | str] = (),
    theme: str | None = None,
    model: Model = None,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Say which words moved the answers to statements, and how far.

    Args:
        sources: as for ``classify``; a sentence alone is ``Article("", "Beijing and Moscow signed.")``.
        statements: which of them: numbers, from 1 on in the order of an article, or words they hold, whatever the case.
            By default those that are not neutral, or all where all are. An article of 60 takes a minute or two.
        theme: explain the answer to this theme as well as those to convergence and friction.
        model: as for ``classify``.
        progress: told how many statements are explained.

    Returns:
        See ``amur.explanation.explain_statement``, with ``document, start, end, text`` of each statement; all places
        are those in the article's text.

    Raises:
        AmurError: a path, statement or theme does not exist, or the model cannot be used.

    Warns:
        InputWarning: a file, line or article was passed over.
    """
    return explain_articles(_articles(sources), _loaded(model), tuple(statements), theme, progress)


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
        encoder: folder of an ONNX encoder, with which voices are learned anew; the shipped model's by default, and then
            what that has learned of voices is taken over.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, batch by batch.

    Raises:
        AmurError: annotations or codebook are broken or too few, or ``out`` holds something else.
    """
    encoded_by = SentenceEncoder(str(encoder or shipped("model") / ENCODER))
    book = Path(codebook) if codebook else None
    voices = None if encoder else load_model().voices_
    trained = train_classifier(_paths(annotations), book, encoded_by, voices=voices, n_jobs=n_jobs, progress=progress)
    return save_model(
        trained.classifier,
        Path(out),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        training=trained.training,
        metrics=trained.metrics,
        details=trained.details,
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
    from amur import export, retuning  # noqa: PLC0415 (their libraries are optional)

    if not tune:
        export.make_encoder(base, Path(out))
        return
    book = read_codebook(Path(codebook) if codebook else None)
    found = read_together(_paths(annotations), book)
    taught_by = None if teacher is None else _classifier(teacher, book)
    retuning.tune_encoder(base, Path(out), found, book, teacher=taught_by, changes=settings, progress=progress)


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
    book = read_codebook(Path(codebook) if codebook else None)
    if annotations is None and briefs is None:
        briefs = (shipped("annotations") / "briefs", shipped("seeds"))
    found = read_together(_paths(annotations), book)
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
    book = read_codebook(Path(codebook) if codebook else None)
    return unsettled(read_together(_paths(annotations), book), book)


def likely_errors(
    annotations: AnyPaths = None,
    *,
    codebook: str | Path | None = None,
    project: Project | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Rank the annotated answers that are likely wrong; see ``amur.label_errors.likely_errors``.

    ``annotations`` and ``codebook`` are as for ``check_annotations``; vectors are kept in ``project``, if it is given.
    """
    from amur import label_errors  # noqa: PLC0415 (no other verb needs it)

    book = read_codebook(Path(codebook) if codebook else None)
    found = read_together(_paths(annotations), book)
    path = shipped("model") / ENCODER
    encoder = cached_encoder(project, path) if project else SentenceEncoder(str(path))
    return label_errors.likely_errors(found, book, encoder, n_jobs=n_jobs, progress=progress)


def export_annotations(
    annotations: AnyPaths = None,
    *,
    tool: str,
    out: str | Path,
    briefs: Iterable[str | Path] | None = None,
    codebook: str | Path | None = None,
    force: bool = False,
) -> int:
    """Write annotations for Prodigy, doccano, Label Studio or spaCy; see ``amur.exchange.export_annotations``.

    Statements yet to be annotated, as ``suggest`` writes them, become tasks to answer.

    Returns:
        How many there are.
    """
    book = read_codebook(Path(codebook) if codebook else None)
    found = read_together(_paths(annotations), book, unanswered=True)
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


def _articles(sources: Source | Iterable[Source]) -> Iterator[Article]:
    """Articles given as such, then those behind the paths."""
    given = [sources] if isinstance(sources, (str, Path, Article)) else list(sources)
    yield from (source for source in given if isinstance(source, Article))
    yield from read_articles([source for source in given if not isinstance(source, Article)])


def _loaded(model: Model) -> StanceClassifier:
    """The classifier given, or the one in a folder."""
    return load_model(model) if model is None or isinstance(model, (str, Path)) else model


def _classifier(model: Model, codebook: Codebook) -> StanceClassifier:
    """A model that answers the codebook's questions."""
    classifier = _loaded(model)
    if not codebook.fits(classifier.labels, classifier.named):
        msg = "the model was trained with another codebook; give that one with --codebook"
        raise AmurError(msg)
    return classifier
