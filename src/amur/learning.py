"""The verbs that say what to annotate next, and what more annotations are worth: suggest, simulate."""

from __future__ import annotations

import copy
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from amur.adoption import cached_encoder, comparable_model, load_cached
from amur.annotations import AnyPaths, annotation_files, as_paths, in_places, read_together, settle
from amur.articles import articles_from
from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.progress import Progress, ignore
from amur.project import annotation_paths
from amur.resources import shipped
from amur.simulation import Annotated, Plan, replay
from amur.store import ENCODER, loaded
from amur.strategies import DEFAULT, RANDOM, Pool, check_names, choose, installed, without_model
from amur.suggestions import audited_places, candidates, in_articles, in_table, rows
from amur.training import answer_matrix, fresh, split
from amur.vector_cache import CachedEncoder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from amur.annotations import Annotation
    from amur.articles import Source
    from amur.classifier import StanceClassifier
    from amur.codebook import Codebook
    from amur.learning_curves import Curve
    from amur.passages import Passage
    from amur.project import Project
    from amur.sampling import Place
    from amur.store import Model
    from amur.suggestions import Candidate

_SHIPPED = shipped("annotations") / "statements"
_PLAN = Plan()


def suggest(
    sources: Source | Iterable[Source] | pd.DataFrame,
    *,
    size: int = 40,
    strategies: Sequence[str] = DEFAULT,
    project: Project | None = None,
    annotations: AnyPaths = None,
    audits: Iterable[str | Path] = (),
    besides: Collection[tuple[str, int, int]] = (),
    model: Model = None,
    seed: int = 0,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Say which statements of some articles to annotate next, and why.

    Args:
        sources: as for ``amur.classify``; or statements as it returns them.
        size: how many statements; fewer where fewer are left.
        strategies: names out of ``amur.strategies.STRATEGIES``; several take turns.
        project: where annotations, codebook, model and audits are taken from if not given. Without one, the shipped
            model is asked.
        annotations: what is annotated or suggested already; by default the project's.
        audits: files of audits besides those that lie in the project's folder.
        besides: document, start and end of other statements that are not to be suggested.
        model: a model folder or a fitted classifier. A project need not have one yet; strategies that ask one are
            then replaced by ``diversity``.
        seed: another seed gives another choice where chance plays a part.
        progress: told how many statements are encoded.

    Returns:
        Rows to fill in: ``document, source, start, end, text, before`` (the statements before it), ``reason``,
        ``convergence, friction, themes, annotator, date, note``. See ``amur.suggestions`` for what is left out.

    Raises:
        AmurError: no such strategy, the library it takes is not installed, or nothing is left to suggest.

    Warns:
        InputWarning: an article was passed over.
    """
    book = read_codebook(project.codebook if project else None)
    check_names(strategies)
    own, joined = _known(project, as_paths(annotations), book)
    files = [*map(Path, audits), *(sorted(project.folder.glob("*.jsonl")) if project else [])]
    taken = audited_places(files) | set(besides)
    found = candidates(_statements(sources, book), [*own, *joined], taken)
    if not found:
        msg = (
            "nothing is left to suggest: all is annotated, suggested, held out or kept for audits; give other articles"
        )
        raise AmurError(msg)
    pool, strategies = _asked(found, own, joined, strategies, project, model, book, progress)
    chosen = choose(pool, size, strategies, np.random.default_rng(seed))
    return rows([(found[choice.at], choice.reason) for choice in chosen])


def simulate(
    annotations: AnyPaths = None,
    *,
    strategies: Sequence[str] | None = None,
    plan: Plan = _PLAN,
    project: Project | None = None,
    codebook: str | Path | None = None,
    encoder: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = ignore,
) -> dict[str, Curve]:
    """Replay annotations: what would each strategy have been worth, and what would another 200 annotations be?

    Neither the test part nor documents that the encoder was tuned on play a part, for an encoder knows the answers of
    the latter.

    Args:
        annotations: a file or folder of annotations, or several; by default the project's, or the shipped ones.
        strategies: each is replayed on its own; names joined by ``+`` take turns. Random is replayed in any case. By
            default all that are installed.
        plan: how far and how often.
        project: where annotations and codebook are taken from if not given.
        codebook: the themes; the shipped ones by default.
        encoder: folder of an ONNX encoder; the shipped model's by default.
        n_jobs: joblib's number of parallel jobs.
        progress: told how many statements are encoded, then how many batches replayed.

    Returns:
        A curve for each strategy by name, ``random`` first; ``amur.learning_curves`` reads them.

    Raises:
        AmurError: annotations are broken or too few, there is no such strategy, or the library it takes is missing.
    """
    book = read_codebook(codebook or (project.codebook if project else None))
    paths = as_paths(annotations) or (annotation_paths(project) if project else (_SHIPPED,))
    named = {name: name.split("+") for name in dict.fromkeys([RANDOM, *(strategies or installed())])}
    for parts in named.values():
        check_names(parts)
    with _cached(project, encoder or shipped("model") / ENCODER) as encoded_by:
        taught = fresh(split(read_together(paths, book))[0], encoded_by)
        vectors = encoded_by.transform(in_places(taught), progress)
    documents = np.array([a.document for a in taught])
    annotated = Annotated(vectors, answer_matrix(taught, book), documents, book.labels)
    return replay(annotated, named, plan, n_jobs=n_jobs, progress=progress)


def _statements(sources: Source | Iterable[Source] | pd.DataFrame, book: Codebook) -> Iterator[tuple[Place, Passage]]:
    """All statements of the articles in their places."""
    if isinstance(sources, pd.DataFrame):
        return in_table(sources)
    return in_articles(articles_from(sources), book.actors)


def _asked(
    found: Sequence[Candidate],
    own: Sequence[Annotation],
    joined: Sequence[Annotation],
    strategies: Sequence[str],
    project: Project | None,
    model: Model,
    book: Codebook,
    progress: Progress,
) -> tuple[Pool, Sequence[str]]:
    """What the strategies choose from, and the strategies that can be asked: those without a model where there is none.

    Chance alone asks neither model nor encoder, so that neither is loaded for it.
    """
    if set(strategies) == {RANDOM}:
        nothing = np.zeros((len(found), 0), dtype=np.float32)
        return Pool(nothing, None, book.labels, nothing[:0], np.zeros((0, len(book.labels)))), strategies
    classifier = _model(project, model, book)
    if classifier is None:
        strategies = without_model(strategies)
        check_names(strategies)
    path = classifier.sentence_encoder.path if classifier else shipped("model") / ENCODER
    with _cached(project, path) as encoder:
        return _pool(found, own, joined, classifier, encoder, book, progress), strategies


def _known(project: Project | None, given: Sequence[Path], book: Codebook) -> tuple[list[Annotation], list[Annotation]]:
    """What is annotated or to be annotated, as far as we are told: the user's own, and the shipped ones that join."""
    paths = given or (annotation_paths(project) if project else ())
    filled = [path for path in paths if annotation_files(path)]
    found = settle(read_together(filled, book, unanswered=True)) if filled else []
    theirs = {file.stem for file in annotation_files(_SHIPPED)} if _SHIPPED in filled else set()
    return [a for a in found if a.document not in theirs], [a for a in found if a.document in theirs]


def _model(project: Project | None, given: Model, book: Codebook) -> StanceClassifier | None:
    """The model to ask; None in a project that has none yet."""
    if given is None and project:
        name = comparable_model(project)
        return load_cached(project, name) if name else None
    classifier = loaded(given)
    if not book.fits(classifier.labels, classifier.named):
        msg = "the model was trained with another codebook; name one of this codebook's, or none"
        raise AmurError(msg)
    return classifier


@contextmanager
def _cached(project: Project | None, path: str | Path) -> Iterator[CachedEncoder]:
    """An encoder that encodes nothing twice; outside a project what it keeps is gone in the end."""
    if project:
        yield cached_encoder(project, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield CachedEncoder(str(path), cache=folder)


def _pool(
    found: Sequence[Candidate],
    own: Sequence[Annotation],
    joined: Sequence[Annotation],
    classifier: StanceClassifier | None,
    encoder: CachedEncoder,
    book: Codebook,
    progress: Progress,
) -> Pool:
    """What the strategies choose from."""
    passages = [candidate.passage for candidate in found]
    answered = [a for a in own if a.answered]
    vectors = encoder.transform(passages, progress)
    leaning = None
    if classifier is not None:
        asked = copy.copy(classifier)
        asked.encoder = encoder  # which has read the passages
        leaning = expit(logit(asked.predict_proba(passages)) - logit(asked.thresholds_))
    known = encoder.transform(in_places(answered), progress)
    annotated = [*answered, *(a for a in joined if a.answered)]
    answers = answer_matrix(annotated, book).reshape(-1, len(book.labels))
    return Pool(vectors, leaning, book.labels, known.reshape(-1, vectors.shape[1]), answers)
