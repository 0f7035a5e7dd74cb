"""Annotations to and from the tools that people annotate with: Prodigy, doccano, Label Studio and spaCy.

Each tool's module turns annotations into the bytes of a file (``encode``) and a file into statements with the labels
answered yes (``decode``). What a tool has no place for travels as metadata that it hands back untouched, so that a file
of ours comes back as it went, in the same order; what somebody answered there wins over what was exported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from amur.annotations import write_annotations
from amur.articles import decode
from amur.errors import AmurError
from amur.exchange.answered import settled_answers
from amur.exchange.files import pass_over, refuse_existing
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    from amur.annotations import Annotation
    from amur.codebook import Codebook

TOOLS = {"prodigy": "prodigy", "doccano": "doccano", "label-studio": "label_studio", "spacy": "spacy_docs"}


def export_annotations(
    annotations: Sequence[Annotation],
    tool: str,
    out: Path,
    codebook: Codebook,
    *,
    briefs: Sequence[Path] = (),
    force: bool = False,
) -> None:
    """Write annotations as a file that ``tool`` reads: a task a statement, or in Label Studio a task an article.

    Args:
        annotations: what to write.
        tool: one of ``TOOLS``.
        out: the file to write; it appears whole or not at all.
        codebook: the labels to offer.
        briefs: folders with the articles, ``<document>.md``; where there is none, Label Studio too gets a task a
            statement.
        force: write over an existing file.

    Raises:
        AmurError: no such tool, ``out`` exists or cannot be written, or an annotation is not where it says in the
            article.

    Warns:
        InputWarning: a document is in none of the folders.
    """
    module = _module(tool)
    refuse_existing(out, force=force)
    texts = _texts(annotations, briefs) if briefs else {}
    try:
        data: bytes = module.encode(annotations, codebook, texts)
    except UnicodeEncodeError as error:
        msg = f"the annotations hold half a character, which no file can: {error}"
        raise AmurError(msg) from error
    write_whole(out, [data])


def import_annotations(
    file: Path, tool: str, out: Path, codebook: Codebook, *, annotator: str | None = None, force: bool = False
) -> list[Annotation]:
    """Read the annotations in a file of ``tool``, and write them as JSON Lines.

    A statement of another's file is named after the file and the task, and its offsets count from the start of the
    text shown. Its themes are None unless the file names themes somewhere.

    Args:
        file: what the tool exported.
        tool: one of ``TOOLS``.
        out: the file to write; it appears whole or not at all.
        codebook: the labels there are.
        annotator: whom to name as the annotator, in place of what the file says.
        force: write over an existing file.

    Raises:
        AmurError: no such tool, ``out`` exists or cannot be written, or ``file`` is broken or names an unknown label;
            the message names file and line.

    Warns:
        InputWarning: tasks were passed over because nobody answered them, or the file is cut.
    """
    module = _module(tool)
    refuse_existing(out, force=force)
    found = settled_answers(module.decode(file), file, codebook, annotator)
    if not found:
        msg = f"no answered statements in {file}; export them from the tool with their answers"
        raise AmurError(msg)
    write_annotations(out, found)
    return found


def _module(tool: str) -> ModuleType:
    if tool not in TOOLS:
        msg = f"no such tool: {tool}; there are {', '.join(TOOLS)}"
        raise AmurError(msg)
    return import_module(f"amur.exchange.{TOOLS[tool]}")


def _texts(annotations: Sequence[Annotation], folders: Sequence[Path]) -> dict[str, str]:
    """The articles by document, each annotation held against its own."""
    texts = {}
    for document in dict.fromkeys(a.document for a in annotations):
        file = next((f / f"{document}.md" for f in folders if (f / f"{document}.md").is_file()), None)
        if file is None:
            pass_over(f"no {document}.md in {', '.join(map(str, folders))}; its statements go without their article")
        else:
            texts[document] = decode(file.read_bytes(), str(file))
    for a in annotations:
        if a.document in texts and texts[a.document][a.start : a.end] != a.text:
            read = texts[a.document][a.start : a.end]
            msg = f"{a.document} {a.start}-{a.end}: the brief reads {read!r}; run check-annotations with --briefs"
            raise AmurError(msg)
    return texts
