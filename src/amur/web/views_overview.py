"""The overview: source by theme, then the charts."""

from typing import Any

import pandas as pd
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from amur.web import figures
from amur.web.charts import statements_link
from amur.web.data import Corpus, Filter
from amur.web.models import Balances
from amur.web.pages import CorpusHere, FilterHere, Page, add_page, records
from amur.web.palette import step

router = APIRouter()
_LARGEST, _SMALLEST = 26, 5


@router.get("/", include_in_schema=False)
def start() -> RedirectResponse:
    """The overview has an address of its own, so that its data has one beside it."""
    return RedirectResponse("/overview")


@add_page(router, "/overview", Balances)
def overview(request: Request, corpus: CorpusHere, wanted: FilterHere) -> Page:  # noqa: ARG001 (as ``add_page`` asks)
    """Balances by source and theme with intervals, as ``amur report`` gives them."""
    found = figures.heatmap(corpus, wanted)
    context = {"wanted": wanted, "headline": found.headline, "grid": grid(corpus, found.table, wanted)}

    def told() -> figures.Figure:
        return figures.by_source_and_theme(corpus, wanted.of_balances)

    return Page(
        "overview.html",
        context,
        lambda: {"headline": told().headline, "balances": records(told().table)},
        lambda: told().table,
    )


def grid(corpus: Corpus, table: pd.DataFrame, wanted: Filter) -> dict[str, Any]:
    """The heat map as rows of cells: those of the sources with most statements, the themes in the corpus's order."""
    themes = [theme for theme in ("all", *corpus.themes) if theme in set(table["theme"])]
    sizes = table.groupby("source")["statements"].max().nlargest(figures.MOST_SOURCES)
    largest = max(table.loc[table["theme"] != "all", "matching"].max(), 1) if len(themes) > 1 else sizes.max()
    found = {(row["source"], row["theme"]): _cell(row, wanted, largest) for row in table.to_dict("records")}
    rows = [(source, [found.get((source, theme)) for theme in themes]) for source in sorted(sizes.index)]
    return {"themes": themes, "rows": rows, "hidden": table["source"].nunique() - len(rows)}


def _cell(row: dict[Any, Any], wanted: Filter, largest: int) -> dict[str, Any]:
    """A cell: a square whose area is the number of statements and whose colour is the balance."""
    told = not pd.isna(row["balance"])
    side = max(_SMALLEST, _LARGEST * min(1.0, row["matching"] / largest) ** 0.5)
    return {
        "balance": row["balance"] if told else None,
        "step": step(row["balance"]) if told else None,
        "matching": int(row["matching"]),
        "side": round(side, 1),
        "link": statements_link(wanted, source=row["source"], theme=row["theme"]),
    }
