"""Annotations to a trained model with its scores; in a project, to a new model that is adopted if it is not worse."""

from __future__ import annotations

import hashlib
import itertools
import json
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amur.actors import sides
from amur.adoption import Difference, cached_encoder, comparable_model, load_cached, stance_difference, too_few
from amur.annotations import AnyPaths, annotation_files, as_paths, in_places, read_together, settle
from amur.codebook import read_codebook
from amur.details import details
from amur.errors import AmurError
from amur.progress import Progress, Stage, ignore
from amur.project import AnyProject, Project, annotation_paths, get_project, unfinished_folder, writing
from amur.project_models import model_folder, model_in_use, write_adopted
from amur.resources import shipped
from amur.store import ENCODER, Manifest, load_model, save_model, sha256
from amur.training import answer_matrix, compare, fit, fresh, score_table, split
from amur.voice_training import learn_voices
from amur.voices import VOICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from amur.annotations import Annotation
    from amur.classifier import StanceClassifier
    from amur.codebook import Codebook
    from amur.encoder import SentenceEncoder
    from amur.voice_classifier import VoiceClassifier


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted classifier, what it learned from, its scores and their details, and the annotations held out from it."""

    classifier: StanceClassifier
    training: dict[str, Any]
    metrics: dict[str, pd.DataFrame]
    details: dict[str, pd.DataFrame]
    held_out: list[Annotation]


@dataclass(frozen=True, slots=True)
class Retrained:
    """A new model of a project: its name, manifest, comparison with the one before, and if it was adopted and why."""

    name: str
    manifest: Manifest
    comparison: pd.DataFrame | None
    adopted: bool
    reason: str


def train_classifier(
    paths: Sequence[Path],
    codebook: Path | None,
    encoder: SentenceEncoder,
    *,
    voices: VoiceClassifier | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
    stage: Stage = ignore,
) -> Trained:
    """Train on annotations but their fixed test part, and score by cross-validation and on that part.

    Annotations need not say whose words statements are, so that is learned from the shipped ones; a model about other
    sides than theirs does not know of voices.

    Args:
        paths: files or folders of annotations.
        codebook: the themes; the shipped ones by default.
        encoder: the encoder.
        voices: what a model with the same encoder has learned of voices, to be taken over; learned anew by default.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, batch by batch.
        stage: told what they are encoded for, and how many there are.

    Raises:
        AmurError: annotations or codebook are broken or too few.
    """
    book = read_codebook(codebook)
    taught, held_out = split(read_together(paths, book))
    if not taught:
        msg = f"all documents in {', '.join(map(str, paths))} belong to the fixed test part; annotate more"
        raise AmurError(msg)
    settled, asked = fresh(taught, encoder), settle(held_out)
    stage("statements encoded", len(settled))
    classifier = fit(taught, book, encoder, n_jobs=n_jobs, progress=progress)
    answers = {"cross_validation": (settled, classifier.out_of_fold_)}
    if asked:
        stage("held-out statements answered", len(asked))
        answers["held_out"] = (asked, classifier.predict_proba(in_places(asked), progress))
    metrics, detailed = _scores(answers, classifier, book)
    known_sides = set(sides(book.actors)) <= set(VOICES)
    classifier.voices_ = voices if known_sides else None
    if voices is None and known_sides:
        stage("statements read for whose words they are", None)
        classifier.voices_, scores = learn_voices(classifier, progress)
        metrics |= scores
    documents = len({a.document for a in settled})
    training = {"statements": len(settled), "documents": documents, "encoder": encoder.origin}
    return Trained(classifier, training | _hashes(paths), metrics, detailed, held_out)


def _scores(
    answers: dict[str, tuple[list[Annotation], NDArray[np.float64]]], classifier: StanceClassifier, book: Codebook
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """The scores of a classifier on parts of the annotations, given its probabilities there; and their details."""
    truths = {part: answer_matrix(asked, book) for part, (asked, _) in answers.items()}
    metrics = {
        part: score_table(truths[part], odds, classifier, [a.document for a in asked])
        for part, (asked, odds) in answers.items()
    }
    detailed = {part: (truths[part], odds, classifier.decide(odds)) for part, (_, odds) in answers.items()}
    return metrics, details(detailed)


def retrain(
    project: AnyProject = None,
    *,
    annotations: AnyPaths = None,
    encoder: str | Path | None = None,
    tune: bool = False,
    force: bool = False,
    n_jobs: int | None = None,
    progress: Progress = ignore,
    stage: Stage = ignore,
) -> Retrained:
    """Train a new model of a project, compare it with the one in use, and adopt it if it is not worse.

    It counts as worse where the 95% interval of the difference of mean F1, over the held-out documents, is below zero.

    Args:
        project: the project.
        annotations: a file or folder of annotations, or several; by default the project's, which
            ``amur.project.annotation_paths`` tells.
        encoder: folder of an ONNX encoder; by default that of the model in use, or the shipped one's.
        tune: make the new model an encoder of its own first, tuned from the base of that one; needs the extra
            `encoder`, and takes long.
        force: adopt the new model in any case.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are learned from or encoded, batch by batch.
        stage: told what is counted now, and how many there are.

    Raises:
        AmurError: annotations are broken or too few, the project cannot be written, or the model in use cannot be read.
            The project is as it was then.
    """
    project = get_project(project)
    _check_writable(project)
    parent, before, used = _model_before(project, force=force)
    folder, book = Path(encoder or used), read_codebook(project.codebook)
    paths = as_paths(annotations) or annotation_paths(project)
    with unfinished_folder(project) as work:
        if tune:
            folder = _tune(folder, work, read_together(paths, book), book, progress, stage)
        encoded_by = cached_encoder(project, folder)
        voices = None if encoder or tune else load_model(used.parent).voices_
        trained = train_classifier(
            paths, project.codebook, encoded_by, voices=voices, n_jobs=n_jobs, progress=progress, stage=stage
        )
        comparison = None
        if before and not too_few(trained.held_out):
            stage("held-out statements answered by both models", 2 * len(settle(trained.held_out)))
            comparison = compare(before, trained.classifier, trained.held_out, book, progress)
        difference = None if comparison is None else stance_difference(comparison)
        stage("model written", None)
        name, manifest = _save(project, trained, parent, difference, work)
    adopted, reason = _decide(parent, difference, too_few(trained.held_out), force=force)
    if adopted:
        write_adopted(project, name)
    return Retrained(name, manifest, comparison, adopted, reason)


def _check_writable(project: Project) -> None:
    """Find out before the work and not after it."""
    for folder in (project.cache, project.models):
        with writing(project.folder):
            folder.mkdir(exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()


def _model_before(project: Project, *, force: bool) -> tuple[str | None, StanceClassifier | None, Path]:
    """The model in use, to compare with, and the encoder to go on with: that of the model in use.

    Nothing and the shipped encoder where no model is in use, or where it cannot be read and need not be.
    """
    try:
        used, name = model_in_use(project), comparable_model(project)
        folder = model_folder(project, used) if used else shipped("model")
        return name, load_cached(project, name) if name else None, folder / ENCODER
    except AmurError as error:
        if force:
            return None, None, shipped("model") / ENCODER
        msg = f"{error}; or adopt a new model without comparing it: `amur train --force`"
        raise AmurError(msg) from error


def _decide(parent: str | None, difference: Difference | None, lack: str, *, force: bool) -> tuple[bool, str]:
    """Whether to adopt a new model, and why."""
    if force:
        return True, "not compared, as was asked" if difference is None else f"as was asked ({difference})"
    if parent is None:
        return True, "the first model for this codebook"
    if difference is None:
        return False, lack
    if difference.worse:
        return False, f"worse than {parent} ({difference})"
    return True, f"not worse than {parent} ({difference})"


def _tune(
    encoder: Path, work: Path, annotations: Sequence[Annotation], codebook: Codebook, progress: Progress, stage: Stage
) -> Path:
    """Folder of an encoder tuned from the base of another one."""
    from amur.retuning import tune_again  # noqa: PLC0415 (what most trainings need not)

    out = work / ENCODER
    tune_again(encoder, out, annotations, codebook, progress=progress, stage=stage)
    return out


def _save(
    project: Project, trained: Trained, parent: str | None, difference: Difference | None, work: Path
) -> tuple[str, Manifest]:
    """Write a new model into a project, where it appears whole or not at all; its name and manifest."""
    now = datetime.now(UTC)
    compared = difference and difference._asdict()
    codebook = sha256(project.codebook)
    with writing(project.folder):
        manifest = save_model(
            trained.classifier,
            work / "model",
            created=now.isoformat(timespec="seconds"),
            training=trained.training | {"codebook": codebook, "parent": parent, "comparison": compared},
            metrics=trained.metrics,
            details=trained.details,
        )
        # a rename never replaces a folder that holds something, such as a model of the same second
        name = _free_name(project, now)
        (work / "model").rename(project.models / name)
    return name, manifest


def _free_name(project: Project, now: datetime) -> str:
    """A name after the time that no model bears yet."""
    stamp = now.strftime("%Y-%m-%dT%H%M%SZ")
    names = itertools.chain([stamp], (f"{stamp}-{n}" for n in itertools.count(2)))
    return next(name for name in names if not (project.models / name).exists())


def _hashes(paths: Sequence[Path]) -> dict[str, Any]:
    """The hash of each annotation file by name (and folder, where there are several), and one over all of them."""
    files = {
        file.name if len(paths) == 1 else f"{path.name}/{file.name}": sha256(file)
        for path in paths
        for file in annotation_files(path)
    }
    return {"files": files, "data": hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()}
