"""What the commands print with: data whole or not at all, a progress bar, warnings as plain lines."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from amur.errors import AmurError, InputWarning, Note
from amur.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from amur.bar import Bar


def names(joined: str) -> list[str]:
    """Names joined by commas."""
    return [name.strip() for name in joined.split(",") if name.strip()]


def not_empty(tables: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The tables, and an error at their end where none of them held a row."""
    empty = True
    for table in tables:
        empty = empty and table.empty
        if not table.empty:
            yield table
    if empty:
        msg = "nothing to classify: every article was passed over, for the reasons above"
        raise AmurError(msg)


def write(parts: Iterable[bytes], out: Path | None) -> None:
    """Write to standard output, or to a file that appears whole or not at all."""
    if out is None:
        for part in parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    write_whole(out, parts)


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Bar]:
    """A bar on standard error when it is a terminal; warnings as plain lines, then how many there were."""
    from rich.console import Console  # noqa: PLC0415 (slow to import)

    from amur.bar import Bar  # noqa: PLC0415

    console = Console(stderr=True)
    seen: Counter[str] = Counter()

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if issubclass(category, InputWarning):
            seen["passed over"] += 1
            if not quiet:
                typer.echo(f"amur: warning: {message}", err=True)
        elif issubclass(category, Note) and not quiet:
            typer.echo(f"amur: {message}", err=True)

    with warnings.catch_warnings(), Bar(what, console, hidden=quiet or not console.is_terminal) as bar:
        warnings.simplefilter("always", InputWarning)
        warnings.simplefilter("always", Note)
        warnings.showwarning = show
        yield bar
    if seen and not quiet:
        typer.echo(f"amur: {seen['passed over']} passed over", err=True)
