"""The methods that ``quality.py`` compares: others' as their libraries offer them, ours, and ours without its parts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import spacy
import wordllama
from datasets import Dataset
from safetensors.numpy import load_file
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from spacy.training import Example
from spacy.util import minibatch
from tokenizers import Tokenizer
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from amur.annotations import Annotation, in_places
from amur.calibration import best_threshold
from amur.classifier import StanceClassifier
from amur.codebook import QUESTIONS, read_codebook
from amur.export import find_weights
from amur.progress import ignore
from amur.training import answer_matrix, fit, fresh

if TYPE_CHECKING:
    from amur.encoder import SentenceEncoder

BOOK = read_codebook()
Method = Callable[[list[Annotation], list[list[Annotation]]], list[np.ndarray]]
"""From what to learn from and what to answer for, to answers of shape (n, 2 or more) for each of the latter."""

Predict = Callable[[list[str]], np.ndarray]
"""From statements to probabilities of the two questions, shape (n, 2)."""


def texts(annotations: list[Annotation]) -> list[str]:
    """Their texts."""
    return [annotation.text for annotation in annotations]


def by_question(
    learn: list[Annotation], tests: list[list[Annotation]], model: Any, seen: Any, unseen: list[Any]
) -> list[np.ndarray]:
    """Fit a scikit-learn model a question, with a threshold from its cross-validation by document."""
    documents = [a.document for a in learn]
    said: list[list[np.ndarray]] = [[] for _ in tests]
    for column in answer_matrix(learn, BOOK)[:, :2].T:
        odds = cross_val_predict(model, seen, column, groups=documents, cv=GroupKFold(5), method="predict_proba")
        threshold = best_threshold(odds[:, 1], column)
        model.fit(seen, column)
        for columns, some in zip(said, unseen, strict=True):
            columns.append(model.predict_proba(some)[:, 1] >= threshold)
    return [np.column_stack(columns) for columns in said]


def always_yes(_learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """Both questions answered yes for every statement."""
    return [np.ones((len(test), 2), dtype=bool) for test in tests]


def vader(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """VADER's compound sentiment (Hutto and Gilbert 2014): convergence where positive, friction where negative."""
    tone = SentimentIntensityAnalyzer()
    scores = [np.array([[tone.polarity_scores(text)["compound"]] for text in texts(some)]) for some in (learn, *tests)]
    return by_question(learn, tests, LogisticRegression(), scores[0], scores[1:])


def words(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """TF-IDF of words and their pairs."""
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = make_pipeline(tfidf, LogisticRegression(C=5, max_iter=1000))
    return by_question(learn, tests, model, texts(learn), [texts(test) for test in tests])


def word_vectors(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """WordLlama's static vectors of tokens (Miller 2024), their mean, from the files that its package brings."""
    folder = Path(wordllama.__file__).parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    table = load_file(folder / "weights" / "l2_supercat_256.safetensors")["embedding.weight"].astype(np.float32)

    def encode(some: list[Annotation]) -> np.ndarray:
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts(some), add_special_tokens=False)]
        means = np.array([table[row].mean(axis=0) for row in ids])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True))

    model = LogisticRegression(C=10, max_iter=1000)
    return by_question(learn, tests, model, encode(learn), [encode(test) for test in tests])


def by_fifths(
    learn: list[Annotation], tests: list[list[Annotation]], train: Callable[[list[Annotation]], Predict]
) -> list[np.ndarray]:
    """Train once on four fifths of the documents, and take the thresholds from the last fifth."""
    documents = [a.document for a in learn]
    first, last = next(GroupKFold(5).split(learn, groups=documents))
    predict, rest = train([learn[at] for at in first]), [learn[at] for at in last]
    odds, answers = predict(texts(rest)), answer_matrix(rest, BOOK)[:, : len(QUESTIONS)]
    thresholds = [best_threshold(*pair) for pair in zip(odds.T, answers.T, strict=True)]
    return [predict(texts(test)) >= thresholds for test in tests]


