"""Characters that XML cannot hold, so that neither Word files nor charts can, replaced one for one: offsets stay."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_CHARACTERS = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"[\u2028\u2029]")


def printable(text: str) -> str:
    r"""A text with a space for each control character, and U+FFFD for what is none, as half of a surrogate pair.

    >>> printable("Gas\x0cOil\n"), printable("Gas \ud83d")
    ('Gas Oil\n', 'Gas �')
    """
    return _NO_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", _CONTROLS.sub(" ", text))


def printable_name(text: str) -> str:
    r"""A name, a title or the like; also without line and paragraph separators, which JavaScript cannot hold.

    >>> printable_name("The\u2028Paper")
    'The Paper'
    """
    return _LINE_ENDS.sub(" ", printable(text))
