"""The commands that read articles statement by statement: ``amur classify``, ``amur explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from amur.console import not_empty, progress, write
from amur.options import (
    ConfidenceOption,
    JobsOption,
    ModelOption,
    OutOption,
    Paths,
    QuietOption,
    StatementFormat,
    StatementFormatOption,
    TableFormat,
    TableFormatOption,
)


def classify(
    paths: Paths,
    style: StatementFormatOption = StatementFormat.table,
    min_confidence: ConfidenceOption = 0.0,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Tag every statement of articles."""
    from amur import classifying, output  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    writers = {
        "table": output.statements_as_text,
        "jsonl": output.statements_as_jsonl,
        "csv": output.statements_as_csv,
        "parquet": output.statements_as_parquet,
    }
    with progress("articles", quiet=quiet) as advance:
        tables = classifying.classify_stream(
            paths, min_confidence=min_confidence, model=model, n_jobs=jobs, progress=advance
        )
        write(writers[style](not_empty(tables)), out)


def explain(
    paths: Paths,
    statements: Annotated[
        list[str] | None,
        typer.Option(
            "--statement", metavar="N|WORDS", help="Its number in the article, or words it holds; may be repeated."
        ),
    ] = None,
    theme: Annotated[str | None, typer.Option("--theme", metavar="NAME", help="Explain this theme as well.")] = None,
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Say which words moved the answers to statements.

    Behind each word: how far the log odds of the answer fall when it is left out. Without --statement, of all
    statements that are not neutral.
    """
    from amur import classifying, output  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    wanted = [int(one) if one.isdecimal() else one for one in statements or ()]
    with progress("statements explained", quiet=quiet) as advance:
        table = classifying.explain(paths, statements=wanted, theme=theme, model=model, progress=advance)
    write([output.explanations_as(style, next(not_empty([table])))], out)
