"""How fast the page is over a hundred thousand classified statements, and how much a browser loads for it.

    python benchmarks/web.py [--statements 100000] [--sources 40] [--out statements.parquet]

The statements are made up: articles of forty over ten years. Every address is asked in this process; a filter's first
visit is timed, not one that a cache answers. `--out` keeps the statements, for `amur serve`.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from aggregate import made_up
from fastapi.testclient import TestClient

from amur.resources import shipped
from amur.store import read_manifest
from amur.web.app import create_app
from amur.web.assets import vega_bundle
from amur.web.data import make_corpus
from amur.web.jobs import Jobs
from amur.web.security import Access
from amur.web.serving import warm

if TYPE_CHECKING:
    from amur.web.data import Corpus

FILTERS = (
    "theme=trade",
    "source=s7",
    "since=2019-03-01",
    "since=2018&until=2021",
    "stance=friction&confidence=0.8",
    "since=2017-05&theme=energy&stance=mixed",
)
PAGES = (
    "/statements",
    "/source?source=s3",
    "/theme?theme=energy",
    "/article?document=d9",
    "/compare?first=s1&second=s2",
)


def library(statements: int, sources: int) -> pd.DataFrame:
    """Made-up statements as ``amur classify`` writes them: dated, with words of their own."""
    table = made_up(statements, sources)
    number = np.arange(statements)
    month = pd.factorize(table["document"])[0] % 120
    return table.assign(
        title=table["document"],
        url="",
        date=[f"{2015 + at // 12}-{at % 12 + 1:02}-15" for at in month],
        start=number % 40 * 120,
        end=number % 40 * 120 + 110,
        text=[f"Made-up statement {at} says something about Beijing and Moscow." for at in number],
    )


def timed(client: TestClient, address: str) -> float:
    """Milliseconds until a page is there."""
    started = time.perf_counter()
    answer = client.get(address)
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - started)


def measure(corpus: Corpus) -> None:
    """Print how long pages and charts take."""
    with TestClient(create_app(corpus, Access(), Jobs()), base_url="http://localhost") as client:
        started = time.perf_counter()
        warm(corpus)
        print(f"made beforehand, while the browser opens: {time.perf_counter() - started:.1f} s")
        print(f"first page: {timed(client, '/overview'):.0f} ms")
        for query in FILTERS:
            page = timed(client, f"/overview?{query}")
            drawn = [timed(client, f"/charts/{name}?{query}") for name in ("sources", "trend")]
            print(f"{query}: {page:.0f} ms; its charts with intervals {drawn[0]:.0f} and {drawn[1]:.0f} ms")
        for address in PAGES:
            print(f"{address}: {timed(client, address):.0f} ms")
        loaded = [client.get("/overview").content, client.get("/assets/palette.css").content, vega_bundle()]
        loaded += [Path(str(file)).read_bytes() for file in (files("amur.web") / "static").iterdir()]
        loaded += [client.get(f"/charts/{name}.vl.json").content for name in ("sources", "trend")]
        packed = sum(len(gzip.compress(part)) for part in loaded)
        print(f"a browser loads {packed / 1000:,.0f} kB packed, {sum(map(len, loaded)) / 1000:,.0f} kB unpacked")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    made = library(options.statements, options.sources)
    if options.out:
        made.to_parquet(options.out, index=False)
    begun = time.perf_counter()
    shown = make_corpus(made, read_manifest(shipped("model")).errors)
    print(f"{options.statements:,} statements, {options.sources} sources: ready in {time.perf_counter() - begun:.1f} s")
    measure(shown)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
