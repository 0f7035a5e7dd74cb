"""The statements that the pages show: one table that never changes, and sums of it, so that a filter costs little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from amur.adoption import comparable_model
from amur.articles import read_articles
from amur.balances import ALL_THEMES, Groups, by_article
from amur.classified import as_classified, is_classified
from amur.codebook import read_codebook
from amur.dates import iso_date
from amur.errors import AmurError
from amur.pipeline import COLUMNS, unanswered_statements
from amur.progress import Progress, ignore
from amur.project import Project
from amur.project_models import model_folder
from amur.quantification import Errors
from amur.reports import classified_statements
from amur.reprints import mark_reprints
from amur.resources import shipped
from amur.store import read_manifest
from amur.web.templating import link


@dataclass(frozen=True, slots=True)
class Filter:
    """Which statements: those of some sources, of a theme, of some time; of a stance, and of a least confidence.

    Balances obey all but the last two: out of the statements called friction every balance is friction. ``once`` leaves
    out what an earlier article has said (``amur.reprints``).
    """

    source: tuple[str, ...] = ()
    theme: str = ""
    since: str = ""
    until: str = ""
    once: bool = False
    stance: str = ""
    confidence: float = 0.0

    def link(self, path: str, **changes: object) -> str:
        """An address with this filter, changed so."""
        mine = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return link(path, **(mine | changes))

    @property
    def of_balances(self) -> Self:
        """What of it balances obey."""
        return replace(self, stance="", confidence=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Classified statements and what is made of them once.

    Attributes:
        statements: what ``amur classify`` gives.
        repeated: which statements an earlier article has said (``amur.reprints``), shape (statements,).
        by_article: sums over articles and themes, see ``amur.balances.by_article``, with the article's ``date``.
        once: the same without the repeated statements.
        articles: ``document, source, title, date, url, statements``, a row an article.
        texts: the articles' texts by ``document``; empty where only statements were given.
        themes: those that occur, the most frequent first.
        about: which statement is about which theme, shape (statements, themes).
        errors: how the model errs that classified them.
    """

    statements: pd.DataFrame
    repeated: NDArray[np.bool_] = field(repr=False)
    by_article: Groups
    once: Groups
    articles: pd.DataFrame
    texts: Mapping[str, str] = field(repr=False)
    themes: tuple[str, ...]
    about: NDArray[np.bool_] = field(repr=False)
    errors: Errors

    @property
    def sources(self) -> list[str]:
        """The sources by name."""
        return sorted(self.by_article.counts["source"].unique())

    def over_sources(self, wanted: Filter) -> Filter:
        """What a balance over a filter's sources obeys: where they are not one alone, each story counts once."""
        once = wanted.once or (len(wanted.source) != 1 and bool(self.repeated.any()))
        return replace(wanted.of_balances, once=once)

    def left_out(self, wanted: Filter) -> int:
        """How many statements of a filter do not count over its sources, since an earlier article has said them."""
        return int((self.selected(wanted) & self.repeated).sum()) if self.over_sources(wanted).once else 0

    def selected(self, wanted: Filter) -> NDArray[np.bool_]:
        """Which statements a filter leaves, shape (statements,)."""
        table = self.statements
        kept = _in_time(table, wanted)
        if wanted.source:
            kept &= table["source"].isin(wanted.source).to_numpy()
        if wanted.theme:
            kept &= self.about[:, self.themes.index(wanted.theme)] if wanted.theme in self.themes else False
        if wanted.once:
            kept &= ~self.repeated
        if wanted.stance:
            kept &= (table["stance"] == wanted.stance).to_numpy()
        if wanted.confidence:
            kept &= (table["confidence"] >= wanted.confidence).to_numpy()
        return kept

    def chosen(self, wanted: Filter, *, themes: bool) -> Groups:
        """The articles that a filter leaves, to be regrouped: by theme, or under the filter's one theme, or all."""
        groups = self.once if wanted.once else self.by_article
        kept = _in_time(groups.counts, wanted)
        if wanted.source:
            kept &= groups.counts["source"].isin(wanted.source).to_numpy()
        if wanted.theme or not themes:
            kept &= (groups.counts["theme"] == (wanted.theme or ALL_THEMES)).to_numpy()
        return pick(groups, kept)

    def counts(self, wanted: Filter) -> pd.DataFrame:
        """How many statements a filter leaves: ``source, theme, matching``, all themes together included."""
        kept = self.selected(wanted)
        source = self.statements["source"].cat
        codes, names = source.codes.to_numpy()[kept], source.categories
        about = {ALL_THEMES: np.ones(len(codes), dtype=bool)} | dict(zip(self.themes, self.about[kept].T, strict=True))
        found = {theme: np.bincount(codes[yes], minlength=len(names)) for theme, yes in about.items()}
        table = pd.DataFrame(found, index=names).rename_axis("source").reset_index()
        return table.melt("source", var_name="theme", value_name="matching")


def pick(groups: Groups, kept: NDArray[np.bool_]) -> Groups:
    """Some of the groups that have one cell each."""
    return Groups(groups.counts[kept], groups.cells[kept])


