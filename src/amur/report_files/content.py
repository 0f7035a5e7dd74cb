"""What a page or a document shows: the figures of the web page's overview, and the sentences behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from amur.balances import ALL_THEMES
from amur.output.tables import records
from amur.report_files.evidence import Group, evidence
from amur.web import figures
from amur.web.data import Corpus, Filter, make_corpus

if TYPE_CHECKING:
    import pandas as pd

    from amur.report_files.findings import Findings, Origin


@dataclass(frozen=True, slots=True)
class Content:
    """What there is to show.

    Attributes:
        headline: what it comes to.
        origin: where it comes from.
        balances: by source and theme, as ``amur.report`` gives them.
        by_source: those of the sources shown on all themes together, and what they come to.
        by_period: balances over time, and what they come to.
        themes: all themes together, then each, the most frequent first.
        shown: the sources with most statements, of which there are charts and sentences.
        evidence: the sentences, by source.
    """

    headline: str
    origin: Origin
    balances: pd.DataFrame
    by_source: figures.Figure
    by_period: figures.Figure
    themes: tuple[str, ...]
    shown: tuple[str, ...]
    evidence: list[tuple[str, list[Group]]]


def gather(found: Findings) -> Content:
    """Make figures and pick sentences."""
    corpus = _corpus(found)
    table = found.balances
    largest = table[table["theme"] == ALL_THEMES].nlargest(figures.MOST_SOURCES, "statements")
    of_sources = largest.sort_values("balance", ascending=False, ignore_index=True)
    shown = tuple(sorted(largest["source"]))
    themes = (ALL_THEMES, *corpus.themes)
    return Content(
        headline=figures.heatmap(corpus, Filter()).headline,
        origin=found.origin,
        balances=table,
        by_source=figures.Figure(of_sources, figures.say_sources(of_sources)),
        by_period=figures.by_period(corpus, Filter()),
        themes=themes,
        shown=shown,
        evidence=evidence(corpus, records(table), shown, themes),
    )


def _corpus(found: Findings) -> Corpus:
    corpus = make_corpus(found.statements.reset_index(drop=True), found.errors)
    return replace(corpus, once=corpus.by_article) if found.reprints else corpus
