"""The models of a project: which there are, and which is in use.

A model is named after the time it was trained; ``shipped`` is the one that came with amur. ``models/adopted`` holds the
name of the one in use.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.project import AnyProject, Project, get_project, unfinished_folder, writing
from amur.resources import shipped
from amur.store import Manifest, read_manifest
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

SHIPPED, ADOPTED = "shipped", "adopted"

_COLUMNS = ("name", "created", "statements", "f1", "low", "high", "adopted", "parent", "note")


def models(project: AnyProject = None) -> pd.DataFrame:
    """List a project's models, oldest first, and the shipped one where it answers the project's codebook.

    Returns:
        ``name, created, statements, f1, low, high, adopted, parent, note``: the statements it learned from; the mean F1
        of convergence and friction on the documents held out when it was trained, with its 95% interval; whether it is
        in use; the model it was compared with; and what is wrong with it, if anything.

    Raises:
        AmurError: there is no project, or ``models/adopted`` names no model of it.
    """
    project = get_project(project)
    used = model_in_use(project)
    rows = [_describe(project, name) | {"adopted": name == used} for name in model_names(project)]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).sort_values(["created", "name"], ignore_index=True)


def prune_models(keep: int, project: AnyProject = None) -> list[str]:
    """Remove a project's oldest models and keep the newest ``keep``; what is in use or cannot be read stays as well.

    Returns:
        The names of those removed.

    Raises:
        AmurError: ``keep`` is less than 1, or it is not known which model is in use. Then nothing is removed.
    """
    if keep < 1:
        msg = f"cannot keep {keep} models; keep at least one"
        raise AmurError(msg)
    project = get_project(project)
    listed = models(project)
    own = listed[(listed["name"] != SHIPPED) & (listed["created"] != "")]
    oldest = own.iloc[: max(0, len(own) - keep)]
    removed = [str(name) for name in oldest.loc[~oldest["adopted"].astype(bool), "name"]]
    for name in removed:
        _remove(project, name)
    return removed


def model_in_use(project: Project) -> str | None:
    """Name of the model that a project uses: the adopted one, else the shipped one where that fits.

    Raises:
        AmurError: ``models/adopted`` cannot be read or names no model.
    """
    file, names = project.models / ADOPTED, model_names(project)
    try:
        name = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return SHIPPED if SHIPPED in names else None
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read {file} ({error}); choose a model with `amur models restore NAME`: {_listed(names)}"
        raise AmurError(msg) from error
    if name not in names:
        msg = (
            f"{file} names {name[:40]!r}, which is no model of this project; "
            f"choose one with `amur models restore NAME`: {_listed(names)}"
        )
        raise AmurError(msg)
    return name


def default_model(project: AnyProject = None) -> Path:
    """Folder of the model that a project uses.

    Raises:
        AmurError: there is none yet, or it answers another codebook than the project's.
    """
    project = get_project(project)
    name = model_in_use(project)
    if name is None:
        msg = f"{project.folder} has no model, and the shipped one does not fit its codebook; run `amur train` first"
        raise AmurError(msg)
    check_labels(project, name)
    return model_folder(project, name)


def model_names(project: Project) -> list[str]:
    """Names of the models a project may use, whether they can be read or not."""
    folders = sorted(project.models.iterdir()) if project.models.is_dir() else []
    own = [f.name for f in folders if f.is_dir() and not f.name.startswith(".") and f.name != SHIPPED]
    return [SHIPPED, *own] if read_manifest(shipped("model")).fits(read_codebook(project.codebook)) else own


def model_folder(project: Project, name: str) -> Path:
    """Folder of a model by name.

    Raises:
        AmurError: there is no such model.
    """
    names = model_names(project)
    if name not in names:
        msg = f"no model `{name}` in {project.folder}; there is {_listed(names)}"
        raise AmurError(msg)
    return shipped("model") if name == SHIPPED else project.models / name


def check_labels(project: Project, name: str) -> Manifest:
    """The manifest of a model, if it answers the project's codebook.

    Raises:
        AmurError: it answers another one, or cannot be read.
    """
    manifest = read_manifest(model_folder(project, name))
    if not manifest.fits(read_codebook(project.codebook)):
        msg = (
            f"the model `{name}` was trained with other themes or sides than {project.codebook} has; "
            "run `amur train` for a model of these, or put those back"
        )
        raise AmurError(msg)
    return manifest


def write_adopted(project: Project, name: str) -> None:
    """Name the model in use; the file changes at once or not at all."""
    write_whole(project.models / ADOPTED, [f"{name}\n".encode()])


def _describe(project: Project, name: str) -> dict[str, Any]:
    """A row of ``models``."""
    row: dict[str, Any] = {"name": name, "created": "", "parent": "", "note": ""}
    try:
        manifest = read_manifest(model_folder(project, name))
        row |= {"created": manifest.created, "parent": manifest.training.get("parent") or ""}
        row |= {"statements": manifest.training.get("statements")} | _stance(manifest)
        check_labels(project, name)
    except AmurError as error:
        row["note"] = str(error)
    return row


def _stance(manifest: Manifest) -> dict[str, float]:
    """Mean F1 on the documents held out, with its interval; nothing where there were none."""
    table = manifest.metrics.get("held_out")
    if table is None:
        return {}
    row = next(row for row in table.to_dict("records") if row["answer"] == "stance")
    return {name: row[name] for name in ("f1", "low", "high")}


def _remove(project: Project, name: str) -> None:
    """Remove a model: first out of sight as a whole, so that half a model never stands among the others."""
    with writing(project.folder), unfinished_folder(project) as away:
        (project.models / name).rename(away / name)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none yet, run `amur train`"
