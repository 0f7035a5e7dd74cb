"""The command line: it parses, calls a function and prints; data to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
import warnings
from collections import Counter
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amur.errors import AmurError, InputWarning, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

app = typer.Typer(
    name="amur",
    help="How close are Beijing and Moscow? Tag the statements of articles, and balance them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Files (.txt, .md, .jsonl, .csv), folders, globs, or - for standard input."),
]
OptionalPaths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="As for classify, or what it wrote; without one, the five seeds."),
]
ModelOption = Annotated[Path | None, typer.Option("--model", metavar="DIR", help="Another model than the shipped one.")]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here, not to standard output.")]
JobsOption = Annotated[int, typer.Option("--jobs", metavar="N", min=-1, help="Parallel processes (-1: one a core).")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress and no warnings, errors only.")]
ByOption = Annotated[
    str,
    typer.Option(
        "--by", metavar="NAMES", help="Grouping: source, theme, document, month, quarter, year, joined by commas."
    ),
]
ReprintsOption = Annotated[
    bool,
    typer.Option("--reprints", help="Count a story as often as it was printed; once where groups mix outlets if not."),
]
CodebookOption = Annotated[
    Path | None, typer.Option("--codebook", metavar="FILE", help="The themes, as a Markdown table.")
]
AnnotationsOption = Annotated[
    Path | None, typer.Option("--annotations", metavar="PATH", help="A file or folder; the project's own by default.")
]
BriefsOption = Annotated[
    list[Path] | None, typer.Option("--briefs", metavar="DIR", help="The articles, to hold the offsets against.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over an existing file.")]
AnnotationsArgument = Annotated[
    Path | None, typer.Argument(metavar="ANNOTATIONS", help="A file or folder; the project's own by default.")
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


class Tool(StrEnum):
    """What ``export-annotations`` writes for and ``import-annotations`` reads from."""

    prodigy = "prodigy"
    doccano = "doccano"
    label_studio = "label-studio"
    spacy = "spacy"


TableFormatOption = Annotated[TableFormat, typer.Option("--format", help="How to write the table.")]


@app.command()
def classify(
    paths: Paths,
    style: Annotated[
        StatementFormat, typer.Option("--format", help="How to write statements.")
    ] = StatementFormat.table,
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
    with _progress("articles", quiet=quiet) as progress:
        tables = api.classify_stream(paths, model=model, n_jobs=jobs, progress=progress)
        _write(writers[style](_not_empty(tables)), out)


@app.command()
def report(
    paths: OptionalPaths = None,
    by: ByOption = "source,theme",
    audit_file: Annotated[
        Path | None, typer.Option("--audit", metavar="FILE", help="A labelled audit of the same articles.")
    ] = None,
    reprints: ReprintsOption = False,  # noqa: FBT002
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Balance convergence against friction by group."""
    from amur import api, output  # noqa: PLC0415

    grouping = _names(by)
    with _progress("articles", quiet=quiet) as progress:
        table = api.report(
            paths,
            by=grouping,
            audit=audit_file,
            reprints=reprints,
            model=model,
            n_jobs=jobs,
            progress=progress,
        )
    _write([output.balances_as(style, next(_not_empty([table])), grouping)], out)


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
    from amur import api  # noqa: PLC0415

    with _progress("articles", quiet=quiet) as progress:
        drawn = api.audit(paths, out=out, size=size, seed=seed, model=model, n_jobs=jobs, progress=progress)
    typer.echo(f"{drawn} statements drawn to {out}; label them there, then give it to `amur report --audit`", err=True)


