"""The verbs as plain functions over paths, articles and tables; the command line prints what they return."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from amur import comparisons, exchange
from amur.agreement import agreement, count_parts, problems
from amur.annotations import in_places, part, read_annotations, settle
from amur.articles import Article, read_articles
from amur.audit_files import read_audit, write_audit
from amur.audited import audited_balances
from amur.balances import balances, check_grouping
from amur.classified import is_classified, read_classified
from amur.codebook import read_codebook
from amur.encoder import SentenceEncoder
from amur.errors import AmurError, Note
from amur.exchange import label_studio
from amur.pipeline import COLUMNS, classify_articles
from amur.progress import Progress, ignore
from amur.reprints import mark_reprints
from amur.resources import shipped
from amur.sampling import draw_audit
from amur.store import ENCODER, Manifest, load_model, read_manifest, save_model, sha256
from amur.training import answer_matrix, fit, fresh, score, score_table, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from amur.annotations import Annotation
    from amur.classifier import StanceClassifier
    from amur.codebook import Codebook
    from amur.quantification import Errors

Source = str | Path | Article
Statements: TypeAlias = "Source | Iterable[Source] | pd.DataFrame | None"
Model: TypeAlias = "str | Path | StanceClassifier | None"


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


def report(
    sources: Statements = None,
    *,
    by: Sequence[str] = ("source", "theme"),
    audit: str | Path | None = None,
    reprints: bool = False,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Balance convergence against friction by group, over articles or over what ``classify`` returned or wrote.

    Args:
        sources: as for ``classify``, or its result, or files with it; the shipped seeds by default.
        by: the grouping, out of source, theme, document, month, quarter and year.
        audit: a labelled audit of the same articles, for balances that hold whatever the classifier gets wrong.
        reprints: count what several outlets carry as often as it was printed. Otherwise it counts once, its first
            printing, in groups that are not of one source or document (``amur.reprints``).
        model: as for ``classify``; statements classified before must come from it.
        n_jobs: as for ``classify``.
        progress: as for ``classify``.

    Returns:
        See ``amur.balances.balances``, and ``amur.audited.audited_balances`` where there is an audit.
    """
    check_grouping(by)
    statements = _statements(sources, model, n_jobs, progress)
    counted = _counted(statements, by, reprints=reprints)
    if audit:
        return audited_balances(statements, read_audit(Path(audit), statements), by, counted=counted)
    return balances(statements[counted], by, errors=_errors(model), n_jobs=n_jobs)


