"""Annotations to a tuned encoder: which documents it learns from, and which are left for what comes after."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from amur import export
from amur.annotations import TEST_SHARE, Annotation, in_places, part, settle
from amur.classifier import StanceClassifier
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.heads import check_answers
from amur.progress import Progress, Stage, ignore
from amur.resources import shipped
from amur.training import answer_matrix
from amur.tuning import Settings
from amur.voices import read_voices, voice_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from amur.codebook import Codebook


def tune_encoder(
    base: str,
    out: Path,
    annotations: Sequence[Annotation],
    codebook: Codebook,
    *,
    teacher: StanceClassifier | None = None,
    changes: dict[str, Any] | None = None,
    progress: Progress = ignore,
) -> None:
    """Tune an encoder on the documents that are neither in the test nor in the calibration part.

    With ``teacher`` it learns from that model's probabilities for them as well. For the rest see
    ``amur.export.make_encoder``.
    """
    learn = _of_part(annotations, "learn")
    settled = settle(learn)
    export.make_encoder(
        base,
        out,
        learn,
        codebook,
        teacher=None if teacher is None else teacher.predict_proba(in_places(settled)),
        voices=voice_matrix(settled, read_voices(shipped("annotations") / "voices")),
        changes=changes,
        progress=progress,
    )


def tune_again(
    encoder: Path,
    out: Path,
    annotations: Sequence[Annotation],
    codebook: Codebook,
    *,
    progress: Progress = ignore,
    stage: Stage = ignore,
) -> None:
    """Tune what an encoder was made of, so that heads can be trained on the result.

    Args:
        encoder: folder of the encoder, whose ``origin.json`` names its base.
        out: folder to write.
        annotations: all there are.
        codebook: the questions they answer.
        progress: told how many statements have been learned from, batch by batch.
        stage: told how many that will be.

    Raises:
        AmurError: there are too few annotations, the base is not known, or see ``amur.export.make_encoder``.
    """
    check_enough(annotations, codebook)
    base = SentenceEncoder(str(encoder)).origin.get("base")
    if base is None:
        msg = f"the encoder in {encoder} does not tell its base; give one that `amur encoder` made with --encoder"
        raise AmurError(msg)
    stage("statements learned from", Settings().epochs * len(settle(_of_part(annotations, "learn"))))
    tune_encoder(base, out, annotations, codebook, progress=progress)


def check_enough(annotations: Sequence[Annotation], codebook: Codebook) -> None:
    """Raise ``AmurError`` where there is too little to tune on, or tuning would leave too little for the heads."""
    heads = StanceClassifier(labels=codebook.labels)
    for name, least in (("calibration", heads.cv), ("learn", 1)):
        rows = settle(_of_part(annotations, name))
        documents = [a.document for a in rows]
        found, needed = len(set(documents)), math.ceil(heads.cv / TEST_SHARE)
        if found < least:
            msg = (
                f"{found} of {len({a.document for a in annotations})} documents are in the {name} part, by their name: "
                f"too few for --tune, which takes some {needed} documents in all; annotate more, or train without it"
            )
            raise AmurError(msg)
        answers = answer_matrix(rows, codebook)
        check_answers(answers, codebook.labels, where=f" in the {name} part, as --tune needs")
        if name == "calibration":
            heads.folds(answers, documents)


def _of_part(annotations: Sequence[Annotation], name: str) -> list[Annotation]:
    return [a for a in annotations if part(a.document) == name]
