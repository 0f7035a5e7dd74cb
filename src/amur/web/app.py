"""The app: the pages over one corpus, behind one guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from threading import Lock

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from amur import __version__
from amur.annotating import Annotating
from amur.web import (
    assets,
    views_annotate,
    views_charts,
    views_classify,
    views_explanation,
    views_model,
    views_overview,
    views_reading,
)
from amur.web.data import Corpus
from amur.web.jobs import Jobs
from amur.web.model_work import ModelWork
from amur.web.problems import answer_errors
from amur.web.security import Access, Guard, check_csrf


def create_app(
    corpus: Corpus, access: Access, jobs: Jobs, annotating: Annotating | None = None, *, work: ModelWork | None = None
) -> FastAPI:
    """The web application.

    Args:
        corpus: what it shows.
        access: who may use it.
        jobs: what classifies new articles.
        annotating: what there is to annotate; None outside of a project.
        work: what trains models of a project; by default there is no project.
    """
    training = work or ModelWork()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        jobs.close()
        training.close()
        if annotating:
            annotating.close()

    app = FastAPI(
        title="amur",
        version=__version__,
        summary="The data of every page, as JSON and CSV at the page's own address.",
        docs_url=None,  # their scripts are fetched from elsewhere
        redoc_url=None,
        dependencies=[Depends(check_csrf)],
        lifespan=lifespan,
    )
    app.state.corpus, app.state.access, app.state.jobs = corpus, access, jobs
    app.state.annotating, app.state.work = annotating, training
    app.state.keeping = Lock()
    answer_errors(app)
    pages = (
        views_overview,
        views_charts,
        views_reading,
        views_classify,
        views_explanation,
        views_annotate,
        views_model,
    )
    for module in (*pages, assets):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=str(files("amur.web") / "static")), "static")
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(Guard, access=access)
    return app
