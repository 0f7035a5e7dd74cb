"""The commands that say what a corpus adds up to: ``amur report``, ``compare``, ``trend``, ``audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from amur.console import names, not_empty, progress, write
from amur.options import (
    ByOption,
    ConfidenceOption,
    JobsOption,
    ModelOption,
    OptionalPaths,
    OutOption,
    Paths,
    QuietOption,
    ReportFormat,
    ReportFormatOption,
    ReprintsOption,
    TableFormat,
    TableFormatOption,
    writable,
)


def report(  # noqa: PLR0913, PLR0917 (its options)
    paths: OptionalPaths = None,
    by: ByOption = "source,theme",
    audit_file: Annotated[
        Path | None, typer.Option("--audit", metavar="FILE", help="A labelled audit of the same articles.")
    ] = None,
    reprints: ReprintsOption = False,  # noqa: FBT002
    min_confidence: ConfidenceOption = 0.0,
    without_quotations: Annotated[  # noqa: FBT002
        bool, typer.Option("--without-quotations", help="Leave out what others are quoted or reported as saying.")
    ] = False,
    style: ReportFormatOption = ReportFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Balance convergence against friction by group."""
    from amur import output, report_files, reports  # noqa: PLC0415

    grouping = names(by)
    settings: dict[str, Any] = {
        "by": grouping,
        "audit": audit_file,
        "reprints": reprints,
        "min_confidence": min_confidence,
        "quotations": not without_quotations,
        "model": model,
        "n_jobs": jobs,
    }
    with progress("articles", quiet=quiet) as advance:
        if style in report_files.EXTRAS:
            data = report_files.report_file(paths, style, **settings, progress=advance)
        else:
            table = reports.report(paths, **settings, progress=advance)
            data = output.balances_as(style, next(not_empty([table])), grouping)
    write([data], out)


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIRST SECOND] [PATH]...", help="Two groups, then paths as for report."),
    ] = None,
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="Grouping: source, theme, voice, document, month, quarter or year."),
    ] = "source",
    every: Annotated[bool, typer.Option("--all", help="All pairs of groups; then there are paths only.")] = False,  # noqa: FBT002
    reprints: ReprintsOption = False,  # noqa: FBT002
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Do two sources, themes or periods differ in their balance?"""
    from amur import output, reports  # noqa: PLC0415

    given = names or []
    if not every and len(given) < 2:  # noqa: PLR2004 (a pair)
        msg = "name two groups to compare, or give --all for every pair"
        raise typer.BadParameter(msg)
    groups, paths = ([], given) if every else (given[:2], given[2:])
    with progress("articles", quiet=quiet) as advance:
        table = reports.compare(
            paths or None, by=by, names=groups, reprints=reprints, model=model, n_jobs=jobs, progress=advance
        )
    write([output.differences_as(style, table)], out)


def trend(
    paths: OptionalPaths = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAMES", help="A row for each source, theme or source,theme.")
    ] = "",
    reprints: ReprintsOption = False,  # noqa: FBT002
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Did the balance change its level, when, and how sure is that?

    For balances by month, quarter or year see `report --by`.
    """
    from amur import output, reports  # noqa: PLC0415

    with progress("articles", quiet=quiet) as advance:
        table = reports.trend(paths, by=names(by), reprints=reprints, model=model, n_jobs=jobs, progress=advance)
    write([output.changes_as(style, table)], out)


def audit(
    paths: Paths,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", callback=writable, help="File to write and then to label.")
    ],
    size: Annotated[int, typer.Option("--n", min=1, help="How many statements to draw.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives another sample.")] = 0,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Draw a random sample to label, so that balances hold whatever the classifier gets wrong.

    Answer `convergence` and `friction` with true or false in the file, then `amur report PATH... --audit FILE`.
    """
    from amur import reports  # noqa: PLC0415

    with progress("articles", quiet=quiet) as advance:
        drawn = reports.audit(paths, out=out, size=size, seed=seed, model=model, n_jobs=jobs, progress=advance)
    typer.echo(f"{drawn} statements drawn to {out}; label them there, then give it to `amur report --audit`", err=True)
