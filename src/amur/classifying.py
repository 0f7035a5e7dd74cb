"""The verbs that read articles: classify, explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from amur.articles import articles_from
from amur.confidence import keep_sure
from amur.explanation import explain_articles
from amur.pipeline import COLUMNS, classify_articles
from amur.progress import Progress, ignore
from amur.store import loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from amur.articles import Source
    from amur.store import Model


def classify_stream(
    sources: Source | Iterable[Source],
    *,
    min_confidence: float = 0.0,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> Iterator[pd.DataFrame]:
    """Classify articles in chunks; see ``classify``. ``progress`` is told the number of articles done."""
    tables = classify_articles(articles_from(sources), loaded(model), n_jobs=n_jobs, progress=progress)
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
    return explain_articles(articles_from(sources), loaded(model), tuple(statements), theme, progress)
