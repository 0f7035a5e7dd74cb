"""Files with a row an article, JSON Lines and CSV: rows by their line, and what cannot be used told and passed over."""

from __future__ import annotations

import csv
import io
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any

from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Iterator


def json_rows(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file, each with the number of its line.

    Raises:
        AmurError: it is a JSON list.

    Warns:
        InputWarning: a line is not JSON, or no object.
    """
    if text.lstrip().startswith("[") and text.rstrip().endswith("]"):
        msg = f"{name} is a JSON list; write an object a line (.jsonl), without brackets around them"
        raise AmurError(msg)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            _pass_over(f"{name}, line {number}: not JSON ({error}); line")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            _pass_over(f"{name}, line {number}: not a JSON object; line")


def csv_rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file by column, each with the number of its last line.

    Raises:
        AmurError: there is no column ``text``, or the heading's quotation marks do not pair.

    Warns:
        InputWarning: a row has more fields than there are columns, or quotation marks that do not pair.
    """
    csv.field_size_limit(sys.maxsize)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = reader.fieldnames or ()
    except csv.Error as error:
        msg = f"{name} does not begin as CSV ({error}); close or double the quotation marks of its first line"
        raise AmurError(msg) from error
    if "text" not in columns:
        has = ", ".join(columns) or "none"
        msg = f"{name} has no column `text` (it has {has}); name the column with the articles `text`"
        raise AmurError(msg)
    lines = reader.reader  # which counts those of a broken row too
    while True:
        start = lines.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # what was read of the row is gone, and the next line begins another
            where = f"lines {start} to {lines.line_num}" if lines.line_num > start else f"line {start}"
            _pass_over(f"{name}, {where}: not CSV ({error}), close or double quotation marks;")
            continue
        if any(row.pop(None, ())):
            _pass_over(f"{name}, line {lines.line_num}: more fields than columns, quote what has commas; line")
        else:
            yield lines.line_num, row


def _pass_over(what: str) -> None:
    warnings.warn(f"{what} passed over", InputWarning, stacklevel=3)
