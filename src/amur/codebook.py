"""The codebook as data: the themes a statement can be about, and the stances it can take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from amur.errors import AmurError
from amur.resources import shipped

QUESTIONS = ("convergence", "friction")
STANCES = ("convergence", "friction", "mixed", "neutral")

_ROW = re.compile(r"^\|\s*`([a-z][a-z0-9-]*)`\s*\|\s*(.+?)\s*\|\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Codebook:
    """The themes by name, in the codebook's order, each with what it is about."""

    themes: dict[str, str]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every yes/no answer a statement gets: the two questions, then the themes."""
        return (*QUESTIONS, *self.themes)


def stance(convergence: bool, friction: bool) -> str:  # noqa: FBT001 (two answers, not a flag)
    """The stance that follows from the two answers."""
    if convergence:
        return "mixed" if friction else "convergence"
    return "friction" if friction else "neutral"


def read_codebook(path: Path | None = None) -> Codebook:
    """Read the table of themes from a codebook in Markdown, the project's own by default.

    A theme is a table row whose first cell is a name in back quotes and whose second says what it is about.

    Raises:
        AmurError: there is no such file, no theme in it, or a theme twice.
    """
    path = path or shipped("annotations") / "codebook.md"
    try:
        rows = _ROW.findall(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the codebook {path}: {error}"
        raise AmurError(msg) from error
    themes = dict(rows)
    if not themes:
        msg = f"{path} names no theme: give a Markdown table with rows like | `trade` | goods, customs, volumes |"
        raise AmurError(msg)
    if len(themes) < len(rows):
        twice = sorted({name for name, _ in rows if [n for n, _ in rows].count(name) > 1})
        msg = f"{path} names a theme twice: {', '.join(twice)}; leave one row of each"
        raise AmurError(msg)
    return Codebook(themes)