def audit(
    sources: Statements = None,
    *,
    out: str | Path,
    size: int = 60,
    seed: int = 0,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> int:
    """Draw a random sample of statements for an audit and write it to ``out``, to be labelled there.

    Args:
        sources: as for ``report``.
        out: a file that does not exist yet.
        size: how many statements.
        seed: another seed gives another sample.
        model: as for ``classify``.
        n_jobs: as for ``classify``.
        progress: as for ``classify``.

    Returns:
        How many statements were drawn.

    Raises:
        AmurError: ``out`` exists, or ``size`` does not fit the corpus.
    """
    rows = draw_audit(_statements(sources, model, n_jobs, progress), size, seed)
    write_audit(Path(out), rows)
    return len(rows)


def compare(
    sources: Statements = None,
    *,
    by: str = "source",
    names: Sequence[str] = (),
    reprints: bool = False,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Compare the balances of two groups, or of all pairs; see ``report`` and ``amur.comparisons.compare``."""
    statements = _statements(sources, model, n_jobs, progress)
    counted = statements[_counted(statements, [by], reprints=reprints)]
    return comparisons.compare(counted, by, names, errors=_errors(model), n_jobs=n_jobs)


def trend(
    sources: Statements = None,
    *,
    by: Sequence[str] = (),
    reprints: bool = False,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Look for changes of level over time; see ``report`` and ``amur.comparisons.level_changes``."""
    statements = _statements(sources, model, n_jobs, progress)
    return comparisons.level_changes(statements[_counted(statements, by, reprints=reprints)], by, errors=_errors(model))


def train(
    annotations: str | Path | None = None,
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
        annotations: a file or folder of annotations; the project's own by default.
        out: the folder to write.
        codebook: the themes; the project's own by default.
        encoder: folder of an ONNX encoder; the shipped model's by default.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, batch by batch.

    Raises:
        AmurError: annotations or codebook are broken or too few, or ``out`` holds something else.
    """
    folder = Path(annotations) if annotations else shipped("annotations") / "statements"
    book = read_codebook(Path(codebook) if codebook else None)
    found = read_annotations(folder, book)
    learn, test = split(found)
    encoded_by = SentenceEncoder(str(encoder or shipped("model") / ENCODER))
    classifier = fit(learn, book, encoded_by, n_jobs=n_jobs, progress=progress)
    settled = fresh(learn, encoded_by)
    folds = score_table(
        answer_matrix(settled, book), classifier.out_of_fold_, classifier, [a.document for a in settled]
    )
    metrics = {"cross_validation": folds}
    if test:
        metrics["held_out"] = score(classifier, test, book)
    return save_model(
        classifier,
        Path(out),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        training={
            "statements": len(settled),
            "documents": len({a.document for a in settled}),
            "encoder": encoded_by.origin,
            "files": {
                file.name: sha256(file) for file in sorted(folder.glob("*.jsonl") if folder.is_dir() else [folder])
            },
        },
        metrics=metrics,
    )


def make_encoder(
    base: str,
    out: str | Path,
    *,
    tune: bool = False,
    annotations: str | Path | None = None,
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
    found = read_annotations(Path(annotations) if annotations else shipped("annotations") / "statements", book)
    learn = [a for a in found if part(a.document) == "learn"]
    says = None if teacher is None else _classifier(teacher, book).predict_proba(in_places(settle(learn)))
    export.make_encoder(base, Path(out), learn, book, teacher=says, changes=settings, progress=progress)


def evaluate(
    annotations: str | Path | None = None, *, model: Model = None, codebook: str | Path | None = None
) -> pd.DataFrame:
    """Score a model on annotations it has not learned from.

    Args:
        annotations: a file or folder of annotations, all of which are scored; without it, the fixed test part of the
            project's own.
        model: as for ``classify``.
        codebook: the themes; the project's own by default.

    Returns:
        See ``amur.training.score``.
    """
    book = read_codebook(Path(codebook) if codebook else None)
    classifier = _classifier(model, book)
    if annotations:
        return score(classifier, read_annotations(Path(annotations), book), book)
    return score(classifier, split(read_annotations(shipped("annotations") / "statements", book))[1], book)


def check_annotations(
    annotations: str | Path | None = None,
    *,
    briefs: Iterable[str | Path] | None = None,
    codebook: str | Path | None = None,
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Measure the agreement of two annotators, and look for problems.

    Args:
        annotations: a file or folder of annotations; the project's own by default.
        briefs: folders with the annotated articles, ``<document>.md``, to hold offsets against; the project's own by
            default where the annotations are.
        codebook: the themes; the project's own by default.

    Returns:
        The table of ``amur.agreement.agreement``, a line for each part of the corpus, and a line for each problem.
    """
    book = read_codebook(Path(codebook) if codebook else None)
    if annotations is None and briefs is None:
        briefs = (shipped("annotations") / "briefs", shipped("seeds"))
    found = read_annotations(Path(annotations) if annotations else shipped("annotations") / "statements", book)
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
    found = read_annotations(Path(annotations) if annotations else shipped("annotations") / "statements", book)
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


def _statements(sources: Statements, model: Model, n_jobs: int, progress: Progress) -> pd.DataFrame:
    """Classified statements: those given, those in files, those of articles."""
    if isinstance(sources, pd.DataFrame):
        return sources
    given = [sources] if isinstance(sources, (str, Path, Article)) else list(sources or [shipped("seeds")])
    before = [source for source in given if not isinstance(source, Article) and is_classified(source)]
    if not before:
        return classify(given, model=model, n_jobs=n_jobs, progress=progress)
    if len(before) < len(given):
        msg = f"{before[0]} holds classified statements and other paths hold articles; give one kind at a time"
        raise AmurError(msg)
    return read_classified(before)


def _counted(statements: pd.DataFrame, by: Sequence[str], *, reprints: bool) -> NDArray[np.bool_]:
    """Which statements count: where groups mix outlets, each story once, unless reprints shall count."""
    if reprints or {"source", "document"} & set(by):
        return np.ones(len(statements), dtype=bool)
    marked = mark_reprints(statements)
    if marked["repeated"].any():
        articles = marked.loc[marked["reprint_of"] != "", "document"].nunique()
        msg = f"{marked['repeated'].sum():,} statements printed before count once ({articles:,} articles are reprints)"
        warnings.warn(f"{msg}; --reprints counts every printing", Note, stacklevel=3)
    return ~marked["repeated"].to_numpy()


def _errors(model: Model) -> Errors:
    """How a model errs."""
    if model is None or isinstance(model, (str, Path)):
        return read_manifest(Path(model) if model else shipped("model")).errors
    errors: Errors = model.errors_
    return errors


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
