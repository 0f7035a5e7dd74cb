"""What every page has in common: a page for reading at its address, the same as ``.json`` and ``.csv`` beside it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from amur import output
from amur.web import charts
from amur.web.data import Corpus, Filter
from amur.web.problems import Problem
from amur.web.templating import templates

_DATE = r"^(\d{4}(-\d\d){0,2})?$"
_Seen = TypeVar("_Seen")
Chart = tuple[charts.Spec, str]
"""A chart, and the sentence that it comes to."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page three ways; what costs time is made only where it is asked for.

    Attributes:
        template: of the page for reading.
        context: what the template shows.
        data: what ``.json`` holds.
        table: what ``.csv`` holds.
    """

    template: str
    context: dict[str, Any]
    data: Callable[[], dict[str, Any]]
    table: Callable[[], pd.DataFrame]


def get_corpus(request: Request) -> Corpus:
    """The corpus that the app shows."""
    corpus: Corpus = request.app.state.corpus
    return corpus


def get_filter(
    source: Annotated[list[str] | None, Query(description="Only these sources.")] = None,
    theme: Annotated[str, Query(description="Only statements about this theme.")] = "",
    since: Annotated[str, Query(pattern=_DATE, description="From this day, month or year.")] = "",
    until: Annotated[str, Query(pattern=_DATE, description="To this day, month or year.")] = "",
    once: Annotated[bool, Query(description="Without what an earlier article has said.")] = False,  # noqa: FBT002
    stance: Literal["", "convergence", "friction", "mixed", "neutral"] = "",
    confidence: Annotated[float, Query(ge=0, le=1, description="Only statements at least so sure.")] = 0,
) -> Filter:
    """The filter in a query."""
    sources = tuple(sorted({name for name in source or () if name}))
    return Filter(sources, theme, since, until, once, stance, confidence)


CorpusHere = Annotated[Corpus, Depends(get_corpus)]
FilterHere = Annotated[Filter, Depends(get_filter)]


def add_page(router: APIRouter, path: str, model: type[BaseModel]) -> Callable[[Callable[..., Page]], None]:
    """Register a view, whose first parameter is the request, at an address and at the two beside it."""

    def register(view: Callable[..., Page]) -> None:
        errors: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (400, 404, 422)}
        router.get(path + ".json", response_model=None, responses={200: {"model": model}, **errors})(
            _answering(view, _as_json)
        )
        router.get(path + ".csv", response_class=Response, responses=errors)(_answering(view, _as_csv))
        router.get(path, include_in_schema=False)(_answering(view, _as_html))

    return register


def add_chart(router: APIRouter, path: str) -> Callable[[Callable[..., Chart]], None]:
    """Register what draws a chart, whose first parameter is the request, at an address for each kind of file."""

    def register(view: Callable[..., Chart]) -> None:
        router.get(path + ".vl.json", response_class=JSONResponse)(_answering(view, _as_vega_lite))
        router.get(path + ".svg", response_class=Response)(_answering(view, _as_svg))
        router.get(path + ".png", response_class=Response)(_answering(view, _as_png))

    return register


def _answering(view: Callable[..., _Seen], answer: Callable[[Request, _Seen], Response]) -> Callable[..., Response]:
    @wraps(view)
    def answering(request: Request, **given: object) -> Response:
        return answer(request, view(request, **given))

    answering.__signature__ = inspect.signature(view).replace(return_annotation=Response)  # type: ignore[attr-defined]
    answering.__name__ = f"{view.__name__}{answer.__name__}"
    return answering


def _as_html(request: Request, page: Page) -> Response:
    corpus, access = get_corpus(request), request.app.state.access
    common = {"corpus": corpus, "csrf": access.csrf, "path": request.url.path, "query": request.url.query}
    return templates.TemplateResponse(request, page.template, common | page.context)


def _as_json(_request: Request, page: Page) -> Response:
    return JSONResponse(page.data())


def _as_csv(request: Request, page: Page) -> Response:
    table = page.table()
    name = request.url.path.strip("/").replace("/", "-")
    parts = output.statements_as_csv([table]) if "themes" in table else [output.balances_as("csv", table, [])]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(b"".join(parts), media_type="text/csv; charset=utf-8", headers=headers)


def _as_vega_lite(_request: Request, chart: Chart) -> Response:
    return JSONResponse(chart[0])


def _as_svg(_request: Request, chart: Chart) -> Response:
    return Response(charts.as_svg(charts.titled(*chart)), media_type="image/svg+xml")


def _as_png(_request: Request, chart: Chart) -> Response:
    return Response(charts.as_png(charts.titled(*chart)), media_type="image/png")


def only_source(corpus: Corpus, wanted: Filter) -> str:
    """The one source that a filter names.

    Raises:
        HTTPException: it names none, or several, or one that is not there.
    """
    if len(wanted.source) != 1 or wanted.source[0] not in corpus.sources:
        raise HTTPException(404, f"no source is called {', '.join(wanted.source) or 'nothing'}; see the overview")
    return wanted.source[0]
