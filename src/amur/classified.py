"""Statements that were classified before: the files that ``amur classify`` wrote, read back as a table."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from amur.codebook import QUESTIONS, STANCES
from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEXTS = ("document", "source", "date", "text", "stance")
_NEEDED = (*_TEXTS, *QUESTIONS, "themes")
_MARKS = ("stance", *QUESTIONS)


def is_classified(path: str | Path) -> bool:
    """Whether a file holds classified statements, told by its name and its first line."""
    path = Path(path)
    if not path.is_file() or path.suffix.lower() not in {".jsonl", ".csv", ".parquet"}:
        return False
    if path.suffix.lower() == ".parquet":
        return True
    with path.open("rb") as file:
        first = file.readline(1_000_000).decode("utf-8-sig", errors="replace")
    if path.suffix.lower() == ".csv":
        return set(_MARKS) <= set(next(csv.reader([first.strip()]), []))
    try:
        row = json.loads(first)
    except ValueError:
        return False
    return isinstance(row, dict) and row.keys() >= set(_MARKS)


def read_classified(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read files that ``amur classify`` wrote as JSON Lines, CSV or Parquet, one below the other.

    Raises:
        AmurError: a file cannot be read, lacks a column, or holds an unknown stance or a probability out of range.
    """
    return pd.concat([_read(Path(path)) for path in paths], ignore_index=True)


def _read(path: Path) -> pd.DataFrame:
    try:
        table = _READERS[path.suffix.lower()](path)
    except (OSError, ValueError) as error:
        msg = f"cannot read the classified statements {path}: {error}; write them anew with `amur classify --out`"
        raise AmurError(msg) from error
    missing = [name for name in _NEEDED if name not in table]
    if missing:
        msg = f"{path} has no column {', '.join(missing)}; write it anew with `amur classify --out`"
        raise AmurError(msg)
    table[list(_TEXTS)] = table[list(_TEXTS)].astype(object).fillna("").astype(str)
    unknown = sorted(set(table["stance"]) - set(STANCES))
    odds = table[list(QUESTIONS)].apply(pd.to_numeric, errors="coerce")
    if unknown or not odds.map(lambda value: 0 <= value <= 1).to_numpy().all():
        wrong = f"the stance {unknown[0]!r}" if unknown else "a probability that is not between 0 and 1"
        msg = f"{path} holds {wrong}; write it anew with `amur classify --out`"
        raise AmurError(msg)
    nowhere = pd.Series(float("nan"), index=table.index)
    places = {name: pd.to_numeric(table.get(name, nowhere), errors="coerce") for name in ("start", "end")}
    return table.assign(**{name: odds[name] for name in QUESTIONS}, **places)


def _read_jsonl(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8") as lines:
        return pd.DataFrame([json.loads(line) for line in lines if line.strip()])


def _read_csv(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "themes" in table:
        table["themes"] = table["themes"].map(lambda names: [name for name in names.split(";") if name])
    return table


def _read_parquet(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path, engine="pyarrow")


_READERS = {".jsonl": _read_jsonl, ".csv": _read_csv, ".parquet": _read_parquet}
