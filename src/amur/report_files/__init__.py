"""A report as a file to keep and to hand on: a page of its own (html), a Word document (docx), sheets (xlsx).

The page and the document show the charts of the web page's overview and the sentences behind every figure; the sheets
hold the balances and the statements as data. Each says which model read what, when, and how far to trust it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

import pandas as pd

from amur.articles import as_sources
from amur.balances import check_grouping
from amur.errors import AmurError
from amur.progress import Progress, ignore
from amur.report_files.findings import Findings, tell_origin
from amur.reports import balances_of_counted, classified_statements, model_errors, which_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from amur.reports import Statements
    from amur.store import Model

EXTRAS = {"html": "web", "docx": "web", "xlsx": "xlsx"}
"""The kinds of file, and the extra that has the libraries for each."""

_MODULES = {"html": "page", "docx": "word", "xlsx": "sheets"}
BY = ("source", "theme")


def report_file(
    sources: Statements = None,
    kind: str = "html",
    *,
    by: Sequence[str] = BY,
    audit: str | Path | None = None,
    reprints: bool = False,
    min_confidence: float = 0.0,
    quotations: bool = True,
    model: Model = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> bytes:
    """Report on articles, or on statements classified before, as the bytes of a file.

    Args:
        sources: as for ``amur.report``.
        kind: one of ``EXTRAS``.
        by: the grouping; only sheets know others than by source and theme.
        audit: as for ``amur.report``; for sheets only.
        reprints: as for ``amur.report``.
        min_confidence: as for ``amur.report``.
        quotations: as for ``amur.report``.
        model: as for ``amur.report``.
        n_jobs: as for ``amur.report``.
        progress: as for ``amur.report``.

    Raises:
        AmurError: the extra of the kind is not installed, the kind knows no such grouping or no audit, nothing can be
            read, or what ``amur.report`` raises.
    """
    check_grouping(by)
    _check(kind, by, audit)
    write = _writer(kind)
    given = sources if sources is None or isinstance(sources, pd.DataFrame) else as_sources(sources)
    statements = classified_statements(given, model, n_jobs, progress)
    if statements.empty:
        msg = "nothing to report: no article could be read and classified; name other files"
        raise AmurError(msg)
    counted = which_count(statements, by, reprints=reprints, min_confidence=min_confidence, quotations=quotations)
    table = balances_of_counted(statements, counted, by, audit=audit, model=model, n_jobs=n_jobs)
    made = datetime.now(UTC)
    origin = tell_origin(given, statements, counted, model=model, made=made, min_confidence=min_confidence)
    data: bytes = write(Findings(statements[counted], table, origin, model_errors(model), reprints))
    return data


def _check(kind: str, by: Sequence[str], audit: str | Path | None) -> None:
    """Refuse what a kind of file cannot show."""
    if kind not in EXTRAS:
        msg = f"no such kind of file: {kind}; there are {', '.join(EXTRAS)}"
        raise AmurError(msg)
    if kind != "xlsx" and (tuple(by) != BY or audit):
        msg = f"a report as {kind} is by source and theme, without an audit; for {_other(audit)} take xlsx or a table"
        raise AmurError(msg)


def _other(audit: str | Path | None) -> str:
    return "an audit" if audit else "another grouping"


def _writer(kind: str) -> Callable[[Findings], bytes]:
    """What writes a kind of file, once its libraries are there."""
    try:
        module = import_module(f"amur.report_files.{_MODULES[kind]}")
    except ImportError as error:
        what = error.name or "more libraries"
        msg = f"a report as {kind} needs {what}, which is not installed; pip install 'amur[{EXTRAS[kind]}]'"
        raise AmurError(msg) from error
    write: Callable[[Findings], bytes] = module.write
    return write
