"""The verbs that make and measure models: train, evaluate, make_encoder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from amur.annotations import AnyPaths, paths_or_shipped, read_together
from amur.codebook import read_codebook
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.progress import Progress, ignore
from amur.resources import shipped
from amur.retraining import train_classifier
from amur.store import ENCODER, Manifest, check_free, load_model, loaded, save_model
from amur.training import score, split

if TYPE_CHECKING:
    import pandas as pd

    from amur.classifier import StanceClassifier
    from amur.codebook import Codebook
    from amur.store import Model


def train(
    annotations: AnyPaths = None,
    *,
    out: str | Path,
    codebook: str | Path | None = None,
    encoder: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> Manifest:
    """Train a model on annotations and write it.

    The fixed test part of the documents is left out of the training; its scores, and those of the cross-validation over
    the rest, go into the manifest.

    Args:
        annotations: a file or folder of annotations, or several; the shipped ones by default.
        out: the folder to write.
        codebook: the themes; the shipped ones by default.
        encoder: folder of an ONNX encoder, with which voices are learned anew; the shipped model's by default, and then
            what that has learned of voices is taken over.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, batch by batch.

    Raises:
        AmurError: annotations or codebook are broken or too few, or ``out`` holds something else.
    """
    check_free(Path(out))  # before the work
    encoded_by = SentenceEncoder(str(encoder or shipped("model") / ENCODER))
    book = Path(codebook) if codebook else None
    voices = None if encoder else load_model().voices_
    trained = train_classifier(
        paths_or_shipped(annotations), book, encoded_by, voices=voices, n_jobs=n_jobs, progress=progress
    )
    return save_model(
        trained.classifier,
        Path(out),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        training=trained.training,
        metrics=trained.metrics,
        details=trained.details,
    )


def evaluate(
    annotations: AnyPaths = None,
    *,
    held_out: bool = False,
    model: Model = None,
    codebook: str | Path | None = None,
) -> pd.DataFrame:
    """Score a model on annotations it has not learned from.

    Args:
        annotations: a file or folder of annotations, or several; the shipped ones by default.
        held_out: score their fixed test part only, as is always done without ``annotations``; otherwise all of them.
        model: as for ``classify``.
        codebook: the themes; the shipped ones by default.

    Returns:
        See ``amur.training.score``.

    Raises:
        AmurError: annotations are broken or none are held out, or the model has another codebook.
    """
    book = read_codebook(codebook)
    classifier = _answering(model, book)
    found = read_together(paths_or_shipped(annotations), book)
    scored = split(found)[1] if held_out or annotations is None else found
    if not scored:
        msg = "none of the documents is held out (about one in eight is, by its name); annotate more, or name a file"
        raise AmurError(msg)
    return score(classifier, scored, book)


def make_encoder(
    base: str,
    out: str | Path,
    *,
    tune: bool = False,
    annotations: AnyPaths = None,
    codebook: str | Path | None = None,
    teacher: Model = None,
    progress: Progress = ignore,
    **settings: float,
) -> None:
    """Make a sentence encoder for ``train``; see ``amur.export.make_encoder``.

    With ``tune`` it learns from the annotations' documents that are neither in the test nor in the calibration part,
    with ``teacher`` from that model's probabilities for them as well. ``settings`` are those of ``amur.tuning``.
    """
    from amur import export, retuning  # noqa: PLC0415 (their libraries are optional)

    if not tune:
        export.make_encoder(base, Path(out))
        return
    book = read_codebook(codebook)
    found = read_together(paths_or_shipped(annotations), book)
    taught_by = None if teacher is None else _answering(teacher, book)
    retuning.tune_encoder(base, Path(out), found, book, teacher=taught_by, changes=settings, progress=progress)


def _answering(model: Model, codebook: Codebook) -> StanceClassifier:
    """A model that answers the codebook's questions."""
    classifier = loaded(model)
    if not codebook.fits(classifier.labels, classifier.named):
        msg = "the model was trained with another codebook; give that one with --codebook"
        raise AmurError(msg)
    return classifier
