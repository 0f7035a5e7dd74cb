"""spaCy: a ``DocBin`` (``.spacy``) with a ``Doc`` a statement, its ``cats`` as ``textcat_multilabel`` learns from them.

Metadata go into ``user_data``. Reading is safe for files of others: a DocBin is zlib and MessagePack, which holds data
only (no pickle; the one extension makes numpy arrays of numbers). Of the tokens only the words and spaces are loaded,
not a parse that could point anywhere, and of the spans only their character offsets, which count code points.
"""

from __future__ import annotations

import gc
import zlib
from typing import TYPE_CHECKING, Any

from amur.codebook import QUESTIONS
from amur.errors import AmurError
from amur.exchange.answered import answered, labels_of, metadata
from amur.exchange.files import located, read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from spacy.tokens import Doc

    from amur.annotations import Annotation
    from amur.codebook import Codebook
    from amur.exchange.answered import Answered

KEY = "amur"
MAX_BYTES = 2**30  # unpacked; a few kilobytes can otherwise unpack to more than there is memory
_YES = 0.5
_CHUNK = 2**20


def encode(annotations: Sequence[Annotation], codebook: Codebook, texts: Mapping[str, str]) -> bytes:  # noqa: ARG001
    """A ``Doc`` a statement; its ``cats`` hold the themes only where somebody was asked for them.

    Raises:
        AmurError: a statement is yet to be annotated, which a ``Doc`` cannot say.
    """
    if not all(a.answered for a in annotations):
        msg = "some statements are yet to be annotated, and spaCy's files are for annotated ones; annotate them first"
        raise AmurError(msg)
    import spacy  # noqa: PLC0415 (slow to import)
    from spacy.tokens import DocBin  # noqa: PLC0415

    nlp = spacy.blank("en")
    docs = DocBin(store_user_data=True)
    for a in annotations:
        a.text.encode()  # spaCy takes half a character and breaks later
        doc = nlp.make_doc(a.text)
        yes = labels_of(a)
        doc.cats = {label: float(label in yes) for label in (QUESTIONS if a.themes is None else codebook.labels)}
        doc.user_data[KEY] = metadata(a)
        docs.add(doc)
    return docs.to_bytes()


def decode(file: Path) -> list[Answered]:
    """The categories of each ``Doc``, or the spans of its span groups where it has none."""
    found: list[Answered] = []
    for number, doc in enumerate(_docs(file), 1):
        with located(file, f"doc {number}"):
            found += _statements(doc, number)
    return found


def _statements(doc: Doc, number: int) -> list[Answered]:
    given = doc.user_data.get(KEY, {})
    labelled: dict[tuple[int, int] | None, list[Any]] = {}
    if doc.cats:
        labelled[None] = [label for label, said in doc.cats.items() if said >= _YES]
    else:
        for span in (span for group in doc.spans.values() for span in group):
            labelled.setdefault((span.start_char, span.end_char), []).append(span.label_)
    if not labelled:
        msg = "no answers: neither `cats` nor `spans`"
        raise ValueError(msg)
    where, asked = f"doc {number}", list(doc.cats)
    return [
        answered(doc.text, labels, given, where=where, task=str(number), span=span, asked=asked)
        for span, labels in labelled.items()
    ]


def _docs(file: Path) -> list[Doc]:
    import spacy  # noqa: PLC0415 (slow to import)
    from spacy.attrs import ORTH  # type: ignore[import-not-found]  # noqa: PLC0415 (compiled, without stubs)
    from spacy.tokens import DocBin  # noqa: PLC0415

    data = read_bytes(file)
    try:
        _check_size(data)
        docs = DocBin().from_bytes(data)
        docs.tokens, docs.attrs = [tokens[:, [docs.attrs.index(ORTH)]] for tokens in docs.tokens], [ORTH]
        return list(docs.get_docs(spacy.blank("en").vocab))
    except Exception as error:  # a broken file fails in many ways
        msg = f"cannot read {file}: it is cut, or no DocBin of spaCy ({error!s:.80}); save it again with to_disk"
        raise AmurError(msg) from error
    finally:
        gc.enable()  # srsly leaves it off where MessagePack is broken


def _check_size(data: bytes) -> None:
    unpack, size = zlib.decompressobj(), 0
    while data:
        size += len(unpack.decompress(data, _CHUNK))
        data = unpack.unconsumed_tail
        if size > MAX_BYTES:
            msg = f"it unpacks to more than {MAX_BYTES:,} bytes"
            raise ValueError(msg)
