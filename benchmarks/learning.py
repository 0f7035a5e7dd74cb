"""Learning curves of the strategies of `amur suggest` on our own corpus, against statements drawn at random.

python benchmarks/learning.py --frozen MINILM [--cache DIR]

MINILM is what `amur encoder all-MiniLM-L6-v2 --out MINILM` made. The shipped encoder would not do: it was tuned on the
documents to choose from, so that its vectors know the answers. Strategies choose from the part `learn`, and are scored
on the part `calibration`; the test part plays none.
"""

from __future__ import annotations

import argparse

import numpy as np

from amur.annotations import in_places, part, read_annotations, settle
from amur.codebook import read_codebook
from amur.learning_curves import Curve, extrapolate, points, summary
from amur.resources import shipped
from amur.simulation import Annotated, Plan, replay
from amur.strategies import RANDOM, STRATEGIES
from amur.training import answer_matrix
from amur.vector_cache import CachedEncoder

BOOK = read_codebook()


def material(encoder: CachedEncoder) -> Annotated:
    """The annotated statements of all but the test part, with their vectors."""
    own = settle(read_annotations(shipped("annotations") / "statements", BOOK))
    kept = [a for a in own if part(a.document) != "test"]
    documents = np.array([a.document for a in kept])
    return Annotated(encoder.transform(in_places(kept)), answer_matrix(kept, BOOK), documents, BOOK.labels)


def print_summary(curves: dict[str, Curve]) -> None:
    """A row a strategy."""
    print("| strategy | in the end | area | minus random (95%) | 200 more (95%) | curve |\n|---|---|---|---|---|---|")
    for row in summary(curves, RANDOM).to_dict("records"):
        ahead = (
            f"{row['difference']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f})" if row["strategy"] != RANDOM else ""
        )
        more = f"{row['worth']:+.3f} ({row['worth_low']:+.3f} to {row['worth_high']:+.3f})"
        print(f"| {row['strategy']} | {row['precision']:.3f} | {row['area']:.3f} | {ahead} | {more} | {row['curve']} |")


def print_points(curves: dict[str, Curve]) -> None:
    """A row every few points, a column a strategy."""
    table = points(curves).pivot_table(index="statements", columns="strategy", values="precision", sort=False)
    print(f"\n| statements | {' | '.join(table.columns)} |\n|{'---|' * (len(table.columns) + 1)}")
    for size, row in table.iloc[:: max(1, len(table) // 6)].iterrows():
        print(f"| {size} | {' | '.join(f'{score:.3f}' for score in row)} |")


def print_forecast(curve: Curve) -> None:
    """What a power law says from the first half of the random curve of its second, and what that was."""
    half = len(curve.sizes) // 2
    ends = np.array([curve.sizes[half - 1], curve.sizes[-1]])
    said = extrapolate(curve.sizes[:half], curve.seen[None, :half], ends)[0]
    foretold, came = said[1] - said[0], curve.seen[-1] - curve.seen[half - 1]
    print(f"\nfrom {ends[0]} to {ends[1]} statements drawn at random: foretold {foretold:+.3f}, came {came:+.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frozen", required=True, metavar="MINILM", help="an encoder that was not tuned")
    parser.add_argument("--cache", default="", metavar="DIR", help="folder to keep the vectors in")
    parser.add_argument("--strategies", default=",".join(STRATEGIES), help="names joined by commas; + joins some")
    parser.add_argument("--size", type=int, default=640, help="statements annotated in the end")
    parser.add_argument("--batch", type=int, default=40, help="statements annotated at the start and each time")
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    annotated = material(CachedEncoder(arguments.frozen, cache=arguments.cache))
    held_out = np.array([part(document) == "calibration" for document in annotated.documents])
    plan = Plan(arguments.batch, arguments.batch, arguments.size, arguments.repeats)
    named = {name: name.split("+") for name in dict.fromkeys([RANDOM, *arguments.strategies.split(",")])}
    curves = replay(annotated, named, plan, held_out=held_out, n_jobs=-1)
    print(f"{plan.repeats} repeats; {(~held_out).sum():,} statements to choose from, {held_out.sum():,} held out\n")
    print_summary(curves)
    print_points(curves)
    print_forecast(curves[RANDOM])
