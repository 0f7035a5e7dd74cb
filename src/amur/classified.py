"""Statements that were classified before: what ``amur classify`` wrote or returned, read back and made good."""

from __future__ import annotations

import csv
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, count
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.api.types import is_integer_dtype

from amur.articles import SUFFIXES, files_below, find_files
from amur.characters import printable, printable_name
from amur.codebook import QUESTIONS, STANCES
from amur.confidence import confidence
from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NAMES = ("document", "source", "title", "date", "url", "stance", "voice", "speaker")
_NEEDED = ("document", "source", "date", "text", "stance", *QUESTIONS, "themes")
_MARKS = ("stance", *QUESTIONS)
_THEME = re.compile(r"[^\s;,'\"\[\]]+")
_LONGEST = 1_000_000
_theme = lru_cache(printable_name)


def is_classified(path: str | Path) -> bool:
    """Whether a path stands for classified statements: a file, or a folder or glob whose files hold them.

    A file is told by its ending and its first line that is not blank.

    Raises:
        AmurError: some files of a folder or glob hold them and others do not.
    """
    files = _files(path)
    held = list(map(_holds_statements, files))
    if any(held) and not all(held):
        one, other = files[held.index(True)], files[held.index(False)]
        msg = f"{one} holds classified statements, {other} does not; name the files of one kind alone"
        raise AmurError(msg)
    return any(held)


def _files(given: str | Path) -> list[Path]:
    """The files a path stands for; none where it cannot be followed, of which the reader of articles says why."""
    path = Path(given)
    try:
        if path.is_dir():
            return files_below(path, (*SUFFIXES, *_READERS))
        return [Path(file) for file in find_files(path)]
    except (AmurError, OSError):
        return []


def _holds_statements(file: Path) -> bool:
    suffix = file.suffix.lower()
    if suffix not in _READERS or not file.is_file():
        return False
    if suffix == ".parquet":
        return True
    try:
        with file.open("rb") as lines:
            first = next(filter(bytes.strip, iter(lambda: lines.readline(_LONGEST), b"")), b"")
        text = first.decode("utf-8-sig", errors="replace").strip()
        row = next(csv.reader([text]), []) if suffix == ".csv" else json.loads(text)
    except (OSError, ValueError, RecursionError, csv.Error):
        return False
    return isinstance(row, list if suffix == ".csv" else dict) and set(row) >= set(_MARKS)


def read_classified(paths: Sequence[str | Path]) -> pd.DataFrame:
    """Read files that ``amur classify`` wrote as JSON Lines, CSV or Parquet, one below the other.

    A file that is named twice counts once. An article that an earlier file has, statement for statement, is passed
    over; another article of that name is named after its file as well.

    Args:
        paths: files, and folders and globs of such files.

    Returns:
        See ``as_classified``.

    Raises:
        AmurError: a file cannot be read or is none such, or there is no statement in any.

    Warns:
        InputWarning: articles were passed over.
    """
    files = list({file.resolve(): file for path in paths for file in _files(path)}.values())
    tables = [_read(file) for file in files]
    if all(table.empty for table in tables):
        msg = f"there is no statement in {', '.join(map(str, paths))}; classify articles that hold some"
        raise AmurError(msg)
    return pd.concat(_apart(files, tables) if len(files) > 1 else tables, ignore_index=True)


def as_classified(table: pd.DataFrame, name: str = "the table of statements") -> pd.DataFrame:
    """A table of classified statements without gaps, whoever wrote it.

    Args:
        table: at least ``document, source, date, text, stance, themes, convergence, friction``, one row a statement.
            ``themes`` may be lists, or names in one text as CSV has them.
        name: what to call it in messages.

    Returns:
        The table with all columns that ``amur.classify`` gives, rows numbered anew: texts are empty where there were
        none and can be printed, a source without a name is named as its document, places in the article are missing
        where they were, themes are lists.

    Raises:
        AmurError: a column is missing, or holds an unknown stance or a probability out of range.
    """
    if missing := [column for column in _NEEDED if column not in table]:
        msg = f"{name} has no column {', '.join(missing)}; write it anew with `amur classify --out`"
        raise AmurError(msg)
    rows = table.reset_index(drop=True)
    texts = {column: _texts(rows, column, printable_name) for column in _NAMES}
    texts["source"] = texts["source"].where(texts["source"].str.strip() != "", texts["document"])
    numbers = {question: pd.to_numeric(rows[question], errors="coerce") for question in QUESTIONS}
    places = {column: _places(rows.get(column, pd.Series(None, rows.index))) for column in ("start", "end")}
    unknown = sorted(set(texts["stance"]) - set(STANCES))
    if unknown or not all(numbers[question].between(0, 1).all() for question in QUESTIONS):
        wrong = f"the stance {unknown[0]!r}" if unknown else "a probability that is not between 0 and 1"
        msg = f"{name} holds {wrong}; write it anew with `amur classify --out`"
        raise AmurError(msg)
    themes = pd.Series([_themes(given) for given in rows["themes"]], rows.index, dtype=object)
    rows = rows.assign(**texts, **numbers, **places, text=_texts(rows, "text", printable), themes=themes)
    return rows.assign(confidence=confidence(rows))  # files of earlier versions lack it


