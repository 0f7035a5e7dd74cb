"""What the commands have in common: their options, and the project that stands for what is not given."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from amur.project import Project


def current_project(ctx: typer.Context) -> Project | None:
    """The project that ``amur --project`` names, or the one around the current folder; None where there is none."""
    from amur.project import find_project, get_project  # noqa: PLC0415 (what `amur --help` needs not)

    named = ctx.find_root().obj
    return get_project(named) if named else find_project()


def project_annotations(ctx: typer.Context) -> tuple[Path, ...] | None:
    """The annotations of the current project; None where there is none."""
    from amur.project import annotation_paths  # noqa: PLC0415

    project = current_project(ctx)
    return annotation_paths(project) if project else None


def _model(ctx: typer.Context, given: Path | None) -> Path | None:
    """The model given, or the one that the current project uses."""
    project = None if given else current_project(ctx)
    if not project:
        return given
    from amur.project_models import default_model  # noqa: PLC0415 (heavy)

    return default_model(project)


def _codebook(ctx: typer.Context, given: Path | None) -> Path | None:
    """The codebook given, or the current project's."""
    project = None if given else current_project(ctx)
    return project.codebook if project else given


def writable(out: Path | None) -> Path | None:
    """A file to be written in the end; what is in its way is told before the work."""
    if out and out.is_dir():
        msg = f"{out} is a folder; name a file in it"
        raise typer.BadParameter(msg)
    if out and not out.parent.is_dir():
        msg = f"cannot write {out}: there is no folder {out.parent}; make it, or name another file"
        raise typer.BadParameter(msg)
    if out and not os.access(out.parent, os.W_OK):
        msg = f"cannot write {out}; name another file, or make {out.parent} writable"
        raise typer.BadParameter(msg)
    return out


_ENDINGS = {"jsonl", "csv", "parquet", "json", "md", "html", "docx", "xlsx"}
"""Of the files that one command or another writes; any other, such as .txt, is a table for reading."""


def format_of_out(formats: type[StrEnum]) -> Callable[[typer.Context, StrEnum | None], StrEnum | None]:
    """A callback for --format: where none is given, the one that the ending of --out names, if it names any."""

    def choose(ctx: typer.Context, given: StrEnum | None) -> StrEnum | None:
        source = ctx.get_parameter_source("style")
        ending = Path(ctx.params.get("out") or "").suffix.lower().removeprefix(".")  # what is given is parsed first
        name = "jsonl" if ending == "ndjson" else ending
        if (source and source.name == "COMMANDLINE") or name not in _ENDINGS:
            return given
        if name not in formats.__members__:
            msg = f"this cannot be written as .{ending}; name a file that ends in .{', .'.join(formats.__members__)}"
            raise typer.BadParameter(msg)
        return formats(name)

    return choose


Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="Files (.txt, .md, .jsonl, .csv, .html, .pdf, .docx), folders, globs, or - for standard input.",
    ),
]
OptionalPaths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="As for classify, or what it wrote; without one, the five seeds."),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model", metavar="DIR", callback=_model, help="Another model than the project's, or the shipped one."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", callback=writable, help="Write here, in the format of its ending."),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs", metavar="N", min=-1, callback=lambda jobs: jobs or 1, help="Parallel processes (-1: one a core)."
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress and no warnings, errors only.")]
ByOption = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="NAMES",
        help="Grouping: source, theme, voice, document, month, quarter, year, joined by commas.",
    ),
]
ReprintsOption = Annotated[
    bool,
    typer.Option("--reprints", help="Count a story as often as it was printed; once where groups mix outlets if not."),
]
ConfidenceOption = Annotated[
    float,
    typer.Option("--min-confidence", metavar="P", min=0, max=1, help="Leave out statements decided less surely."),
]
TuneOption = Annotated[
    bool, typer.Option("--tune", help="In a project, retrain the encoder too: takes long, needs the extra `encoder`.")
]
CodebookOption = Annotated[
    Path | None,
    typer.Option("--codebook", metavar="FILE", callback=_codebook, help="The themes, as a Markdown table."),
]
AnnotationsOption = Annotated[
    Path | None,
    typer.Option(
        "--annotations", metavar="PATH", help="A file or folder; by default the project's, or the shipped ones."
    ),
]
BriefsOption = Annotated[
    list[Path] | None, typer.Option("--briefs", metavar="DIR", help="The articles, to hold the offsets against.")
]
AnnotationsArgument = Annotated[
    Path | None,
    typer.Argument(metavar="ANNOTATIONS", help="A file or folder; by default the project's, or the shipped ones."),
]


class StatementFormat(StrEnum):
    """What ``classify`` can write."""

    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class TableFormat(StrEnum):
    """What ``report``, ``evaluate`` and ``check-annotations`` can write."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


class ReportFormat(StrEnum):
    """What ``report`` can write: tables, and files to keep and to hand on."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"
    html = "html"
    docx = "docx"
    xlsx = "xlsx"


StatementFormatOption = Annotated[
    StatementFormat,
    typer.Option("--format", callback=format_of_out(StatementFormat), help="How to write statements."),
]
TableFormatOption = Annotated[
    TableFormat, typer.Option("--format", callback=format_of_out(TableFormat), help="How to write the table.")
]
ReportFormatOption = Annotated[
    ReportFormat,
    typer.Option(
        "--format",
        callback=format_of_out(ReportFormat),
        help="A table, or a file with charts and sentences (html, docx), or sheets (xlsx).",
    ),
]
