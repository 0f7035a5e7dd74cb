"""The model: its scores and errors, the models of the project, and work on them."""

from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from amur import output
from amur.errors import AmurError
from amur.output.tables import records
from amur.project_models import SHIPPED, model_folder, model_in_use, models
from amur.resources import shipped
from amur.store import read_manifest
from amur.web import model_charts, model_data, model_shapes
from amur.web.figures import Figure
from amur.web.model_data import Known, make_known
from amur.web.model_work import ModelWork, Work
from amur.web.pages import Chart, Page, add_chart, add_page

if TYPE_CHECKING:
    from amur.web.jobs import Jobs

router = APIRouter()
Model = Annotated[str, Query(description="A model of the project; the one in use by default.")]
Name = Annotated[str, Form(description="A model of the project.")]
_CHARTS = {
    "scores": model_charts.scores_chart,
    "confusion": model_charts.confusion_chart,
    "reliability": model_charts.reliability_chart,
    "curve": model_charts.curve_chart,
    "history": model_charts.history_chart,
}
_MINUTE = 60


@add_page(router, "/model", model_shapes.ModelData)
def model(request: Request, model: Model = "") -> Page:
    """A model's scores, and the models of the project."""
    work: ModelWork = request.app.state.work
    listed = _listed(work)
    answering, unfit = _answering(request)
    known = _known(request, model)
    found, unread = _figures(known, work, listed)
    told = {name: found[name] for name in ("scores", "confusion", "reliability")}
    context = {
        "model": model,
        "known": known,
        "in_use": known is None or not work.project or known.name == model_in_use(work.project),
        "answering": answering,
        "unfit": unfit,
        "figures": {name: figure and _shown(figure) for name, figure in found.items()},
        "unread": unread,
        "project": work.project,
        "models": records(listed),
        "running": work.running,
        "curve_command": model_data.curve_command(),
    }

    def data() -> dict[str, Any]:
        about = dict.fromkeys(("model", "created", "part"), "")
        if known:
            about = {"model": known.name, "created": known.manifest.created, "part": known.part}
        tables = {name: figure and records(figure.table) for name, figure in told.items()}
        headline = told["scores"].headline if told["scores"] else ""
        return about | {"headline": headline} | tables | {"scores": tables["scores"] or [], "models": records(listed)}

    return Page("model.html", context, data, lambda: told["scores"].table if told["scores"] else pd.DataFrame())


def _known(request: Request, name: str) -> Known | None:
    """The model that is asked for, or else the one in use; None where the project has none yet."""
    project = request.app.state.work.project
    chosen = name or (model_in_use(project) if project else None)
    if chosen and project:
        return make_known(chosen, read_manifest(model_folder(project, chosen)))
    answering, _ = _answering(request)
    if name and name != answering:
        raise HTTPException(404, f"no model is called {name}; there is {answering}")
    jobs: Jobs = request.app.state.jobs
    return make_known(answering, read_manifest(jobs.folder)) if answering else None


def _answering(request: Request) -> tuple[str, str]:
    """Name of the model that this server classifies with, or else why there is none."""
    jobs: Jobs = request.app.state.jobs
    try:
        folder = jobs.folder
    except AmurError as error:
        return "", str(error)
    return (SHIPPED if folder == shipped("model") else folder.name), ""


def _listed(work: ModelWork) -> pd.DataFrame:
    return models(work.project) if work.project else pd.DataFrame()


def _figures(known: Known | None, work: ModelWork, listed: pd.DataFrame) -> tuple[dict[str, Figure | None], str]:
    """The figures of a model by name, and what is wrong with the learning curve that the project keeps, if anything."""
    try:
        curve, unread = model_data.curve(work.project), ""
    except AmurError as error:
        curve, unread = None, str(error)
    found = {
        "scores": model_data.scores(known) if known else None,
        "confusion": model_data.confusion(known) if known else None,
        "reliability": model_data.reliability(known) if known else None,
        "curve": curve,
        "history": model_data.history(listed) if len(listed) else None,
    }
    return found, unread


def _shown(figure: Figure) -> dict[str, Any]:
    return {"headline": figure.headline, "rows": records(figure.table)}


# --- the charts ---


def _figure(request: Request, name: str, model: str) -> Figure:
    """The figure of a chart.

    Raises:
        HTTPException: there is no such chart, or nothing to draw in it.
    """
    if name not in _CHARTS:
        raise HTTPException(404, f"no chart is called {name}; there are {', '.join(_CHARTS)}")
    work: ModelWork = request.app.state.work
    listed = _listed(work) if name == "history" else pd.DataFrame()
    found = _figures(_known(request, model), work, listed)[0][name]
    if found is None:
        raise HTTPException(404, f"there is nothing to draw as {name} of this model")
    return found


@add_chart(router, "/model/charts/{name}")
def chart(request: Request, name: str, model: Model = "") -> Chart:
    """A chart of a model."""
    found = _figure(request, name, model)
    return _CHARTS[name](found.table), found.headline


@router.get("/model/charts/{name}.csv", response_class=Response)
def as_csv(request: Request, name: str, model: Model = "") -> Response:
    """The figures of a chart of a model."""
    data = output.scores_as("csv", _figure(request, name, model).table)
    headers = {"Content-Disposition": f'attachment; filename="model-{name}.csv"'}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


# --- work on models ---


@router.post("/model/retrain", include_in_schema=False)
def retrain(request: Request) -> Response:
    """Train the next model of the project."""
    return _started(request.app.state.work.start("retrain"))


@router.post("/model/compare", include_in_schema=False)
def compare(request: Request, first: Name, second: Name) -> Response:
    """Compare two models."""
    return _started(request.app.state.work.start("compare", first, second))


@router.post("/model/adopt", include_in_schema=False)
def adopt(request: Request, model: Name) -> Response:
    """Use a model if it is not worse than the one in use."""
    return _started(request.app.state.work.start("adopt", model))


@router.post("/model/restore", include_in_schema=False)
def restore(request: Request, model: Name) -> Response:
    """Use a model without comparing it."""
    return _started(request.app.state.work.start("restore", model))


def _started(work: Work) -> Response:
    return RedirectResponse(f"/model/work/{work.id}", 303)


@add_page(router, "/model/work/{work_id}", model_shapes.WorkData)
def progress(request: Request, work_id: str) -> Page:
    """How far a piece of work on models is."""
    done: ModelWork = request.app.state.work
    work = done.get(work_id)
    if work is None:
        raise HTTPException(404, "this work is gone; the last twenty pieces are kept while the server runs")
    # the state comes first: what is said to be done must hold all
    state, left = work.state, work.seconds_left
    table = pd.DataFrame() if work.comparison is None else work.comparison
    about: dict[str, Any] = {
        "id": work.id,
        "kind": work.kind,
        "models": list(work.names),
        "state": state,
        "stage": work.stage,
    }
    about |= {"done": work.done, "total": work.total, "outcome": work.outcome}
    return Page(
        "model_work.html",
        about | {"title": work.title, "left": time_left(left), "model": work.model, "rows": records(table)},
        lambda: about | {"seconds_left": left, "differences": records(table)},
        lambda: table,
    )


def time_left(seconds: float | None) -> str:
    """How long something will take, to read.

    >>> [time_left(seconds) for seconds in (None, 4, 61, 200)]
    ['', 'less than a minute left', 'about 2 minutes left', 'about 4 minutes left']
    """
    if seconds is None:
        return ""
    return "less than a minute left" if seconds < _MINUTE else f"about {int(seconds // _MINUTE) + 1} minutes left"
