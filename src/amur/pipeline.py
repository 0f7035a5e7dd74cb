"""The way of the data: articles to statements, statements to stances and themes, as a table."""

from __future__ import annotations

import warnings
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from amur.articles import Article
from amur.codebook import QUESTIONS, stance
from amur.errors import InputWarning
from amur.passages import in_place
from amur.progress import Progress, ignore
from amur.relevance import why_passed_over
from amur.statements import Statement, split_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from amur.classifier import StanceClassifier

COLUMNS = (
    *("document", "source", "title", "date", "url", "start", "end", "text"),
    *("convergence", "friction", "stance", "themes"),
)
_CHUNK = 64


def classify_articles(
    articles: Iterable[Article],
    classifier: StanceClassifier,
    *,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> Iterator[pd.DataFrame]:
    """Classify articles chunk by chunk, so that a corpus of any size passes through.

    Articles that are not in English, or never name both countries, are passed over with a warning.

    Args:
        articles: what to classify.
        classifier: a fitted classifier.
        n_jobs: joblib's number of parallel jobs; a chunk of articles is one task.
        progress: told the number of articles done.

    Yields:
        Tables with ``COLUMNS``, one row a statement: ``convergence`` and ``friction`` are probabilities, ``stance`` the
        decision, ``themes`` a list.
    """
    chunks = _chunks(articles)
    tables = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_classify_chunk)(chunk, classifier) for chunk in chunks
    )
    for table, messages, done in tables:
        for message in messages:
            warnings.warn(message, InputWarning, stacklevel=2)
        progress(done)
        yield table


def _chunks(articles: Iterable[Article]) -> Iterator[list[Article]]:
    remaining = iter(articles)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _classify_chunk(articles: list[Article], classifier: StanceClassifier) -> tuple[pd.DataFrame, list[str], int]:
    kept, messages = [], []
    for article in articles:
        reason = why_passed_over(article)
        statements = [] if reason else split_statements(article.text)
        if reason or not statements:
            messages.append(f"{article.id}: {reason or 'holds no statement'}; passed over")
        else:
            kept.append((article, statements))
    rows = [passage for _, statements in kept for passage in in_place([s.text for s in statements])]
    return _table(kept, classifier.predict_proba(rows), classifier), messages, len(articles)


def _table(
    kept: list[tuple[Article, list[Statement]]], probabilities: np.ndarray, classifier: StanceClassifier
) -> pd.DataFrame:
    answers = classifier.decide(probabilities)
    themes = np.array(classifier.labels[len(QUESTIONS) :], dtype=object)
    statements = [(article, statement) for article, found in kept for statement in found]
    rows = [
        (
            article.id,
            article.source,
            article.title,
            article.date,
            article.url,
            s.start,
            s.end,
            s.text,
            *odds,
            stance(*said),
            list(about),
        )
        for (article, s), odds, said, about in zip(
            statements,
            probabilities[:, : len(QUESTIONS)].round(4).tolist(),
            answers[:, : len(QUESTIONS)].tolist(),
            (themes[row] for row in answers[:, len(QUESTIONS) :]),
            strict=True,
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
