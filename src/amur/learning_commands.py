"""The commands that say what to annotate next, and what more annotations are worth: ``amur suggest``, ``simulate``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from amur.console import names, progress, write
from amur.options import (
    AnnotationsOption,
    CodebookOption,
    OutOption,
    Paths,
    QuietOption,
    TableFormat,
    TableFormatOption,
    current_project,
    format_of_out,
)


class SuggestionFormat(StrEnum):
    """What ``suggest`` can write."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"


StrategyOption = Annotated[
    str,
    typer.Option(
        "--strategy",
        metavar="NAMES",
        help="random (the default), rare, themes, uncertainty, diversity; several, joined by commas, take turns.",
    ),
]


def suggest(
    ctx: typer.Context,
    paths: Paths,
    size: Annotated[int, typer.Option("--n", min=1, help="How many statements.")] = 40,
    strategy: StrategyOption = "",
    annotations: AnnotationsOption = None,
    audits: Annotated[
        list[Path] | None,
        typer.Option("--audit", metavar="FILE", help="An audit that lies elsewhere than in the project's folder."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Another model than the project's.")
    ] = None,
    style: Annotated[
        SuggestionFormat | None,
        typer.Option(
            "--format",
            callback=format_of_out(SuggestionFormat),
            help="How to write them; with --out, as .jsonl to fill in unless told.",
        ),
    ] = None,
    out: OutOption = None,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Say which statements to annotate next, and why.

    Fill in `convergence`, `friction` and `themes` in the file of --out (or export it to another tool and import it
    again), put it into the project's annotations, and `amur train`.
    """
    from amur import learning, output  # noqa: PLC0415 (heavy imports stay out of `amur --help`)
    from amur.exchange.files import refuse_existing  # noqa: PLC0415
    from amur.strategies import DEFAULT  # noqa: PLC0415

    if out:
        refuse_existing(out, force=False)
    with progress("statements encoded", quiet=quiet) as advance:
        table = learning.suggest(
            paths,
            size=size,
            strategies=names(strategy) or DEFAULT,
            project=current_project(ctx),
            annotations=annotations,
            audits=audits or (),
            model=model,
            progress=advance,
        )
    chosen = style or (SuggestionFormat.jsonl if out else SuggestionFormat.table)
    write([output.suggestions_as(chosen, table)], out)
    typer.echo(f"{len(table)} statements suggested", err=True)


def simulate(
    ctx: typer.Context,
    annotations: AnnotationsOption = None,
    strategy: Annotated[
        str, typer.Option("--strategy", metavar="NAMES", help="Which to replay, all by default; with a +, in turns.")
    ] = "",
    batch: Annotated[int, typer.Option("--batch", min=1, help="Statements at the start, and in each batch.")] = 40,
    size: Annotated[int, typer.Option("--n", min=4, help="Statements annotated in the end.")] = 640,
    codebook: CodebookOption = None,
    encoder: Annotated[
        Path | None,
        typer.Option("--encoder", metavar="DIR", help="An ONNX encoder's folder; the shipped one by default."),
    ] = None,
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Replay annotations: what would each strategy have been worth, and what would another 200 annotations be?"""
    from amur import learning, output  # noqa: PLC0415
    from amur.simulation import Plan  # noqa: PLC0415
    from amur.strategies import RANDOM  # noqa: PLC0415

    with progress("statements encoded, batches replayed", quiet=quiet) as advance:
        curves = learning.simulate(
            annotations,
            strategies=names(strategy),
            plan=Plan(start=batch, batch=batch, size=size),
            project=current_project(ctx),
            codebook=codebook,
            encoder=encoder,
            n_jobs=-1,
            progress=advance,
        )
    write([output.curves_as(style, curves, RANDOM)], out)
