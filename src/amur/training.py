"""Annotations to a model, and a model to its scores."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, precision_score, recall_score

from amur.annotations import Annotation, in_places, part, settle
from amur.classifier import StanceClassifier
from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.progress import Progress, ignore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.codebook import Codebook
    from amur.encoder import SentenceEncoder

_RESAMPLES = 1000


def fit(
    annotations: Sequence[Annotation],
    codebook: Codebook,
    encoder: SentenceEncoder,
    *,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> StanceClassifier:
    """Fit a classifier on annotations, all that ``fresh`` leaves; so leave the held-out part out before.

    Raises:
        AmurError: a question has too few answers of a kind, or there are too few documents.
    """
    settled = fresh(annotations, encoder)
    classifier = StanceClassifier(encoder, labels=codebook.labels, n_jobs=n_jobs)
    documents = [annotation.document for annotation in settled]
    return classifier.fit(in_places(settled), answer_matrix(settled, codebook), documents, progress)


def fresh(annotations: Sequence[Annotation], encoder: SentenceEncoder) -> list[Annotation]:
    """The settled annotations of documents that the encoder was not tuned on.

    Raises:
        AmurError: there are none.
    """
    known = encoder.tuned_on
    settled = [annotation for annotation in settle(annotations) if annotation.document not in known]
    if not settled:
        msg = "the encoder was tuned on all of these documents; add some it has not seen, or take another encoder"
        raise AmurError(msg)
    return settled


def split(annotations: Sequence[Annotation]) -> tuple[list[Annotation], list[Annotation]]:
    """The part to learn from, and the fixed test part by document."""
    test = [part(annotation.document) == "test" for annotation in annotations]
    return list(compress(annotations, np.logical_not(test))), list(compress(annotations, test))


def answer_matrix(annotations: Sequence[Annotation], codebook: Codebook) -> NDArray[np.float64]:
    """Answers as numbers, shape (n, labels); NaN in the themes' columns where an annotation says nothing of themes."""
    return np.array(
        [
            [
                a.convergence,
                a.friction,
                *(np.nan if a.themes is None else theme in a.themes for theme in codebook.themes),
            ]
            for a in annotations
        ],
        dtype=float,
    )


def score(classifier: StanceClassifier, annotations: Sequence[Annotation], codebook: Codebook) -> pd.DataFrame:
    """Score a classifier on annotations: one row a question and theme, then their means.

    Returns:
        ``answer, statements, yes, precision, recall, f1, low, high, brier``; the interval of F1 is a 95% bootstrap over
        documents. ``stance`` is the mean of convergence and friction, ``themes`` the micro average over the themes.
    """
    settled = settle(annotations)
    probabilities = classifier.predict_proba(in_places(settled))
    return score_table(answer_matrix(settled, codebook), probabilities, classifier, [a.document for a in settled])


def score_table(
    truth: NDArray[np.float64],
    probabilities: NDArray[np.float64],
    classifier: StanceClassifier,
    documents: Sequence[str],
) -> pd.DataFrame:
    """The table of ``score`` from probabilities that are at hand (out of fold, for example)."""
    said = classifier.decide(probabilities)
    rows = [
        _scores(label, truth[:, [at]], said[:, [at]], probabilities[:, [at]], documents)
        for at, label in enumerate(classifier.labels)
    ]
    first = len(QUESTIONS)
    stance = _scores("stance", truth[:, :first], said[:, :first], probabilities[:, :first], documents, average="macro")
    themes = _scores("themes", truth[:, first:], said[:, first:], probabilities[:, first:], documents, average="micro")
    return pd.DataFrame([*rows, stance, themes])


def _scores(
    name: str,
    truth: NDArray[np.float64],
    said: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    documents: Sequence[str],
    *,
    average: str = "micro",
) -> dict[str, Any]:
    known = ~np.isnan(truth).any(axis=1)
    yes, said, probabilities = truth[known].astype(bool), said[known], probabilities[known]
    options = {"average": average if yes.shape[1] > 1 else "binary", "zero_division": 0.0}
    if yes.shape[1] == 1:
        yes, said = yes[:, 0], said[:, 0]
    low, high = f1_interval(yes, said, np.asarray(documents)[known], average)
    return {
        "answer": name,
        "statements": len(yes),
        "yes": int(yes.sum()),
        "precision": precision_score(yes, said, **options),
        "recall": recall_score(yes, said, **options),
        "f1": f1_score(yes, said, **options),
        "low": low,
        "high": high,
        "brier": float(np.mean((probabilities.ravel() - yes.ravel()) ** 2)),
    }


def f1_interval(
    truth: NDArray[np.bool_], said: NDArray[np.bool_], documents: NDArray[np.generic], average: str
) -> tuple[float, float]:
    """95% interval of F1 (``micro`` or ``macro`` average) by drawing documents anew with replacement."""
    truth, said = truth.reshape(len(truth), -1), said.reshape(len(said), -1)
    names, place = np.unique(documents, return_inverse=True)
    counts = np.zeros((len(names), 2, truth.shape[1]))
    np.add.at(counts[:, 0], place, truth & said)
    np.add.at(counts[:, 1], place, truth.astype(int) + said)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    both, either = np.einsum("rd,dkl->krl", drawn, counts)
    if average == "micro":
        both, either = both.sum(axis=1, keepdims=True), either.sum(axis=1, keepdims=True)
    f1 = np.divide(2 * both, either, out=np.zeros_like(both), where=either > 0).mean(axis=1)
    low, high = np.percentile(f1, [2.5, 97.5])
    return float(low), float(high)
