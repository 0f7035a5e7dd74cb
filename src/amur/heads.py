"""Heads: one logistic regression a question on the features of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from amur.errors import AmurError
from amur.features import BESIDE, word_vectorizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer

    from amur.features import Features

_FEWEST_YES = 5


def check_answers(
    answers: NDArray[np.float64], labels: Sequence[str], fewest: int = _FEWEST_YES, where: str = ""
) -> None:
    """Raise ``AmurError`` where a question has too few answers of a kind to learn from."""
    for label, column in zip(labels, answers.T, strict=True):
        for answer, name in ((1, "yes"), (0, "no")):
            if (count := int((column == answer).sum())) < fewest:
                msg = (
                    f"only {count} statements answer {name} to `{label}`{where}; "
                    f"annotate at least {_FEWEST_YES}, in several documents"
                )
                raise AmurError(msg)


def fit_heads(
    features: Features, answers: NDArray[np.float64], C: float, n_jobs: int | None = None
) -> tuple[TfidfVectorizer, NDArray[np.float32], NDArray[np.float32]]:
    """The vocabulary, and the coefficients and intercepts of one logistic regression a question."""
    words = word_vectorizer().fit(features.texts)
    any_score = csr_matrix(np.ones((len(features.texts), 1), dtype=np.float32))
    columns = hstack([any_score, features.rest(words)], format="csr")
    plain = np.ones(columns.shape[1], dtype=np.float32)
    alone = plain.copy()
    if features.tuned.any():  # then vectors and actors are small, but a question without a tuned head needs them
        alone[1 : 1 + features.dense.shape[1]] /= BESIDE
    heads = Parallel(n_jobs=n_jobs)(
        delayed(_fit_head)(score, columns, column, C, plain if score.any() else alone)
        for score, column in zip(features.tuned.T, answers.T, strict=True)
    )
    return (
        words,
        np.vstack([head.coef_ for head in heads]).astype(np.float32),
        np.concatenate([h.intercept_ for h in heads]),
    )


def _fit_head(
    score: NDArray[np.float32],
    columns: csr_matrix,
    answers: NDArray[np.float64],
    C: float,
    weights: NDArray[np.float32],
) -> LogisticRegression:
    """Fit the head of a question on the weighted columns, the first of which gives way to its score.

    The coefficients are those of the columns as they are.
    """
    values = columns.data * weights[columns.indices]
    values[columns.indptr[:-1]] = score  # each row begins with it; where the others stand need not be copied
    features = csr_matrix((values, columns.indices, columns.indptr), shape=columns.shape)
    known = ~np.isnan(answers)
    if not known.all():
        features, answers = features[known], answers[known]
    head = LogisticRegression(C=C, max_iter=1000).fit(features, answers)
    head.coef_ *= weights
    return head


def score_fold(
    features: Features,
    answers: NDArray[np.float64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
    C: float,
) -> NDArray[np.float64]:
    """Uncalibrated scores of a fold's test part by heads fitted on the rest, shape (test, labels)."""
    return scores_of(features.some(test), *fit_heads(features.some(train), answers[train], C))


def scores_of(
    features: Features, words: TfidfVectorizer, coef: NDArray[np.float32], intercept: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Uncalibrated scores, shape (n, labels)."""
    return np.asarray(features.tuned * coef[:, 0] + features.rest(words) @ coef[:, 1:].T + intercept)
