"""The commands that open the page: ``amur serve``, and ``amur annotate`` at the page to annotate on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amur.console import progress
from amur.errors import AmurError
from amur.options import JobsOption, ModelOption, QuietOption, current_project

ShownPaths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="As for classify, or what it wrote; without one, the project's articles/, or the five seeds.",
    ),
]
HostOption = Annotated[str, typer.Option("--host", help="Address to bind to; beyond this machine a token is needed.")]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to bind to; 0 for any free one.")]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="AMUR_TOKEN",
        help="Ask every visitor for this token; beyond this machine one is made if none is given.",
    ),
]
NoOpenOption = Annotated[bool, typer.Option("--no-open", help="Do not open the page in a browser.")]


def serve(
    ctx: typer.Context,
    paths: ShownPaths = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    token: TokenOption = None,
    no_open: NoOpenOption = False,  # noqa: FBT002
    model: ModelOption = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Show articles or classified statements as a page in the browser; classify and annotate more there, and retrain.

    Needs the extra `web`; annotating needs a project.
    """
    _check_extra()
    from amur.annotating import Annotating  # noqa: PLC0415 (heavy)
    from amur.web import data, keeping, security, serving  # noqa: PLC0415 (optional, and heavy)

    project = current_project(ctx)
    with progress("articles", quiet=quiet) as advance:
        corpus = data.read_corpus(paths or keeping.articles_of(project), model=model, n_jobs=jobs, progress=advance)
    source = ctx.get_parameter_source("model")
    named = source is not None and source.name == "COMMANDLINE"  # if not, ``model`` is what the project uses now
    serving.serve(
        corpus,
        security.make_access(host, token),
        annotating=Annotating(project, corpus.statements) if project else None,
        port=port,
        model=model if named else None,
        opened=not no_open,
        tell=_tell,
        project=project,
        n_jobs=jobs,
    )


def annotate(  # noqa: PLR0913, PLR0917 (its options)
    ctx: typer.Context,
    paths: ShownPaths = None,
    annotator: Annotated[
        str, typer.Option("--annotator", metavar="NAME", help="Who; the page asks if not given.")
    ] = "",
    queue: Annotated[
        str,
        typer.Option(
            "--queue",
            metavar="NAME",
            help="random (the default), suggested, source or source:NAME, second (what others annotated), audit.",
        ),
    ] = "random",
    audits: Annotated[
        list[Path] | None,
        typer.Option("--audit", metavar="FILE", help="An audit that lies elsewhere than in the project's folder."),
    ] = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    token: TokenOption = None,
    no_open: NoOpenOption = False,  # noqa: FBT002
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Another model than the project's.")
    ] = None,
    jobs: JobsOption = 1,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Annotate statements in the browser, one at a time by single keys, into a project's annotations.

    Needs a project (`amur init`) and the extra `web`.
    """
    _check_extra()
    from amur.annotating import Annotating  # noqa: PLC0415 (heavy)
    from amur.answer_sheets import annotator_name  # noqa: PLC0415
    from amur.project import get_project  # noqa: PLC0415
    from amur.web import data, keeping, security, serving, templating  # noqa: PLC0415

    project, name = current_project(ctx) or get_project(), annotator_name(annotator) if annotator else ""
    given = paths or keeping.articles_of(project)
    with progress("articles", quiet=quiet) as advance:
        corpus, statements = data.read_to_annotate(given, project, model, n_jobs=jobs, progress=advance)
    annotating = Annotating(project, statements, audits or ())
    serving.serve(
        corpus,
        security.make_access(host, token),
        annotating=annotating,
        page=templating.link("/annotate", annotator=name, queue=annotating.named(queue)),
        port=port,
        model=model,
        opened=not no_open,
        tell=_tell,
        project=project,
        n_jobs=jobs,
    )


def _check_extra() -> None:
    """Raise ``AmurError`` where the extra ``web`` is not installed."""
    try:
        from amur.web import serving  # noqa: F401, PLC0415 (optional, and heavy)
    except ImportError as error:
        msg = f"the page needs {error.name or 'more libraries'}, which is not installed; pip install 'amur[web]'"
        raise AmurError(msg) from error


def _tell(line: str) -> None:
    typer.echo(line, err=True)
