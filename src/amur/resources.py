"""Where the files that come with the package are: seeds, model, codebook."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """Path of a shipped folder (``seeds``, ``model``, ``annotations``), in an installed package or in a checkout."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parents[1] / name
