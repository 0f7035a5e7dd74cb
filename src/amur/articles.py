"""Files to articles: text and Markdown, JSON Lines and CSV, web pages, PDF and Word; folders, globs, standard input.

Offsets of statements count in an article's ``text``. For a ``.txt`` or ``.md`` file that is the decoded file, front
matter included, so they point into the file itself. A file that cannot be read is passed over with a warning, so that
one bad file never costs the rest of a batch.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from amur.article_rows import csv_rows, json_rows
from amur.blocks import front_matter
from amur.characters import printable, printable_name
from amur.codebook import QUESTIONS
from amur.dates import iso_date
from amur.errors import AmurError, InputWarning, Note

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

TEXT_SUFFIXES = (".txt", ".md", ".markdown")
TABLE_SUFFIXES = (".jsonl", ".ndjson", ".csv")
DOCUMENT_SUFFIXES = (".html", ".htm", ".pdf", ".docx")
SUFFIXES = TEXT_SUFFIXES + TABLE_SUFFIXES + DOCUMENT_SUFFIXES
STDIN = "standard input"
_UNREAD = (".json", ".rtf", ".doc", ".odt", ".tsv", ".xls", ".xlsx", ".xml", ".epub", ".eml")
"""Endings of files that may hold articles too; the pictures and programs of a folder are left out without a word."""

_FIELDS = ("source", "title", "date", "url", "lang")
_JSON = re.compile(r"\s*\[?\s*\{")


@dataclass(frozen=True, slots=True)
class Article:
    """One document.

    ``source`` is the outlet or author that balances are reported by, by default the id. ``date`` is ISO 8601; any other
    has no place in time. Characters that no chart or Word file can hold are replaced, one for one, see
    ``amur.characters``.
    """

    id: str
    text: str
    source: str = ""
    title: str = ""
    date: str = ""
    url: str = ""
    lang: str = ""

    def __post_init__(self) -> None:  # noqa: D105 (the class says what it does)
        object.__setattr__(self, "text", printable(self.text))
        for name in ("id", *_FIELDS):
            object.__setattr__(self, name, printable_name(getattr(self, name) or ""))
        if not self.source.strip():
            object.__setattr__(self, "source", self.id)


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

    Warns:
        InputWarning: a path, file or line was passed over.
        Note: dates are not ISO 8601.
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
    odd = []
    for path in dict.fromkeys(files):
        try:
            for article in _read_file(path):
                if article.date and not iso_date(article.date):
                    odd.append(article.date)
                taken[article.id] += 1
                yield article if taken[article.id] == 1 else _renamed(article, path, taken)
        except (AmurError, OSError) as error:
            _warn(f"{error}; passed over")
    if odd:
        told = f"{len(odd):,} articles have no place in time, with dates such as {odd[0][:40]!r}"
        warnings.warn(f"{told}; write them as 2024-05-16", Note, stacklevel=2)


def _renamed(article: Article, path: str | Path, taken: Counter[str]) -> Article:
    """An article under another id than that of an earlier one: with its folder's name, or else a number."""
    folder = printable_name(f"{Path(path).parent.name}-{article.id}")
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
        files = files_below(path, SUFFIXES + _UNREAD)
        _warn_of_unread(path, files)
        return [p for p in files if p.suffix.lower() in SUFFIXES]
    if path.exists():
        return [path]
    if any(character in str(path) for character in "*?["):
        root = Path(path.anchor) if path.is_absolute() else Path()
        found = root.glob(str(path.relative_to(path.anchor)))
        return sorted(p for p in found if p.is_file() and not p.name.startswith("."))
    return None


def files_below(folder: Path, endings: Collection[str]) -> list[Path]:
    """The files of some endings anywhere below a folder, in order, but for hidden ones."""
    known = (p for p in folder.rglob("*") if p.suffix.lower() in endings and p.is_file())
    return sorted(p for p in known if not any(part.startswith(".") for part in p.relative_to(folder).parts))


def _warn_of_unread(folder: Path, files: Iterable[Path]) -> None:
    """Say how many files of a folder may hold articles and are not read."""
    kinds = Counter(p.suffix.lower() for p in files if p.suffix.lower() in _UNREAD)
    if kinds:
        told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
        _warn(f"{folder}: files of kinds that are not read passed over ({told}); save them as {', '.join(SUFFIXES)}")


def _read_file(path: str | Path) -> Iterator[Article]:
    if path == "-":
        return parse_article_file(sys.stdin.buffer.read(), STDIN)
    return parse_article_file(Path(path).read_bytes(), str(path))


def parse_article_file(data: bytes, name: str) -> Iterator[Article]:
    """The articles in the bytes of a file; what it is, its name's ending tells.

    Raises:
        AmurError: it is empty, of an unknown kind, or not what its name says.

    Warns:
        InputWarning: a line was passed over.
    """
    name = printable_name(name)
    suffix = Path(name).suffix.lower()
    if suffix in DOCUMENT_SUFFIXES:
        yield _from_document(data, name)
        return
    if suffix and suffix not in SUFFIXES:
        msg = f"{name} is of no kind that can be read; save it as {', '.join(SUFFIXES)}"
        raise AmurError(msg)
    text = decode(data, name)
    if not text.strip():
        msg = f"{name} is empty"
        raise AmurError(msg)
    if suffix in {".jsonl", ".ndjson"} or (not suffix and _JSON.match(text)):
        yield from _from_rows(json_rows(text, name), name)
    elif suffix == ".csv" or (not suffix and _begins_as_csv(text)):
        yield from _from_rows(csv_rows(text, name), name)
    else:
        yield _from_text(text, "stdin" if name == STDIN else Path(name).stem, name)


def _from_document(data: bytes, name: str) -> Article:
    from amur.documents import read_document  # noqa: PLC0415 (its libraries are optional)

    found = read_document(data, name)
    if not found.text.strip():
        msg = f"{name} holds no text that can be read; save it as .txt"
        raise AmurError(msg)
    stem = Path(name).stem
    return Article(stem, found.text, found.source, found.title, found.date, found.url)


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
    meta = _fields(printable(front_matter(text)), name)
    return Article(id=stem, text=text, **_told(meta))


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
        if row.keys() >= {"stance", *QUESTIONS}:
            msg = f"{name} holds classified statements, not articles; name the file itself, to `amur report` or `serve`"
            raise AmurError(msg)
        text = row.get("text")
        if not isinstance(text, str) or not text.strip():
            _warn(f"{name}, line {number}: no `text`; line passed over")
            continue
        key = _plain(row.get("id")) or f"{Path(name).stem}-{number}"
        yield Article(id=key, text=text, **_told(row))


def _begins_as_csv(text: str) -> bool:
    """Whether the first line names ``text`` and another field of articles."""
    columns = {column.strip('\r "') for column in text.partition("\n")[0].split(",")}
    return "text" in columns and not columns.isdisjoint({"id", *_FIELDS})


def _told(values: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an article as far as they say something."""
    return {field: _plain(values.get(field)) for field in _FIELDS}


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    return printable_name(str(value)).strip() if isinstance(value, (str, int, float)) else ""


def _warn(message: str) -> None:
    warnings.warn(printable_name(message), InputWarning, stacklevel=3)
