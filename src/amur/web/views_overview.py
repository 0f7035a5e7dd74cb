"""The overview: source by theme, then the charts."""

from typing import Any

import pandas as pd
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from amur.balances import ALL_THEMES
from amur.output.tables import records
from amur.web import figures
from amur.web.charts import statements_link
from amur.web.data import Corpus, Filter
from amur.web.heat import Links, grid
from amur.web.models import Balances
from amur.web.pages import CorpusHere, FilterHere, Page, add_page

router = APIRouter()


@router.get("/", include_in_schema=False)
def start() -> RedirectResponse:
    """The overview has an address of its own, so that its data has one beside it."""
    return RedirectResponse("/overview")


@add_page(router, "/overview", Balances)
def overview(request: Request, corpus: CorpusHere, wanted: FilterHere) -> Page:  # noqa: ARG001 (as ``add_page`` asks)
    """Balances by source and theme with intervals, as ``amur report`` gives them."""
    found = figures.heatmap(corpus, wanted)
    context = {"wanted": wanted, "headline": found.headline, "grid": _grid(corpus, found.table, wanted)}

    def told() -> figures.Figure:
        return figures.by_source_and_theme(corpus, wanted.of_balances)

    return Page(
        "overview.html",
        context,
        lambda: {"headline": told().headline, "balances": records(told().table)},
        lambda: told().table,
    )


def _grid(corpus: Corpus, table: pd.DataFrame, wanted: Filter) -> dict[str, Any]:
    """The heat map, whose cells lead to statements, and whose heads to the pages of sources and themes."""
    links = Links(
        lambda source, theme: statements_link(wanted, source=source, theme=theme),
        lambda source: wanted.link("/source", source=(source,), theme=""),
        lambda theme: "" if theme == ALL_THEMES else wanted.link("/theme", theme=theme, source=()),
    )
    return grid(table, corpus.themes, figures.MOST_SOURCES, links)
