"""Voices: how many statements are labelled, how far two annotators agree, and how well a model tells whose words.

    python benchmarks/voices.py [--model MODEL]

The calibration part, which the classifier of voices learned from, is scored by cross-validation over its documents; no
training has seen the test part.
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

import amur
from amur.annotations import PARTS, SETTLED, part
from amur.resources import shipped
from amur.speakers import speech
from amur.voice_training import annotated_voices, cross_validate, head_scores, score_table, tell
from amur.voices import AUTHOR, VOICES, Voiced, voice_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

TITLES = frozenset(
    """the a an of in at on for and mr mrs ms dr prof professor president minister deputy colonel general captain
    senator head chair former member russian chinese
    """.split()
)
"""Words in capitals before a name that are none of it."""


def labels() -> pd.DataFrame:
    """Every row of every annotator."""
    files = sorted((shipped("annotations") / "voices").glob("*.jsonl"))
    return pd.concat([pd.read_json(file, lines=True) for file in files], ignore_index=True)


def describe() -> None:
    """Print the counts and the agreement."""
    rows = labels()
    one = rows[rows["annotator"] == "a1"]
    counts = one.assign(part=one["document"].map(part)).groupby("part")["voice"].value_counts().unstack()  # noqa: PD010
    counts.insert(0, "documents", one.groupby(one["document"].map(part))["document"].nunique())
    print(counts.loc[list(PARTS)].to_string(), "\n")
    both = rows[rows["annotator"] != SETTLED].pivot_table(
        index=["document", "start"], columns="annotator", values="voice", aggfunc="first"
    )
    twice = both.dropna()
    agreed, kappa = (twice["a1"] == twice["a2"]).mean(), cohen_kappa_score(twice["a1"], twice["a2"])
    documents = twice.index.get_level_values("document").nunique()
    print(
        f"{len(twice):,} statements of {documents} documents labelled twice: agreed {agreed:.1%}, kappa {kappa:.2f}\n"
    )


def words(phrase: str) -> list[str]:
    """The words of a phrase, in lower case."""
    return [word.casefold() for word in re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", phrase)]


def same_speaker(found: str, true: str) -> bool:
    """Whether two phrases share a name; or a longer word, where the true one has no name."""
    head = re.split(r",| \(", true)[0]
    names = [word for word in words(" ".join(w for w in head.split() if w[0].isupper())) if word not in TITLES]
    wanted = names or [word for word in words(head) if len(word) > 3]
    return bool(set(wanted) & set(words(found)))


def speakers(documents: list[Voiced]) -> tuple[float, float]:
    """Share of the statements in others' words whose speaker is found; and of those outside conversations."""
    right: list[tuple[bool, bool]] = []
    for document in documents:
        heard = speech(document.text, document.statements)
        for said, voice, true in zip(heard, document.voices, document.speakers, strict=True):
            if voice != AUTHOR:
                right.append((same_speaker(said.speaker, true), said.evidence in {"turn", "question"}))
    found = pd.DataFrame(right, columns=["right", "conversation"])
    return found["right"].mean(), found.loc[~found["conversation"], "right"].mean()


def print_scores(name: str, documents: list[Voiced], said: NDArray[np.int64]) -> None:
    """Print a Markdown row: documents, statements, accuracy, always the author, F1 of each and their mean, speakers."""
    truth = voice_numbers(documents)
    table: dict[Any, Any] = score_table(truth, said).set_index("answer").T.to_dict()
    always = np.mean(np.array(truth) == VOICES.index(AUTHOR))
    f1 = " | ".join(f"{table[row]['f1']:.2f}" for row in (*VOICES, "voice"))
    found = " | ".join(f"{share:.2f}" for share in speakers(documents))
    accuracy = f"{table['voice']['accuracy']:.3f} | {always:.3f}"
    print(f"| {name} | {len(documents)} | {len(truth):,} | {accuracy} | {f1} | {found} |", flush=True)


def score(model: str | None) -> None:
    """Print how well a model tells voices."""
    classifier = amur.load_model(model)
    voices = classifier.voices_
    if voices is None:
        msg = "this model knows nothing of voices; train it anew"
        raise SystemExit(msg)
    fresh, held_out = annotated_voices("calibration"), annotated_voices("test")
    named = ("documents", "statements", "accuracy", "always the author", *VOICES, "mean", "speaker", "... in prose")
    print(f"| part | {' | '.join(named)} |\n|{'---|' * (len(named) + 1)}")
    print_scores("calibration", fresh, cross_validate(voices, fresh, head_scores(classifier, fresh)))
    print_scores("test", held_out, tell(voices, held_out, head_scores(classifier, held_out)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a model's folder; the shipped one by default")
    describe()
    score(parser.parse_args().model)
