"""Who a text speaks of: mentions of either side and of others, by the names that a codebook lists for them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS = ("west", "others", "joint")
"""Whom a codebook may name beside its two sides; ``joint`` has words for the two together ("both", "bilateral")."""


def split_names(names: str) -> list[str]:
    """Names joined by commas.

    >>> split_names("turkey,  turkish, black sea")
    ['turkey', 'turkish', 'black sea']
    """
    return [" ".join(name.split()) for name in names.split(",") if name.strip()]


def count_mentions(text: str, names: str) -> int:
    """How often a text holds one of some names, joined by commas, as whole words and in any case.

    >>> count_mentions("Greek islands, Greece's airspace and Greenland", "greece, greek")
    2
    """
    return len(_pattern(names).findall(text))


def sides(actors: Mapping[str, str]) -> tuple[str, ...]:
    """The two sides of a codebook's actors: those that come first."""
    return tuple(actors)[:2]


def speaks_of_both(text: str, actors: Mapping[str, str]) -> bool:
    """Whether a text names both sides, and so can say something of their tie."""
    return all(_pattern(actors[side]).search(text) for side in sides(actors))


@cache
def _pattern(names: str) -> re.Pattern[str]:
    longest_first = sorted(split_names(names), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
