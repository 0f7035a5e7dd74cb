"""The verbs that say what a corpus adds up to: report, compare, trend, audit; over articles or statements."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import numpy as np
import pandas as pd

from amur import comparisons
from amur.articles import Article, Source, as_sources
from amur.audit_files import check_new, read_audit, write_audit
from amur.audited import audited_balances
from amur.balances import UNDATED, balances, check_grouping, check_voices, with_periods
from amur.classified import as_classified, is_classified, read_classified
from amur.classifying import classify
from amur.confidence import is_sure
from amur.errors import AmurError, Note
from amur.progress import Progress, ignore
from amur.reprints import mark_reprints
from amur.resources import shipped
from amur.sampling import draw_audit
from amur.store import Model, read_manifest
from amur.voices import AUTHOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.quantification import Errors

Statements: TypeAlias = "Source | Iterable[Source] | pd.DataFrame | None"
BY = ("source", "theme")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to report, by the names and with the defaults that ``report`` has."""

    by: Sequence[str] = BY
    audit: str | Path | None = None
    reprints: bool = False
    min_confidence: float = 0.0
    quotations: bool = True
    model: Model = None
    n_jobs: int = 1
    progress: Progress = ignore


def report(
    sources: Statements = None,
    *,
    by: Sequence[str] = BY,
    audit: str | Path | None = None,
    reprints: bool = False,
    min_confidence: float = 0.0,
    quotations: bool = True,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Balance convergence against friction by group, over articles or over what ``classify`` returned or wrote.

    Args:
        sources: as for ``classify``, or its result, or files with it; the shipped seeds by default.
        by: the grouping, out of source, theme, voice, document, month, quarter and year.
        audit: a labelled audit of the same articles, for balances that hold whatever the classifier gets wrong.
        reprints: count what several outlets carry as often as it was printed. Otherwise it counts once, its first
            printing, in groups that are not of one source or document (``amur.reprints``).
        min_confidence: count only statements that are decided with this confidence or more (``amur.confidence``). They
            are no fair sample: hardly any friction is sure, so the balance leans to convergence.
        quotations: also count what others are quoted or reported as saying, and not the authors' own words alone.
        model: as for ``classify``; statements classified before must come from it.
        n_jobs: as for ``classify``.
        progress: as for ``classify``.

    Returns:
        See ``amur.balances.balances``, and ``amur.audited.audited_balances`` where there is an audit.
    """
    settings = Settings(
        by=by,
        audit=audit,
        reprints=reprints,
        min_confidence=min_confidence,
        quotations=quotations,
        model=model,
        n_jobs=n_jobs,
        progress=progress,
    )
    check_grouping(by)
    return balances_of_counted(*read_and_count(sources, settings), settings)


def read_and_count(sources: Statements, settings: Settings) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Classified statements, and which of them count, shape (statements,); see ``report``.

    Raises:
        AmurError: none of them counts.

    Warns:
        Note: how many do not count, and why.
    """
    statements = classified_statements(sources, settings.model, settings.n_jobs, settings.progress)
    counted = _once(statements, settings)
    if settings.min_confidence:
        counted &= is_sure(statements, settings.min_confidence)
    if not settings.quotations:
        counted &= _authors_own(statements, counted)
    if len(counted) and not counted.any():
        msg = f"no statement of {len(counted):,} is left to count; drop --without-quotations or lower --min-confidence"
        raise AmurError(msg)
    return statements, counted


def balances_of_counted(statements: pd.DataFrame, counted: NDArray[np.bool_], settings: Settings) -> pd.DataFrame:
    """The balances of classified statements out of which some count; see ``report``."""
    if settings.audit:
        audited = read_audit(Path(settings.audit), statements)
        return audited_balances(statements, audited, settings.by, counted=counted)
    errors = model_errors(settings.model)
    return balances(statements[counted], settings.by, errors=errors, n_jobs=settings.n_jobs)


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
    check_new(Path(out))  # before the work
    rows = draw_audit(classified_statements(sources, model, n_jobs, progress), size, seed)
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
    settings = Settings(by=[by], reprints=reprints, model=model, n_jobs=n_jobs, progress=progress)
    statements, counted = read_and_count(sources, settings)
    return comparisons.compare(statements[counted], by, names, errors=model_errors(model), n_jobs=n_jobs)


def trend(
    sources: Statements = None,
    *,
    by: Sequence[str] = (),
    reprints: bool = False,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Look for changes of level over time; see ``report`` and ``amur.comparisons.level_changes``.

    Warns:
        Note: how many articles have no place in time.
    """
    settings = Settings(by=by, reprints=reprints, model=model, n_jobs=n_jobs, progress=progress)
    statements, counted = read_and_count(sources, settings)
    articles = with_periods(statements).drop_duplicates("document")
    if undated := (articles["month"] == UNDATED).sum():
        msg = f"{undated:,} of {len(articles):,} articles left out: no month in their dates; write them as 2024-05-16"
        warnings.warn(msg, Note, stacklevel=2)
    return comparisons.level_changes(statements[counted], by, errors=model_errors(model))


def classified_statements(
    sources: Statements, model: Model = None, n_jobs: int = 1, progress: Progress = ignore
) -> pd.DataFrame:
    """Classified statements: those given, those in files, those of articles; see ``report`` and ``as_classified``."""
    if isinstance(sources, pd.DataFrame):
        return as_classified(sources)
    given = as_sources(() if sources is None else sources) or [shipped("seeds")]
    before = [source for source in given if _is_classified(source)]
    if not before:
        return classify(given, model=model, n_jobs=n_jobs, progress=progress)
    if len(before) < len(given):
        other = next(source for source in given if source not in before)
        name = other.id if isinstance(other, Article) else other
        msg = f"{before[0]} holds classified statements, {name} does not; give one kind at a time"
        raise AmurError(msg)
    return read_classified(before)


def were_classified(sources: Statements) -> bool:
    """Whether statements were classified before they were given, so that nothing tells which model read them."""
    if sources is None or isinstance(sources, pd.DataFrame):
        return sources is not None
    return any(map(_is_classified, as_sources(sources)))


def _is_classified(source: Source) -> TypeGuard[str | Path]:
    return not isinstance(source, Article) and is_classified(source)


def _once(statements: pd.DataFrame, settings: Settings) -> NDArray[np.bool_]:
    """Which statements count: where groups mix outlets, each story once, unless reprints shall count."""
    if settings.reprints or {"source", "document"} & set(settings.by):
        return np.ones(len(statements), dtype=bool)
    marked = mark_reprints(statements)
    if marked["repeated"].any():
        articles = marked.loc[marked["reprint_of"] != "", "document"].nunique()
        msg = f"{marked['repeated'].sum():,} statements printed before count once ({articles:,} articles are reprints)"
        warnings.warn(f"{msg}; --reprints counts every printing", Note, stacklevel=4)
    return ~marked["repeated"].to_numpy()


def _authors_own(statements: pd.DataFrame, counted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which statements are their author's own words; says how many of those that count are not."""
    check_voices(statements)
    own: NDArray[np.bool_] = (statements["voice"] == AUTHOR).to_numpy()
    msg = f"{(counted & ~own).sum():,} of {counted.sum():,} statements left out: quoted or reported words of others"
    warnings.warn(msg, Note, stacklevel=4)
    return own


def model_errors(model: Model) -> Errors:
    """How a model errs."""
    if model is None or isinstance(model, (str, Path)):
        return read_manifest(Path(model) if model else shipped("model")).errors
    errors: Errors = model.errors_
    return errors
