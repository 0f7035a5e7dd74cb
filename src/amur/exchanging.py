"""The verbs that carry annotations to other tools and back: export_annotations, import_annotations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from amur import exchange
from amur.annotations import AnyPaths, paths_or_shipped, read_together
from amur.codebook import read_codebook
from amur.exchange import label_studio

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amur.annotations import Annotation


def export_annotations(
    annotations: AnyPaths = None,
    *,
    tool: str,
    out: str | Path,
    briefs: Iterable[str | Path] | None = None,
    codebook: str | Path | None = None,
    force: bool = False,
) -> int:
    """Write annotations for Prodigy, doccano, Label Studio or spaCy; see ``amur.exchange.export_annotations``.

    Statements yet to be annotated, as ``suggest`` writes them, become tasks to answer.

    Returns:
        How many there are.
    """
    book = read_codebook(codebook)
    found = read_together(paths_or_shipped(annotations), book, unanswered=True)
    exchange.export_annotations(found, tool, Path(out), book, briefs=[Path(b) for b in briefs or ()], force=force)
    return len(found)


def import_annotations(
    file: str | Path,
    *,
    tool: str,
    out: str | Path,
    annotator: str | None = None,
    codebook: str | Path | None = None,
    force: bool = False,
) -> list[Annotation]:
    """Read the annotations that people made in ``tool``, and write them; see ``amur.exchange.import_annotations``."""
    book = read_codebook(codebook)
    return exchange.import_annotations(Path(file), tool, Path(out), book, annotator=annotator, force=force)


def label_studio_interface(codebook: str | Path | None = None) -> str:
    """The labelling interface to set in a Label Studio project before importing what ``export_annotations`` wrote."""
    return label_studio.interface(read_codebook(codebook))
