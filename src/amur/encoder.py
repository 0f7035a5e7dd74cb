"""Sentences to vectors: a sentence encoder in ONNX, run by ONNX Runtime."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from amur.errors import AmurError
from amur.progress import Progress, ignore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sklearn.utils import Tags

WEIGHTS, TOKENIZER, ORIGIN = "encoder.onnx", "tokenizer.json", "origin.json"


class SentenceEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Encode texts with the encoder kept in a folder; there is nothing to fit.

    Parameters:
        path: folder with ``encoder.onnx`` (inputs ``input_ids`` and ``attention_mask``, output one unit vector a text),
            ``tokenizer.json`` and ``origin.json`` (what the encoder was made of).
        max_tokens: longer texts are cut behind this many tokens.
        batch_size: texts encoded at once. Batches are built by length, so that little is padded.
    """

    def __init__(self, path: str = "", max_tokens: int = 128, batch_size: int = 16) -> None:
        self.path = path
        self.max_tokens = max_tokens
        self.batch_size = batch_size

    @property
    def tuned_on(self) -> frozenset[str]:
        """The annotated documents that the encoder has learned from, as its ``origin.json`` tells."""
        origin = Path(self.path) / ORIGIN
        told = json.loads(origin.read_text(encoding="utf-8")) if origin.is_file() else {}
        return frozenset(told.get("tuned_on", ()))

    def fit(self, texts: Sequence[str] | None = None, y: object = None) -> Self:  # noqa: ARG002 (as scikit-learn asks)
        """Learn nothing."""
        return self

    def transform(self, texts: Sequence[str], progress: Progress = ignore) -> NDArray[np.float32]:
        """Encode texts to unit vectors of shape (n, dimensions); ``progress`` is told the size of each batch done."""
        tokenizer, session = _load(self.path, self.max_tokens)
        encodings = tokenizer.encode_batch_fast(list(texts))
        order = sorted(range(len(encodings)), key=lambda i: len(encodings[i]))
        pad = tokenizer.token_to_id("<pad>") or tokenizer.token_to_id("[PAD]") or 0
        vectors = np.zeros((len(encodings), session.get_outputs()[0].shape[-1]), dtype=np.float32)
        for at in range(0, len(order), self.batch_size):
            batch = order[at : at + self.batch_size]
            vectors[batch] = _encode(session, [encodings[i].ids for i in batch], pad)
            progress(len(batch))
        return vectors

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: rows are texts, and there is nothing to fit."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags


def _encode(session: Any, batch: list[list[int]], pad: int) -> NDArray[np.float32]:  # noqa: ANN401 (untyped library)
    width = max(map(len, batch))
    ids = np.full((len(batch), width), pad, dtype=np.int64)
    mask = np.zeros((len(batch), width), dtype=np.int64)
    for row, tokens in enumerate(batch):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    vectors: NDArray[np.float32] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    return vectors


@cache
def _load(path: str, max_tokens: int) -> tuple[Any, Any]:
    """The tokenizer and the ONNX session of an encoder folder, opened once."""
    import onnxruntime  # noqa: PLC0415 (slow to import)
    from tokenizers import Tokenizer  # noqa: PLC0415

    missing = [name for name in (WEIGHTS, TOKENIZER) if not (Path(path) / name).is_file()]
    if missing:
        msg = f"no {' and '.join(missing)} in {path or 'the encoder folder'}; give a complete model with --model"
        raise AmurError(msg)
    tokenizer = Tokenizer.from_file(str(Path(path) / TOKENIZER))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return tokenizer, onnxruntime.InferenceSession(
        str(Path(path) / WEIGHTS), options, providers=["CPUExecutionProvider"]
    )
