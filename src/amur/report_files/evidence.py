"""The sentences behind the figures: for each source and theme the surest of every stance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from amur.balances import ALL_THEMES
from amur.codebook import STANCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amur.web.data import Corpus

MOST = 5
"""So many sentences of each stance stand behind a figure."""

SIDED = STANCES[:-1]
"""The stances that a balance counts: all but neutral."""


@dataclass(frozen=True, slots=True)
class Group:
    """A source on a theme.

    Attributes:
        theme: its name, or ``all``.
        anchor: its name in addresses, which holds letters, digits and hyphens alone.
        balance: its row of the balances.
        quotes: the sentences shown, by stance and the surest first, each a row of the statements.
        left: how many more there are of each stance; stances of which all are shown are not in it.
    """

    theme: str
    anchor: str
    balance: dict[str, Any]
    quotes: list[dict[Any, Any]]
    left: dict[str, int]


def anchor(source: int, theme: int | None = None) -> str:
    """The name in addresses of a source, and of a theme there, by their places.

    >>> anchor(0), anchor(2, 11)
    ('s1', 's3-t12')
    """
    return f"s{source + 1}" + ("" if theme is None else f"-t{theme + 1}")


def evidence(
    corpus: Corpus, rows: Sequence[dict[str, Any]], sources: Sequence[str], themes: Sequence[str]
) -> list[tuple[str, list[Group]]]:
    """The sentences behind each figure of some sources.

    Args:
        corpus: the statements.
        rows: the balances by source and theme.
        sources: those to show, in the order of their anchors.
        themes: all there are, in the order of their anchors.

    Returns:
        Each source with its groups, in the order of ``themes``.
    """
    told = {(row["source"], row["theme"]): row for row in rows}
    return [(source, _groups(corpus, told, source, at, themes)) for at, source in enumerate(sources)]


def _groups(
    corpus: Corpus, told: dict[tuple[str, str], dict[str, Any]], source: str, place: int, themes: Sequence[str]
) -> list[Group]:
    mine = (corpus.statements["source"] == source).to_numpy()
    groups = []
    for at, theme in enumerate(themes):
        if (source, theme) in told:
            about = mine if theme == ALL_THEMES else mine & corpus.about[:, corpus.themes.index(theme)]
            quotes, left = _surest(corpus.statements[about])
            groups.append(Group(theme, anchor(place, at), told[source, theme], quotes, left))
    return groups


def _surest(statements: pd.DataFrame) -> tuple[list[dict[Any, Any]], dict[str, int]]:
    """The surest statements of each stance, and how many are left out."""
    by_stance = {stance: statements[(statements["stance"] == stance).to_numpy()] for stance in SIDED}
    shown = [rows.sort_values("confidence", ascending=False, kind="stable").head(MOST) for rows in by_stance.values()]
    left = {stance: len(rows) - MOST for stance, rows in by_stance.items() if len(rows) > MOST}
    return pd.concat(shown).to_dict("records"), left
