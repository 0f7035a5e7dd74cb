"""What stands between quotation marks: straight, curly, angled and Chinese ones, paragraph by paragraph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = "“”"
"""Stands for a quotation that was cut out."""

_PARAGRAPH = re.compile(r"[^\r\n\u2028\u2029]+")
_QUOTATION = re.compile(
    r"“[^”]*”? | (?<!\w)\"[^\"]*\"? | «[^»]*»? | 「[^」]*」?"
    # single marks are apostrophes too, so they must be closed, and closed after the end of a clause or a short phrase
    r"| (?<!\w)[‘'](?=\w) (?: [^‘’'\n]{1,40} | .{0,2000}?[.,!?] ) [’'](?!\w)",
    re.VERBOSE,
)


def quotations(text: str) -> list[tuple[int, int]]:
    """Spans of the quotations of a text, their marks included; an open one ends with its paragraph.

    >>> quotations('He said: "Ice is thin." We went.')
    [(9, 23)]
    """
    return [
        (paragraph.start() + match.start(), paragraph.start() + match.end())
        for paragraph in _PARAGRAPH.finditer(text)
        for match in _QUOTATION.finditer(paragraph[0])
    ]


def outside(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]]) -> str:
    """What a statement says outside quotations, with ``GAP`` in place of each.

    Args:
        text: the article.
        start: where the statement starts; ``end``, where it ends.
        end: see ``start``.
        quoted: the quotations that touch it, in order.

    >>> outside('"Ice," he said, "is thin."', 0, 26, [(0, 6), (16, 26)])
    '“” he said, “”'
    """
    parts, at = [], start
    for first, last in quoted:
        parts += [text[at : max(at, first)], GAP]
        at = min(last, end)
    return "".join([*parts, text[at:end]])
