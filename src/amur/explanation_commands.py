"""The command that says why a statement is answered as it is."""

from __future__ import annotations

from typing import Annotated

import typer

from amur.console import not_empty, progress, write
from amur.options import ModelOption, OutOption, Paths, QuietOption, TableFormat, TableFormatOption


def explain(
    paths: Paths,
    statements: Annotated[
        list[str] | None,
        typer.Option(
            "--statement", metavar="N|WORDS", help="Its number in the article, or words it holds; may be repeated."
        ),
    ] = None,
    theme: Annotated[str | None, typer.Option("--theme", metavar="NAME", help="Explain this theme as well.")] = None,
    style: TableFormatOption = TableFormat.table,
    out: OutOption = None,
    model: ModelOption = None,
    quiet: QuietOption = False,  # noqa: FBT002
) -> None:
    """Say which words moved the answers to statements.

    Behind each word: how far the log odds of the answer fall when it is left out. Without --statement, of all
    statements that are not neutral.
    """
    from amur import api, output  # noqa: PLC0415 (heavy imports stay out of `amur --help`)

    wanted = [int(one) if one.isdecimal() else one for one in statements or ()]
    with progress("statements explained", quiet=quiet) as advance:
        table = api.explain(paths, statements=wanted, theme=theme, model=model, progress=advance)
    write([output.explanations_as(style, next(not_empty([table])))], out)
