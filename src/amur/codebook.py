"""The codebook as data: the two sides, the themes a statement can be about, and the stances it can take."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from amur.actors import GROUPS, sides, split_names
from amur.errors import AmurError
from amur.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

QUESTIONS = ("convergence", "friction")
STANCES = ("convergence", "friction", "mixed", "neutral")

_TABLE = re.compile(r"^(?:\|.*(?:\n|\Z))+", re.MULTILINE)
_ROW = re.compile(r"\|\s*`([a-z][a-z0-9-]*)`\s*\|\s*(.+?)\s*\|\s*\Z")
_NAMED = re.compile(r"\|\s*`")
_RESERVED = frozenset((*QUESTIONS, *STANCES, "stance", "themes", "all"))
_HEAD_OF_SIDES = re.compile(r"\|\s*sides?\s*\|", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Codebook:
    """The themes and the actors by name, in the codebook's order.

    ``themes`` has what each theme is about; ``actors`` the words that name each, joined by commas: the two sides, then
    the ``GROUPS``.
    """

    themes: dict[str, str]
    actors: dict[str, str]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every yes/no answer a statement gets: the two questions, then the themes."""
        return (*QUESTIONS, *self.themes)

    def fits(self, labels: Sequence[str], actors: Mapping[str, str]) -> bool:
        """Whether a model with these labels and actors answers this codebook: the same questions on the same sides."""
        return tuple(labels) == self.labels and sides(actors) == sides(self.actors)


def stance(convergence: bool, friction: bool) -> str:  # noqa: FBT001 (two answers, not a flag)
    """The stance that follows from the two answers."""
    if convergence:
        return "mixed" if friction else "convergence"
    return "friction" if friction else "neutral"


def read_codebook(given: str | Path | None = None) -> Codebook:
    """Read the tables of a codebook in Markdown, the shipped one by default.

    A theme is a table row whose first cell is a name in back quotes and whose second says what it is about. In a table
    whose head begins with ``side``, such a row has a side and the words that name it.

    Raises:
        AmurError: there is no such file, no theme in it, a theme twice or with a name that is taken, a row that cannot
            be read, or a table of sides that does not name two.
    """
    path = Path(given) if given else shipped("annotations") / "codebook.md"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the codebook {path}: {error}"
        raise AmurError(msg) from error
    themes: list[tuple[str, str]] = []
    named: list[tuple[str, str]] = []
    for table in _TABLE.findall(text):
        (named if _HEAD_OF_SIDES.match(table) else themes).extend(_rows(path, table))
    if not themes:
        msg = f"{path} names no theme: give a Markdown table with rows like | `trade` | goods, customs, volumes |"
        raise AmurError(msg)
    _check_names(path, "theme", [name for name, _ in themes])
    if taken := sorted(_RESERVED & dict(themes).keys()):
        msg = f"{path} has a theme called {', '.join(taken)}, which tables of scores call something else; rename it"
        raise AmurError(msg)
    return Codebook(dict(themes), _actors(path, named))


def _rows(path: Path, table: str) -> Iterator[tuple[str, str]]:
    """Name and description of the rows of a table whose first cell is in back quotes; none where no row fits."""
    lines = list(filter(_NAMED.match, table.splitlines()))
    found = list(map(_ROW.match, lines))
    for line, row in zip(lines, found, strict=True) if any(found) else ():
        if row is None:
            msg = (
                f"{path} has the row {line!r}, which cannot be read; write it like "
                "| `trade` | goods, customs, volumes |, the name in small letters, digits and hyphens"
            )
            raise AmurError(msg)
        yield row[1], row[2]


def _actors(path: Path, rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The two sides of a table, then the groups; where it lacks a group, or there is no table, the shipped codebook's.

    A name that stands for a side stands for no group of the shipped codebook as well.
    """
    if not rows:
        return read_codebook().actors
    _check_names(path, "side", [name for name, _ in rows])
    given = dict(rows)
    pair = {name: names for name, names in given.items() if name not in GROUPS}
    if len(pair) != 2 or not all(map(split_names, pair.values())):  # noqa: PLR2004 (a pair)
        msg = f"{path} has {len(pair)} sides with names, not two; give rows like | `ankara` | ankara, turkey, turkish |"
        raise AmurError(msg)
    own = [name.casefold() for names in pair.values() for name in split_names(names)]
    _check_names(path, "name of a side", own)
    if given.keys() >= set(GROUPS):
        return pair | {group: given[group] for group in GROUPS}
    known = read_codebook().actors
    left = {group: [name for name in split_names(known[group]) if name not in own] for group in GROUPS}
    return pair | {group: given.get(group, ", ".join(left[group])) for group in GROUPS}


def _check_names(path: Path, kind: str, names: Sequence[str]) -> None:
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        msg = f"{path} has a {kind} twice: {', '.join(twice)}; leave one of each"
        raise AmurError(msg)
