"""Statements to vectors: a sentence encoder in ONNX, run by ONNX Runtime."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from amur.actors import sides
from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.passages import Passage, Window, as_passage, windows
from amur.progress import Progress, ignore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray
    from sklearn.utils import Tags

GRAPH, WEIGHTS, TOKENIZER, ORIGIN = "encoder.onnx", "weights", "tokenizer.json", "origin.json"
"""Files of an encoder folder; the weights are in ``weights-1.bin`` and so on."""

TUNED_HEADS = "heads.npy"
"""In the folder of a tuned encoder: the heads that were tuned with it."""

WINDOW, LONGEST = 320, 110
"""Tokens of a window, and of the longest statement: the rest of a longer one is not read."""


class SentenceEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Encode statements in their place with the encoder kept in a folder; there is nothing to fit.

    Parameters:
        path: folder with ``encoder.onnx`` (inputs ``input_ids`` and ``attention_mask``, output one vector a token),
            its weights, ``tokenizer.json`` and ``origin.json`` (what the encoder was made of).
        batch_size: windows encoded at once. Batches are built by length, so that little is padded.
    """

    def __init__(self, path: str = "", batch_size: int = 4) -> None:
        self.path = path
        self.batch_size = batch_size

    @property
    def origin(self) -> dict[str, Any]:
        """What the encoder was made of, as its ``origin.json`` tells: base, labels and settings of the tuning."""
        file = Path(self.path) / ORIGIN
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @property
    def tuned_on(self) -> frozenset[str]:
        """The annotated documents that the encoder has learned from."""
        return frozenset(self.origin.get("tuned_on", ()))

    def tuned_heads(self, labels: Sequence[str], actors: Mapping[str, str]) -> NDArray[np.float32] | None:
        """Heads tuned with the encoder, shape (labels, features + 1), the intercept last; None where there are none.

        Rows of labels that they were not tuned for are zeros. Heads tuned for two other sides are none.
        """
        tuned_for = tuple(self.origin.get("sides") or sides(read_codebook().actors))
        if not (Path(self.path) / TUNED_HEADS).is_file() or sides(actors) != tuned_for:
            return None
        known = _load_heads(self.path)
        nothing = np.zeros_like(next(iter(known.values())))
        return np.array([known.get(label, nothing) for label in labels])

    def fit(self, texts: Sequence[Passage | str] | None = None, y: object = None) -> Self:  # noqa: ARG002 (as scikit-learn asks)
        """Learn nothing."""
        return self

    def transform(self, texts: Sequence[Passage | str], progress: Progress = ignore) -> NDArray[np.float32]:
        """Encode statements to unit vectors of shape (n, dimensions), each the mean of its tokens' vectors.

        A bare string is read alone. ``progress`` is told how many statements each batch encoded.
        """
        passages = [as_passage(text) for text in texts]
        place = {document: n for n, document in enumerate(dict.fromkeys(p.document for p in passages))}
        wanted = [(place[passage.document], passage.at) for passage in passages]
        vectors = self._vectors(list(place), set(wanted), progress)
        encoded = np.array([vectors[key] for key in wanted], dtype=np.float32).reshape(len(wanted), -1)
        unit: NDArray[np.float32] = encoded / np.maximum(np.linalg.norm(encoded, axis=1, keepdims=True), 1e-12)
        return unit

    def _vectors(
        self, documents: Sequence[Sequence[str]], wanted: AbstractSet[tuple[int, int]], progress: Progress
    ) -> dict[tuple[int, int], NDArray[np.float32]]:
        """The mean of its tokens' vectors for each statement wanted, and for those that share a window with one.

        A statement goes by its document's place among ``documents`` and its own place there.
        """
        tokenizer, session = _load(self.path)
        special_tokens = _special_tokens(tokenizer)
        tokens = [_tokenize(tokenizer, document) for document in documents]
        jobs = _jobs(tokens, wanted)
        vectors = {}
        for at in range(0, len(jobs), self.batch_size):
            batch = jobs[at : at + self.batch_size]
            read = [tokens[document][window.first : window.end] for document, window in batch]
            ids, mask, spans = pack(read, [window for _, window in batch], *special_tokens)
            states = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            found = [(document, n) for document, window in batch for n in range(window.start, window.end)]
            for key, (row, start, end) in zip(found, spans, strict=True):
                vectors[key] = states[row, start:end].mean(axis=0)
            progress(sum(key in wanted for key in found))
        return vectors

    def window(self, passage: Passage) -> Window:
        """The window of its document in which a statement is read."""
        return next(window for window in self._windows(passage) if window.start <= passage.at < window.end)

    def window_ends(self, passage: Passage) -> list[int]:
        """How many statements of a passage's document are read by the end of each window."""
        return [window.end for window in self._windows(passage)]

    def _windows(self, passage: Passage) -> Iterator[Window]:
        return windows([len(ids) for ids in _tokenize(_load(self.path)[0], passage.document)], WINDOW)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: rows are texts, and there is nothing to fit."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags


