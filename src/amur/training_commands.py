"""The commands that make and measure models: ``amur train``, ``evaluate``, ``encoder``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amur.console import progress, write
from amur.options import (
    AnnotationsArgument,
    AnnotationsOption,
    CodebookOption,
    JobsOption,
    ModelOption,
    OutOption,
    QuietOption,
    TableFormat,
    TableFormatOption,
    TuneOption,
    current_project,
    project_annotations,
)

if TYPE_CHECKING:
    import pandas as pd

    from amur.retraining import Retrained


def train(
    ctx: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder to write the model to; by default the project's models."),
    ] = None,
    annotations: AnnotationsOption = None,
    codebook: CodebookOption = None,
    encoder: Annotated[
        Path | None,
        typer.Option("--encoder", metavar="DIR", help="An encoder's folder; by default the one of the model in use."),
    ] = None,
    tune: TuneOption = False,  # noqa: FBT002
    force: Annotated[bool, typer.Option("--force", help="Adopt the new model of a project even if worse.")] = False,  # noqa: FBT002
    jobs: JobsOption = -1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Train a model on annotations.

    In a project, and without --out, it is compared with the model in use and adopted if it is not worse.
    """
    from amur import modelling  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    if out is None:
        _train_in_project(ctx, annotations, codebook, encoder, tune=tune, force=force, jobs=jobs, quiet=quiet)
        return
    if tune:
        msg = "--tune works in a project, without --out; elsewhere run `amur encoder NAME --tune` before"
        raise typer.BadParameter(msg)
    given = annotations or project_annotations(ctx)
    with progress("statements encoded", quiet=quiet) as advance:
        manifest = modelling.train(given, out=out, codebook=codebook, encoder=encoder, n_jobs=jobs, progress=advance)
    _write_scores(manifest.metrics)
    typer.echo(f"model written to {out}", err=True)


def _train_in_project(
    ctx: typer.Context,
    annotations: Path | None,
    codebook: Path | None,
    encoder: Path | None,
    *,
    tune: bool,
    force: bool,
    jobs: int,
    quiet: bool,
) -> None:
    """Train the next model of the current project, and say whether it was adopted."""
    from amur import output, retraining  # noqa: PLC0415

    project = current_project(ctx)
    if project is None:
        msg = "give --out DIR, or work in a project: `amur init`"
        raise typer.BadParameter(msg)
    if codebook and codebook.resolve() != project.codebook.resolve():
        msg = "a project trains with its own codebook; give --out DIR to train with another"
        raise typer.BadParameter(msg)
    with progress("statements encoded", quiet=quiet) as advance:
        done = retraining.retrain(
            project,
            annotations=annotations,
            encoder=encoder,
            tune=tune,
            force=force,
            n_jobs=jobs,
            progress=advance,
            stage=advance.begin,
        )
    _write_scores(done.manifest.metrics)
    if done.comparison is not None:
        typer.echo(f"{done.manifest.training['parent']} (first) and {done.name} (second) on the held-out documents")
        write([output.model_differences_as("table", done.comparison)], None)
    typer.echo(_outcome(done), err=True)


def _outcome(done: Retrained) -> str:
    """What became of a new model, in a line."""
    if done.adopted:
        return f"{done.name} adopted: {done.reason}"
    return (
        f"{done.name} written but not adopted: {done.reason}; "
        f"adopt it all the same with `amur models adopt {done.name} --force`"
    )


def _write_scores(metrics: dict[str, pd.DataFrame]) -> None:
    """Print the tables of a model's scores."""
    from amur import output  # noqa: PLC0415

    for part, rows in metrics.items():
        typer.echo(part.replace("_", " "))
        write([output.scores_as("table", rows)], None)


def evaluate(
    ctx: typer.Context,
    annotations: AnnotationsArgument = None,
    codebook: CodebookOption = None,
    model: ModelOption = None,
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
) -> None:
    """Score a model on annotations.

    Without a path, on the fixed test part of the project's, or of the shipped ones.
    """
    from amur import modelling, output  # noqa: PLC0415

    with progress("statements", quiet=False):
        scores = modelling.evaluate(
            annotations or project_annotations(ctx), held_out=annotations is None, model=model, codebook=codebook
        )
    write([output.scores_as(style, scores)], out)


def encoder(
    ctx: typer.Context,
    base: Annotated[str, typer.Argument(metavar="NAME", help="A sentence-transformers name or folder.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write the encoder to.")],
    tune: Annotated[bool, typer.Option("--tune", help="Tune it on annotations first.")] = False,  # noqa: FBT002
    annotations: AnnotationsOption = None,
    codebook: CodebookOption = None,
    teacher: Annotated[
        Path | None, typer.Option("--teacher", metavar="DIR", help="Tune it to what this model says as well.")
    ] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="How often to go through the annotations.")] = 2,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Make a sentence encoder for training.

    Needs the extra `encoder`; give the folder to `amur train --encoder`.
    """
    from amur import modelling  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    with progress("statements learned from", quiet=quiet) as advance:
        modelling.make_encoder(
            base,
            out,
            tune=tune,
            annotations=annotations or project_annotations(ctx),
            codebook=codebook,
            teacher=teacher,
            progress=advance,
            epochs=epochs,
        )
    typer.echo(f"encoder written to {out}", err=True)
