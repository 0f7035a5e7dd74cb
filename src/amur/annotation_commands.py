"""The command that looks annotations over: ``amur check-annotations``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from amur.console import progress, write
from amur.errors import AmurError
from amur.options import (
    AnnotationsArgument,
    BriefsOption,
    CodebookOption,
    OutOption,
    TableFormat,
    TableFormatOption,
    current_project,
    project_annotations,
)


class Shown(StrEnum):
    """What ``check-annotations`` can show."""

    agreement = "agreement"
    conflicts = "conflicts"
    likely_errors = "likely-errors"


def check_annotations(
    ctx: typer.Context,
    annotations: AnnotationsArgument = None,
    codebook: CodebookOption = None,
    briefs: BriefsOption = None,
    show: Annotated[
        Shown,
        typer.Option("--show", help="How far annotators agree, where they differ, or which answers are likely wrong."),
    ] = Shown.agreement,
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
) -> None:
    """Check annotations: offsets, doubled rows, near-duplicates and agreement.

    Or list the answers in which annotators differ, or rank those that are likely wrong.
    """
    from amur import checking, output  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    given = annotations or project_annotations(ctx)
    problems: list[str] = []
    with progress("statements encoded", quiet=False) as advance:
        if show is Shown.agreement:
            agreed, parts, problems = checking.check_annotations(given, briefs=briefs, codebook=codebook)
            write([output.scores_as(style, agreed)], out)
            for line in parts:
                typer.echo(line, err=True)
        elif show is Shown.conflicts:
            write([output.conflicts_as(style, checking.conflicts(given, codebook=codebook))], out)
        else:
            project = current_project(ctx)
            likely = checking.likely_errors(given, codebook=codebook, project=project, progress=advance)
            write([output.likely_errors_as(style, likely)], out)
    for problem in problems:
        typer.echo(f"amur: {problem}", err=True)
    if problems:
        msg = f"{len(problems)} problems in the annotations; mend the lines named above"
        raise AmurError(msg)
