"""How long balances take over a million classified statements, by source and theme with intervals, and how much memory.

    python benchmarks/aggregate.py [--statements 1000000]

The statements are made up: articles of forty, by three hundred sources, with up to three themes each.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from amur.balances import balances
from amur.codebook import STANCES, read_codebook
from amur.resources import shipped
from amur.store import read_manifest

ARTICLE, SOURCES = 40, 300


def made_up(statements: int, sources: int = SOURCES) -> pd.DataFrame:
    """Classified statements drawn at random."""
    generator = np.random.default_rng(0)
    article = np.arange(statements) // ARTICLE
    source = generator.integers(sources, size=article.max() + 1)[article]
    names = np.array(list(read_codebook().themes), dtype=object)
    favourites = generator.integers(len(names), size=(article.max() + 1, 3))[article]
    count = generator.integers(4, size=statements)
    table = pd.DataFrame(
        {
            "document": [f"d{number}" for number in article],
            "source": [f"s{number}" for number in source],
            "date": "2024-05-16",
            "stance": generator.choice(np.array(STANCES, dtype=object), statements, p=[0.3, 0.12, 0.03, 0.55]),
            "convergence": generator.beta(0.6, 1.2, statements).round(4),
            "friction": generator.beta(0.4, 2.0, statements).round(4),
        }
    )
    themes = [list(dict.fromkeys(names[row[:n]])) for row, n in zip(favourites, count, strict=True)]
    return table.assign(themes=pd.Series(themes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=1_000_000)
    wanted = parser.parse_args().statements
    classified, errors = made_up(wanted), read_manifest(shipped("model")).errors
    started = time.perf_counter()
    groups = len(balances(classified, errors=errors))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{wanted:,} statements, {groups:,} groups: {seconds:.1f} s, peak memory {peak:,.0f} MB")
