"""Web pages, PDF and Word files to text, one function a format; needs the extra ``documents``.

Such files come from strangers, so each function bounds what it unpacks before it does.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from amur.errors import AmurError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_FILE = 20_000_000
"""Bytes of a file."""

MAX_UNPACKED = 40_000_000
"""Bytes of all that a Word file holds, unpacked."""

MAX_MARKUP = 800_000
"""Tags and attributes of a web page or a Word file: each costs time and memory. A book has half of it."""

MAX_PAGES, MAX_TEXT = 1_000, 2_000_000
"""Pages of a PDF file, and characters of any text."""


class Document(NamedTuple):
    """The text of a file, and what it says about itself, as ``amur.articles.Article`` has it."""

    text: str
    title: str = ""
    source: str = ""
    date: str = ""
    url: str = ""


def read_document(data: bytes, name: str) -> Document:
    """Read a web page, a PDF or a Word file; which of them, its name's ending tells.

    Raises:
        AmurError: it is too large or broken, or the library for it is missing.
    """
    if len(data) > MAX_FILE:
        msg = f"{name} has more than {MAX_FILE // 1_000_000} MB; save its text as .txt"
        raise AmurError(msg)
    read = _READERS[Path(name).suffix.lower()]
    try:
        found = read(data, name)
    except AmurError:
        raise
    except ImportError as error:
        msg = f"cannot read {name} without {error.name}; pip install 'amur[documents]'"
        raise AmurError(msg) from error
    except Exception as error:  # what a broken file makes of a parser is not foreseeable
        msg = f"cannot read {name}: {str(error) or type(error).__name__}; save its text as .txt"
        raise AmurError(msg) from error
    if len(found.text) > MAX_TEXT:
        msg = f"{name} has more than {MAX_TEXT:,} characters of text; cut it into parts"
        raise AmurError(msg)
    return found


def _check_markup(parts: Iterable[bytes], name: str) -> None:
    """Refuse what has too many tags and attributes, counted by their marks in whatever it holds, pictures too."""
    if sum(part.count(b"<") + part.count(b"=") for part in parts) > MAX_MARKUP:
        msg = f"{name} has more than {MAX_MARKUP:,} tags and attributes; save its text as .txt"
        raise AmurError(msg)


def _read_html(data: bytes, name: str) -> Document:
    _check_markup([data], name)
    import trafilatura  # noqa: PLC0415 (slow to import)

    found = trafilatura.bare_extraction(data, with_metadata=True, include_comments=False, include_tables=False)
    if found is None or not found.text:
        msg = f"{name} holds no article that can be told from the page around it; paste its text"
        raise AmurError(msg)
    paragraphs = found.text.replace("\n", "\n\n")
    return Document(paragraphs, found.title or "", found.sitename or "", found.date or "", found.url or "")


def _read_pdf(data: bytes, name: str) -> Document:
    import pypdf  # noqa: PLC0415

    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        msg = f"{name} is locked with a password; save it without"
        raise AmurError(msg)
    if len(reader.pages) > MAX_PAGES:
        msg = f"{name} has more than {MAX_PAGES:,} pages; cut it into parts"
        raise AmurError(msg)
    texts: list[str] = []
    for page in reader.pages:
        texts.append(page.extract_text())
        if sum(map(len, texts)) > MAX_TEXT:
            break  # the caller says so
    return Document("\n".join(texts), (reader.metadata.title if reader.metadata else "") or "")


def _read_docx(data: bytes, name: str) -> Document:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        # zipfile never unpacks more of a member than its header declares
        if sum(member.file_size for member in packed.infolist()) > MAX_UNPACKED:
            msg = f"{name} unpacks to more than {MAX_UNPACKED // 1_000_000} MB; save its text as .txt"
            raise AmurError(msg)
        # all members: not their names but what the file says of them tells which are parsed
        _check_markup((packed.read(member) for member in packed.infolist()), name)
    import docx  # noqa: PLC0415

    document = docx.Document(io.BytesIO(data))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    return Document("\n\n".join(text for text in paragraphs if text.strip()), document.core_properties.title or "")


_READERS: dict[str, Callable[[bytes, str], Document]] = {
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
}
