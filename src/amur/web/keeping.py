"""Keep what was classified on the page: among what is shown and, in a project, among its articles."""

import json
import threading
import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from amur.articles import Article, parse_article_file
from amur.errors import AmurError, InputWarning
from amur.project import Project
from amur.web.data import Corpus, make_corpus
from amur.web.jobs import Job
from amur.whole import write_whole

ARTICLES, KEPT = "articles", "kept.jsonl"
"""A project's folder of articles, and the file in it that articles classified on the page are added to."""

_writing = threading.Lock()


def articles_of(project: Project | None) -> list[Path]:
    """The folder of a project's articles, if there is one."""
    folder = project.folder / ARTICLES if project else None
    return [folder] if folder and folder.is_dir() else []


def keep(corpus: Corpus, job: Job, project: Project | None) -> tuple[Corpus, list[Article]]:
    """Add the articles of a classification to a corpus, and to the project's articles first.

    Returns:
        The corpus with them, and the articles as they are kept: under another id where theirs was taken.

    Raises:
        AmurError: the classification is not done or kept already, holds no statement, or the file cannot be written.
    """
    table = job.statements
    if job.state != "done" or job.kept or table.empty:
        msg = "there is nothing to keep: it is kept already, not done yet, or nothing was found in it"
        raise AmurError(msg)
    taken = set(corpus.articles["document"]) | (_names_in(project.folder / ARTICLES / KEPT) if project else set())
    articles, named = [], {}
    for article in (one for one in job.articles if (table["document"] == one.id).any()):
        named[article.id] = _free_name(article.id, taken)
        taken.add(named[article.id])
        articles.append(replace(article, id=named[article.id]))
    if project:
        _add(project.folder / ARTICLES / KEPT, articles)
    shown = corpus.statements.astype({"source": str, "stance": str})
    both = pd.concat([shown, table.assign(document=table["document"].map(named))], ignore_index=True)
    texts = {**corpus.texts, **{article.id: article.text for article in articles}}
    job.kept = True
    return make_corpus(both, corpus.errors, texts), articles


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _names_in(file: Path) -> set[str]:
    """The ids of the articles in a file, whichever of them are shown now; lines that are none are passed over."""
    data = _bytes_of(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        return {article.id for article in parse_article_file(data, str(file))} if data.strip() else set()


def _bytes_of(file: Path) -> bytes:
    """What a file that is to be written holds so far."""
    try:
        return file.read_bytes() if file.is_file() else b""
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> AmurError:
    return AmurError(f"cannot write {file}: {error.strerror}; make the project's folder writable")


def _add(file: Path, articles: Sequence[Article]) -> None:
    """Add articles to a file of JSON Lines, which stays as it was if that fails."""
    rows = [json.dumps(asdict(article), ensure_ascii=False).encode() + b"\n" for article in articles]
    with _writing:
        try:
            file.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise _unwritable(file, error) from error
        before = _bytes_of(file)
        write_whole(file, [before, *([b"\n"] if before and not before.endswith(b"\n") else []), *rows], synced=True)