def _in_time(table: pd.DataFrame, wanted: Filter) -> NDArray[np.bool_]:
    """Which rows have a date in the filter's time; a date without day or month is compared as far as it goes.

    It is left out where the time is a part of it, as a month is of a year: there is no telling whether it is in that.
    """
    kept = np.ones(len(table), dtype=bool)
    dates = table["date"]
    if wanted.since:
        coarser = [date for date in _coarser(wanted.since) if not _is_part(wanted, date)]
        kept &= ((dates >= wanted.since) | dates.isin(coarser)).to_numpy()
    if wanted.until:
        kept &= ((dates != "") & (dates.str[: len(wanted.until)] <= wanted.until)).to_numpy()
    return kept


def _coarser(date: str) -> set[str]:
    """The year and the month that a date lies in, without itself.

    >>> sorted(_coarser("2024-05-16")), _coarser("2024-05"), _coarser("2024")
    (['2024', '2024-05'], {'2024'}, set())
    """
    return {date[:4], date[:7]} - {date}


def _is_part(wanted: Filter, date: str) -> bool:
    """Whether a filter's time lies within a year or month and is not the whole of it."""
    whole = wanted.since <= f"{date}-01-01" and wanted.until >= f"{date}-{'12' if len(date) == len('2024') else '28'}"
    return date in _coarser(wanted.until) and not whole


def make_corpus(classified: pd.DataFrame, errors: Errors, texts: Mapping[str, str] | None = None) -> Corpus:
    """A corpus of what ``amur.classify`` returned.

    Args:
        classified: see ``as_classified``. A date that is none is empty.
        errors: how the model errs that classified them.
        texts: of the articles, by ``document``.
    """
    table = as_classified(classified)
    table["date"] = table["date"].map(iso_date)  # what follows compares them as texts
    table = table.assign(**{name: table[name].astype("category") for name in ("source", "stance")})
    articles = _articles(table)
    repeated = mark_reprints(table)["repeated"].to_numpy() if len(articles) > 1 else np.zeros(len(table), dtype=bool)
    groups = _by_article(table, errors)
    themes = pd.Series([theme for row in table["themes"] for theme in row], dtype=str).value_counts()
    about = np.array([[theme in row for theme in themes.index] for row in table["themes"]], dtype=bool)
    return Corpus(
        statements=table,
        repeated=repeated,
        by_article=groups,
        once=_by_article(table[~repeated], errors) if repeated.any() else groups,
        articles=articles,
        texts=texts or {},
        themes=tuple(themes.index),
        about=about.reshape(len(table), len(themes)),
        errors=errors,
    )


def _articles(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table.groupby("document", sort=False)
    first = grouped[["source", "title", "date", "url"]].first()
    return first.assign(source=first["source"].astype(str), statements=grouped.size()).reset_index()


def _by_article(table: pd.DataFrame, errors: Errors) -> Groups:
    plain = table.assign(source=table["source"].astype(str), stance=table["stance"].astype(str))
    groups = by_article(plain, errors)
    dates = groups.counts["document"].map(table.groupby("document")["date"].first())
    return Groups(groups.counts.assign(date=dates), groups.cells)


def read_corpus(
    paths: Sequence[str | Path] = (),
    *,
    model: Path | None = None,
    n_jobs: int = 1,
    progress: Progress = ignore,
) -> Corpus:
    """Read articles and classify them, or read statements that were classified before; the seeds by default.

    Raises:
        AmurError: a path does not exist, the two kinds are mixed, or nothing is left to show.
    """
    given = list(paths) or [shipped("seeds")]
    errors = read_manifest(model or shipped("model")).errors
    if any(map(is_classified, given)):
        return _not_empty(make_corpus(classified_statements(given, model), errors))
    articles = list(read_articles(given))
    if not articles:
        raise AmurError(_NOTHING)
    statements = classified_statements(articles, model, n_jobs, progress)
    return _not_empty(make_corpus(statements, errors, {article.id: article.text for article in articles}))


def read_to_annotate(
    paths: Sequence[str | Path], project: Project, model: Path | None, *, n_jobs: int = 1, progress: Progress = ignore
) -> tuple[Corpus, pd.DataFrame]:
    """What to show while one annotates in a project, and the statements to annotate.

    Where no model has learned the project's codebook yet, these have no answers, and there is nothing to show.

    Raises:
        AmurError: as by ``read_corpus``.
    """
    if model is None and (name := comparable_model(project)):
        model = model_folder(project, name)
    given = list(paths) or [shipped("seeds")]
    if model is None and not any(map(is_classified, given)):
        nothing = make_corpus(pd.DataFrame(columns=list(COLUMNS)), read_manifest(shipped("model")).errors)
        return nothing, unanswered_statements(read_articles(given), read_codebook(project.codebook).actors)
    corpus = read_corpus(given, model=model, n_jobs=n_jobs, progress=progress)
    return corpus, corpus.statements


_NOTHING = "nothing to show: no article could be read and classified; name other files"


def _not_empty(corpus: Corpus) -> Corpus:
    if corpus.statements.empty:
        raise AmurError(_NOTHING)
    return corpus
