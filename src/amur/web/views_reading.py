"""Statements, sources, themes, articles, and two sources side by side."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException

from amur import comparisons
from amur.balances import ALL_THEMES, balances_of, regroup
from amur.errors import AmurError
from amur.output.tables import records
from amur.pipeline import COLUMNS
from amur.web import figures, models
from amur.web.data import Corpus, Filter, pick
from amur.web.pages import CorpusHere, FilterHere, Page, add_page, only_source
from amur.web.reading import paragraphs

router = APIRouter()
_PAGE = 50
_SIDE = 12
Order = Literal["surest", "newest", "oldest"]


@add_page(router, "/statements", models.Statements)
def statements(
    request: Request,  # noqa: ARG001 (as ``add_page`` asks)
    corpus: CorpusHere,
    wanted: FilterHere,
    order: Order = "surest",
    page: Annotated[int, Query(ge=1, le=100_000, description="Pages of 50 statements.")] = 1,
) -> Page:
    """The statements behind a number; in CSV all of them."""
    found = ordered(corpus.statements[corpus.selected(wanted)], order)
    shown = found.iloc[(page - 1) * _PAGE : page * _PAGE]
    context = {
        "wanted": wanted,
        "order": order,
        "page": page,
        "pages": -(-len(found) // _PAGE),
        "total": len(found),
        "balance": total(corpus, wanted),
        "repeated": corpus.left_out(wanted),
        "statements": shown.to_dict("records"),
    }
    return Page(
        "statements.html",
        context,
        lambda: {"total": len(found), "page": page, "statements": records(_written(shown))},
        lambda: _written(found),
    )


@add_page(router, "/source", models.SourceData)
def source(request: Request, corpus: CorpusHere, wanted: FilterHere) -> Page:  # noqa: ARG001
    """A source: its balances by theme, its trend and its articles."""
    name = only_source(corpus, wanted)
    articles = corpus.articles[corpus.articles["source"] == name].sort_values("date", ascending=False)
    context = {
        "wanted": wanted,
        "name": name,
        "balance": total(corpus, wanted),
        "articles": articles.to_dict("records"),
    }

    def data() -> dict[str, Any]:
        found = figures.by_theme(corpus, wanted.of_balances)
        told = {"headline": found.headline, "balances": records(found.table)}
        return {"source": name, **told, "articles": records(articles)}

    return Page("source.html", context, data, lambda: figures.by_theme(corpus, wanted.of_balances).table)


@add_page(router, "/theme", models.ThemeData)
def theme(request: Request, corpus: CorpusHere, wanted: FilterHere) -> Page:  # noqa: ARG001
    """A theme: the sources' balances on it, and its trend."""
    if wanted.theme not in corpus.themes:
        msg = f"no theme is called {wanted.theme or 'nothing'}; there are {', '.join(corpus.themes)}"
        raise HTTPException(404, msg)
    counts = corpus.by_article.counts
    on_theme = set(counts.loc[counts["theme"] == wanted.theme, "source"])
    context = {
        "wanted": wanted,
        "name": wanted.theme,
        "balance": total(corpus, wanted),
        "repeated": corpus.left_out(wanted.of_balances),
        "sources": sorted(on_theme),
    }

    def told() -> figures.Figure:
        return figures.by_source(corpus, wanted.of_balances)

    return Page(
        "theme.html",
        context,
        lambda: {"theme": wanted.theme, "headline": told().headline, "balances": records(told().table)},
        lambda: told().table,
    )


@add_page(router, "/article", models.ArticleData)
def article(
    request: Request,  # noqa: ARG001
    corpus: CorpusHere,
    document: Annotated[str, Query(description="The article's id.")],
) -> Page:
    """An article with its statements in place."""
    found = corpus.articles[corpus.articles["document"] == document]
    if found.empty:
        raise HTTPException(404, f"no article is called {document}; look on its source's page")
    rows = corpus.statements[(corpus.statements["document"] == document).to_numpy()]
    about = records(found)[0]
    counts = corpus.by_article.counts
    groups = pick(corpus.by_article, ((counts["document"] == document) & (counts["theme"] == ALL_THEMES)).to_numpy())
    context = {
        "article": about,
        "balance": _one_row(balances_of(regroup(groups, ["document"]), corpus.errors)),
        "paragraphs": paragraphs(corpus.texts.get(document), rows),
    }
    return Page(
        "article.html",
        context,
        lambda: {"article": about, "statements": records(_written(rows))},
        lambda: _written(rows),
    )


@add_page(router, "/compare", models.Comparison)
def compare(
    request: Request,  # noqa: ARG001
    corpus: CorpusHere,
    wanted: FilterHere,
    first: Annotated[str, Query(description="A source.")] = "",
    second: Annotated[str, Query(description="Another source.")] = "",
) -> Page:
    """Two sources side by side, on one theme or on all."""
    names = [name for name in (first, second) if name]
    unknown = [name for name in names if name not in corpus.sources]
    if unknown:
        raise HTTPException(404, f"no source is called {unknown[0]}; choose two of the list")
    sides = [_side(corpus, wanted.of_balances, name) for name in names]
    difference, why = (None, "") if len(set(names)) < 2 else _difference(corpus, wanted.of_balances, names)  # noqa: PLR2004
    table = pd.DataFrame([{"source": side["name"], **side["balance"]} for side in sides if side["balance"]])
    context = {"wanted": wanted, "first": first, "second": second, "sides": sides, "difference": difference, "why": why}
    return Page("compare.html", context, lambda: {"difference": difference, "balances": records(table)}, lambda: table)


def _side(corpus: Corpus, wanted: Filter, name: str) -> dict[str, Any]:
    """What one source says: its balance and the statements that say it most surely."""
    mine = replace(wanted, source=(name,))
    found = corpus.statements[corpus.selected(mine)]
    sided = ordered(found[(found["stance"] != "neutral").to_numpy()], "surest").head(_SIDE)
    return {"name": name, "filter": mine, "balance": total(corpus, mine), "statements": sided.to_dict("records")}


def _difference(corpus: Corpus, wanted: Filter, names: list[str]) -> tuple[dict[str, Any] | None, str]:
    """The difference of two sources' balances, or why there is none."""
    both = replace(wanted, source=tuple(names))
    chosen = corpus.statements[corpus.selected(both)]
    try:
        table = comparisons.compare(
            chosen.assign(source=chosen["source"].astype(str)), "source", names, errors=corpus.errors
        )
    except AmurError as error:
        return None, str(error)
    return records(table)[0], ""


def total(corpus: Corpus, wanted: Filter) -> dict[str, Any] | None:
    """The balance of all statements that a filter leaves, whatever their stance; None where there are none."""
    groups = corpus.chosen(corpus.over_sources(wanted), themes=False)
    return _one_row(balances_of(regroup(groups, ["theme"]), corpus.errors))


def _one_row(table: pd.DataFrame) -> dict[str, Any] | None:
    return records(table)[0] if len(table) else None


def ordered(table: pd.DataFrame, order: Order) -> pd.DataFrame:
    """Statements, the surest first and neutral ones after the others, or by date."""
    if order == "surest":
        keys = pd.DataFrame({"neutral": table["stance"] == "neutral", "sure": -table["confidence"]})
        return table.loc[keys.sort_values(["neutral", "sure"], kind="stable").index]
    return table.sort_values("date", ascending=order == "oldest", kind="stable")


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that ``amur classify`` writes."""
    return table[[name for name in COLUMNS if name in table]]