def _texts(rows: pd.DataFrame, column: str, clean: Callable[[str], str]) -> pd.Series[str]:
    """A column as texts that can be printed, empty where there is nothing."""
    given = rows.get(column, pd.Series("", rows.index))
    texts = given.astype(object).where(given.notna(), "").map(str)
    return texts.map({text: clean(text) for text in texts.unique()}).astype(object)


def _places(offsets: pd.Series[Any]) -> pd.Series[Any]:
    """Offsets as whole numbers, None where there is none; pandas makes floats of all where one is missing."""
    if is_integer_dtype(offsets):
        return offsets
    numbers = pd.to_numeric(offsets, errors="coerce")
    return pd.Series([int(n) if isfinite(n) else None for n in numbers], offsets.index, dtype=object)


def _themes(given: object) -> list[str]:
    """The themes of a statement: a list as it is, names in a text (``trade;energy``) apart, none for nothing.

    >>> _themes("trade;energy"), _themes("['far-east']"), _themes(None)
    (['trade', 'energy'], ['far-east'], [])
    """
    names = _THEME.findall(given) if isinstance(given, str) else given if isinstance(given, Iterable) else ()
    return [_theme(name) for name in names if isinstance(name, str)]


def _read(path: Path) -> pd.DataFrame:
    try:
        table = _READERS[path.suffix.lower()](path)
    except (OSError, ValueError, RecursionError) as error:
        msg = f"cannot read the classified statements {path}: {error}; write them anew with `amur classify --out`"
        raise AmurError(msg) from error
    return as_classified(table, str(path))


def _apart(files: Sequence[Path], tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Tables without the articles that an earlier one has, and with names of articles that no two share."""
    named = Counter(chain.from_iterable(table["document"].unique() for table in tables))
    taken = set(named)
    said: dict[str, set[int]] = {}  # of every name, the articles that have it
    kept = []
    for file, table in zip(files, tables, strict=True):
        names: dict[str, str | None] = dict(zip(table["document"], table["document"], strict=True))
        shared = table[table["document"].map(named) > 1]
        for name, rows in shared.groupby("document", sort=False):
            article = _fingerprint(rows)
            earlier = said.setdefault(str(name), set())
            names[str(name)] = None if article in earlier else str(name) if not earlier else _free(file, name, taken)
            earlier.add(article)
        renamed = table.assign(document=table["document"].map(names))
        kept.append(renamed[renamed["document"].notna()])
        if repeated := list(names.values()).count(None):
            told = f"{repeated:,} of {len(names):,} articles are in a file named before, word for word"
            warnings.warn(f"{printable_name(str(file))}: {told}; passed over", InputWarning, stacklevel=3)
    return kept


def _fingerprint(rows: pd.DataFrame) -> int:
    """Tells an article from others of its name by its source and its statements with their places."""
    said = rows[["source", "start", "end", "text"]].fillna(-1)
    return hash(tuple(sorted(said.itertuples(index=False, name=None))))


def _free(file: Path, name: object, taken: set[str]) -> str:
    """A name for an article whose own is another's: with its file's name, and a number where that is taken too."""
    stem = printable_name(f"{file.stem}-{name}")
    free = next(one for one in chain([stem], (f"{stem}-{number}" for number in count(2))) if one not in taken)
    taken.add(free)
    return free


def _read_jsonl(path: Path) -> pd.DataFrame:
    rows = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                rows.append(_row(line, number))
    return pd.DataFrame(rows)


def _row(line: str, number: int) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError as error:
        msg = f"line {number} is not JSON ({error})"
        raise ValueError(msg) from error
    if not isinstance(row, dict):
        msg = f"line {number} is no JSON object"
        raise ValueError(msg)  # noqa: TRY004 (of a value in a file)
    return row


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _read_parquet(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path, engine="pyarrow")


_READERS = {".jsonl": _read_jsonl, ".ndjson": _read_jsonl, ".csv": _read_csv, ".parquet": _read_parquet}
