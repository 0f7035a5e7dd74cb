"""Annotations to a model, and a model to its scores."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, precision_score, recall_score

from amur.annotations import Annotation, in_places, part, settle
from amur.calibration import calibration_error
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
_FIGURES = ("precision", "recall", "f1", "low", "high", "brier", "ece")


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
    classifier = StanceClassifier(encoder, codebook.labels, codebook.actors, n_jobs=n_jobs)
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
        ``answer, statements, yes, precision, recall, f1, low, high, brier, ece``; the interval of F1 is a 95% bootstrap
        over documents, ``ece`` the expected calibration error (``amur.calibration``). ``stance`` is the mean of
        convergence and friction, ``themes`` the micro average over the themes (their mean for the calibration error).
    """
    settled = settle(annotations)
    probabilities = classifier.predict_proba(in_places(settled))
    return score_table(answer_matrix(settled, codebook), probabilities, classifier, [a.document for a in settled])


def compare(
    first: StanceClassifier,
    second: StanceClassifier,
    annotations: Sequence[Annotation],
    codebook: Codebook,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Compare two classifiers of one codebook on annotations: do they differ in F1?

    Returns:
        ``answer, documents, statements, first, second, difference, low, high``, see ``difference_interval``: a row each
        for convergence, friction, their mean (``stance``) and the micro average over the themes.
    """
    settled = settle(annotations)
    truth, documents = answer_matrix(settled, codebook), np.array([a.document for a in settled])
    said = [model.decide(model.predict_proba(in_places(settled), progress)) for model in (first, second)]
    themes = list(range(len(QUESTIONS), truth.shape[1]))
    parts = {question: ([at], "macro") for at, question in enumerate(QUESTIONS)} | {
        "stance": ([0, 1], "macro"),
        "themes": (themes, "micro"),
    }
    return pd.DataFrame(
        [
            {"answer": name} | _difference(truth[:, at], said[0][:, at], said[1][:, at], documents, average)
            for name, (at, average) in parts.items()
        ]
    )


def _difference(
    truth: NDArray[np.float64],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    documents: NDArray[np.generic],
    average: str,
) -> dict[str, Any]:
    """A row of ``compare`` from answers of shape (n, columns)."""
    known = ~np.isnan(truth).any(axis=1)
    row: dict[str, Any] = {"documents": len(set(documents[known])), "statements": int(known.sum())}
    if not known.any():
        return row | dict.fromkeys(("first", "second", "difference", "low", "high"), float("nan"))
    yes, first, second, documents = truth[known].astype(bool), first[known], second[known], documents[known]
    scores = [_f1(yes, said, average) for said in (first, second)]
    low, high = difference_interval(yes, first, second, documents, average)
    return row | {
        "first": scores[0],
        "second": scores[1],
        "difference": scores[1] - scores[0],
        "low": low,
        "high": high,
    }


def _f1(yes: NDArray[np.bool_], said: NDArray[np.bool_], average: str) -> float:
    """F1 of answers of shape (n, columns); scikit-learn would average over yes and no where there is one column."""
    if yes.shape[1] == 1:
        return float(f1_score(yes[:, 0], said[:, 0], zero_division=0.0))
    return float(f1_score(yes, said, average=average, zero_division=0.0))


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
    if not known.any():
        return {"answer": name, "statements": 0, "yes": 0} | dict.fromkeys(_FIGURES, float("nan"))
    yes, said, probabilities = truth[known].astype(bool), said[known], probabilities[known]
    ece = [calibration_error(*pair) for pair in zip(probabilities.T, yes.T, strict=True)]
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
        "ece": float(np.mean(ece)),
    }


def f1_interval(
    truth: NDArray[np.bool_], said: NDArray[np.bool_], documents: NDArray[np.generic], average: str
) -> tuple[float, float]:
    """95% interval of F1 (``micro`` or ``macro`` average) by drawing documents anew with replacement."""
    low, high = np.percentile(_resampled_f1(truth, said, documents, average), [2.5, 97.5])
    return float(low), float(high)


def difference_interval(
    truth: NDArray[np.bool_],
    first: NDArray[np.bool_],
    second: NDArray[np.bool_],
    documents: NDArray[np.generic],
    average: str,
) -> tuple[float, float]:
    """95% interval of the F1 of ``second`` minus that of ``first``, both on the same documents drawn anew.

    The draws are paired (Efron and Tibshirani 1993; Koehn 2004), so what is hard for both does not widen the interval.
    """
    drawn = [_resampled_f1(truth, said, documents, average) for said in (first, second)]
    low, high = np.percentile(drawn[1] - drawn[0], [2.5, 97.5])
    return float(low), float(high)


def _resampled_f1(
    truth: NDArray[np.bool_], said: NDArray[np.bool_], documents: NDArray[np.generic], average: str
) -> NDArray[np.float64]:
    """F1 in each resample of the documents, shape (resamples,); the same documents give the same draws."""
    truth, said = truth.reshape(len(truth), -1), said.reshape(len(said), -1)
    names, place = np.unique(documents, return_inverse=True)
    counts = np.zeros((len(names), 2, truth.shape[1]))
    np.add.at(counts[:, 0], place, truth & said)
    np.add.at(counts[:, 1], place, truth.astype(int) + said)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
    both, either = np.einsum("rd,dkl->krl", drawn, counts)
    if average == "micro":
        both, either = both.sum(axis=1, keepdims=True), either.sum(axis=1, keepdims=True)
    f1 = np.divide(2 * both, either, out=np.zeros_like(both), where=either > 0)
    return np.asarray(f1.mean(axis=1))
