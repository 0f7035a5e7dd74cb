"""What the kinds have in common: a table as text for reading, Markdown, CSV or JSON."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

_MACHINE_WIDTH = 160


def list_as(kind: str, name: str, table: pd.DataFrame, readable: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    """A table as ``table``, ``md``, ``csv`` or ``json``; in JSON an object with a list under its name."""
    return json_bytes({name: records(table)}) if kind == "json" else table_as(kind, table, readable)


def table_as(kind: str, table: pd.DataFrame, readable: Callable[[pd.DataFrame], pd.DataFrame]) -> bytes:
    """A table as ``table``, ``md`` or ``csv``; ``readable`` makes its cells into what people read."""
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n").encode()
    shown = readable(table).astype(str)
    return markdown(shown) if kind == "md" else render(grid_of(shown, table))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON has them: objects, None for what is unknown."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return rows


def json_bytes(value: object) -> bytes:
    """A value as JSON, indented."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def markdown(shown: pd.DataFrame) -> bytes:
    """A table of texts in Markdown."""
    lines = [list(shown.columns), ["---"] * len(shown.columns), *shown.to_numpy().tolist()]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines).encode()


def grid_of(shown: pd.DataFrame, table: pd.DataFrame) -> RenderableType:
    """A table of texts for the terminal; columns that are numbers in ``table`` stand right."""
    from rich.table import Table  # noqa: PLC0415 (slow to import)
    from rich.text import Text  # noqa: PLC0415

    words = {name for name in table if not pd.api.types.is_numeric_dtype(table[name])}
    grid = Table(box=None, header_style="bold", pad_edge=False)
    for name in shown.columns:
        grid.add_column(name, justify="left" if name in words else "right", overflow="fold")
    for row in shown.to_numpy().tolist():
        grid.add_row(*map(Text, row))
    return grid


def render(*parts: RenderableType) -> bytes:
    """What Rich would print, in colour where standard output is a terminal."""
    from rich.console import Console  # noqa: PLC0415 (slow to import)

    live = sys.stdout.isatty()
    console = Console(file=io.StringIO(), force_terminal=live, width=None if live else _MACHINE_WIDTH)
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    return captured.get().encode()


def signed(numbers: pd.Series[float]) -> pd.Series[str]:
    """Numbers with their sign and two decimals."""
    return numbers.map("{:+z.2f}".format)


def chance(numbers: pd.Series[float]) -> pd.Series[str]:
    """Probabilities with three decimals."""
    return numbers.map(lambda p: f"{p:.3f}" if p >= 0.001 else "<0.001")  # noqa: PLR2004 (what three decimals show)


def interval(table: pd.DataFrame) -> pd.Series[str]:
    """The columns ``low`` and ``high`` in one."""
    text = [f"{low:+z.2f} to {high:+z.2f}" for low, high in zip(table["low"], table["high"], strict=True)]
    return pd.Series(text, index=table.index, dtype=object)
