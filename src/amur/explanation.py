"""Why a statement is answered as it is: what each of its words adds.

A word is left out, the document is read again with the statement so shortened, and the log odds of the answer fall or
rise (leave one out: Li, Monroe and Jurafsky 2016). That is no estimate: it is what the model says of the shorter
statement. Still, it is the model that is explained and not the language: a word that another one doubles changes
little, and a sentence without one of its words is no sentence that the model has learned from.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from amur.codebook import QUESTIONS
from amur.errors import AmurError, InputWarning
from amur.passages import Passage, in_place
from amur.pipeline import statements_of
from amur.progress import Progress, ignore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from amur.articles import Article
    from amur.classifier import StanceClassifier
    from amur.statements import Statement

COLUMNS = (
    *("document", "start", "end", "text", "answer", "probability", "yes"),
    *("word", "word_start", "word_end", "change", "linear"),
)

LEAST_CHANGE = 0.2
"""The least change of log odds that is worth a look: less may come from the rounding of the encoder's integers."""

MOST_WORDS = 200
"""The most words of a statement to explain: the document is read again for each. What has more is no sentence."""

_WORD = re.compile(r"\w(?:[^\s—–…/]*\w)?")


class Span(NamedTuple):
    """A word's place in its statement, in code points."""

    start: int
    end: int


def words_of(text: str) -> list[Span]:
    """The words of a statement; what hangs together is one word, the marks around it are none.

    >>> [text[a:b] for text in ["China's “oil-for-loans” deal (of 2013)."] for a, b in words_of(text)]
    ["China's", 'oil-for-loans', 'deal', 'of', '2013']
    """
    return [Span(*found.span()) for found in _WORD.finditer(text)]


def without(text: str, words: Iterable[Span]) -> str:
    """A text without some of its words and the white space before them.

    >>> without("Moscow, too, signed.", [Span(8, 11), Span(13, 19)])
    'Moscow,,.'
    """
    for start, end in sorted(words, reverse=True):
        text = text[:start].rstrip() + text[end:]
    return text.lstrip()


def changes_without(
    classifier: StanceClassifier, passage: Passage, removals: Sequence[Sequence[Span]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """What the model says of a statement, and how far that changes without each set of words.

    The statement is read in the same window each time.

    Returns:
        Log odds of yes of the statement as it is, shape (labels,); these minus those without the words, shape
        (removals, labels); and these minus what they would be if only the words' own weights in the heads were gone.
    """
    encoder = classifier.sentence_encoder
    first, _, end = encoder.window(passage)
    before, after = passage.document[: passage.at], passage.document[passage.at + 1 :]
    texts = [passage.text, *(without(passage.text, words) for words in removals)]
    variants = [Passage((*before, text, *after), passage.at) for text in texts]
    read = [Passage(variant.document[first:end], variant.at - first) for variant in variants]
    scores, words = classifier.scores(variants, vectors=encoder.transform(read)), classifier.word_scores(texts)
    lighter = scores[0] - (words[0] - words[1:])
    whole, without_words, without_weights = map(classifier.calibrate, (scores[:1], scores[1:], lighter))
    return whole[0], whole - without_words, whole - without_weights


def explain_statement(
    classifier: StanceClassifier, passage: Passage, answers: Sequence[str] = QUESTIONS
) -> pd.DataFrame:
    """What each word of a statement adds to some answers.

    Returns:
        A row an answer and word, in their order: ``answer``; its ``probability``, and whether the answer is ``yes``;
        ``word, word_start, word_end``; ``change``, the log odds of yes minus those without the word, so that words
        above zero speak for yes; and ``linear``, what the change would be if only the word's own weights in the heads
        were gone, computed exactly from them. The rest is the encoder's reading and who is named.

    Raises:
        AmurError: it has more than ``MOST_WORDS`` words.
    """
    spans = words_of(passage.text)
    if why := _too_long(spans):
        raise AmurError(why)
    removals = [[span] for span in spans]
    odds, changes, linear = changes_without(classifier, passage, removals)
    said = classifier.decide(expit(odds))
    places = {
        "word": [passage.text[start:end] for start, end in spans],
        "word_start": [start for start, _ in spans],
        "word_end": [end for _, end in spans],
    }
    tables = []
    for answer in answers:
        at = classifier.labels.index(answer)
        table = pd.DataFrame(places).assign(
            answer=answer, probability=float(expit(odds[at]).round(4)), yes=bool(said[at])
        )
        parts = {"change": changes[:, at], "linear": linear[:, at]}
        tables.append(table.assign(**{name: part.round(4) for name, part in parts.items()}))
    return pd.concat(tables, ignore_index=True)


def _too_long(words: Sequence[Span]) -> str:
    """Why a statement of so many words is not explained; an empty string where it is."""
    if len(words) <= MOST_WORDS:
        return ""
    return f"a statement of {len(words):,} words is too long to explain; cut it into sentences of at most {MOST_WORDS}"


def explain_articles(
    articles: Iterable[Article],
    classifier: StanceClassifier,
    wanted: Sequence[int | str] = (),
    theme: str | None = None,
    progress: Progress = ignore,
) -> pd.DataFrame:
    """Explain statements of articles; see ``amur.classifying.explain``.

    Raises:
        AmurError: there is no such theme or statement.
    """
    if theme and theme not in classifier.labels[len(QUESTIONS) :]:
        msg = f"the model knows no theme {theme}; it has {', '.join(classifier.labels[len(QUESTIONS) :])}"
        raise AmurError(msg)
    answers = (*QUESTIONS, theme) if theme else QUESTIONS
    tables, found, chosen = [], False, False
    for article, statements in _read(articles, classifier.named):
        found = True
        passages = in_place([statement.text for statement in statements])
        for at in _chosen(passages, wanted, classifier):
            chosen = True
            if why := _too_long(words_of(passages[at].text)):
                warnings.warn(f"{article.id}: {why}; passed over", InputWarning, stacklevel=2)
                continue
            start, end, text = statements[at].start, statements[at].end, statements[at].text
            table = explain_statement(classifier, passages[at], answers)
            table[["word_start", "word_end"]] += start
            tables.append(table.assign(document=article.id, start=start, end=end, text=text)[list(COLUMNS)])
            progress(1)
    if found and not chosen:
        msg = f"no statement is {' or '.join(map(repr, wanted))}; `amur classify` shows the statements, in order"
        raise AmurError(msg)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def _read(articles: Iterable[Article], actors: Mapping[str, str]) -> Iterator[tuple[Article, list[Statement]]]:
    """Articles with their statements; those that are passed over cost a warning."""
    for article in articles:
        statements, reason = statements_of(article, actors)
        if reason:
            warnings.warn(f"{article.id}: {reason}; passed over", InputWarning, stacklevel=3)
        else:
            yield article, statements


def _chosen(passages: list[Passage], wanted: Sequence[int | str], classifier: StanceClassifier) -> list[int]:
    """Which statements of an article are meant: by number or by words; else those not neutral, or all if all are."""
    if not wanted:
        decided = classifier.predict(passages)[:, : len(QUESTIONS)].any(axis=1)
        return np.flatnonzero(decided | ~decided.any()).tolist()
    numbers = {number - 1 for number in wanted if isinstance(number, int)}
    parts = [_plain(part) for part in wanted if isinstance(part, str)]
    return [
        at
        for at, passage in enumerate(passages)
        if at in numbers or any(part in _plain(passage.text) for part in parts)
    ]


def _plain(text: str) -> str:
    """A text regardless of case and of how its white space is laid out."""
    return " ".join(text.split()).casefold()
