"""The command line: it parses, calls a function and prints; data to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amur import (
    annotation_commands,
    exchange_commands,
    explanation_commands,
    learning_commands,
    project_commands,
    serve_commands,
)
from amur.console import names, not_empty, progress, write
from amur.errors import AmurError
from amur.options import (
    AnnotationsArgument,
    AnnotationsOption,
    ByOption,
    CodebookOption,
    ConfidenceOption,
    JobsOption,
    ModelOption,
    OptionalPaths,
    OutOption,
    Paths,
    QuietOption,
    ReprintsOption,
    StatementFormat,
    TableFormat,
    TableFormatOption,
    TuneOption,
    current_project,
    project_annotations,
)

if TYPE_CHECKING:
    import pandas as pd

    from amur.retraining import Retrained

_STOPPED = 130

app = typer.Typer(
    name="amur",
    help="How close are Beijing and Moscow? Tag the statements of articles, and balance them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("explain")(explanation_commands.explain)
app.command("init")(project_commands.init)
app.add_typer(project_commands.models, name="models")
app.command("check-annotations")(annotation_commands.check_annotations)
app.command("export-annotations")(exchange_commands.export_annotations)
app.command("import-annotations")(exchange_commands.import_annotations)
app.command("suggest")(learning_commands.suggest)
app.command("simulate")(learning_commands.simulate)
app.command("serve")(serve_commands.serve)
app.command("annotate")(serve_commands.annotate)


@app.callback()
def start(
    ctx: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option("--project", metavar="DIR", help="The project to use; by default the one around this folder."),
    ] = None,
) -> None:
    """Note which project the command is for."""
    ctx.obj = project


@app.command()
def classify(
    paths: Paths,
    style: Annotated[
        StatementFormat, typer.Option("--format", help="How to write statements.")
    ] = StatementFormat.table,
    min_confidence: ConfidenceOption = 0.0,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Tag every statement of articles."""
    from amur import api, output  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    writers = {
        "table": output.statements_as_text,
        "jsonl": output.statements_as_jsonl,
        "csv": output.statements_as_csv,
        "parquet": output.statements_as_parquet,
    }
    with progress("articles", quiet=quiet) as advance:
        tables = api.classify_stream(paths, min_confidence=min_confidence, model=model, n_jobs=jobs, progress=advance)
        write(writers[style](not_empty(tables)), out)


@app.command()
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
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Balance convergence against friction by group."""
    from amur import output, reports  # noqa: PLC0415

    grouping = names(by)
    with progress("articles", quiet=quiet) as advance:
        table = reports.report(
            paths,
            by=grouping,
            audit=audit_file,
            reprints=reprints,
            min_confidence=min_confidence,
            quotations=not without_quotations,
            model=model,
            n_jobs=jobs,
            progress=advance,
        )
    write([output.balances_as(style, next(not_empty([table])), grouping)], out)


@app.command()
def audit(
    paths: Paths,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write and then to label.")],
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


@app.command()
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


@app.command()
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


@app.command()
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
    from amur import api  # noqa: PLC0415

    if out is None:
        _train_in_project(ctx, annotations, codebook, encoder, tune=tune, force=force, jobs=jobs, quiet=quiet)
        return
    if tune:
        msg = "--tune works in a project, without --out; elsewhere run `amur encoder NAME --tune` before"
        raise typer.BadParameter(msg)
    given = annotations or project_annotations(ctx)
    with progress("statements encoded", quiet=quiet) as advance:
        manifest = api.train(given, out=out, codebook=codebook, encoder=encoder, n_jobs=jobs, progress=advance)
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
    from amur import api, output  # noqa: PLC0415

    project = current_project(ctx)
    if project is None:
        msg = "give --out DIR, or work in a project: `amur init`"
        raise typer.BadParameter(msg)
    if codebook and codebook.resolve() != project.codebook:
        msg = "a project trains with its own codebook; give --out DIR to train with another"
        raise typer.BadParameter(msg)
    with progress("statements encoded", quiet=quiet) as advance:
        done = api.retrain(
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


@app.command()
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
    from amur import api, output  # noqa: PLC0415

    with progress("statements", quiet=False):
        scores = api.evaluate(
            annotations or project_annotations(ctx), held_out=annotations is None, model=model, codebook=codebook
        )
    write([output.scores_as(style, scores)], out)


@app.command()
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
    from amur import api  # noqa: PLC0415

    with progress("statements learned from", quiet=quiet) as advance:
        api.make_encoder(
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


def main() -> None:
    """Run the command line: usage errors exit 2, failures 1, each with one line on standard error."""
    try:
        app()
    except AmurError as error:
        typer.echo(f"amur: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("amur: stopped", err=True)
        sys.exit(_STOPPED)
    except SystemExit as end:
        if end.code == _STOPPED:  # Typer says nothing of Ctrl-C
            typer.echo("amur: stopped", err=True)
        raise
