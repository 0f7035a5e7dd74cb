"""Start-up, memory and growth of ``amur classify`` in the environment it is installed in (without the extras).

python benchmarks/growth.py [--statements 100000]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from amur.resources import shipped


def classify(paths: Iterable[Path]) -> tuple[int, float, float]:
    """Statements, seconds from start to end, and peak memory in MB of one run of the command."""
    command = [sys.executable, "-m", "amur", "classify", *map(str, paths), "--format", "jsonl", "--quiet"]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    statements = sum(1 for _ in process.stdout or ())
    _, _, usage = os.wait4(process.pid, 0)
    return statements, time.perf_counter() - started, usage.ru_maxrss / 1024


def show(statements: int, seconds: float, memory: float) -> None:
    """Print a line of the table."""
    print(f"| {statements:,} | {seconds:.1f} s | {statements / seconds:.0f} | {memory:.0f} MB |", flush=True)


def copies(texts: list[str], number: int, folder: Path) -> Path:
    """Write articles, in as many copies as wanted, each another text so that nothing is encoded once and reused."""
    source = folder / str(number)
    source.mkdir()
    for copy in range(number):
        for at, text in enumerate(texts):
            (source / f"{copy}-{at}.md").write_text(text.replace(". ", f" {copy}. "), encoding="utf-8")
    return source


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=100_000, help="how far to go")
    wanted = parser.parse_args().statements
    briefs = sorted((shipped("annotations") / "briefs").glob("*.md"))
    print("| statements | time | a second | peak memory |\n|---|---|---|---|")
    show(*sorted(classify([min(shipped("seeds").glob("*.md"))]) for _ in range(3))[1])  # the median of three starts
    show(*classify(briefs[:50]))
    show(*classify(briefs[:200]))
    with tempfile.TemporaryDirectory() as work:
        all_texts = [path.read_text(encoding="utf-8") for path in briefs]
        reached, number = 0, 1
        while reached < wanted:
            measured = classify([copies(all_texts, number, Path(work))])
            reached = measured[0]
            show(*measured)
            number = max(number + 1, round(number * wanted / reached)) if reached * 3 > wanted else number * 2
