"""The words of a statement without case, punctuation and typography, and whether two statements say nearly the same."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEGATIONS = frozenset("no not nor never none without cannot t 不 没 未 无".split())
_PUNCTUATION = re.compile("[\u00a0\u2010-\u2027]")  # blanked first, for most texts are then ASCII, and quick
_FORMAT_MARKS = {"Cf", "Mn"}  # soft hyphens, zero-width spaces and joiners; accents that found no letter


class _Letters(dict[int, str]):
    """What ``str.translate`` makes of each code point, worked out when first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if "\u3040" <= character <= "\u9fff":
            self[code] = f" {character} "
        elif character.isalnum():
            self[code] = character
        else:
            self[code] = "" if unicodedata.category(character) in _FORMAT_MARKS else " "
        return self[code]


_LETTERS = _Letters()


def normalise(text: str) -> str:
    """The words of a text in compatibility form (Unicode NFKC), case folded, joined by single spaces.

    Each Chinese or Japanese character is a word.

    >>> normalise("“Moscow’s gas—all of it,” he said: 合作")
    'moscow s gas all of it he said 合 作'
    """
    if not text.isascii() and not (text := _PUNCTUATION.sub(" ", text)).isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().translate(_LETTERS).split())


def length(normalised: str) -> int:
    """Number of words of a normalised text; a Chinese word has about two characters, so a character counts half.

    >>> length("moscow s gas"), length("天 然 气 合 作")
    (3, 3)
    """
    words = normalised.count(" ") + bool(normalised)
    return words if normalised.isascii() else words - sum("\u3040" <= word <= "\u9fff" for word in normalised) // 2


class Wordings:
    """Statements to look others up in: answers whether one of them says nearly the same.

    Nearly the same: the sets of words have a Jaccard coefficient of 4/5 or more, and no negation is in one of them
    alone, for that would turn the sense. In any one order of all words, two such sets share a word among the last
    n // 5 + 1 of each, n being its number of words (the prefix filter of Chaudhuri, Ganti and Kaushik 2006), so only
    those that do are compared. The order is by length, for long words are rare.

    >>> Wordings(["Beijing bought more gas in May."]).hold("In May, Beijing bought more LNG gas.")
    True
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._index: dict[str, list[frozenset[str]]] = defaultdict(list)
        for text in dict.fromkeys(texts):
            self.add(text)

    def add(self, text: str) -> None:
        """One more statement to look others up in."""
        words = _word_set(text)
        for word in _longest(words):
            self._index[word].append(words)

    def hold(self, text: str) -> bool:
        """Whether one of the statements says nearly the same as this text."""
        words = _word_set(text)
        return any(_resemble(words, other) for word in _longest(words) for other in self._index.get(word, ()))


def _word_set(text: str) -> frozenset[str]:
    return frozenset(normalise(text).split())


def _longest(words: frozenset[str]) -> list[str]:
    return sorted(sorted(words), key=len)[-(len(words) // 5 + 1) :]


def _resemble(one: frozenset[str], other: frozenset[str]) -> bool:
    return 5 * len(one & other) >= 4 * len(one | other) and not (one ^ other) & _NEGATIONS
