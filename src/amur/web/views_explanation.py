"""Which words moved the answers to a statement: asked for one statement at a time, since each takes a second or two."""

import json
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException

from amur import output
from amur.explanation import COLUMNS, LEAST_CHANGE, explain_statement
from amur.passages import in_place
from amur.web import model_shapes
from amur.web.pages import CorpusHere, Page, add_page
from amur.web.templating import link
from amur.web.views_classify import JobHere

if TYPE_CHECKING:
    from amur.web.jobs import Jobs

router = APIRouter()
_one_at_a_time = threading.Lock()  # a model uses all cores

Document = Annotated[str, Query(description="The article's id.")]
Start = Annotated[int, Query(description="Where the statement starts in the article's text.")]


@add_page(router, "/explanation", model_shapes.Explanation)
def explanation(request: Request, corpus: CorpusHere, document: Document, start: Start) -> Page:
    """Why a statement is answered as it is, by the model that answers now."""
    table = corpus.statements
    rows = table[(table["document"] == document).to_numpy()]
    return _explained(request, rows, start, link("/article", document=document))


@add_page(router, "/classify/{job_id}/explanation", model_shapes.Explanation)
def of_classified(request: Request, job: JobHere, document: Document, start: Start) -> Page:
    """The same for a statement that was just classified."""
    table = job.statements
    return _explained(request, table[(table["document"] == document).to_numpy()], start, f"/classify/{job.id}")


def _explained(request: Request, rows: pd.DataFrame, start: int, back: str) -> Page:
    """The explanation of one of an article's statements."""
    rows = rows.sort_values("start", kind="stable")
    found = (rows["start"] == start).to_numpy().nonzero()[0]
    if not len(found):
        raise HTTPException(404, "there is no such statement; open its article")
    jobs: Jobs = request.app.state.jobs
    statement = rows.iloc[found[0]]
    passage = in_place(rows["text"].astype(str).tolist())[found[0]]
    with _one_at_a_time:
        table = explain_statement(jobs.classifier(), passage)
    shown = [_answer(part, str(statement["text"])) for _, part in table.groupby("answer", sort=False)]
    place = {name: statement[name] for name in ("document", "end", "text")} | {"start": start}
    table[["word_start", "word_end"]] += start
    table = table.assign(**place)[list(COLUMNS)]

    def data() -> dict[str, Any]:
        """One of those that ``amur explain --format json`` writes."""
        told: dict[str, Any] = json.loads(output.explanations_as("json", table))["explanations"][0]
        return told

    context = {"text": statement["text"], "answers": shown, "back": f"{back}#s{start}"}
    return Page("explanation.html", context, data, lambda: table)


def _answer(table: pd.DataFrame, text: str) -> dict[str, Any]:
    """An answer, and the statement in pieces: words that moved it, each with its change, and what stands between."""
    pieces: list[dict[str, Any]] = []
    at = 0
    for row in table.to_dict("records"):
        if abs(row["change"]) < LEAST_CHANGE:
            continue
        pieces += [{"text": text[at : row["word_start"]]}, {"text": row["word"], "change": row["change"]}]
        at = row["word_end"]
    first = table.iloc[0]
    return {
        "answer": first["answer"],
        "probability": first["probability"],
        "yes": bool(first["yes"]),
        "pieces": [*pieces, {"text": text[at:]}],
        "words": table.to_dict("records"),
    }
