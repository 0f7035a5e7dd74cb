"""Web pages, PDF and Word files become articles; broken and oversized ones are refused in one line."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from amur import documents
from amur.articles import parse_article_file, read_articles
from amur.documents import read_document
from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARAGRAPHS = (
    "Beijing and Moscow signed a contract for gas on Monday.",
    "Moscow is still waiting for the first payment.",
)

PAGE = f"""<!doctype html><html><head><title>Gas contract</title><meta property="og:site_name" content="Harbour Post">
<meta property="article:published_time" content="2024-05-16"></head><body><nav><a href="/">Subscribe today</a></nav>
<article><h1>Gas contract</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS * 4)}</article>
<footer>All rights reserved</footer></body></html>"""


def word_file() -> bytes:
    document = docx.Document()
    document.core_properties.title = "Gas contract"
    for text in PARAGRAPHS:
        document.add_paragraph(text)
    document.save(packed := io.BytesIO())
    return packed.getvalue()


def pdf_file(*, pages: int = 1, locked: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    for _ in range(pages):
        page = writer.add_blank_page(600, 800)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
        )
        stream = DecodedStreamObject()
        lines = "".join(f"({text}) Tj 0 -20 Td " for text in PARAGRAPHS)
        stream.set_data(f"BT /F 12 Tf 20 700 Td {lines}ET".encode())
        page[NameObject("/Contents")] = stream
    writer.add_metadata({"/Title": "Gas contract"})
    if locked:
        writer.encrypt(locked)
    writer.write(packed := io.BytesIO())
    return packed.getvalue()


def test_a_web_page_is_its_article_with_what_the_page_says_of_it() -> None:
    [article] = parse_article_file(PAGE.encode(), "gas.html")
    assert (article.id, article.source, article.title, article.date) == (
        "gas",
        "Harbour Post",
        "Gas contract",
        "2024-05-16",
    )
    assert "Subscribe" not in article.text
    assert article.text.count(PARAGRAPHS[0] + "\n\n" + PARAGRAPHS[1]) == 4


@pytest.mark.parametrize(("name", "make"), [("gas.pdf", pdf_file), ("gas.docx", word_file)])
def test_pdf_and_word_files_are_their_text(name: str, make: Callable[[], bytes]) -> None:
    [article] = parse_article_file(make(), name)
    assert (article.id, article.source, article.title) == ("gas", "gas", "Gas contract")
    assert all(text in article.text for text in PARAGRAPHS)


def test_they_are_found_in_a_folder_beside_texts_and_a_broken_one_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PARAGRAPHS[0])
    (tmp_path / "b.docx").write_bytes(word_file())
    (tmp_path / "c.pdf").write_bytes(b"no pdf")
    with pytest.warns(InputWarning, match=r"cannot read .*c\.pdf"):
        assert [article.id for article in read_articles([tmp_path])] == ["a", "b"]


@pytest.mark.parametrize(("data", "name", "why"), [
    (b"PK no zip", "x.docx", "cannot read x.docx"),
    (b"<html><body></body></html>", "x.html", "paste its text"),
    (pdf_file(locked="secret"), "x.pdf", "locked with a password"),
    (b"x" * (documents.MAX_FILE + 1), "x.pdf", "more than 20 MB"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_line(data: bytes, name: str, why: str) -> None:
    with pytest.raises(AmurError, match=why):
        read_document(data, name)


def test_a_zip_bomb_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"\0" * (documents.MAX_UNPACKED + 1))
    assert len(packed.getvalue()) < 200_000
    with pytest.raises(AmurError, match="unpacks to more than 40 MB"):
        read_document(packed.getvalue(), "x.docx")


def with_markup(markup: bytes) -> bytes:
    """A Word file whose text begins with some markup."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_file())) as before,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for member in before.infolist():
            after.writestr(member, before.read(member).replace(b"<w:body>", b"<w:body>" + markup))
    return packed.getvalue()


@pytest.mark.parametrize("markup", [b"<w:p/>", b'<w:p w:a="1"/>'])
def test_a_word_file_of_too_many_tags_is_not_parsed(markup: bytes) -> None:
    data = with_markup(markup * documents.MAX_MARKUP)
    assert len(data) < 100_000
    with pytest.raises(AmurError, match="more than 800,000 tags and attributes; save its text"):
        read_document(data, "x.docx")


def test_a_web_page_of_too_many_tags_is_not_parsed() -> None:
    with pytest.raises(AmurError, match="more than 800,000 tags and attributes"):
        read_document(PAGE.encode().replace(b"<footer>", b"<p>" * documents.MAX_MARKUP), "x.html")


def test_a_word_file_of_a_quarter_of_a_million_words_is_read() -> None:
    run = b'<w:r w:rsidR="00AB12CD"><w:rPr><w:lang w:val="en-GB"/></w:rPr><w:t>Gas flows from Siberia to China. </w:t></w:r>'
    paragraph = b'<w:p w:rsidR="00AB12CD"><w:pPr><w:jc w:val="both"/></w:pPr>' + 12 * run + b"</w:p>"
    assert len(read_document(with_markup(3_500 * paragraph), "book.docx").text.split()) > 250_000


def test_a_pdf_of_too_many_pages_or_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf_file(pages=3)
    monkeypatch.setattr(documents, "MAX_TEXT", 100)
    with pytest.raises(AmurError, match="more than 100 characters"):
        read_document(data, "x.pdf")
    monkeypatch.setattr(documents, "MAX_PAGES", 2)
    with pytest.raises(AmurError, match="more than 2 pages"):
        read_document(data, "x.pdf")
