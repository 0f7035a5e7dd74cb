"""The commands that carry annotations to other tools and back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from amur.console import progress
from amur.options import AnnotationsArgument, BriefsOption, CodebookOption, project_annotations

ForceOption = Annotated[bool, typer.Option("--force", help="Write over an existing file.")]


class Tool(StrEnum):
    """What ``export-annotations`` writes for and ``import-annotations`` reads from."""

    prodigy = "prodigy"
    doccano = "doccano"
    label_studio = "label-studio"
    spacy = "spacy"


def export_annotations(
    ctx: typer.Context,
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
    from amur import exchanging  # noqa: PLC0415

    given = annotations or project_annotations(ctx)
    with progress("statements", quiet=False):
        count = exchanging.export_annotations(given, tool=tool, out=out, briefs=briefs, codebook=codebook, force=force)
    typer.echo(f"{count:,} annotations written to {out}", err=True)
    if tool is Tool.label_studio:
        typer.echo(f"labelling interface of the project: {exchanging.label_studio_interface(codebook)}", err=True)


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
    from amur import exchanging  # noqa: PLC0415

    with progress("statements", quiet=False):
        found = exchanging.import_annotations(
            file, tool=tool, out=out, annotator=annotator, codebook=codebook, force=force
        )
    typer.echo(f"{len(found):,} annotations written to {out}", err=True)
