"""A project of the user's: a folder with a codebook, annotations and models.

amur.toml      the marker: format, and whether the shipped annotations join in
codebook.md    the themes and the two sides
annotations/   the user's, as .jsonl files
models/        one folder a model, and `adopted`, a file that names the one in use
.cache/        vectors and unfinished work; may be deleted at any time
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import tomllib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.resources import shipped
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKER, FORMAT = "amur.toml", 1

_UNFINISHED, _A_DAY = "unfinished-", 86400

_NEEDED = f"it needs the lines `format = {FORMAT}` and `shipped_annotations = true` or `false`"

_TEXT = """\
# This folder is a project of amur: commands run in it, or below it, use its codebook, annotations and models.
format = {format}

# Do the shipped annotations join those in annotations/ for training? They can where codebook.md has their themes
# and sides.
shipped_annotations = {joined}
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder, and whether the shipped annotations join its own."""

    folder: Path
    shipped_annotations: bool

    @property
    def codebook(self) -> Path:
        """The file with the themes and the two sides."""
        return self.folder / "codebook.md"

    @property
    def annotations(self) -> Path:
        """The folder of the user's own annotations."""
        return self.folder / "annotations"

    @property
    def models(self) -> Path:
        """The folder of the models."""
        return self.folder / "models"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.folder / ".cache"


AnyProject: TypeAlias = "Project | str | Path | None"
"""A project, a path in one, or None for the one around the current folder."""


def init_project(folder: str | Path = ".", codebook: str | Path | None = None) -> Project:
    """Start a project in an empty or new folder.

    Args:
        folder: where.
        codebook: the themes and sides; a copy is kept. By default the shipped ones, and then the shipped annotations
            join the user's for training. With another codebook the project trains from its own alone.

    Raises:
        AmurError: the folder holds something or cannot be written, or the codebook is broken. Nothing is changed then.
    """
    place = Path(folder).resolve()
    standard = shipped("annotations") / "codebook.md"
    given = Path(codebook) if codebook else standard
    read_codebook(given)
    _check_empty(place)
    project = Project(place, given.read_bytes() == standard.read_bytes())
    with writing(place):
        for part in (place, project.annotations, project.models):
            part.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(given, project.codebook)
        # the marker comes last: what was cut short is no project
        joined = json.dumps(project.shipped_annotations)
        write_whole(place / MARKER, [_TEXT.format(format=FORMAT, joined=joined).encode()])
    return project


def find_project(start: str | Path = ".") -> Project | None:
    """The project that a path is in, looked for upwards as git does; None where there is none.

    Raises:
        AmurError: its marker is broken or of a newer format.
    """
    here = Path(start).resolve()
    for folder in (here, *here.parents):
        if os.path.isfile(folder / MARKER):  # noqa: PTH113 (Path.is_file raises where a parent may not be read)
            return Project(folder, _read_marker(folder / MARKER))
    return None


def get_project(given: AnyProject = None) -> Project:
    """The project given, the one a path is in, or the one around the current folder.

    Raises:
        AmurError: there is none, or its marker is broken or of a newer format.
    """
    if isinstance(given, Project):
        return given
    found = find_project(given or ".")
    if found is None:
        msg = f"no project in {Path(given or '.').resolve()} or above it; start one with `amur init`"
        raise AmurError(msg)
    return found


def annotation_paths(project: Project) -> tuple[Path, ...]:
    """The folders of annotations that a project trains from: its own, and the shipped one where that joins.

    Raises:
        AmurError: the shipped annotations should join, but the themes or sides are no longer theirs.
    """
    if not project.shipped_annotations:
        return (project.annotations,)
    known = read_codebook()
    if not read_codebook(project.codebook).fits(known.labels, known.actors):
        msg = (
            f"{project.codebook} has other themes or sides than the shipped annotations; "
            f"set `shipped_annotations = false` in {project.folder / MARKER} to train from your own alone"
        )
        raise AmurError(msg)
    own = (project.annotations,) if any(project.annotations.glob("*.jsonl")) else ()
    return (*own, shipped("annotations") / "statements")  # own ones first: where both answer, the first counts


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Make an ``AmurError`` of what the system says where a folder cannot be written."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        msg = f"cannot write {where}: {error.strerror or error}; make {folder} writable, or copy it to another place"
        raise AmurError(msg) from error


@contextmanager
def unfinished_folder(project: Project) -> Iterator[Path]:
    """A folder for work in progress, removed in the end; what was killed a day ago or before is cleared away too."""
    project.cache.mkdir(exist_ok=True)
    for left in project.cache.glob(f"{_UNFINISHED}*"):
        with suppress(FileNotFoundError):  # another run clears away as well
            if time.time() - left.stat().st_mtime > _A_DAY:  # younger work may belong to a run that is still going
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=project.cache, prefix=_UNFINISHED) as folder:
        yield Path(folder)


def _check_empty(folder: Path) -> None:
    if (folder / MARKER).exists():
        msg = f"{folder} is a project already; nothing was changed"
        raise AmurError(msg)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{folder} is {'not empty' if folder.is_dir() else 'a file'}; name a new folder or an empty one"
        raise AmurError(msg)


def _read_marker(path: Path) -> bool:
    """Whether the shipped annotations join, as the marker says."""
    try:
        row = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"cannot read {path}: {error}; {_NEEDED}"
        raise AmurError(msg) from error
    number, joined = row.get("format"), row.get("shipped_annotations")
    if type(number) is int and number > FORMAT:
        msg = f"{path} has project format {number}, this amur reads {FORMAT}; update amur"
        raise AmurError(msg)
    if number != FORMAT or not isinstance(joined, bool):
        msg = f"{path} is damaged; {_NEEDED}"
        raise AmurError(msg)
    return joined
