"""The charts, each at an address of its own, with its figures as a table and its picture as SVG and PNG."""

from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from amur.output.tables import records
from amur.web import charts, figures
from amur.web.data import Corpus, Filter
from amur.web.models import Balances
from amur.web.pages import CorpusHere, FilterHere, Page, add_page

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


def _shown(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The rows that a chart has room for."""
    return figures.of_largest(table) if name == "sources" else table


def _page(name: str, corpus: Corpus, wanted: Filter, period: figures.Period | None = None) -> Page:
    found = _figure(name, corpus, wanted, period)
    by, shown = _GROUPS[name], _shown(name, found.table)
    links = [charts.statements_link(wanted.of_balances, **{by: group}) for group in shown[by].astype(str)]
    context = {
        "wanted": wanted,
        "chart": f"/charts/{name}",
        "title": _TITLES[name],
        "by": by,
        "period": period,
        "headline": found.headline,
        "rows": list(zip(records(shown), links, strict=True)),
        "hidden": len(found.table) - len(shown),
        "drawn": bool(found.table["balance"].notna().any()),
    }
    return Page(
        "chart.html",
        context,
        lambda: {"headline": found.headline, "balances": records(found.table)},
        lambda: found.table,
    )


def _spec(
    name: str, corpus: Corpus, wanted: Filter, period: figures.Period | None, *, linked: bool = False
) -> tuple[charts.Spec, str]:
    """A chart and its headline; ``linked`` where its numbers lead to their statements, as they do on a page."""
    if name == "heatmap":
        found = figures.heatmap(corpus, wanted)
        return charts.heatmap_chart(figures.of_largest(found.table), wanted if linked else None), found.headline
    if name not in _GROUPS:
        raise HTTPException(404, f"no chart is called {name}; there are heatmap, {', '.join(_GROUPS)}")
    found, leads = _figure(name, corpus, wanted, period), wanted.of_balances if linked else None
    if name == "trend":
        return charts.trend_chart(found.table, leads), found.headline
    return charts.intervals_chart(_shown(name, found.table), leads, _GROUPS[name]), found.headline


@router.get("/charts/{name}.vl.json", response_class=JSONResponse)
def as_vega_lite(name: str, corpus: CorpusHere, wanted: FilterHere, period: PeriodHere = None) -> Response:
    """A chart as Vega-Lite."""
    return JSONResponse(_spec(name, corpus, wanted, period, linked=True)[0])


@router.get("/charts/{name}.svg", response_class=Response)
def as_svg(name: str, corpus: CorpusHere, wanted: FilterHere, period: PeriodHere = None) -> Response:
    """A chart as SVG."""
    spec, headline = _spec(name, corpus, wanted, period)
    return Response(charts.as_svg(charts.titled(spec, headline)), media_type="image/svg+xml")


@router.get("/charts/{name}.png", response_class=Response)
def as_png(name: str, corpus: CorpusHere, wanted: FilterHere, period: PeriodHere = None) -> Response:
    """A chart as PNG."""
    spec, headline = _spec(name, corpus, wanted, period)
    return Response(charts.as_png(charts.titled(spec, headline)), media_type="image/png")
