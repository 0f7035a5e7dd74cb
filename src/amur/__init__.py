"""How close Beijing and Moscow are, theme by theme and source by source, with the sentence behind every figure.

The verbs of the command line as functions: ``classify``, ``report``, ``train``, ``load_model``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from amur.errors import AmurError, InputWarning

if TYPE_CHECKING:
    from amur.api import classify, report, train
    from amur.store import load_model

__version__ = "0.1.0"
__all__ = ["AmurError", "InputWarning", "classify", "load_model", "report", "train"]

_HOME = {"classify": "amur.api", "report": "amur.api", "train": "amur.api", "load_model": "amur.store"}


def __getattr__(name: str) -> object:
    """Import a verb when it is first used, so that `amur --help` answers at once."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    msg = f"module 'amur' has no attribute {name!r}"
    raise AttributeError(msg)