def pack(
    read: Sequence[Sequence[list[int]]], batch: Sequence[Window], opening: int, closing: int, pad: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[int, int, int]]]:
    """Lay windows out for the encoder.

    Args:
        read: token ids of the statements that each window reads.
        batch: the windows.
        opening: token that opens a window; ``closing`` closes it, ``pad`` fills up the shorter ones.
        closing: see ``opening``.
        pad: see ``opening``.

    Returns:
        Token ids and attention mask, both of shape (windows, tokens), and the (row, start, end) of each statement that
        gets its vector.
    """
    width = max(sum(map(len, statements)) for statements in read) + 2
    ids = np.full((len(read), width), pad, dtype=np.int64)
    mask = np.zeros((len(read), width), dtype=np.int64)
    spans = []
    for row, (statements, window) in enumerate(zip(read, batch, strict=True)):
        at = 1
        for n, statement in enumerate(statements, window.first):
            ids[row, at : at + len(statement)] = statement
            if n >= window.start:
                spans.append((row, at, at + len(statement)))
            at += len(statement)
        ids[row, 0], ids[row, at] = opening, closing
        mask[row, : at + 1] = 1
    return ids, mask, spans


def _jobs(tokens: Sequence[Sequence[list[int]]], wanted: AbstractSet[tuple[int, int]]) -> list[tuple[int, Window]]:
    """The windows that hold a wanted statement, each with its document, by the tokens they read, fewest first."""
    jobs = [
        (document, window)
        for document, ids in enumerate(tokens)
        for window in windows([len(statement) for statement in ids], WINDOW)
        if any((document, at) in wanted for at in range(window.start, window.end))
    ]
    return sorted(jobs, key=lambda job: sum(map(len, tokens[job[0]][job[1].first : job[1].end])))


def _tokenize(tokenizer: Any, document: Sequence[str]) -> list[list[int]]:  # noqa: ANN401 (untyped library)
    """Token ids of each statement, at least one a statement."""
    unknown = tokenizer.token_to_id("[UNK]") or tokenizer.token_to_id("<unk>") or 0
    encodings = tokenizer.encode_batch_fast(list(document), add_special_tokens=False)
    return [encoding.ids or [unknown] for encoding in encodings]


def _special_tokens(tokenizer: Any) -> tuple[int, int, int]:  # noqa: ANN401 (untyped library)
    """The tokens that open and close a text, and the one that fills up."""
    opening, closing = tokenizer.encode("").ids
    return opening, closing, tokenizer.token_to_id("<pad>") or tokenizer.token_to_id("[PAD]") or 0


@cache
def _load_heads(path: str) -> dict[str, NDArray[np.float32]]:
    """The tuned head of each label in an encoder folder, read once."""
    heads: NDArray[np.float32] = np.load(Path(path) / TUNED_HEADS, allow_pickle=False)
    return dict(zip(SentenceEncoder(path).origin["labels"], heads, strict=True))


@lru_cache(maxsize=2)
def _load(path: str) -> tuple[Any, Any]:
    """The tokenizer and the ONNX session of an encoder folder; the last two stay open, for two models to compare."""
    import onnxruntime  # noqa: PLC0415 (slow to import)
    from tokenizers import Tokenizer  # noqa: PLC0415

    missing = [name for name in (GRAPH, TOKENIZER, ORIGIN) if not (Path(path) / name).is_file()]
    if missing:
        where = path or "the encoder's folder"
        msg = f"no {' and '.join(missing)} in {where}; give a complete model, or what `amur encoder --out` wrote"
        raise AmurError(msg)
    tokenizer = Tokenizer.from_file(str(Path(path) / TOKENIZER))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return tokenizer, onnxruntime.InferenceSession(str(Path(path) / GRAPH), options, providers=["CPUExecutionProvider"])
