"""The command line: it parses, calls a function and prints; data to standard output, messages to standard error."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from amur import (
    annotation_commands,
    classify_commands,
    exchange_commands,
    learning_commands,
    project_commands,
    report_commands,
    serve_commands,
    training_commands,
)
from amur.errors import AmurError

_STOPPED = 130

app = typer.Typer(
    name="amur",
    help="How close are Beijing and Moscow? Tag the statements of articles, and balance them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("explain")(classify_commands.explain)
app.command("init")(project_commands.init)
app.add_typer(project_commands.models, name="models")
app.command("check-annotations")(annotation_commands.check_annotations)
app.command("export-annotations")(exchange_commands.export_annotations)
app.command("import-annotations")(exchange_commands.import_annotations)
app.command("suggest")(learning_commands.suggest)
app.command("simulate")(learning_commands.simulate)
app.command("serve")(serve_commands.serve)
app.command("classify")(classify_commands.classify)
app.command("report")(report_commands.report)
app.command("audit")(report_commands.audit)
app.command("compare")(report_commands.compare)
app.command("trend")(report_commands.trend)
app.command("train")(training_commands.train)
app.command("evaluate")(training_commands.evaluate)
app.command("encoder")(training_commands.encoder)
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
    except OSError as error:
        typer.echo(f"amur: {error.filename or 'a file'}: {error.strerror or error}; check path and rights", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("amur: stopped", err=True)
        sys.exit(_STOPPED)
    except SystemExit as end:
        if end.code == _STOPPED:  # Typer says nothing of Ctrl-C
            typer.echo("amur: stopped", err=True)
        raise
