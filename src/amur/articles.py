"""Files to articles: text and Markdown, JSON Lines and CSV, web pages, PDF and Word; folders, globs, standard input.

Offsets of statements count in an article's ``text``. For a ``.txt`` or ``.md`` file that is the decoded file, front
matter included, so they point into the file itself. A file that cannot be read is passed over with a warning, so that
one bad file never costs the rest of a batch.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from amur.blocks import front_matter
from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TEXT_SUFFIXES = (".txt", ".md", ".markdown")
TABLE_SUFFIXES = (".jsonl", ".ndjson", ".csv")
DOCUMENT_SUFFIXES = (".html", ".htm", ".pdf", ".docx")
SUFFIXES = TEXT_SUFFIXES + TABLE_SUFFIXES + DOCUMENT_SUFFIXES
STDIN = "standard input"
_FIELDS = ("source", "title", "date", "url", "lang")
_HALVES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Article:
    """One document. ``source`` is the outlet or author that balances are reported by; ``date`` is ISO 8601 or empty."""

    id: str
    text: str
    source: str = ""
    title: str = ""
    date: str = ""
    url: str = ""
    lang: str = ""


Source: TypeAlias = str | Path | Article


def as_sources(given: Source | Iterable[Source]) -> list[Source]:
    """An article or a path, or several, as a list."""
    return [given] if isinstance(given, (str, Path, Article)) else list(given)


def articles_from(given: Source | Iterable[Source]) -> Iterator[Article]:
    """Articles given as such, then those behind the paths; see ``read_articles``."""
    sources = as_sources(given)
    yield from (source for source in sources if isinstance(source, Article))
    yield from read_articles([source for source in sources if not isinstance(source, Article)])


def read_articles(paths: Iterable[str | Path]) -> Iterator[Article]:
    """Read articles from files, folders, globs and ``-`` (standard input), in order.

    An id that an earlier article has is made another: ``tass-2024-05-16`` in the folder ``tass``, or with a number.

    Raises:
        AmurError: none of the paths exists, or no file with a known ending is found below any.
    """
    files, missing = [], []
    for given in paths:
        try:
            files += find_files(given)
        except AmurError as error:
            missing.append(error)
    if missing and not files:
        raise missing[0]
    for absent in missing:
        _warn(f"{absent}; passed over")
    taken: Counter[str] = Counter()
    for path in dict.fromkeys(files):
        try:
            for article in _read_file(path):
                taken[article.id] += 1
                yield article if taken[article.id] == 1 else _renamed(article, path, taken)
        except (AmurError, OSError) as error:
            _warn(f"{error}; passed over")


def _renamed(article: Article, path: str | Path, taken: Counter[str]) -> Article:
    """An article under another id than that of an earlier one: with its folder's name, or else a number."""
    folder = f"{Path(path).parent.name}-{article.id}"
    names = (folder, *(f"{article.id}-{number}" for number in range(2, taken[article.id] + 2)))
    free = next(name for name in names if name not in taken)
    taken[free] += 1
    return replace(article, id=free)


def find_files(given: str | Path) -> list[str | Path]:
    """The files a path argument stands for: itself, all below a folder, all that match a glob.

    Raises:
        AmurError: there are none.
    """
    if str(given) == "-":
        return ["-"]
    path = Path(given)
    try:
        found = _below(path)
    except (OSError, ValueError) as error:
        msg = f"cannot look for {given} ({error}); check the path"
        raise AmurError(msg) from error
    if found is None:
        msg = f"no such file or folder: {given}; check the path"
        raise AmurError(msg)
    if not found:
        msg = f"nothing to read in {given}: looked for {', '.join(SUFFIXES)}"
        raise AmurError(msg)
    return list(found)


def _below(path: Path) -> list[Path] | None:
    """The file itself, those below a folder, or those that match a glob; None where the path is none of these."""
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if path.exists():
        return [path]
    if any(character in str(path) for character in "*?["):
        root = Path(path.anchor) if path.is_absolute() else Path()
        return sorted(p for p in root.glob(str(path.relative_to(path.anchor))) if p.is_file())
    return None


def _read_file(path: str | Path) -> Iterator[Article]:
    if path == "-":
        return parse_article_file(sys.stdin.buffer.read(), STDIN)
    return parse_article_file(Path(path).read_bytes(), str(path))


