"""The commands that start a project and keep its models: ``amur init``, ``amur models``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amur.console import progress
from amur.options import QuietOption, TableFormat, TableFormatOption, current_project

models = typer.Typer(help="List a project's models, compare them, and choose the one in use.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A model that `amur models` lists.")]


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")] = Path(),
    codebook: Annotated[
        Path | None,
        typer.Option(
            "--codebook", metavar="FILE", help="Themes or sides of your own; the shipped annotations then play no part."
        ),
    ] = None,
) -> None:
    """Start a project: a folder for a codebook, annotations and models of your own."""
    from amur import api  # noqa: PLC0415 (heavy imports stay out of `amur --help`)
    from amur.actors import sides  # noqa: PLC0415
    from amur.codebook import read_codebook  # noqa: PLC0415

    project = api.init_project(folder, codebook)
    joined = "join the shipped ones" if project.shipped_annotations else "stand alone"
    typer.echo(f"project started in {project.folder}; put .jsonl files into annotations/ (they {joined})", err=True)
    if codebook:  # what was read in it, to be looked over
        book = read_codebook(project.codebook)
        typer.echo(f"themes {', '.join(book.themes)}; sides {', '.join(sides(book.actors))}", err=True)


@models.callback(invoke_without_command=True)
def listing(ctx: typer.Context, style: TableFormatOption = TableFormat.table) -> None:
    """List the models, oldest first, with their scores on the documents held out when they were trained."""
    from amur import api, output  # noqa: PLC0415

    if ctx.invoked_subcommand is None:
        typer.echo(output.models_as(style, api.models(current_project(ctx))), nl=False)


@models.command()
def compare(
    ctx: typer.Context,
    first: Annotated[str, typer.Argument(metavar="FIRST", help="A model that `amur models` lists.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="Another one.")],
    style: TableFormatOption = TableFormat.table,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Compare two models on the same held-out documents: F1 of the second minus that of the first, with intervals."""
    from amur import api, output  # noqa: PLC0415

    with progress("statements encoded", quiet=quiet) as advance:
        table = api.compare_models(first, second, current_project(ctx), progress=advance)
    typer.echo(output.model_differences_as(style, table), nl=False)


@models.command()
def adopt(
    ctx: typer.Context,
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Even if it is worse than the one in use.")] = False,  # noqa: FBT002
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Use a model from now on, if it is not worse than the one in use."""
    from amur import api  # noqa: PLC0415

    with progress("statements encoded", quiet=quiet) as advance:
        api.adopt_model(name, current_project(ctx), force=force, progress=advance)
    typer.echo(f"{name} adopted", err=True)


@models.command()
def restore(ctx: typer.Context, name: Name) -> None:
    """Use an older model again, without comparing."""
    from amur import api  # noqa: PLC0415

    api.adopt_model(name, current_project(ctx), force=True)
    typer.echo(f"{name} adopted", err=True)


@models.command()
def prune(
    ctx: typer.Context,
    keep: Annotated[int, typer.Option("--keep", metavar="N", help="How many of the newest models to keep.")],
) -> None:
    """Remove the oldest models, never the one in use, without asking."""
    from amur import api  # noqa: PLC0415

    removed = api.prune_models(keep, current_project(ctx))
    for name in removed:
        typer.echo(name)
    typer.echo(f"{len(removed)} models removed", err=True)
