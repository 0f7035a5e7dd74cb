"""Statements a second and F1, against a plain script on the same statements in the same run.

The peer is what one would write in an afternoon: the same base model in sentence-transformers (PyTorch), and one
logistic regression a question, trained on some of the same annotations. Needs the extra ``benchmark``.

    python benchmarks/speed.py
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

import amur
from amur.annotations import in_places, read_annotations, settle
from amur.calibration import best_threshold
from amur.codebook import read_codebook
from amur.export import find_weights
from amur.resources import shipped
from amur.training import answer_matrix, split

ROUNDS, STATEMENTS = 2, 400
PEER_LEARNS_EVERY = 20  # of the annotations, for its encoder is slow


def peer_and_ours(base: str) -> None:
    """Statements a second and F1 of the peer on ``base`` and of the shipped model, on the test part."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (slow to import)

    book = read_codebook()
    learn, test = map(settle, split(read_annotations(shipped("annotations") / "statements", book)))
    learn, test = learn[::PEER_LEARNS_EVERY], test[:STATEMENTS]
    learn_answers, test_answers = answer_matrix(learn, book)[:, :2], answer_matrix(test, book)[:, :2]
    texts = [a.text for a in test]

    with find_weights(base) as weights:
        peer = SentenceTransformer(weights, device="cpu")
    vectors = peer.encode([a.text for a in learn], batch_size=32, normalize_embeddings=True)
    heads = [LogisticRegression(max_iter=1000).fit(vectors, column) for column in learn_answers.T]
    thresholds = [
        best_threshold(head.predict_proba(vectors)[:, 1], column)
        for head, column in zip(heads, learn_answers.T, strict=True)
    ]

    def run_peer() -> np.ndarray:
        encoded = peer.encode(texts, batch_size=32, normalize_embeddings=True)
        odds = np.column_stack([head.predict_proba(encoded)[:, 1] for head in heads])
        return odds >= np.array(thresholds)

    model = amur.load_model()
    passages = in_places(test)

    def run_ours() -> np.ndarray:
        return model.predict(passages)[:, :2]

    seconds: dict[str, list[float]] = {"peer": [], "amur": []}
    said = {}
    for _ in range(ROUNDS):
        for name, run in (("peer", run_peer), ("amur", run_ours)):
            started = time.perf_counter()
            said[name] = run()
            seconds[name].append(time.perf_counter() - started)
    for name, times in seconds.items():
        scores = [f1_score(test_answers[:, at], said[name][:, at]) for at in (0, 1)]
        print(
            f"{name}: {len(texts) / min(times):.0f} statements/s, F1 {np.mean(scores):.3f} "
            f"(convergence {scores[0]:.3f}, friction {scores[1]:.3f}) on {len(texts)} statements"
        )
    print(f"ratio of speeds, {base}: {min(seconds['peer']) / min(seconds['amur']):.1f}")


if __name__ == "__main__":
    peer_and_ours("all-mpnet-base-v2")