def setfit(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """SetFit on MiniLM (Tunstall et al. 2022): 500 steps among 2,000 statements, a head on these."""

    def train(some: list[Annotation]) -> Predict:
        few = random.Random(0).sample(some, 2000)
        answers = answer_matrix(few, BOOK)[:, : len(QUESTIONS)].astype(int)
        with find_weights("all-MiniLM-L6-v2") as weights:
            model = SetFitModel.from_pretrained(weights, multi_target_strategy="one-vs-rest", device="cpu")
        arguments = TrainingArguments(batch_size=16, max_steps=500, seed=0, report_to="none", save_strategy="no")
        data = Dataset.from_dict({"text": texts(few), "label": answers.tolist()})
        Trainer(model=model, args=arguments, train_dataset=data).train()
        return lambda found: np.asarray(model.predict_proba(found, as_numpy=True))

    return by_fifths(learn, tests, train)


def spacy_textcat(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
    """The text classifier of spaCy with its default ensemble of words and a small network, three times through."""

    def train(some: list[Annotation]) -> Predict:
        spacy.util.fix_random_seed(0)  # type: ignore[attr-defined]
        nlp = spacy.blank("en")
        nlp.add_pipe("textcat_multilabel")
        examples = [
            Example.from_dict(nlp.make_doc(a.text), {"cats": {q: float(getattr(a, q)) for q in QUESTIONS}})
            for a in some
        ]
        optimizer = nlp.initialize(lambda: examples)
        for _ in range(3):
            random.Random(0).shuffle(examples)
            for batch in minibatch(examples, 32):  # type: ignore[no-untyped-call]
                nlp.update(batch, sgd=optimizer, drop=0.2)
        return lambda found: np.array([[doc.cats[q] for q in QUESTIONS] for doc in nlp.pipe(found)])

    return by_fifths(learn, tests, train)


def vectors(encoder: SentenceEncoder) -> Method:
    """An encoder's vector of the statement alone."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        seen, *unseen = (encoder.transform(texts(some)) for some in (learn, *tests))
        return by_question(learn, tests, LogisticRegression(C=10, max_iter=1000), seen, unseen)

    return run


class _Lacking(StanceClassifier):
    """The classifier without some of its parts, refitted."""

    lacking: tuple[str, ...] = ()

    def _features(self, X: Any, progress: Any = ignore, vectors: Any = None) -> Any:
        features = super()._features(X, progress, vectors)
        nothing: dict[str, Any] = {
            "tuned": np.zeros_like(features.tuned),
            "dense": np.zeros_like(features.dense),
            "texts": np.full_like(features.texts, "nothing"),
        }
        return replace(features, **{part: nothing[part] for part in self.lacking})


def ours_without(classifier: StanceClassifier, *parts: str) -> Method:
    """A model's encoder with heads that lack ``tuned`` (scores), ``dense`` (vectors, actors) or ``texts``."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        encoder = classifier.sentence_encoder
        model = type("Lacking", (_Lacking,), {"lacking": parts})(encoder, BOOK.labels, n_jobs=2)
        rows = fresh(learn, encoder)
        model.fit(in_places(rows), answer_matrix(rows, BOOK), [a.document for a in rows])
        return [model.predict(in_places(test)) for test in tests]

    return run


def alone(classifier: StanceClassifier) -> Method:
    """A model reading each statement without its neighbours."""
    return lambda _learn, tests: [classifier.predict(texts(test)) for test in tests]


def in_context(classifier: StanceClassifier) -> Method:
    """A model as it is."""
    return lambda _learn, tests: [classifier.predict(in_places(test)) for test in tests]


def ours_on(encoder: SentenceEncoder) -> Method:
    """The classifier on another encoder: neighbours read with the statement, actors and words added."""

    def run(learn: list[Annotation], tests: list[list[Annotation]]) -> list[np.ndarray]:
        model = fit(learn, BOOK, encoder, n_jobs=2)
        return [model.predict(in_places(test)) for test in tests]

    return run
