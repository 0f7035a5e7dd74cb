"""Whose words a statement is: weighs what an encoder's heads say of it and what its form shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from amur.speakers import NOTHING, speech
from amur.voice_features import form_features
from amur.voices import AUTHOR, VOICES, voice_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.speakers import Speech
    from amur.statements import Statement
    from amur.voices import Voiced

_FOLDS = 5
_FORM_C = 0.3


class VoiceClassifier(BaseEstimator):  # type: ignore[misc]
    """Tell whose words the statements of an article are.

    Three logistic regressions, one above the other: from the letters of a speaker's name and role to the side; from
    that and the form of the article (``amur.voice_features``) to the voice; and from what that says and the scores of
    heads tuned with an encoder, of a statement, its neighbours and all statements of its speaker, to the voice.

    Parameters:
        C: inverse strength of the L2 penalty of the last regression.

    Attributes:
        names_: from name and role to side.
        form_: from the form to the voice.
        voices_: from everything to the voice.
    """

    def __init__(self, C: float = 0.1) -> None:
        self.C = C

    def fit(self, taught: Sequence[Voiced], fresh: Sequence[Voiced], scores: Sequence[NDArray[np.float64]]) -> Self:
        """Learn names and forms from some documents, and what to make of them from others.

        Args:
            taught: annotated documents; the encoder may have been tuned on them.
            fresh: annotated documents that neither the encoder nor ``taught`` has.
            scores: what tuned heads say of each statement of ``fresh``, of shape (statements, voices) a document.
        """
        heard = [speech(document.text, document.statements) for document in taught]
        self.names_ = _fit_names(taught)
        self.form_ = LogisticRegression(C=_FORM_C, max_iter=2000).fit(
            _unseen_forms(taught, heard), voice_numbers(taught)
        )
        evidence = [self.evidence(d.text, d.statements, said) for d, said in zip(fresh, scores, strict=True)]
        self.voices_ = LogisticRegression(C=self.C, max_iter=2000).fit(np.vstack(evidence), voice_numbers(fresh))
        return self

    def voices(self, text: str, statements: Sequence[Statement], scores: NDArray[np.float64]) -> list[tuple[str, str]]:
        """Voice and speaker of each statement of an article.

        Args:
            text: the article.
            statements: all of its statements, in order.
            scores: what tuned heads say of each, shape (statements, voices); noughts where there are none.

        Returns:
            One of ``VOICES``, and name and role as written, empty where the author speaks or nobody was found.
        """
        heard = speech(text, statements)
        best = self.voices_.predict(self._weigh(statements, heard, scores))
        return [
            (VOICES[at], "" if VOICES[at] == AUTHOR else said.speaker) for at, said in zip(best, heard, strict=True)
        ]

    def evidence(self, text: str, statements: Sequence[Statement], scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the last regression sees of the statements, shape (statements, features); see ``voices``."""
        return self._weigh(statements, speech(text, statements), scores)

    def _weigh(
        self, statements: Sequence[Statement], heard: Sequence[Speech], scores: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        form = self.form_.predict_log_proba(_form(self.names_, statements, heard))
        around = np.pad(scores, ((1, 1), (0, 0)), mode="edge")
        return np.hstack([form, scores, around[:-2], around[2:], _of_speaker(heard, scores)])


def _fit_names(documents: Sequence[Voiced]) -> Pipeline:
    """From a speaker's name and role to the side, by pieces of words."""
    pairs = sorted({pair for d in documents for pair in zip(d.speakers, d.voices, strict=True) if pair[1] != AUTHOR})
    names, sides = zip(*pairs, strict=True)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True, lowercase=False)
    return make_pipeline(pieces, LogisticRegression(C=10, max_iter=2000)).fit(names, sides)


def _unseen_forms(documents: Sequence[Voiced], heard: Sequence[Sequence[Speech]]) -> NDArray[np.float64]:
    """Form features of documents, their speakers' sides by names in other documents, shape (statements, features)."""
    parts: list[NDArray[np.float64]] = [np.empty(0)] * len(documents)
    for fold in range(_FOLDS):
        names = _fit_names([document for at, document in enumerate(documents) if at % _FOLDS != fold])
        for at in range(fold, len(documents), _FOLDS):
            parts[at] = _form(names, documents[at].statements, heard[at])
    return np.vstack(parts)


def _form(names: Pipeline, statements: Sequence[Statement], heard: Sequence[Speech]) -> NDArray[np.float64]:
    sides = names.predict_proba([said.speaker for said in heard])
    sides[[not said.speaker for said in heard]] = 0
    return form_features([statement.text for statement in statements], heard, sides)


def _of_speaker(heard: Sequence[Speech], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean scores of all statements of the same speaker; a statement's own where nobody seems to speak."""
    spoken = [said.speaker if said.evidence != NOTHING else "" for said in heard]
    names, of = np.unique(spoken, return_inverse=True)
    sums = np.zeros((len(names), scores.shape[1]))
    np.add.at(sums, of, scores)
    means = (sums / np.bincount(of)[:, None])[of]
    return np.where(np.array(spoken)[:, None] == "", scores, means)
