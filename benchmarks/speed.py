"""Speed and memory of ``amur classify``, against a plain script on the same statements in the same run.

The peer is what one would write in an afternoon: sentence-transformers' all-MiniLM-L6-v2 in PyTorch, and one logistic
regression a question, trained on the same annotations. Needs the extra ``benchmark``.

    python benchmarks/speed.py [--growth]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

import amur
from amur.annotations import read_annotations, settle, with_context
from amur.classifier import CONTEXT, best_threshold
from amur.codebook import read_codebook
from amur.export import PACKAGED, find_weights
from amur.resources import shipped
from amur.training import answer_matrix, split

ROUNDS = 3


def peer_and_ours() -> None:
    """Statements a second and F1 of both, on the test part of the annotations."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 (slow to import)

    book = read_codebook()
    learn, test = map(settle, split(read_annotations(shipped("annotations") / "statements", book)))
    learn_answers, test_answers = answer_matrix(learn, book)[:, :2], answer_matrix(test, book)[:, :2]
    texts = [a.text for a in test]

    peer = SentenceTransformer(find_weights(next(iter(PACKAGED))), device="cpu")
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
    passages = with_context(test, CONTEXT)

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
    print(f"ratio of speeds: {min(seconds['peer']) / min(seconds['amur']):.1f}")


def start_and_memory() -> None:
    """Seconds from start to the first result of one article, and the peak memory of classifying the whole corpus."""
    article = min(shipped("seeds").glob("*.md"))
    for name, paths in (("one article", [article]), ("all briefs", [shipped("annotations") / "briefs"])):
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "amur", "classify", *map(str, paths), "--format", "jsonl", "--quiet"],
            stdout=subprocess.PIPE,
        )
        lines = process.stdout.readlines() if process.stdout else []
        _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        print(f"{name}: {len(lines)} statements, {seconds:.1f} s, peak memory {usage.ru_maxrss / 1024:.0f} MB")
    script = "import sys, sentence_transformers as s; s.SentenceTransformer(sys.argv[1], device='cpu').encode(['x'])"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", script, find_weights(next(iter(PACKAGED)))], check=True, capture_output=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peer, one sentence: {time.perf_counter() - started:.1f} s, peak memory of any child {peak:.0f} MB")


def growth() -> None:
    """Seconds for 1,000 to 100,000 statements, and statements a second: a straight line keeps the second constant."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((shipped("annotations") / "briefs").glob("*.md"))]
    with tempfile.TemporaryDirectory() as folder:
        for copies, share in ((1, 0.1), (1, 1.0), (3, 1.0), (9, 1.0)):
            chosen = texts[: int(len(texts) * share)] * copies
            source = Path(folder) / f"{len(chosen)}"
            source.mkdir()
            for number, text in enumerate(chosen):
                # each copy is made another text, so that nothing is encoded once and reused
                (source / f"{number}.md").write_text(text.replace(".", f" in {number}.", 9**9), encoding="utf-8")
            started = time.perf_counter()
            command = [sys.executable, "-m", "amur", "classify", str(source), "--format", "jsonl", "--quiet"]
            process = subprocess.Popen(command, stdout=subprocess.PIPE)
            statements = sum(1 for _ in process.stdout or ())
            _, _, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            print(
                f"{statements:>7} statements: {seconds:7.1f} s, {statements / seconds:5.0f} a second, "
                f"peak memory {usage.ru_maxrss / 1024:.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--growth", action="store_true", help="also measure up to 100,000 statements (minutes)")
    arguments = parser.parse_args()
    peer_and_ours()
    start_and_memory()
    if arguments.growth:
        growth()
