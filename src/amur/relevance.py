"""Whether an article is one to classify: in English, and about both sides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amur.actors import sides, speaks_of_both

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amur.articles import Article

_ENOUGH_WORDS = 20
_ENGLISH_SHARE = 0.2
_LAST_LATIN_LETTER = 0x24F
_NO_LANGUAGES = {"", "und", "mul", "mis", "unknown", "none", "n/a"}
"""What stands for a language where it is not known, those of ISO 639 among them; the text decides then."""


def is_english(text: str) -> bool:
    """Whether a text is in English, by the share of its words that are English function words (spaCy's stop words).

    English prose has 40 to 50% of them, other languages under 10%; a text too short to tell counts as English.
    """
    from spacy.lang.en.stop_words import STOP_WORDS  # noqa: PLC0415 (slow to import)

    words = re.findall(r"[^\W\d_]+", text[:20_000].casefold())
    share = sum(word in STOP_WORDS for word in words) / max(len(words), 1)
    foreign_letters = (
        sum(ord(letter) > _LAST_LATIN_LETTER for word in words for letter in word) > len("".join(words)) / 2
    )
    return not foreign_letters and (len(words) < _ENOUGH_WORDS or share >= _ENGLISH_SHARE)


def why_passed_over(article: Article, actors: Mapping[str, str]) -> str:
    """The reason why an article is not classified, or an empty string."""
    language = re.split("[-_]", article.lang.strip().lower())[0]
    foreign = language not in _NO_LANGUAGES and not language.startswith("en")
    if foreign or not is_english(article.text):
        return "not in English"
    if not speaks_of_both(f"{article.title}\n{article.text}", actors):
        return f"never names both {' and '.join(map(str.title, sides(actors)))}"
    return ""
