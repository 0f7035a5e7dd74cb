"""The command that opens the page: ``amur serve``."""

from __future__ import annotations

from typing import Annotated

import typer

from amur.console import progress
from amur.errors import AmurError
from amur.options import JobsOption, ModelOption, OptionalPaths, QuietOption, current_project


def serve(
    ctx: typer.Context,
    paths: OptionalPaths = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to bind to; beyond this machine a token is needed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to bind to; 0 for any free one.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="AMUR_TOKEN",
            help="Ask every visitor for this token; beyond this machine one is made if none is given.",
        ),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the page in a browser.")] = False,  # noqa: FBT002
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Show articles or classified statements as a page in the browser, classify more there, and retrain in a project.

    Needs the extra `web`.
    """
    try:
        from amur.web import data, security, serving  # noqa: PLC0415 (optional, and heavy)
    except ImportError as error:
        msg = f"the page needs {error.name or 'more libraries'}, which is not installed; pip install 'amur[web]'"
        raise AmurError(msg) from error
    with progress("articles", quiet=quiet) as advance:
        corpus = data.read_corpus(paths or [], model=model, n_jobs=jobs, progress=advance)
    access = security.make_access(host, token)
    source = ctx.get_parameter_source("model")
    named = source is not None and source.name == "COMMANDLINE"  # if not, ``model`` is what the project uses now
    serving.serve(
        corpus,
        access,
        port=port,
        model=model if named else None,
        opened=not no_open,
        tell=lambda line: typer.echo(line, err=True),
        project=current_project(ctx),
        n_jobs=jobs,
    )
