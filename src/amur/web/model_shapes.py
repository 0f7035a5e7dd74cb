"""The shapes of the JSON answers about models and their answers, for OpenAPI."""

from pydantic import BaseModel, Field


class Score(BaseModel):
    """How well one question or theme is answered."""

    answer: str
    statements: int
    yes: int
    precision: float
    recall: float
    f1: float
    low: float = Field(description="low end of the 95% interval of F1")
    high: float
    brier: float
    ece: float | None = Field(default=None, description="expected calibration error")


class Confused(BaseModel):
    """How many statements of an annotated stance were given a stance."""

    annotated: str
    said: str
    statements: int


class Bin(BaseModel):
    """Statements of about the same probability, and the share of them that is yes."""

    answer: str
    statements: int
    probability: float
    yes: float


class ModelRow(BaseModel):
    """A model of the project."""

    name: str
    created: str
    statements: int | None
    f1: float | None
    low: float | None
    high: float | None
    adopted: bool
    parent: str
    note: str


class ModelData(BaseModel):
    """A model's scores and their details, and the models of the project."""

    model: str = Field(description="empty where the project has none yet")
    created: str
    headline: str
    part: str = Field(description="held_out, or cross_validation where no documents were held out")
    scores: list[Score]
    confusion: list[Confused] | None = Field(description="null where the model does not tell")
    reliability: list[Bin] | None
    models: list[ModelRow]


class ModelDifference(BaseModel):
    """F1 of the second model minus that of the first."""

    answer: str
    documents: int
    statements: int
    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None


class WorkData(BaseModel):
    """How far a piece of work on models is, and what came of it."""

    id: str
    kind: str
    models: list[str]
    state: str = Field(description="running, done or failed")
    stage: str
    done: int
    total: int | None
    seconds_left: float | None = Field(description="of this stage")
    outcome: str
    differences: list[ModelDifference]


class Word(BaseModel):
    """What a word adds to the log odds of yes; its place in code points of the article's text."""

    word: str
    word_start: int
    word_end: int
    change: float
    linear: float = Field(description="the part that comes from the words' own weights")


class Answer(BaseModel):
    """An answer, and what each word adds to it."""

    answer: str
    probability: float
    yes: bool
    words: list[Word]


class Explanation(BaseModel):
    """Why a statement is answered as it is."""

    document: str
    start: int
    end: int
    text: str
    answers: list[Answer]
