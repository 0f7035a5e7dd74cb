"""Annotating: one statement at a time, its answer on disk before the next one shows."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from amur.annotating import Annotating, Turn
from amur.annotation_figures import agreement_with_others, distribution
from amur.annotation_tasks import Answer, Key, Task
from amur.answer_sheets import annotator_name
from amur.codebook import STANCES
from amur.output.tables import records
from amur.strategies import RANDOM
from amur.web import models
from amur.web.pages import Page, add_page
from amur.web.templating import link

router = APIRouter()
THEME_KEYS = tuple("1234567890abdeghijklpqrtvwxyz")
"""Keys of the themes in the codebook's order: none of a stance, of ``u``ndo, ``s``kip or n``o``te."""

_ANSWERS = ["document", "start", "end", "text", "convergence", "friction", "themes", "annotator", "date", "note"]
Beforehand = Annotated[Literal["", "before"], Query(description="Show what the model says before one answers.")]
Keys = Annotated[Literal["", "off"], Query(description="Answer with single keys, or not.")]


def get_annotating(request: Request) -> Annotating:
    """What there is to annotate.

    Raises:
        HTTPException: the page was not started in a project.
    """
    found: Annotating | None = request.app.state.annotating
    if found is None:
        raise HTTPException(
            404, "annotations need a project; `amur init` starts one, and `amur annotate` there opens this"
        )
    return found


AnnotatingHere = Annotated[Annotating, Depends(get_annotating)]
Annotator = Annotated[str, Query(description="Who annotates.")]
Queue = Annotated[str, Query(description="Which statements: suggested, random, source:NAME, second, audit:FILE.")]


@add_page(router, "/annotate", models.Annotation)
def annotate(
    request: Request,  # noqa: ARG001 (as ``add_page`` asks)
    annotating: AnnotatingHere,
    annotator: Annotator = "",
    queue: Queue = RANDOM,
    guess: Beforehand = "",
    keys: Keys = "",
) -> Page:
    """The next statement of a queue, and how far its annotator is; in CSV the annotator's answers."""
    queue = annotating.named(queue)
    name = annotator_name(annotator) if annotator else ""
    turn = annotating.turn(name, queue) if name else Turn()
    rows = annotating.rows(queue)
    mine = [row for row in rows if row.annotator == name]
    told: dict[str, Any] = {"annotator": name, "queue": queue, "state": _state(turn) if name else "unnamed"}
    told |= {"message": turn.message, "done": turn.done, "total": turn.total, "answered": len(mine)}
    told["distribution"] = records(distribution(rows, name, annotating.codebook))
    told["agreement"] = records(agreement_with_others(rows, name, annotating.codebook))
    blind = guess != "before" or queue == "second" or queue.startswith("audit")
    context = {"turn": turn, "blind": blind, "guess": guess, "keys": keys, **_choices(annotating, rows)}
    return Page(
        "annotate.html",
        context | told,
        lambda: told | {"statement": _statement(turn.task)},
        lambda: pd.DataFrame([asdict(row) for row in mine], columns=_ANSWERS),
    )


def _state(turn: Turn) -> str:
    return "choosing" if turn.choosing else "open" if turn.task else "finished"


def _choices(annotating: Annotating, rows: list[Any]) -> dict[str, Any]:
    """What one can choose from, and the keys to do it with."""
    book = annotating.codebook
    keys = dict(zip(book.themes, THEME_KEYS, strict=False))
    return {
        "queues": annotating.queues,
        "annotators": sorted({row.annotator for row in rows if row.annotator}),
        "themes": [(name, about, keys.get(name, "")) for name, about in book.themes.items()],
        "stances": STANCES,
    }


def _statement(task: Task | None) -> dict[str, Any] | None:
    """A statement without what the model says of it."""
    if task is None:
        return None
    names = [name for name in models.ToAnnotate.model_fields if name not in Key._fields]
    return task.key._asdict() | {name: getattr(task, name) for name in names}


class Action(BaseModel):
    """What a form sends: a stance to answer with, ``skip``, ``undo``, or ``stay``, which does nothing; and of what."""

    annotator: str
    queue: str
    do: str
    document: str = ""
    start: int = 0
    end: int = 0
    themes: list[str] = []
    note: str = Field("", max_length=1000)
    guess: Literal["", "before"] = ""
    keys: Literal["", "off"] = ""


@router.post("/annotate", include_in_schema=False)
def act(annotating: AnnotatingHere, action: Annotated[Action, Form()]) -> Response:
    """Answer the statement, skip it, or take the last answer back; then go on."""
    name, queue = annotator_name(action.annotator), annotating.named(action.queue)
    key = Key(action.document, action.start, action.end)
    if action.do == "undo":
        annotating.undo(name, queue, key)
    elif action.do == "skip":
        annotating.skip(name, queue, key)
    elif action.do != "stay":
        annotating.answer(name, queue, key, Answer(action.do, tuple(action.themes), action.note.strip()))
    where = link("/annotate", annotator=name, queue=queue, guess=action.guess, keys=action.keys)
    return RedirectResponse(where, 303)
