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
from amur.reports import BY, Settings, balances_of_counted, model_errors, read_and_count, were_classified

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from amur.reports import Statements
    from amur.store import Model

EXTRAS = {"html": "web", "docx": "web", "xlsx": "xlsx"}
"""The kinds of file, and the extra that has the libraries for each."""

_MODULES = {"html": "page", "docx": "word", "xlsx": "sheets"}


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
        sources: as for ``amur.report``, as is all that follows ``kind``.
        kind: one of ``EXTRAS``.
        by: only sheets know other groupings than by source and theme.
        audit: only sheets know audits.
        reprints: let each reprint count.
        min_confidence: leave out statements that are decided with less.
        quotations: count what others are quoted or reported as saying.
        model: a model folder or a fitted classifier.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many articles are done.

    Raises:
        AmurError: the extra of the kind is not installed, the kind knows no such grouping or no audit, nothing can be
            read, or what ``amur.report`` raises.
    """
    settings = Settings(
        by=by,
        audit=audit,
        reprints=reprints,
        min_confidence=min_confidence,
        quotations=quotations,
        model=model,
        n_jobs=n_jobs,
        progress=progress,
    )
    check_grouping(by)
    _check(kind, settings)
    write = _writer(kind)
    read = sources if sources is None or isinstance(sources, pd.DataFrame) else as_sources(sources)
    before = were_classified(read)  # as it is now, and not after the work
    statements, counted = read_and_count(read, settings)
    if statements.empty:
        msg = "nothing to report: no article could be read and classified; name other files"
        raise AmurError(msg)
    table = balances_of_counted(statements, counted, settings)
    origin = tell_origin(read, statements, counted, settings, datetime.now(UTC), before=before)
    found = Findings(statements[counted], table, origin, model_errors(settings.model), settings.reprints)
    data: bytes = write(found)
    return data


def _check(kind: str, settings: Settings) -> None:
    """Refuse what a kind of file cannot show."""
    if kind not in EXTRAS:
        msg = f"no such kind of file: {kind}; there are {', '.join(EXTRAS)}"
        raise AmurError(msg)
    if kind != "xlsx" and (tuple(settings.by) != BY or settings.audit):
        other = "an audit" if settings.audit else "another grouping"
        msg = f"a report as {kind} is by source and theme, without an audit; for {other} take xlsx or a table"
        raise AmurError(msg)


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
