"""Classify what a visitor brings: a pasted text, files, or an address."""

from dataclasses import replace
from pathlib import PurePath
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from amur.articles import Article, parse_article_file
from amur.errors import AmurError
from amur.output.tables import records
from amur.web import figures, models
from amur.web.fetching import fetch
from amur.web.jobs import Job, Jobs, Read
from amur.web.keeping import keep
from amur.web.pages import CorpusHere, Page, add_page
from amur.web.problems import Problem
from amur.web.reading import paragraphs
from amur.web.templating import link, templates

router = APIRouter()
_SHOWN_AT_WORK = 10
"""Articles that show while others are still classified: the page is asked for again and again meanwhile."""

_ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (400, 403, 413)}

Text = Annotated[str, Form(description="An article's text.")]
Source = Annotated[str, Form(description="The outlet or author of a pasted text.")]
Title = Annotated[str, Form(description="The title of a pasted text.")]
Address = Annotated[str, Form(description="The http or https address of an article.")]
Files = Annotated[list[UploadFile] | None, File(description="txt, md, html, pdf, docx, jsonl or csv.")]


@router.get("/classify", include_in_schema=False)
def form(request: Request, corpus: CorpusHere) -> Response:
    """What to classify."""
    context = {"csrf": request.app.state.access.csrf, "path": "/classify", "corpus": corpus}
    return templates.TemplateResponse(request, "classify.html", context)


def _submit(
    request: Request,
    text: Text = "",
    source: Source = "",
    title: Title = "",
    address: Address = "",
    files: Files = None,
) -> Job:
    jobs: Jobs = request.app.state.jobs
    given: list[Read] = []
    if text.strip():
        article = Article("pasted", text, source.strip() or "pasted", title.strip())
        given.append(lambda: [article])
    given += [_reading(file.filename, file.file.read()) for file in files or [] if file.filename]
    if address.strip():
        given.append(_fetching(address.strip()))
    if not given:
        msg = "nothing to classify; paste a text, choose files or give an address"
        raise AmurError(msg)
    return jobs.submit(*given)


Started = Annotated[Job, Depends(_submit)]


@router.post("/classify", include_in_schema=False)
def submit(job: Started) -> Response:
    """Start a classification and go to its page."""
    return RedirectResponse(f"/classify/{job.id}", 303)


@router.post("/classify.json", status_code=202, response_model=models.Accepted, responses=_ERRORS)
def submit_as_json(job: Started) -> Response:
    """Start a classification; its result is at the address that is answered.

    Programs send the access token (`amur serve --token`) as `Authorization: Bearer`.
    """
    return JSONResponse({"id": job.id, "address": f"/classify/{job.id}.json"}, 202)


def _reading(filename: str, data: bytes) -> Read:
    name = PurePath(filename.replace("\\", "/")).name
    return lambda: list(parse_article_file(data, name))


def _fetching(address: str) -> Read:
    def read() -> list[Article]:
        page = fetch(address)
        return [replace(article, url=page.url) for article in parse_article_file(page.data, page.name)]

    return read


def get_job(request: Request, job_id: str) -> Job:
    """A classification by its id.

    Raises:
        HTTPException: it is gone, or never was.
    """
    jobs: Jobs = request.app.state.jobs
    job = jobs.get(job_id)
    if job is None:
        raise HTTPException(404, "this classification is gone; the last twenty are kept while the server runs")
    return job


JobHere = Annotated[Job, Depends(get_job)]


@router.post("/classify/{job_id}/keep", include_in_schema=False)  # noqa: FAST003 (``get_job`` takes it)
def keep_it(request: Request, job: JobHere) -> Response:
    """Add what was classified to what the pages show, and go to the first article of it."""
    with request.app.state.keeping:
        corpus, articles = keep(request.app.state.corpus, job, request.app.state.jobs.project)
        request.app.state.corpus = corpus
    figures.forget()
    return RedirectResponse(link("/article", document=articles[0].id), 303)


@add_page(router, "/classify/{job_id}", models.Progress)
def result(request: Request, job: JobHere) -> Page:
    """A classification, as far as it is."""
    # how far it is comes before what it has found: what is said to be done must hold all
    state = {"id": job.id, "state": job.state, "done": job.done, "total": len(job.articles)}
    state["problems"] = list(job.problems)
    table = job.statements
    begun = set(table["document"])
    found = [article for article in job.articles if article.id in begun]
    shown = found[:_SHOWN_AT_WORK] if state["state"] != "done" else found
    context = {"found": [_article(article, table, job) for article in shown], "later": len(found) - len(shown)}
    context |= {"kept": job.kept, "csrf": request.app.state.access.csrf, "project": request.app.state.jobs.project}
    return Page(
        "classification.html",
        state | context,
        lambda: {**state, "statements": records(table)},
        lambda: table,
    )


def _article(article: Article, table: pd.DataFrame, job: Job) -> dict[str, Any]:
    """An article with what is classified of it so far."""
    rows = table[(table["document"] == article.id).to_numpy()]
    return {
        "article": article,
        "paragraphs": paragraphs(article.text, rows),
        "balance": job.balances.get(article.id),
    }
