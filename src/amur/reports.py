"""The verbs that say what a corpus adds up to: report, compare, trend, audit; over articles or statements."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from amur import comparisons
from amur.articles import Article, Source, as_sources
from amur.audit_files import read_audit, write_audit
from amur.audited import audited_balances
from amur.balances import balances, check_grouping, check_voices
from amur.classified import is_classified, read_classified
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


def report(
    sources: Statements = None,
    *,
    by: Sequence[str] = ("source", "theme"),
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
    check_grouping(by)
    statements = classified_statements(sources, model, n_jobs, progress)
    counted = which_count(statements, by, reprints=reprints, min_confidence=min_confidence, quotations=quotations)
    return balances_of_counted(statements, counted, by, audit=audit, model=model, n_jobs=n_jobs)


def which_count(
    statements: pd.DataFrame,
    by: Sequence[str],
    *,
    reprints: bool = False,
    min_confidence: float = 0.0,
    quotations: bool = True,
) -> NDArray[np.bool_]:
    """Which classified statements count in balances, shape (statements,); see ``report``.

    Warns:
        Note: how many do not, and why.
    """
    counted = _counted(statements, by, reprints=reprints)
    if min_confidence:
        counted &= is_sure(statements, min_confidence)
    if not quotations:
        counted &= _authors_own(statements, counted)
    return counted


def balances_of_counted(
    statements: pd.DataFrame,
    counted: NDArray[np.bool_],
    by: Sequence[str],
    *,
    audit: str | Path | None = None,
    model: Model = None,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """The balances of classified statements out of which some count; see ``report``."""
    if audit:
        return audited_balances(statements, read_audit(Path(audit), statements), by, counted=counted)
    return balances(statements[counted], by, errors=model_errors(model), n_jobs=n_jobs)


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
    statements, counted = _to_count(sources, [by], model, n_jobs, progress, reprints=reprints)
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
    """Look for changes of level over time; see ``report`` and ``amur.comparisons.level_changes``."""
    statements, counted = _to_count(sources, by, model, n_jobs, progress, reprints=reprints)
    return comparisons.level_changes(statements[counted], by, errors=model_errors(model))


def classified_statements(
    sources: Statements, model: Model = None, n_jobs: int = 1, progress: Progress = ignore
) -> pd.DataFrame:
    """Classified statements: those given, those in files, those of articles; see ``report``."""
    if isinstance(sources, pd.DataFrame):
        return sources
    given = as_sources(() if sources is None else sources) or [shipped("seeds")]
    before = [source for source in given if not isinstance(source, Article) and is_classified(source)]
    if not before:
        return classify(given, model=model, n_jobs=n_jobs, progress=progress)
    if len(before) < len(given):
        msg = f"{before[0]} holds classified statements and other paths hold articles; give one kind at a time"
        raise AmurError(msg)
    return read_classified(before)


def _to_count(
    sources: Statements, by: Sequence[str], model: Model, n_jobs: int, progress: Progress, *, reprints: bool
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Classified statements, and which of them count."""
    statements = classified_statements(sources, model, n_jobs, progress)
    return statements, _counted(statements, by, reprints=reprints)


def _counted(statements: pd.DataFrame, by: Sequence[str], *, reprints: bool) -> NDArray[np.bool_]:
    """Which statements count: where groups mix outlets, each story once, unless reprints shall count."""
    if reprints or {"source", "document"} & set(by):
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
