"""The heat map as a table: a square for each source and theme, which leads to its sentences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from amur.balances import ALL_THEMES
from amur.web.palette import step

_LARGEST, _SMALLEST = 26, 5


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses that a source and a theme together, a source, and a theme lead to; an empty one leads nowhere."""

    cell: Callable[[str, str], str]
    source: Callable[[str], str]
    theme: Callable[[str], str]


def grid(table: pd.DataFrame, themes: Sequence[str], most: int, links: Links) -> dict[str, Any]:
    """Rows of cells: the sources with most statements, all themes together and then each.

    Args:
        table: a row for each source and theme: ``statements``, ``matching`` (how many of them the area shows) and
            ``balance``, NaN where there are too few.
        themes: in the order of the columns.
        most: so many sources have a row; ``hidden`` says how many more there are.
        links: where heads and cells lead.
    """
    columns = [theme for theme in (ALL_THEMES, *themes) if theme in set(table["theme"])]
    sizes = table.groupby("source")["statements"].max().nlargest(most)
    largest = max(table.loc[table["theme"] != ALL_THEMES, "matching"].max(), 1) if len(columns) > 1 else sizes.max()
    found = {(row["source"], row["theme"]): _cell(row, largest, links) for row in table.to_dict("records")}
    rows = [(source, [found.get((source, theme)) for theme in columns]) for source in sorted(sizes.index)]
    return {"themes": columns, "rows": rows, "hidden": table["source"].nunique() - len(rows), "links": links}


def _cell(row: dict[Any, Any], largest: int, links: Links) -> dict[str, Any]:
    """A cell: a square whose area is the number of statements and whose colour is the balance."""
    told = not pd.isna(row["balance"])
    side = max(_SMALLEST, _LARGEST * min(1.0, row["matching"] / largest) ** 0.5)
    return {
        "balance": row["balance"] if told else None,
        "step": step(row["balance"]) if told else None,
        "matching": int(row["matching"]),
        "side": round(side, 1),
        "link": links.cell(row["source"], row["theme"]),
    }
