"""What the form of an article shows of whose words its statements are, as numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from amur.attribution import ACCORDING, MAY_SAY, SAYS
from amur.speakers import NOTHING, QUESTION, QUOTATION, TURN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from amur.speakers import Speech

EVIDENCE = (SAYS, MAY_SAY, ACCORDING, QUOTATION, TURN, QUESTION, NOTHING)
_FORMS = (
    re.compile(r"\?[\"”’']?\Z"),
    re.compile(r"\b(?:I|my|me)\b"),
    re.compile(r"\b(?:we|We|our|us)\b"),
    re.compile(r"\b(?:had|would|could|might)\b"),
)
"""Questions, the first person, and the tenses of reported speech."""

_FADES = 0.5


def form_features(texts: Sequence[str], heard: Sequence[Speech], sides: NDArray[np.float64]) -> NDArray[np.float64]:
    """Features of an article's statements, with those of the one before and the one after.

    Args:
        texts: the statements.
        heard: what shows who speaks, see ``amur.speakers.speech``.
        sides: how likely each speaker is of each side, shape (statements, sides), noughts where there is no speaker.

    Returns:
        Shape (statements, features).
    """
    kinds = np.array([[speech.evidence == kind for kind in EVIDENCE] for speech in heard], dtype=float)
    forms = np.array([[bool(form.search(text)) for form in _FORMS] for text in texts], dtype=float)
    quoted = np.array([[speech.quoted, bool(speech.speaker)] for speech in heard], dtype=float)
    by_side = (kinds[:, :, None] * sides[:, None]).reshape(len(kinds), -1)
    own = np.hstack([kinds, by_side, forms, quoted])
    around = np.pad(own, ((1, 1), (0, 0)))
    told = 1 - kinds[:, EVIDENCE.index(NOTHING)]
    whole = np.tile(
        [told.mean(), kinds[:, [EVIDENCE.index(TURN), EVIDENCE.index(QUESTION)]].sum(1).mean()], (len(own), 1)
    )
    return np.hstack([own, around[:-2], around[2:], _since(told)[:, None], whole])


def _since(told: NDArray[np.float64]) -> NDArray[np.float64]:
    """One where somebody is said to speak, halved with each statement since then."""
    faded, level = np.empty_like(told), 0.0
    for at, now in enumerate(told):
        level = max(now, _FADES * level)
        faded[at] = level
    return faded
