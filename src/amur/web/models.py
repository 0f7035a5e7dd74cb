"""The shapes of the JSON answers, for OpenAPI."""

from typing import Literal

from pydantic import BaseModel, Field


class Balance(BaseModel):
    """The balance of a group of statements; the fields of its grouping come first."""

    source: str | None = None
    theme: str | None = None
    period: str | None = None
    statements: int
    convergence: int
    friction: int
    mixed: int
    neutral: int
    raw_balance: float | None = Field(description="of the counts")
    convergence_share: float
    friction_share: float
    mixed_share: float
    neutral_share: float
    low: float | None = Field(description="low end of the 95% interval; null where there is too little to say")
    balance: float | None = Field(description="(C - F) / (C + F), corrected for the classifier's errors")
    high: float | None
    friction_score: float | None


class Balances(BaseModel):
    """A table of balances, and what it comes to."""

    headline: str
    balances: list[Balance]


class Statement(BaseModel):
    """A classified statement; ``start`` and ``end`` count Unicode code points in the article's text."""

    document: str
    source: str
    title: str
    date: str
    url: str
    start: int | None = None
    end: int | None = None
    text: str
    convergence: float
    friction: float
    stance: str
    themes: list[str]
    confidence: float


class Statements(BaseModel):
    """A page of statements."""

    total: int
    page: int
    statements: list[Statement]


class Article(BaseModel):
    """An article and how many statements it has."""

    document: str
    source: str
    title: str
    date: str
    url: str
    statements: int


class SourceData(Balances):
    """A source's balances by theme, and its articles."""

    source: str
    articles: list[Article]


class ThemeData(Balances):
    """The sources' balances on a theme."""

    theme: str


class ArticleData(BaseModel):
    """An article's statements in order."""

    article: Article
    statements: list[Statement]


class Difference(BaseModel):
    """The first balance less the second."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    q: float


class Comparison(BaseModel):
    """Two sources side by side."""

    difference: Difference | None
    balances: list[Balance]


class Progress(BaseModel):
    """How far a classification is, with what it has found so far."""

    id: str
    state: str
    done: int
    total: int
    problems: list[str]
    statements: list[Statement]


class Accepted(BaseModel):
    """A classification has begun; its result is at ``address``."""

    id: str
    address: str


class AnswerCount(BaseModel):
    """How often a stance or a theme was given."""

    answer: str
    mine: int = Field(description="by the annotator")
    all: int = Field(description="by all of them")


class Agreement(BaseModel):
    """How far the annotator agrees with the others; null where there is too little to tell."""

    answer: str
    statements: int
    agreed: float | None
    kappa: float | None
    alpha: float | None


class ToAnnotate(BaseModel):
    """The statement before the annotator, in its context."""

    document: str
    start: int
    end: int
    text: str
    before: list[str]
    after: list[str]
    source: str
    title: str
    date: str
    reason: str


class Annotation(BaseModel):
    """How far an annotator is in a queue, and which statement is next."""

    annotator: str
    queue: str
    state: Literal["unnamed", "choosing", "open", "finished"]
    message: str
    done: int = Field(description="answered statements of the queue")
    total: int = Field(description="statements of the queue")
    answered: int = Field(description="by the annotator, in all queues that go to the same files")
    distribution: list[AnswerCount]
    agreement: list[Agreement]
    statement: ToAnnotate | None
