"""A report as a Word document, with the same charts, figures and sentences as the page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import docx
from docx.shared import Cm, Pt

from amur.characters import printable
from amur.output.balances import readable_balances
from amur.report_files.content import Content, gather
from amur.voices import AUTHOR
from amur.web import charts
from amur.web.templating import STANCE_SIGNS, signed

if TYPE_CHECKING:
    import pandas as pd
    from docx.document import Document

    from amur.report_files.evidence import Group
    from amur.report_files.findings import Findings

_WIDTH, _SMALL = 16.5, 8


def write(found: Findings) -> bytes:
    """The document."""
    content = gather(found)
    page = docx.Document()
    _begin(page, content)
    page.add_heading("How to read this, and how far to trust it", 1)
    for line in content.origin.caveats:
        page.add_paragraph(line)
    page.add_heading("All balances", 1)
    _table(page, readable_balances(content.balances).astype(str))
    for source, groups in content.evidence:
        page.add_page_break()
        page.add_heading(_clean(source), 1)
        for group in groups:
            _group(page, group)
    buffer = io.BytesIO()
    page.save(buffer)
    return buffer.getvalue()


def _begin(page: Document, content: Content) -> None:
    """What it comes to, where it comes from, and the charts."""
    for section in page.sections:
        section.left_margin = section.right_margin = Cm((21 - _WIDTH) / 2)
    page.core_properties.title = _clean(content.headline)
    page.core_properties.author = "amur"
    page.add_heading(_clean(content.headline), 0)
    for name, said in content.origin.facts:
        line = page.add_paragraph()
        line.add_run(f"{name}: ").bold = True
        line.add_run(_clean(said))
    table = content.balances[content.balances["source"].isin(content.shown)]
    themes = charts.heatmap_chart(table.assign(matching=table["statements"]))
    _chart(page, "Sources and themes", content.headline, table, themes)
    sources, periods = content.by_source, content.by_period
    _chart(page, "Sources", sources.headline, sources.table, charts.intervals_chart(sources.table, None, "source"))
    _chart(page, "Over time", periods.headline, periods.table, charts.trend_chart(periods.table, None))


def _chart(page: Document, title: str, headline: str, table: pd.DataFrame, spec: charts.Spec) -> None:
    """A chart with its headline, where there is a balance to draw."""
    page.add_heading(title, 1)
    page.add_paragraph(_clean(headline))
    if table["balance"].notna().any():
        picture = page.add_picture(io.BytesIO(charts.as_png(charts.sized(spec))), width=Cm(_WIDTH))
        picture._inline.docPr.set("descr", _clean(f"{title}: {headline}"))  # noqa: SLF001 (python-docx has no other way)


def _table(page: Document, shown: pd.DataFrame) -> None:
    """A table of texts; its cells are fetched once, for python-docx is slow at that."""
    table = page.add_table(rows=len(shown) + 1, cols=len(shown.columns), style="Light List")
    texts = [*shown.columns, *shown.to_numpy().ravel()]
    for cell, text in zip(table._cells, texts, strict=True):  # noqa: SLF001 (`cell(r, c)` takes a second a row)
        cell.text = _clean(str(text))
        cell.paragraphs[0].runs[0].font.size = Pt(_SMALL)


def _group(page: Document, group: Group) -> None:
    """A source on a theme: its balance, then its sentences."""
    row = group.balance
    page.add_heading("On all themes together" if group.theme == "all" else group.theme, 2)
    told = f", 95% interval {signed(row['low'])} to {signed(row['high'])}" if row["low"] is not None else ""
    left = ", ".join(f"{count:,} of {stance}" for stance, count in group.left.items())
    counts = f"Balance {signed(row['balance'])}{told}; {row['statements']:,} statements."
    page.add_paragraph(counts + (f" Not shown: {left}." if left else ""))
    for quote in group.quotes:
        page.add_paragraph(_clean(f"{STANCE_SIGNS[quote['stance']]} {quote['text']}"), style="Quote")
        page.add_paragraph(_clean(_about(quote)))


def _about(quote: dict[Any, Any]) -> str:
    """Where a sentence stands and how sure its answers are."""
    odds = f"C {quote['convergence']:.2f} F {quote['friction']:.2f}, confidence {quote['confidence']:.2f}"
    voice = quote["voice"] and quote["voice"] != AUTHOR and f"words of {quote['speaker'] or quote['voice']}"
    parts = (f"{quote['stance']} ({odds})", voice, quote["title"] or quote["document"], quote["date"], quote["url"])
    return ", ".join(part for part in parts if part)


def _clean(text: str) -> str:
    return " ".join(printable(text).split())
