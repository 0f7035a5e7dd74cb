"""What every kind of file is made of: the statements, their balances, where they come from, how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from amur import __version__
from amur.articles import Article
from amur.audit_files import read_rows
from amur.characters import printable_name
from amur.resources import shipped
from amur.store import HEADS, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    from amur.quantification import Errors
    from amur.reports import Settings, Statements
    from amur.store import Model

_BALANCE = """
A balance is (C − F) / (C + F), from −1, all friction between the two capitals, to +1, all convergence. C counts the
statements that say convergence and F those that say friction; mixed ones count in both. The friction score is
F / (C + F).
"""
_CORRECTED = """
A group with fewer than five one-sided statements says “too few”.

Balances are corrected for the classifier’s errors, and “counted” is the plain count beside them. The 95% interval
carries what was measured on documents that the classifier had not seen: how far whole articles are read off, how sure
its probabilities themselves are, and which articles happen to be here.

One article says little for certain: its interval is about a unit wide, half the scale. Over many articles it narrows.
Where that is not enough, label a random sample with “amur audit”: balances corrected by it hold however wrong the
classifier is.
"""
_AUDITED = """
A group with fewer than five one-sided statements among those audited has no balance.

Balances are corrected by an audit, a random sample of these statements that was labelled by hand (“audited” says how
many of each group), and “raw_balance” is the plain count beside them. The balances and their 95% intervals hold however
wrong the classifier is, as far as the labels are right; which themes a statement is about is the classifier’s answer.
"""
_REPRINTS = """
A story that several outlets carry counts once in figures that mix outlets, unless reprints were asked for.
"""
_LEANS = """
Statements decided with a confidence below {:g} were left out. Hardly any friction is sure, so these balances lean to
convergence.
"""
_OWN_WORDS = """
Statements in which others are quoted or reported were left out, as far as the classifier tells: these balances are of
the authors’ own words alone.
"""
_HASH = 16


@dataclass(frozen=True, slots=True)
class Origin:
    """Where figures come from: ``facts``, each a name and what there is to say, and ``caveats``, in sentences."""

    facts: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a file reports.

    Attributes:
        statements: the classified statements that count, as ``amur.classify`` gives them.
        balances: what ``amur.report`` says of them.
        origin: where they come from.
        errors: how the model errs that classified them.
        reprints: whether a story counts as often as it was printed.
    """

    statements: pd.DataFrame
    balances: pd.DataFrame
    origin: Origin
    errors: Errors
    reprints: bool


def tell_origin(
    sources: Statements,
    statements: pd.DataFrame,
    counted: NDArray[np.bool_],
    settings: Settings,
    made: datetime,
    *,
    before: bool,
) -> Origin:
    """Say where figures come from.

    Args:
        sources: what was read, as for ``amur.report``.
        statements: the classified statements found there.
        counted: which of them count, shape (statements,).
        settings: how they were reported.
        made: the time of the report.
        before: whether the statements were classified before, so that nothing tells which model read them.
    """
    kept = statements[counted]
    facts = [
        ("Made", f"{made:%Y-%m-%d %H:%M} UTC, by amur {__version__}"),
        ("Read", ", ".join(_inputs(sources))),
        ("Counted", _extent(kept)),
    ]
    if left := len(statements) - len(kept):
        facts.append(("Left out", f"{left:,} of {len(statements):,} statements"))
    if settings.audit:
        facts.append(("Audit", f"{Path(settings.audit).name}, {len(read_rows(Path(settings.audit))):,} statements"))
    facts.append(("Model", _reader(settings, before=before)))
    return Origin(tuple((name, printable_name(said)) for name, said in facts), tuple(_caveats(settings)))


def _caveats(settings: Settings) -> Iterator[str]:
    """How to read balances, and how far to trust them: a text a caveat."""
    texts = [_BALANCE + (_AUDITED if settings.audit else _CORRECTED).removeprefix("\n"), _REPRINTS]
    if settings.min_confidence:
        texts.append(_LEANS.format(settings.min_confidence))
    if not settings.quotations:
        texts.append(_OWN_WORDS)
    return (" ".join(part.split()) for text in texts for part in text.split("\n\n"))


def _inputs(sources: Statements) -> Iterable[str]:
    """What was read, without the folders of the machine it lay on."""
    if sources is None or (not isinstance(sources, pd.DataFrame) and not sources):
        return ["the five seeds that come with amur"]
    if isinstance(sources, pd.DataFrame):
        return ["a table of classified statements"]
    given = [sources] if isinstance(sources, (str, Path, Article)) else list(sources)
    return [_input(source) for source in given]


def _input(source: str | Path | Article) -> str:
    if isinstance(source, Article):
        return source.title or source.id or "an article"
    return "standard input" if str(source) == "-" else Path(source).name or Path(source).resolve().name


def _extent(statements: pd.DataFrame) -> str:
    """How many statements of how many articles by how many sources, and of what time."""
    dates = sorted(date for date in statements["date"].fillna("").astype(str) if date)
    span = "" if not dates else f", dated {dates[0]}" + (f" to {dates[-1]}" if dates[-1] != dates[0] else "")
    amounts = [
        (len(statements), "statement"),
        (statements["document"].nunique(), "article"),
        (statements["source"].nunique(), "source"),
    ]
    told, articles, sources = (f"{count:,} {what}{'' if count == 1 else 's'}" for count, what in amounts)
    return f"{told} of {articles} by {sources}{span}"


def _reader(settings: Settings, *, before: bool) -> str:
    """What read the statements, as far as that is known, and whose errors balances are corrected for."""
    if not before:
        return _model(settings.model)
    unknown = "unknown: the statements were classified before and do not tell by which model"
    return unknown if settings.audit else f"{unknown}; corrected as if by {_model(settings.model)}"


def _model(model: Model) -> str:
    """The name of a model, when it was made, and the hash of what it has learned."""
    if model is not None and not isinstance(model, (str, Path)):
        return "a classifier given in Python"
    folder = Path(model) if model else shipped("model")
    manifest = read_manifest(folder)
    name = "the shipped model" if folder.resolve() == shipped("model").resolve() else folder.resolve().name
    return f"{name}, made {manifest.created}; SHA-256 of {HEADS} begins {manifest.files[HEADS][:_HASH]}"
