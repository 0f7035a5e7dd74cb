"""How close Beijing and Moscow are, theme by theme and source by source, with the sentence behind every figure.

The verbs of the command line as functions: ``classify``, ``explain``, ``report``, ``compare``, ``trend``, ``audit``,
``train``, ``suggest``, ``simulate``, ``load_model``;
``in_place`` makes the statements of an article into what a model reads.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from amur.classifying import classify, explain
    from amur.learning import simulate, suggest
    from amur.modelling import train
    from amur.passages import in_place
    from amur.reports import audit, compare, report, trend
    from amur.store import load_model

__version__ = "0.1.0"
__all__ = [
    "AmurError",
    "InputWarning",
    "audit",
    "classify",
    "compare",
    "explain",
    "in_place",
    "load_model",
    "report",
    "simulate",
    "suggest",
    "train",
    "trend",
]

_HOME = {
    "audit": "amur.reports",
    "classify": "amur.classifying",
    "compare": "amur.reports",
    "explain": "amur.classifying",
    "in_place": "amur.passages",
    "load_model": "amur.store",
    "report": "amur.reports",
    "simulate": "amur.learning",
    "suggest": "amur.learning",
    "train": "amur.modelling",
    "trend": "amur.reports",
}


def __getattr__(name: str) -> object:
    """Import a verb when it is first used, so that `amur --help` answers at once."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    msg = f"module 'amur' has no attribute {name!r}"
    raise AttributeError(msg)
