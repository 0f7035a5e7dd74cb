"""The charts, each at an address of its own, with its figures as a table and its picture as SVG and PNG."""

from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException

from amur.output.tables import records
from amur.web import charts, figures
from amur.web.data import Corpus, Filter
from amur.web.models import Balances
from amur.web.pages import Chart, CorpusHere, FilterHere, Page, add_chart, add_page

router = APIRouter()
PeriodHere = Annotated[
    figures.Period | None, Query(description="By month, quarter or year; what is readable if not said.")
]


@add_page(router, "/charts/sources", Balances)
def sources(request: Request, corpus: CorpusHere, wanted: FilterHere) -> Page:  # noqa: ARG001
    """Balances of the sources with intervals."""
    return _page("sources", corpus, wanted)


@add_page(router, "/charts/themes", Balances)
def themes(request: Request, corpus: CorpusHere, wanted: FilterHere) -> Page:  # noqa: ARG001
    """Balances by theme with intervals."""
    return _page("themes", corpus, wanted)


@add_page(router, "/charts/trend", Balances)
def trend(request: Request, corpus: CorpusHere, wanted: FilterHere, period: PeriodHere = None) -> Page:  # noqa: ARG001
    """Balances over time with intervals."""
    return _page("trend", corpus, wanted, period)


_TITLES = {"sources": "Sources", "themes": "Themes", "trend": "Over time"}
_GROUPS = {"sources": "source", "themes": "theme", "trend": "period"}


def _figure(name: str, corpus: Corpus, wanted: Filter, period: figures.Period | None) -> figures.Figure:
    if name == "sources":
        return figures.by_source(corpus, wanted.of_balances)
    if name == "themes":
        return figures.by_theme(corpus, wanted.of_balances)
    return figures.by_period(corpus, wanted.of_balances, period)


def _counted(name: str, corpus: Corpus, wanted: Filter) -> Filter:
    """What of a filter a chart's numbers obey; they lead to the statements that this leaves."""
    return wanted.of_balances if name == "sources" else corpus.over_sources(wanted)


def _shown(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The rows that a chart has room for."""
    return figures.of_largest(table) if name == "sources" else table


def _page(name: str, corpus: Corpus, wanted: Filter, period: figures.Period | None = None) -> Page:
    found = _figure(name, corpus, wanted, period)
    by, shown = _GROUPS[name], _shown(name, found.table)
    counted = _counted(name, corpus, wanted)
    links = [charts.statements_link(counted, **{by: group}) for group in shown[by].astype(str)]
    context = {
        "wanted": wanted,
        "chart": f"/charts/{name}",
        "title": _TITLES[name],
        "by": by,
        "period": period,
        "headline": found.headline,
        "rows": list(zip(records(shown), links, strict=True)),
        "hidden": len(found.table) - len(shown),
        "repeated": corpus.left_out(wanted.of_balances) if counted.once else 0,
        "drawn": bool(found.table["balance"].notna().any()),
    }
    return Page(
        "chart.html",
        context,
        lambda: {"headline": found.headline, "balances": records(found.table)},
        lambda: found.table,
    )


@add_chart(router, "/charts/{name}")
def chart(
    request: Request,  # noqa: ARG001
    name: str,
    corpus: CorpusHere,
    wanted: FilterHere,
    period: PeriodHere = None,
) -> Chart:
    """A chart; on a page its marks lead to their statements."""
    if name == "heatmap":
        found = figures.heatmap(corpus, wanted)
        return charts.heatmap_chart(figures.of_largest(found.table)), found.headline
    if name not in _GROUPS:
        raise HTTPException(404, f"no chart is called {name}; there are heatmap, {', '.join(_GROUPS)}")
    found, counted = _figure(name, corpus, wanted, period), _counted(name, corpus, wanted)
    if name == "trend":
        return charts.trend_chart(found.table, counted), found.headline
    return charts.intervals_chart(_shown(name, found.table), counted, _GROUPS[name]), found.headline
