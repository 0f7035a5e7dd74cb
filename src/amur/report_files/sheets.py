"""A report as a workbook: the balances, the statements behind them, and where they come from.

Texts stay texts: what begins with ``=``, ``+``, ``-`` or ``@`` is no formula, and an address is no link.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter

from amur.errors import AmurError
from amur.pipeline import COLUMNS

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from amur.report_files.findings import Findings

MOST_ROWS = 1_048_575
"""What a sheet holds below its head."""

_LONGEST = 32_767
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_WIDE = {"text": 80, "title": 40, "value": 110, "source": 24}
_USUAL = 13


def write(found: Findings) -> bytes:
    """The workbook, with the sheets ``balances``, ``statements`` and ``about``.

    Raises:
        AmurError: there are more statements than a sheet has rows.
    """
    if len(found.statements) > MOST_ROWS:
        msg = f"{len(found.statements):,} statements are more than a sheet holds ({MOST_ROWS:,}); take --format csv"
        raise AmurError(msg)
    statements = found.statements[list(COLUMNS)].assign(themes=found.statements["themes"].map("; ".join))
    facts = pd.DataFrame([*found.origin.facts, *(("Note", line) for line in found.origin.caveats)])
    sheets = {
        "balances": found.balances,
        "statements": statements,
        "about": facts.set_axis(["name", "value"], axis="columns"),
    }
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {**_PLAIN, "in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for name, table in sheets.items():
            _fill(book.add_worksheet(name), table, bold)
    return buffer.getvalue()


def _fill(sheet: Worksheet, table: pd.DataFrame, bold: Format) -> None:
    """Write a table with its head, which stays in sight, and a filter over it."""
    sheet.write_row(0, 0, list(table.columns), bold)
    for at, name in enumerate(table.columns):
        sheet.set_column(at, at, _WIDE.get(name, _USUAL))
        sheet.write_column(1, at, [_cell(value) for value in table[name].tolist()])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(table), len(table.columns) - 1)


def _cell(value: Any) -> Any:  # noqa: ANN401 (what a table holds)
    """A value as a cell holds it: nothing for what is unknown, a text no longer than a cell may be."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
    return None if pd.isna(value) else value
