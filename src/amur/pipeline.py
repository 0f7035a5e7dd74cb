"""The way of the data: articles to statements, statements to stances and themes, as a table."""

from __future__ import annotations

import warnings
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from amur.articles import Article
from amur.codebook import QUESTIONS, stance
from amur.confidence import confidence
from amur.errors import AmurError, InputWarning
from amur.passages import in_place
from amur.progress import Progress, ignore
from amur.relevance import why_passed_over
from amur.statements import Statement, split_statements
from amur.voices import VOICES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from amur.classifier import StanceClassifier

COLUMNS = (
    *("document", "source", "title", "date", "url", "start", "end", "text"),
    *("convergence", "friction", "stance", "confidence", "themes", "voice", "speaker"),
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

    Articles that are not in English, or never name both sides, are passed over with a warning.

    Args:
        articles: what to classify.
        classifier: a fitted classifier.
        n_jobs: joblib's number of parallel jobs; a chunk of articles is one task.
        progress: told the number of articles done.

    Yields:
        Tables with ``COLUMNS``, one row a statement: ``convergence`` and ``friction`` are probabilities, ``stance`` the
        decision, ``confidence`` the probability that it is right (``amur.confidence``), ``themes`` a list, ``voice``
        one of ``VOICES`` and ``speaker`` name and role as written, both empty where the model knows nothing of voices.
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


def classify_in_parts(article: Article, classifier: StanceClassifier, size: int = 20) -> Iterator[pd.DataFrame]:
    """Classify one article some ``size`` statements at a time, for those who want to see the first ones at once.

    Each statement is read in its place in the whole article, as by ``classify_articles``, but its voice is told from
    what stands before. A part ends where one of the encoder's windows does, so that none is read twice.

    Yields:
        Tables as ``classify_articles`` does.

    Raises:
        AmurError: the article is one to pass over, or holds no statement.
    """
    statements, reason = statements_of(article, classifier.named)
    if reason:
        msg = f"{article.id}: {reason}; passed over"
        raise AmurError(msg)
    rows = in_place([statement.text for statement in statements])
    heard = np.zeros((0, len(VOICES)))
    for at, end in pairwise(_ends(classifier.sentence_encoder.window_ends(rows[0]), size)):
        probabilities, scores = classifier.answer(rows[at:end])
        heard = np.vstack([heard, scores])
        voices = _voices([(article, statements[:end])], heard, classifier)[at:]
        yield _table([(article, statements[at:end])], probabilities, voices, classifier)


def _ends(window_ends: Iterable[int], size: int) -> Iterator[int]:
    """Where the parts of an article begin and end: at ends of windows, ``size`` statements apart or more."""
    yield 0
    last = end = 0
    for end in window_ends:
        if end - last >= size:
            yield end
            last = end
    if end > last:
        yield end


def _chunks(articles: Iterable[Article]) -> Iterator[list[Article]]:
    remaining = iter(articles)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


def _classify_chunk(articles: list[Article], classifier: StanceClassifier) -> tuple[pd.DataFrame, list[str], int]:
    kept, messages, named = [], [], classifier.named
    for article in articles:
        statements, reason = statements_of(article, named)
        if reason:
            messages.append(f"{article.id}: {reason}; passed over")
        else:
            kept.append((article, statements))
    rows = [passage for _, statements in kept for passage in in_place([s.text for s in statements])]
    probabilities, scores = classifier.answer(rows)
    return _table(kept, probabilities, _voices(kept, scores, classifier), classifier), messages, len(articles)


def _voices(
    kept: list[tuple[Article, list[Statement]]], scores: np.ndarray, classifier: StanceClassifier
) -> list[tuple[str, str]]:
    """Voice and speaker of each statement."""
    if classifier.voices_ is None:
        return [("", "")] * len(scores)
    starts = accumulate((len(statements) for _, statements in kept), initial=0)
    return [
        found
        for (article, statements), start in zip(kept, starts, strict=False)
        for found in classifier.voices_.voices(article.text, statements, scores[start : start + len(statements)])
    ]


def unanswered_statements(articles: Iterable[Article], actors: Mapping[str, str]) -> pd.DataFrame:
    """The statements of articles that no model has read: the first of ``COLUMNS``, one row a statement.

    Warns:
        InputWarning: an article was passed over, as by ``classify_articles``.
    """
    rows = []
    for article in articles:
        statements, reason = statements_of(article, actors)
        if reason:
            warnings.warn(f"{article.id}: {reason}; passed over", InputWarning, stacklevel=2)
        about = (article.id, article.source, article.title, article.date, article.url)
        rows += [(*about, s.start, s.end, s.text) for s in statements]
    return pd.DataFrame(rows, columns=list(COLUMNS[: COLUMNS.index("text") + 1]))


def statements_of(article: Article, actors: Mapping[str, str]) -> tuple[list[Statement], str]:
    """The statements of an article, or none and the reason why it is passed over."""
    reason = why_passed_over(article, actors)
    statements = [] if reason else split_statements(article.text)
    return statements, reason or ("" if statements else "holds no statement")


def _table(
    kept: list[tuple[Article, list[Statement]]],
    probabilities: np.ndarray,
    voices: list[tuple[str, str]],
    classifier: StanceClassifier,
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
            *voice,
        )
        for (article, s), voice, odds, said, about in zip(
            statements,
            voices,
            probabilities[:, : len(QUESTIONS)].round(4).tolist(),
            answers[:, : len(QUESTIONS)].tolist(),
            (themes[row] for row in answers[:, len(QUESTIONS) :]),
            strict=True,
        )
    ]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "confidence"])
    return table.assign(confidence=confidence(table))[list(COLUMNS)]
