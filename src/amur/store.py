"""A model on disk: written whole, checked before it is used.

A model folder holds ``heads.skops`` (what scikit-learn learned), ``encoder/`` (ONNX graph, weights and tokenizer) and
``manifest.json`` (format, labels, actors, versions, hashes of every file and of the training data, metrics, date).
Nothing in it is ever unpickled: skops builds only the types named here.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import tempfile
import zipfile
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from amur.calibration import separately
from amur.classifier import StanceClassifier
from amur.codebook import QUESTIONS, read_codebook
from amur.encoder import GRAPH, ORIGIN, TOKENIZER, TUNED_HEADS, WEIGHTS, SentenceEncoder
from amur.errors import AmurError
from amur.quantification import Errors, parse_errors
from amur.resources import shipped

if TYPE_CHECKING:
    from amur.codebook import Codebook

Model: TypeAlias = "str | Path | StanceClassifier | None"
"""A model's folder, a fitted classifier, or None for the shipped model."""

FORMAT = 5
EARLIEST = 3
"""The first format that can be read.

A model of format 3 does not know of other sides, nor whose words statements are; one of format 3 or 4 calibrates
convergence and friction each alone.
"""

HEADS, ENCODER, MANIFEST = "heads.skops", "encoder", "manifest.json"
FILES = (HEADS, *(f"{ENCODER}/{name}" for name in (GRAPH, TOKENIZER, ORIGIN)))
"""What every model has; the encoder's weights come in as many files as they need, tuned heads only with some."""

ALLOWED_TYPES = (
    "amur.classifier.StanceClassifier",
    "amur.encoder.SentenceEncoder",
    "amur.voice_classifier.VoiceClassifier",
)
"""The only types beyond skops's own defaults (plain scikit-learn, NumPy and SciPy) that a model may hold."""

_LIBRARIES = ("numpy", "onnxruntime", "scikit-learn", "scipy", "skops", "spacy", "tokenizers")
_MAX_HEADS = 200_000_000
_TABLES = ("metrics", "details")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a model: its labels and actors, how it errs, where it comes from and how it scored.

    ``details`` are those of ``amur.details``; nothing in manifests written before there were any.
    """

    format: int
    labels: tuple[str, ...]
    actors: dict[str, str]
    created: str
    errors: Errors
    training: dict[str, Any]
    metrics: dict[str, pd.DataFrame]
    versions: dict[str, str]
    files: dict[str, str]
    details: dict[str, pd.DataFrame] = field(default_factory=dict)

    def fits(self, codebook: Codebook) -> bool:
        """Whether the model answers a codebook."""
        return codebook.fits(self.labels, self.actors)


def save_model(
    classifier: StanceClassifier,
    folder: Path,
    *,
    created: str,
    training: dict[str, Any],
    metrics: dict[str, pd.DataFrame],
    details: dict[str, pd.DataFrame] | None = None,
) -> Manifest:
    """Write a fitted classifier with its encoder; the folder appears whole or stays as it was.

    Raises:
        AmurError: the folder holds something that is not a model, or is a file.
    """
    import skops.io  # noqa: PLC0415 (slow to import)

    check_free(folder)
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unfinished-") as unfinished:
        new = Path(unfinished) / "model"
        (new / ENCODER).mkdir(parents=True)
        encoder = Path(classifier.sentence_encoder.path)
        put = _link if (encoder.parent / MANIFEST).is_file() else shutil.copyfile
        extra = [*sorted(encoder.glob(f"{WEIGHTS}-*.bin")), *encoder.glob(TUNED_HEADS)]
        for file in (encoder / GRAPH, encoder / TOKENIZER, encoder / ORIGIN, *extra):
            put(file, new / ENCODER / file.name)
        skops.io.dump(_bare(classifier), new / HEADS, compression=zipfile.ZIP_DEFLATED, compresslevel=9)
        manifest = Manifest(
            format=FORMAT,
            labels=tuple(classifier.labels),
            actors=classifier.named,
            created=created,
            errors=classifier.errors_,
            training=training,
            metrics=metrics,
            versions={name: version(name) for name in _LIBRARIES},
            files={name: sha256(new / name) for name in (*FILES, *(f"{ENCODER}/{file.name}" for file in extra))},
            details=details or {},
        )
        _write_manifest(new / MANIFEST, manifest)
        _replace(folder, new, Path(unfinished) / "old")
    return manifest


def check_free(folder: Path) -> None:
    """Make sure that a model can be written to a folder: there is none, it is empty, or holds a model to replace.

    Raises:
        AmurError: it cannot.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder} is a file; name a folder"
        raise AmurError(msg)
    if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
        msg = f"{folder} is not empty and holds no model; name another folder"
        raise AmurError(msg)


