"""Vectors kept from one run to the next, so that heads are trained again without encoding again.

One file a document, since a statement's vector depends on its neighbours. The name is a hash of the encoder and of the
document's statements, so that what is found is what would be computed. The files are plain ``.npy`` arrays and not
joblib.Memory's: that keeps pickles, and a pickle that somebody put into the folder would run when it is read.
"""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from functools import cache as once
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from amur.encoder import GRAPH, LONGEST, TOKENIZER, WEIGHTS, WINDOW, SentenceEncoder
from amur.errors import AmurError
from amur.passages import LEAD, Passage, as_passage, in_place
from amur.progress import Progress, ignore
from amur.store import sha256
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_AT_ONCE = 16
"""Documents encoded between two writes: a run cut short loses no more."""


class CachedEncoder(SentenceEncoder):
    """A sentence encoder that keeps its vectors in a folder.

    Parameters:
        path: as for ``SentenceEncoder``.
        batch_size: as for ``SentenceEncoder``.
        cache: the folder, made when it is needed. Where it cannot be written nothing is kept.
    """

    def __init__(self, path: str = "", batch_size: int = 4, cache: str = "") -> None:
        super().__init__(path, batch_size)
        self.cache = cache

    def transform(self, texts: Sequence[Passage | str], progress: Progress = ignore) -> NDArray[np.float32]:
        """Vectors of shape (n, dimensions), as ``SentenceEncoder`` makes them; ``progress`` counts kept ones too."""
        passages = [as_passage(text) for text in texts]
        vectors: dict[tuple[str, ...], NDArray[np.float32]] = {}
        missing = []
        for document in dict.fromkeys(passage.document for passage in passages):
            kept = _read(self._file(document), len(document))
            if kept is None:
                missing.append(document)
            else:
                vectors[document] = kept
                progress(len(document))
        for at in range(0, len(missing), _AT_ONCE):
            vectors |= self._encode(missing[at : at + _AT_ONCE], progress)
        return np.array([vectors[passage.document][passage.at] for passage in passages], dtype=np.float32)

    def _encode(
        self, documents: Sequence[tuple[str, ...]], progress: Progress
    ) -> dict[tuple[str, ...], NDArray[np.float32]]:
        """The vectors of whole documents, which are written to the folder as well."""
        encoded = super().transform([passage for document in documents for passage in in_place(document)], progress)
        parts = np.split(encoded, np.cumsum([len(document) for document in documents])[:-1])
        for document, vectors in zip(documents, parts, strict=True):
            _write(self._file(document), vectors)
        return dict(zip(documents, parts, strict=True))

    def _file(self, document: Sequence[str]) -> Path:
        key = json.dumps([_encoder_hash(self.path), *document])
        return Path(self.cache) / f"{hashlib.sha256(key.encode()).hexdigest()}.npy"


def _read(file: Path, statements: int) -> NDArray[np.float32] | None:
    """The vectors in a file; None where there is none, or one that does not hold what it should."""
    try:
        vectors: NDArray[np.float32] = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = vectors.dtype == np.float32 and vectors.ndim == 2 and len(vectors) == statements  # noqa: PLR2004 (rows and columns)
    return vectors if fits else None


def _write(file: Path, vectors: NDArray[np.float32]) -> None:
    """Write a file that appears whole or not at all; nothing is kept where the folder cannot be written."""
    data = io.BytesIO()
    np.save(data, vectors)
    with suppress(OSError, AmurError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, [data.getvalue()])


@once
def _encoder_hash(path: str) -> str:
    """Hash of everything that a vector depends on beside the statements."""
    found = hashlib.sha256(f"{WINDOW} {LEAD} {LONGEST}".encode())
    for file in (Path(path) / GRAPH, *sorted(Path(path).glob(f"{WEIGHTS}-*.bin")), Path(path) / TOKENIZER):
        if file.is_file():
            found.update(sha256(file).encode())
    return found.hexdigest()
