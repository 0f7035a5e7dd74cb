"""Files of audits: one JSON object a line; read back only if they are the random sample that was drawn.

An audit that is read is drawn again and compared, since estimates rest on the draw: a sample that somebody picked, or
that active learning picked, says nothing certain about the rest.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pandas as pd

from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.sampling import DESIGN, STATEMENT, draw_audit, fingerprint, places_of, sha256_of
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from amur.sampling import Place, Row

_PICKED = "estimates from a sample that somebody picked are not unbiased"
_ANEW = "draw a new audit to another file"
_TYPES = {"start": int, "end": int}


def write_audit(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write an audit as JSON Lines; the file appears whole or not at all.

    Raises:
        AmurError: the file exists (it may hold labels), or cannot be written.
    """
    check_new(path)
    with suppress(OSError):  # what is in the way, the writing will say
        path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, rows)


def check_new(path: Path) -> None:
    """Raise ``AmurError`` where an audit cannot be written since there is such a file, which may hold labels."""
    if path.exists():
        msg = f"{path} exists and may hold labels; name another file"
        raise AmurError(msg)


def is_audit(path: Path) -> bool:
    """Whether a file is an audit, told by its first line."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            row = json.loads(next(filter(str.strip, lines), "{}"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(row, dict) and set(DESIGN) <= row.keys()


def read_rows(path: Path) -> list[Row]:
    """The rows of an audit that is being labelled, in its order, answered or not.

    Raises:
        AmurError: a line is broken; the message says which.
    """
    return [row for _, row in _read(path)]


def answer_row(path: Path, at: int, answers: Mapping[str, Any]) -> None:
    """Give a row of an audit its answers, or take them away; they are on disk when this returns.

    Args:
        path: the audit.
        at: the row's place in ``read_rows``.
        answers: the columns ``TO_FILL_IN``.

    Raises:
        AmurError: a line is broken, or the file cannot be written.
    """
    rows = read_rows(path)
    rows[at] |= answers
    _write(path, rows)


def read_audit(path: Path, statements: pd.DataFrame) -> pd.DataFrame:
    """Read a labelled audit, and make sure that it is the random sample of these statements that was drawn.

    Args:
        path: what ``write_audit`` wrote, with ``convergence`` and ``friction`` filled in: true or false, 1 or 0.
        statements: the corpus it was drawn from, classified by this or by another model.

    Returns:
        The rows of ``draw_audit`` with their answers, which are True or False.

    Raises:
        AmurError: a line is broken, a statement is unknown, changed or there twice, the corpus is another, the rows are
            not those drawn, or a label is missing. The message says where, and what to do.
    """
    rows = _read(path)
    _check_one_draw(path, rows)
    _check_statements(path, rows, places_of(statements))
    if rows[0][1]["corpus"] != fingerprint(statements):
        msg = f"{path} was drawn from another corpus; classify the articles it was drawn from, or {_ANEW}"
        raise AmurError(msg)
    _check_drawn(path, rows, statements)
    _check_labels(path, rows)
    table = pd.DataFrame([row for _, row in rows])
    return table.assign(**{question: table[question].astype(bool) for question in QUESTIONS})


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    write_whole(path, (f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row in rows), synced=True)


def _read(path: Path) -> list[tuple[int, Row]]:
    """The rows, each with the number of its line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"cannot read the audit {path}: {error}"
        raise AmurError(msg) from error
    rows = [(number, _parse(f"{path}, line {number}", line)) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        msg = f"{path} holds no rows; give the file of an audit that was drawn and labelled"
        raise AmurError(msg)
    return rows


def _parse(where: str, line: str) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        msg = f"{where}: not JSON ({error}); mend the line"
        raise AmurError(msg) from error
    if not isinstance(row, dict):
        msg = f"{where}: not a JSON object; put the line back as it was drawn"
        raise AmurError(msg)
    missing = [f"`{name}`" for name in DESIGN if name not in row]
    if missing:
        msg = f"{where}: no {', '.join(missing)}, so not drawn as an audit; {_PICKED}; {_ANEW}"
        raise AmurError(msg)
    wrong = [f"`{name}`" for name in STATEMENT if not isinstance(row.get(name), _TYPES.get(name, str))]
    if wrong:
        msg = f"{where}: {', '.join(wrong)} missing or of another kind; put the line back as it was drawn"
        raise AmurError(msg)
    return row


def _check_one_draw(path: Path, rows: list[tuple[int, Row]]) -> None:
    draws = {json.dumps([row[name] for name in ("seed", "size", "corpus")]) for _, row in rows}
    if len(draws) > 1:
        msg = f"{path} mixes rows of {len(draws)} draws; keep each audit in a file of its own"
        raise AmurError(msg)


def _check_statements(path: Path, rows: list[tuple[int, Row]], places: list[Place]) -> None:
    offsets = {place[:3] for place in places}
    texts = {(*place[:3], sha256_of(place.text)) for place in places}
    seen: dict[tuple[str, int, int, str], int] = {}
    for number, row in rows:
        at, digest = (row["document"], row["start"], row["end"]), sha256_of(row["text"])
        where = f"{path}, line {number}: the statement at {row['start']} of {row['document']}"
        if at not in offsets:
            msg = f"{where} is not in the corpus; classify the articles the audit was drawn from"
        elif digest != row["sha256"] or (*at, digest) not in texts:
            msg = f"{where} has changed since the draw; put the text back as it was, or {_ANEW}"
        elif (first := seen.setdefault((*at, digest), number)) != number:
            msg = f"{where} is labelled twice, first on line {first}; keep one of the two lines"
        else:
            continue
        raise AmurError(msg)


def _check_drawn(path: Path, rows: list[tuple[int, Row]], statements: pd.DataFrame) -> None:
    """Draw the audit again, and compare all but the answers."""
    _, first = rows[0]
    try:
        drawn = {_as_drawn(row) for row in draw_audit(statements, first["size"], first["seed"])}
    except (AmurError, TypeError, ValueError) as error:
        msg = f"{path}: the seed or size of the draw has changed ({error}); put them back, or {_ANEW}"
        raise AmurError(msg) from error
    added = [number for number, row in rows if _as_drawn(row) not in drawn]
    gone = len(drawn) - len(rows) + len(added)
    if added or gone:
        where = f" (first on line {added[0]})" if added else ""
        what = f"rows that were not drawn: {len(added)}{where}, drawn rows gone: {gone}"
        msg = f"{path} is not the sample that was drawn; {what}; {_PICKED}; put back the rows as drawn, or {_ANEW}"
        raise AmurError(msg)


def _as_drawn(row: Mapping[str, Any]) -> str:
    return json.dumps([row[name] for name in (*STATEMENT, *DESIGN)])


def _check_labels(path: Path, rows: list[tuple[int, Row]]) -> None:
    missing = [number for number, row in rows if any(row.get(question) is None for question in QUESTIONS)]
    if missing:
        msg = f"{path}: {len(missing)} of {len(rows)} rows want labels, the first on line {missing[0]}"
        msg += "; answer `convergence` and `friction` with true or false"
        raise AmurError(msg)
    for number, row in rows:
        wrong = [f"`{q}` is {row[q]!r}" for q in QUESTIONS if not (isinstance(row[q], int) and row[q] in (0, 1))]
        if wrong:
            msg = f"{path}, line {number}: {', '.join(wrong)}; answer with true or false"
            raise AmurError(msg)