def load_model(path: str | Path | None = None) -> StanceClassifier:
    """Load a model, the shipped one by default, after checking its manifest, hashes and types.

    Raises:
        AmurError: the folder is no model, is damaged, of another format, or holds a type that no model needs.
    """
    import skops.io  # noqa: PLC0415 (slow to import)

    folder = Path(path) if path else shipped("model")
    manifest = read_manifest(folder)
    _check_files(folder, manifest)
    try:
        foreign = set(skops.io.get_untrusted_types(file=folder / HEADS)) - set(ALLOWED_TYPES)
        classifier = None if foreign else skops.io.load(folder / HEADS, trusted=list(ALLOWED_TYPES))
    except Exception as error:
        made_with = ", ".join(f"{name} {number}" for name, number in sorted(manifest.versions.items()))
        msg = (
            f"cannot read {folder / HEADS} ({type(error).__name__}: {error}); it was made with {made_with}: retrain it"
        )
        raise AmurError(msg) from error
    if foreign:
        msg = f"{folder / HEADS} holds types that no model needs ({', '.join(sorted(foreign))}); do not use it"
        raise AmurError(msg)
    if not isinstance(classifier, StanceClassifier) or tuple(classifier.labels) != manifest.labels:
        msg = f"{folder} is not the model its manifest describes; get it anew or retrain it"
        raise AmurError(msg)
    classifier.sentence_encoder.set_params(path=str(folder / ENCODER))
    classifier.actors, classifier.errors_ = manifest.actors, manifest.errors
    if manifest.format < FORMAT:
        stances, classifier.calibration_ = np.split(classifier.calibration_, [len(QUESTIONS)])
        classifier.stance_calibration_ = separately(stances)
    return classifier


def loaded(model: Model) -> StanceClassifier:
    """The classifier given, or the one in a folder; see ``load_model``."""
    return load_model(model) if model is None or isinstance(model, (str, Path)) else model


def read_manifest(folder: Path) -> Manifest:
    """Read a model's manifest.

    Raises:
        AmurError: there is none, or it is broken or of another format.
    """
    path = folder / MANIFEST
    if not path.is_file():
        msg = f"no model in {folder} (no {MANIFEST}); give a folder that `amur train --out` wrote"
        raise AmurError(msg)
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        number = int(row["format"])
        if number in range(EARLIEST, FORMAT + 1):
            actors = row["actors"] if number > EARLIEST else read_codebook().actors  # format 3 knew no others
            tables = {name: {part: pd.DataFrame(rows) for part, rows in row.get(name, {}).items()} for name in _TABLES}
            known = {"labels": tuple(row["labels"]), "actors": dict(actors), "errors": parse_errors(row["errors"])}
            return Manifest(**{**row, **known, **tables})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        msg = f"{path} is damaged ({error}); get the model anew or retrain it"
        raise AmurError(msg) from error
    help_ = "update amur" if number > FORMAT else "retrain it with `amur train`"
    msg = f"{folder} has model format {number}, this amur reads {EARLIEST} to {FORMAT}; {help_}"
    raise AmurError(msg)


def _write_manifest(path: Path, manifest: Manifest) -> None:
    row = {one.name: getattr(manifest, one.name) for one in fields(manifest)} | {"errors": asdict(manifest.errors)}
    for name in _TABLES:
        row[name] = {part: json.loads(table.round(4).to_json(orient="records")) for part, table in row[name].items()}
    path.write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """Hash of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name in sorted({*FILES, *manifest.files}):
        path = folder / name
        if not path.is_file():
            msg = f"the model in {folder} lacks {name}; get it anew or retrain it"
            raise AmurError(msg)
        if sha256(path) != manifest.files.get(name):
            msg = f"{path} is not the file the manifest describes (its hash differs); get the model anew or retrain it"
            raise AmurError(msg)
    if (folder / HEADS).stat().st_size > _MAX_HEADS:
        msg = f"{folder / HEADS} is larger than any model; do not use it"
        raise AmurError(msg)


def _bare(classifier: StanceClassifier) -> StanceClassifier:
    """A copy without what stands in the manifest or serves training alone, or names a path of this machine."""
    bare = copy.copy(classifier)
    for learned in {"errors_", "out_of_fold_"} & vars(bare).keys():
        delattr(bare, learned)
    bare.actors = None
    bare.encoder = SentenceEncoder(batch_size=classifier.sentence_encoder.batch_size)
    return bare


def _link(file: Path, new: Path) -> None:
    """The same file once more, without the room of a copy where the file system allows that.

    Only for files of models, which are replaced as a whole and never written over.
    """
    try:
        new.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, new)


def _replace(folder: Path, new: Path, old: Path) -> None:
    """Put a finished folder in place of another; files beside the model (a model card) are kept."""
    if not folder.exists():
        new.rename(folder)
        return
    for extra in folder.iterdir():
        if extra.name not in {HEADS, ENCODER, MANIFEST}:
            (shutil.copytree if extra.is_dir() else shutil.copy2)(extra, new / extra.name)
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