@app.command()
def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIRST SECOND] [PATH]...", help="Two groups, then paths as for report."),
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Grouping: source, theme, document, month, quarter or year.")
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
    from amur import api, output  # noqa: PLC0415

    given = names or []
    if not every and len(given) < 2:  # noqa: PLR2004 (a pair)
        msg = "name two groups to compare, or give --all for every pair"
        raise typer.BadParameter(msg)
    groups, paths = ([], given) if every else (given[:2], given[2:])
    with _progress("articles", quiet=quiet) as progress:
        table = api.compare(
            paths or None, by=by, names=groups, reprints=reprints, model=model, n_jobs=jobs, progress=progress
        )
    _write([output.differences_as(style, table)], out)


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
    from amur import api, output  # noqa: PLC0415

    with _progress("articles", quiet=quiet) as progress:
        table = api.trend(paths, by=_names(by), reprints=reprints, model=model, n_jobs=jobs, progress=progress)
    _write([output.changes_as(style, table)], out)


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write the model to.")],
    annotations: AnnotationsOption = None,
    codebook: CodebookOption = None,
    encoder: Annotated[
        Path | None,
        typer.Option("--encoder", metavar="DIR", help="An ONNX encoder's folder; the shipped one by default."),
    ] = None,
    jobs: JobsOption = -1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Train a model on annotations."""
    from amur import api, output  # noqa: PLC0415

    with _progress("statements encoded", quiet=quiet) as progress:
        manifest = api.train(annotations, out=out, codebook=codebook, encoder=encoder, n_jobs=jobs, progress=progress)
    for part, rows in manifest.metrics.items():
        typer.echo(part.replace("_", " "))
        _write([output.scores_as("table", rows)], None)
    typer.echo(f"model written to {out}", err=True)


@app.command()
def evaluate(
    annotations: AnnotationsArgument = None,
    codebook: CodebookOption = None,
    model: ModelOption = None,
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
) -> None:
    """Score a model on annotations.

    Without a path, on the fixed test part of the project's own.
    """
    from amur import api, output  # noqa: PLC0415

    _write([output.scores_as(style, api.evaluate(annotations, model=model, codebook=codebook))], out)


@app.command("check-annotations")
def check_annotations(
    annotations: AnnotationsArgument = None,
    codebook: CodebookOption = None,
    briefs: BriefsOption = None,
    style: TableFormatOption = TableFormat.table,
) -> None:
    """Check annotations and measure agreement."""
    from amur import api, output  # noqa: PLC0415

    agreed, parts, problems = api.check_annotations(annotations, briefs=briefs, codebook=codebook)
    _write([output.scores_as(style, agreed)], None)
    for line in parts:
        typer.echo(line, err=True)
    for problem in problems:
        typer.echo(f"amur: {problem}", err=True)
    if problems:
        msg = f"{len(problems)} problems in the annotations; mend the lines named above"
        raise AmurError(msg)


@app.command("export-annotations")
def export_annotations(
    tool: Annotated[Tool, typer.Option("--to", help="The tool to write for.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write.")],
    annotations: AnnotationsArgument = None,
    codebook: CodebookOption = None,
    briefs: BriefsOption = None,
    force: ForceOption = False,  # noqa: FBT002
) -> None:
    """Write annotations for Prodigy, doccano, Label Studio or spaCy.

    With --briefs, Label Studio shows the articles whole; otherwise, and in the other tools, a statement is a task.
    """
    from amur import api  # noqa: PLC0415

    with _progress("statements", quiet=False):
        count = api.export_annotations(annotations, tool=tool, out=out, briefs=briefs, codebook=codebook, force=force)
    typer.echo(f"{count:,} annotations written to {out}", err=True)
    if tool is Tool.label_studio:
        typer.echo(f"labelling interface of the project: {api.label_studio_interface(codebook)}", err=True)


@app.command("import-annotations")
def import_annotations(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the tool exported.")],
    tool: Annotated[Tool, typer.Option("--from", help="The tool it comes from.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write (.jsonl).")],
    annotator: Annotated[
        str | None, typer.Option("--annotator", metavar="NAME", help="Whom to name, in place of what the file says.")
    ] = None,
    codebook: CodebookOption = None,
    force: ForceOption = False,  # noqa: FBT002
) -> None:
    """Read annotations made in Prodigy, doccano, Label Studio or spaCy."""
    from amur import api  # noqa: PLC0415

    with _progress("statements", quiet=False):
        found = api.import_annotations(file, tool=tool, out=out, annotator=annotator, codebook=codebook, force=force)
    typer.echo(f"{len(found):,} annotations written to {out}", err=True)


@app.command()
def encoder(
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

    with _progress("statements learned from", quiet=quiet) as progress:
        api.make_encoder(
            base,
            out,
            tune=tune,
            annotations=annotations,
            codebook=codebook,
            teacher=teacher,
            progress=progress,
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
        sys.exit(130)


def _names(joined: str) -> list[str]:
    """Names joined by commas."""
    return [name.strip() for name in joined.split(",") if name.strip()]


def _not_empty(tables: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The tables, and an error at their end where none of them held a row."""
    empty = True
    for table in tables:
        empty = empty and table.empty
        if not table.empty:
            yield table
    if empty:
        msg = "nothing to classify: every article was passed over, for the reasons above"
        raise AmurError(msg)


def _write(parts: Iterable[bytes], out: Path | None) -> None:
    """Write to standard output, or to a file that appears whole or not at all."""
    if out is None:
        for part in parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    unfinished = out.with_name(out.name + ".unfinished")
    try:
        with unfinished.open("wb") as file:
            file.writelines(parts)
        unfinished.replace(out)
    except OSError as error:
        msg = f"cannot write {out}: {error.strerror}; name another file with --out"
        raise AmurError(msg) from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _progress(what: str, *, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A counter on standard error when it is a terminal; warnings as plain lines, then how many there were."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    seen: Counter[str] = Counter()

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if issubclass(category, InputWarning):
            seen["passed over"] += 1
            if not quiet:
                typer.echo(f"amur: warning: {message}", err=True)
        elif issubclass(category, Note) and not quiet:
            typer.echo(f"amur: {message}", err=True)

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
    with warnings.catch_warnings(), bar:
        warnings.simplefilter("always", InputWarning)
        warnings.simplefilter("always", Note)
        warnings.showwarning = show
        task = bar.add_task(what, total=None)
        yield lambda done: bar.advance(task, done)
    if seen and not quiet:
        typer.echo(f"amur: {seen['passed over']} passed over", err=True)
