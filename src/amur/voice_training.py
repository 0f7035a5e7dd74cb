"""Annotated voices to a voice classifier, and the classifier to its scores."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import precision_recall_fscore_support
from sklearn.model_selection import GroupKFold, cross_val_predict

from amur.annotations import part
from amur.passages import in_place
from amur.progress import Progress, ignore
from amur.resources import shipped
from amur.voice_classifier import VoiceClassifier
from amur.voices import VOICES, Voiced, read_voiced, voice_label, voice_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.classifier import StanceClassifier

_FOLDS = 10


def learn_voices(
    classifier: StanceClassifier, progress: Progress = ignore
) -> tuple[VoiceClassifier, dict[str, pd.DataFrame]]:
    """Learn voices from the shipped annotations, for a fitted classifier and its encoder.

    Names and forms are learned from documents of the part ``learn``; what to make of them, and of the scores of the
    encoder's heads, from those of the part ``calibration``, which the shipped encoder was not tuned on.

    Returns:
        The voice classifier, and its scores by cross-validation over the calibration part and on the test part.
    """
    taught, fresh, held_out = (annotated_voices(name) for name in ("learn", "calibration", "test"))
    scores = head_scores(classifier, fresh, progress)
    voices = VoiceClassifier().fit(taught, fresh, scores)
    metrics = {
        "voices_cross_validation": score_table(voice_numbers(fresh), cross_validate(voices, fresh, scores)),
        "voices_held_out": score_table(
            voice_numbers(held_out), tell(voices, held_out, head_scores(classifier, held_out, progress))
        ),
    }
    return voices, metrics


def annotated_voices(name: str) -> list[Voiced]:
    """The shipped documents with annotated voices of a part of ``amur.annotations.PARTS``."""
    annotations = shipped("annotations")
    found = read_voiced(annotations / "voices", [annotations / "briefs", shipped("seeds")])
    return [document for document in found if part(document.document) == name]


def head_scores(
    classifier: StanceClassifier, documents: Sequence[Voiced], progress: Progress = ignore
) -> list[NDArray[np.float64]]:
    """What heads tuned for voices say of the statements of each document, (statements, voices) a document."""
    sizes = [len(document.statements) for document in documents]
    heads = classifier.sentence_encoder.tuned_heads([voice_label(voice) for voice in VOICES], classifier.named)
    if heads is None or not heads.any():
        return [np.zeros((size, len(VOICES))) for size in sizes]  # nothing to encode for
    passages = [passage for document in documents for passage in in_place([s.text for s in document.statements])]
    return np.split(classifier.answer(passages, progress)[1], list(accumulate(sizes))[:-1])


def cross_validate(
    voices: VoiceClassifier, fresh: Sequence[Voiced], scores: Sequence[NDArray[np.float64]]
) -> NDArray[np.int64]:
    """The voices of the documents that a classifier was fitted on, each told without the documents of its fold."""
    evidence = [voices.evidence(d.text, d.statements, said) for d, said in zip(fresh, scores, strict=True)]
    groups = np.repeat(np.arange(len(fresh)), [len(rows) for rows in evidence])
    last = clone(voices.voices_)
    return np.asarray(
        cross_val_predict(last, np.vstack(evidence), voice_numbers(fresh), groups=groups, cv=GroupKFold(_FOLDS))
    )


def tell(
    voices: VoiceClassifier, documents: Sequence[Voiced], scores: Sequence[NDArray[np.float64]]
) -> NDArray[np.int64]:
    """The voices that a classifier tells of documents, as numbers."""
    return np.array(
        [
            VOICES.index(voice)
            for document, said in zip(documents, scores, strict=True)
            for voice, _ in voices.voices(document.text, document.statements, said)
        ]
    )


def score_table(truth: Sequence[int], said: NDArray[np.int64]) -> pd.DataFrame:
    """A row a voice, and their mean: ``answer, statements, precision, recall, f1``; ``accuracy`` with the mean."""
    figures = precision_recall_fscore_support(truth, said, labels=range(len(VOICES)), zero_division=0.0)
    rows = pd.DataFrame(dict(zip(("precision", "recall", "f1", "statements"), figures, strict=True)))
    rows.insert(0, "answer", VOICES)
    mean = {name: rows[name].mean() for name in ("precision", "recall", "f1")}
    right = float(np.mean(np.asarray(truth) == said))
    rows.loc[len(rows)] = {"answer": "voice", "statements": len(said), **mean}
    return rows.assign(accuracy=[np.nan] * len(VOICES) + [right])
