"""The classifier: a scikit-learn estimator from statements in their place to calibrated answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from joblib import Parallel, delayed
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from amur.calibration import best_threshold, joint_log_odds, platt, platt_jointly
from amur.codebook import QUESTIONS, read_codebook
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.features import BESIDE, WEIGHTS, Features, actor_features, word_vectorizer
from amur.heads import check_answers, fit_heads, score_fold, scores_of
from amur.passages import as_passage
from amur.progress import Progress, ignore
from amur.quantification import learn_errors
from amur.voices import VOICES, voice_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils import Tags

    from amur.passages import Passage
    from amur.voice_classifier import VoiceClassifier

_SLICE = 4096
"""Passages scored at once, so that memory does not grow with an article."""


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Answer every yes/no question of a codebook for statements: convergence, friction, then each theme.

    The features are the encoder's vector of the statement in its place, who is named there, and the statement's words
    (TF-IDF); on them stands one logistic regression a question. Where heads were tuned with the encoder, their score is
    a feature beside which the others count little. Probabilities are calibrated (Platt 1999), those of convergence and
    friction together (``amur.calibration.platt_jointly``), and the thresholds of the decisions chosen for F1, both on
    out-of-fold predictions grouped by document.

    What an encoder was tuned on it knows by heart, so passages of those documents teach the heads nothing: give others.

    Parameters:
        encoder: turns texts to vectors.
        labels: names of the questions, in the order of the columns.
        actors: who is looked for in texts, by name, as in ``Codebook``; the shipped codebook's by default.
        C: inverse strength of the heads' L2 penalty.
        cv: number of folds, by document, for calibration and thresholds.
        n_jobs: joblib's number of parallel jobs.

    Attributes:
        thresholds_: probability from which each question is answered yes, shape (labels,).
        terms_: the words and pairs of words that count, shape (terms,); ``idf_``, their inverse document frequencies.
        coef_: weights of the features, shape (labels, features): the tuned head's score, the dense ones, the words;
            ``intercept_``, shape (labels,).
        stance_calibration_: from the scores of convergence and friction to their calibrated log odds, shape (4, 3).
        calibration_: slope and offset from scores to calibrated log odds of each theme, shape (themes, 2).
        errors_: how the answers to convergence and friction err on documents not seen.
        out_of_fold_: calibrated probabilities of the passages by heads that had not seen them, shape (n, labels).
        voices_: tells whose words statements are; None where that was not learned (``amur.voice_training``).
    """

    voices_: VoiceClassifier | None = None

    def __init__(
        self,
        encoder: SentenceEncoder | None = None,
        labels: tuple[str, ...] = ("convergence", "friction"),
        actors: dict[str, str] | None = None,
        C: float = 0.1,
        cv: int = 5,
        n_jobs: int | None = None,
    ) -> None:
        self.encoder = encoder
        self.labels = labels
        self.actors = actors
        self.C = C
        self.cv = cv
        self.n_jobs = n_jobs

    def fit(
        self,
        X: Sequence[Passage | str],
        Y: ArrayLike,
        groups: Sequence[str] | None = None,
        progress: Progress = ignore,
    ) -> Self:
        """Learn from passages, answers of shape (n, labels) with NaN for unknown ones, and the passages' documents.

        Raises:
            AmurError: a question has too few statements answered yes, or no, or there are fewer documents than folds.
        """
        answers = np.asarray(Y, dtype=float)
        documents = np.arange(len(X)) if groups is None else np.asarray(groups)
        folds = self.folds(answers, documents)
        features = self._features(X, progress)
        parts = Parallel(n_jobs=self.n_jobs)(
            delayed(score_fold)(features, answers, train, test, self.C) for train, test in folds
        )
        scores = np.empty(answers.shape)
        scores[np.concatenate([test for _, test in folds])] = np.vstack(parts)
        first = len(QUESTIONS)
        self.stance_calibration_ = platt_jointly(scores[:, :first], answers[:, :first])
        themes = [platt(*pair) for pair in zip(scores.T[first:], answers.T[first:], strict=True)]
        self.calibration_ = np.array(themes).reshape(-1, 2)
        self.out_of_fold_ = np.asarray(expit(self.calibrate(scores)))
        self.thresholds_ = np.array(
            [best_threshold(*pair) for pair in zip(self.out_of_fold_.T, answers.T, strict=True)]
        )
        self.errors_ = learn_errors(self.out_of_fold_[:, :first], answers[:, :first], documents)
        words, self.coef_, self.intercept_ = fit_heads(features, answers, self.C, self.n_jobs)
        self.terms_, self.idf_ = words.get_feature_names_out().astype(str), words.idf_
        return self

    def predict_proba(self, X: Sequence[Passage | str], progress: Progress = ignore) -> NDArray[np.float64]:
        """Calibrated probability of yes, shape (n, labels): convergence, friction, then the themes."""
        return self.answer(X, progress)[0]

    def answer(
        self, X: Sequence[Passage | str], progress: Progress = ignore
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities as ``predict_proba`` gives them, and the scores of heads tuned for voices, shape (n, voices).

        The latter are noughts where no such heads were tuned with the encoder.
        """
        scores, voices = self._score(X, progress)
        return np.asarray(expit(self.calibrate(scores))), voices

    def scores(self, X: Sequence[Passage | str], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the heads say before calibration, shape (n, labels), of passages with vectors (n, dimensions)."""
        return self._score(X, vectors=vectors)[0]

    def word_scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """What the words of statements add to the scores, shape (n, labels): their TF-IDF times their weights."""
        return np.asarray(self._words().transform(texts) @ self.coef_[:, -len(self.terms_) :].T)

    def calibrate(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log odds of yes, shape (n, labels), from scores of the same shape."""
        stances, themes = np.hsplit(scores, [len(QUESTIONS)])
        themes = themes * self.calibration_[:, 0] + self.calibration_[:, 1]
        return np.hstack([joint_log_odds(stances, self.stance_calibration_), themes])

    def predict(self, X: Sequence[Passage | str]) -> NDArray[np.bool_]:
        """The answers, shape (n, labels)."""
        return self.decide(self.predict_proba(X))

    def decide(self, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
        """The answers that follow from probabilities."""
        return probabilities >= self.thresholds_

    @property
    def sentence_encoder(self) -> SentenceEncoder:
        """The encoder given, or one that has no folder yet."""
        return self.encoder or SentenceEncoder()

    def _words(self) -> TfidfVectorizer:
        """The vectorizer of the words that were learned."""
        words = word_vectorizer(vocabulary={term: at for at, term in enumerate(self.terms_)})
        words.idf_ = self.idf_
        return words

    @property
    def named(self) -> dict[str, str]:
        """The actors given, or those of the shipped codebook."""
        return self.actors or read_codebook().actors

    def _score(
        self, X: Sequence[Passage | str], progress: Progress = ignore, vectors: NDArray[np.float32] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What the heads say, shape (n, labels), and those tuned for voices, shape (n, voices)."""
        check_is_fitted(self)
        if isinstance(X, str):
            msg = "give a list of statements, not one string"
            raise TypeError(msg)
        words, parts = self._words(), [np.zeros((0, len(self.labels) + len(VOICES)))]
        for at in range(0, len(X), _SLICE):
            some = slice(at, at + _SLICE)
            features = self._features(X[some], progress, None if vectors is None else vectors[some])
            parts.append(np.hstack([scores_of(features, words, self.coef_, self.intercept_), features.voices]))
        scores, voices = np.hsplit(np.vstack(parts), [len(self.labels)])
        return scores, voices

    def _features(
        self,
        X: Sequence[Passage | str],
        progress: Progress = ignore,
        vectors: NDArray[np.float32] | None = None,
    ) -> Features:
        """What is known of passages before any fitting."""
        passages = [as_passage(text) for text in X]
        if vectors is None:
            vectors = self.sentence_encoder.transform(passages, progress)
        named = self.named
        actors = np.array([actor_features(passage, named) for passage in passages], dtype=np.float32)
        dense = np.hstack([weight * part for weight, part in zip(WEIGHTS, (vectors, actors), strict=True)])
        texts = np.array([passage.text for passage in passages], dtype=object)
        labels = (*self.labels, *map(voice_label, VOICES))
        heads = self.sentence_encoder.tuned_heads(labels, named)
        beside = 1.0 if heads is None else BESIDE
        heads = np.zeros((len(labels), dense.shape[1] + 1), dtype=np.float32) if heads is None else heads
        tuned, voices = np.hsplit(dense @ heads[:, :-1].T + heads[:, -1], [len(self.labels)])
        return Features(tuned, voices, np.float32(beside) * dense, texts)

    def folds(
        self, answers: NDArray[np.float64], documents: Sequence[str] | NDArray[np.generic]
    ) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The folds that ``fit`` uses: rows of answers of shape (n, labels) to learn from, and those left out.

        Raises:
            AmurError: see ``fit``.
        """
        if answers.ndim != 2 or answers.shape[1] != len(self.labels):  # noqa: PLR2004 (rows and columns)
            msg = f"answers have the shape {answers.shape}; there must be {len(self.labels)} columns, one a label"
            raise AmurError(msg)
        if len(set(documents)) < self.cv:
            msg = f"{len(set(documents))} documents are too few to train on; annotate at least {self.cv}"
            raise AmurError(msg)
        check_answers(answers, self.labels)
        folds = list(GroupKFold(self.cv).split(answers, groups=documents))
        for train, _ in folds:
            check_answers(answers[train], self.labels, fewest=1, where=" outside one fold of the documents")
        return folds

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: rows are texts, answers have many columns."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        tags.target_tags.required = True
        return tags