def parse_article_file(data: bytes, name: str) -> Iterator[Article]:
    """The articles in the bytes of a file; what it is, its name's ending tells.

    Raises:
        AmurError: it is empty, or not what its name says.

    Warns:
        InputWarning: a line was passed over.
    """
    suffix = Path(name).suffix.lower()
    if suffix in DOCUMENT_SUFFIXES:
        yield _from_document(data, name)
        return
    text = decode(data, name)
    if not text.strip():
        msg = f"{name} is empty"
        raise AmurError(msg)
    if suffix in {".jsonl", ".ndjson"} or (not suffix and text.lstrip().startswith("{")):
        yield from _from_rows(_json_rows(text, name), name)
    elif suffix == ".csv":
        yield from _from_rows(_csv_rows(text, name), name)
    else:
        yield _from_text(text, "stdin" if name == STDIN else Path(name).stem, name)


def _from_document(data: bytes, name: str) -> Article:
    from amur.documents import read_document  # noqa: PLC0415 (its libraries are optional)

    found = read_document(data, name)
    if not found.text.strip():
        msg = f"{name} holds no text that can be read; save it as .txt"
        raise AmurError(msg)
    stem = Path(name).stem
    told = map(_characters, (found.text, found.source or stem, found.title, found.date, found.url))
    return Article(stem, *told)


def decode(data: bytes, name: str) -> str:
    """Bytes of a file as text, line ends untouched; UTF-8, or UTF-16 with a byte order mark.

    Raises:
        AmurError: the bytes are no text in those encodings.
    """
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    if b"\0" in data[:4096] and encoding != "utf-16":
        msg = f"{name} is not a text file; give {', '.join(SUFFIXES)}"
        raise AmurError(msg)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        msg = f"{name} is not in {error.encoding.upper()} (byte {error.start:,}); save it as UTF-8"
        raise AmurError(msg) from error


def _from_text(text: str, stem: str, name: str) -> Article:
    meta = _fields(front_matter(text), name)
    return Article(
        id=stem, text=text, **{"source": stem} | {field: _plain(meta[field]) for field in _FIELDS if meta.get(field)}
    )


def _fields(block: str, name: str) -> dict[str, Any]:
    """Fields of the front matter: as YAML or, where titles have colons that YAML would want quoted, line by line."""
    lines = block.splitlines()[1:-1]
    try:
        meta = yaml.safe_load("\n".join(lines))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # values such as 30 February, a thousand brackets
        pairs = [line.partition(":") for line in lines if line.strip()]
        plain = all(colon and key.isidentifier() for key, colon, _ in pairs)
        if not isinstance(error, (yaml.scanner.ScannerError, ValueError)) or not plain:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
            _warn(f"{name}: front matter is not YAML at line {line}; read without it")
            return {}
        meta = {key: value.strip().strip("'\"") for key, _, value in pairs}
    return {str(key).lower(): value for key, value in meta.items()} if isinstance(meta, dict) else {}


def _from_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], name: str) -> Iterator[Article]:
    for number, row in rows:
        text = row.get("text")
        if not isinstance(text, str) or not text.strip():
            _warn(f"{name}, line {number}: no `text`; line passed over")
            continue
        given = {field: _plain(row[field]) for field in _FIELDS if row.get(field)}
        key = _plain(row.get("id")) or f"{Path(name).stem}-{number}"
        yield Article(id=key, text=_characters(text), **{"source": key} | given)


def _json_rows(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            _warn(f"{name}, line {number}: not JSON ({error}); line passed over")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            _warn(f"{name}, line {number}: not a JSON object; line passed over")


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if "text" not in (reader.fieldnames or ()):
        has = ", ".join(reader.fieldnames or ["none"])
        msg = f"{name} has no column `text` (it has {has}); name the column with the articles `text`"
        raise AmurError(msg)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        msg = f"{name}, line {reader.line_num}: not CSV ({error})"
        raise AmurError(msg) from error


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    return _characters(str(value).strip()) if isinstance(value, (str, int, float)) else ""


def _characters(text: str) -> str:
    """A text without halves of characters, which JSON and PDF files can hold and nothing else can read."""
    return _HALVES.sub("\N{REPLACEMENT CHARACTER}", text)


def _warn(message: str) -> None:
    warnings.warn(message, InputWarning, stacklevel=3)
