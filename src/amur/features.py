"""What a head sees of statements: their vectors in place, who is named there, their words, scores of tuned heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from amur.actors import count_mentions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from amur.passages import Passage

WEIGHTS = (3.0, 0.5)
"""What the vector of a statement and the actors are multiplied by before the heads."""

BESIDE = 0.3
"""What vectors and actors are multiplied by beside the scores of tuned heads."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of statements before any fitting.

    Scores of tuned heads, (n, labels), and of those for voices, (n, voices), vectors and actors, (n, dimensions +
    actors), and the statements, (n,).
    """

    tuned: NDArray[np.float32]
    voices: NDArray[np.float32]
    dense: NDArray[np.float32]
    texts: NDArray[np.object_]

    def some(self, rows: NDArray[np.int64]) -> Features:
        """Some rows of them."""
        return Features(self.tuned[rows], self.voices[rows], self.dense[rows], self.texts[rows])

    def rest(self, words: TfidfVectorizer) -> csr_matrix:
        """All but the scores, as columns: vectors, actors, words."""
        return hstack([csr_matrix(self.dense), words.transform(self.texts)], format="csr", dtype=np.float32)


def actor_features(passage: Passage, actors: Mapping[str, str]) -> list[float]:
    """Who is named in a statement and in the two before it: how often (up to twice), and if the two sides both."""
    own = [min(count_mentions(passage.text, names), 2) for names in actors.values()]
    before = [min(sum(count_mentions(text, names) for text in passage.before), 2) for names in actors.values()]
    both = [own[0] and own[1], (own[0] or before[0]) and (own[1] or before[1])]
    return [float(value) for value in (*own, *before, *map(bool, both))]


def word_vectorizer(vocabulary: dict[str, int] | None = None) -> TfidfVectorizer:
    """TF-IDF of words and pairs of words."""
    return TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True, dtype=np.float32, vocabulary=vocabulary)
