"""Files of the tools: JSON objects one by one, and what is passed over."""

from __future__ import annotations

import codecs
import json
import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_GAP = re.compile(r"[\s,]*")


def json_objects(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file or of a JSON list, each with the line it begins on.

    Raises:
        AmurError: the file cannot be read, or is broken before its end; the message names file and line.

    Warns:
        InputWarning: the file is cut; what is whole is kept.
    """
    text = _read(file)
    values = _in_list(text, file) if text.lstrip().startswith("[") else _in_lines(text, file)
    for number, value in values:
        if not isinstance(value, dict):
            msg = f"{file}, line {number}: not a JSON object"
            raise AmurError(msg)
        yield number, value


def field(row: Mapping[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:  # noqa: ANN401
    """A field that must be there and of a kind.

    Raises:
        KeyError: it is not there.
        TypeError: it is of another kind.
    """
    if not isinstance(row[name], kind):
        msg = f"`{name}` cannot be {row[name]!r:.60}"
        raise TypeError(msg)
    return row[name]


@contextmanager
def located(file: Path, where: str) -> Iterator[None]:
    """Make an error of the input say where it is."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reason = f"no `{error.args[0]}`" if isinstance(error, KeyError) else str(error)
        msg = f"{file}, {where}: {reason}"
        raise AmurError(msg) from error


def pass_over(message: str) -> None:
    """Warn that a part of the input was passed over."""
    warnings.warn(message, InputWarning, stacklevel=3)


def count_unanswered(file: Path, number: int) -> None:
    """Warn of tasks that nobody answered, or that somebody rejected."""
    if number:
        pass_over(f"{file}: {number} tasks without an accepted answer passed over")


def refuse_existing(out: Path, *, force: bool) -> None:
    """Stop before work is lost.

    Raises:
        AmurError: there is such a file, and it may not be written over.
    """
    if out.exists() and not force:
        msg = f"{out} exists; name another file, or add --force to write over it"
        raise AmurError(msg)


def read_bytes(file: Path) -> bytes:
    """The bytes of a file.

    Raises:
        AmurError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        msg = f"cannot read {file}: {error.strerror}"
        raise AmurError(msg) from error


def _read(file: Path) -> str:
    """A file's text; the bytes of a character cut at its very end are left out."""
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(read_bytes(file))
    except UnicodeDecodeError as error:
        msg = f"cannot read {file}: not UTF-8 text; export it from the tool again"
        raise AmurError(msg) from error


def _in_lines(text: str, file: Path) -> Iterator[tuple[int, Any]]:
    lines = text.split("\n")  # not splitlines: a JSON string may hold other line ends
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            if number < len(lines):
                msg = f"{file}, line {number}: {error}"
                raise AmurError(msg) from error
            pass_over(f"{file}, line {number}: cut in the middle; passed over")


def _in_list(text: str, file: Path) -> Iterator[tuple[int, Any]]:
    decoder, at, number = json.JSONDecoder(), text.index("[") + 1, 1
    seen = 0
    while True:
        at = _end(_GAP.match(text, at))
        number, seen = number + text.count("\n", seen, at), at
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            if not _is_cut(text, error):
                msg = f"{file}, line {number}: {error}"
                raise AmurError(msg) from error
            pass_over(f"{file}, line {number}: the list is cut; what follows the last whole task is passed over")
            return
        yield number, value


def _is_cut(text: str, error: Exception) -> bool:
    """Whether JSON is broken only because the text ends too soon."""
    ends = not text.rstrip().endswith("]")
    return ends or (
        isinstance(error, json.JSONDecodeError)
        and (error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"))
    )


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0
