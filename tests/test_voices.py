"""Whose words a statement is: quotations, turns, attributions, who "he" is, and the classifier over all that."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

import amur as package
from amur.attribution import Attribution, attribution
from amur.balances import balances
from amur.errors import AmurError, Note
from amur.quantification import Errors
from amur.quotations import quotations
from amur.speakers import NOTHING, QUESTION, QUOTATION, TURN, Speech, speech
from amur.statements import split_statements
from amur.store import load_model as load
from amur.store import save_model
from amur.turns import Turn, turns
from amur.voice_classifier import VoiceClassifier
from amur.voice_training import annotated_voices, cross_validate, score_table, tell
from amur.voices import VOICES, Voiced, voice_numbers

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

ARTICLE = """The bridge opened on Monday.

"We waited thirty years for this. It is shorter than I thought," said Olga Petrova, a trader in Blagoveshchensk. \
"Now we need buses."

Liu Ming, deputy head of the port of Heihe, said that lorries would cross from May. The toll has not been set. \
According to Petrova, it will be too high. The deputy head denied that. He added that tolls fall with time.
"""

TRANSCRIPT = """Vice Minister Liu Ming: We thank our Russian colleagues. I have two remarks.

The first is about rice.

Question: Will Russia buy it? I ask for my readers.

Vice Minister Liu Ming: We hope so.
"""

INTERVIEW = """Olga Petrova sells boots in Chita.

**Do you go to China?**

I went last year, twice, by train.

**What did you buy?**

My sister wanted tea. Nobody else did.

**And the boots?**

I sell them here.

**Are they good?**

They last for one winter.
"""


def heard(text: str) -> list[Speech]:
    return speech(text, split_statements(text))


@pytest.mark.parametrize(
    ("said", "who", "kind"),
    [
        ("“” said\nOlga\nPetrova.", "Olga Petrova", "says"),
        ("“” said Olga Petrova, a trader in Chita.", "Olga Petrova, a trader in Chita", "says"),
        (
            "“” says a pensioner, Nikolai Fyodorovich, who had come for a washer.",
            "a pensioner, Nikolai Fyodorovich",
            "says",
        ),
        (
            "Liu Ming, 45, deputy head of the port, said the line was full.",
            "Liu Ming, 45, deputy head of the port",
            "says",
        ),
        ("On Monday, the ministry has also said that prices fell.", "the ministry", "says"),
        ("The port has closed and says that it will not open.", "The port", "says"),
        ("In 2010 he told a client that it would never be built.", "he", "says"),
        ("The chamber announced on Friday that it would pay.", "The chamber", "may say"),
        ("It will, according to two people at Dr. Li's bank, be cheap.", "two people at Dr. Li's bank", "according"),
        ("In her view the price is right.", "she", "according"),
    ],
)
def test_speakers_stand_before_and_behind_verbs_and_phrases(said: str, who: str, kind: str) -> None:
    found = attribution(said)
    assert found is not None
    assert found.kind == kind
    assert found.who.startswith(who)


@pytest.mark.parametrize(
    "said",
    [
        "Trade rose by a third.",
        "The plan that was agreed called for more buses.",
        "The paper is said to have been written in Harbin.",
        "The fall reported in May was small.",
    ],
)
def test_no_speaker_is_seen_where_nobody_speaks(said: str) -> None:
    assert attribution(said) is None


@pytest.mark.parametrize(
    "said", ["In   's words, trade grew.", "In * * 's words, trade grew.", "In \u00a0\u00a0’s view it grew."]
)
def test_a_speaker_without_a_name_is_none(said: str) -> None:
    assert attribution(said) is None
    assert heard(f"Trade between Beijing and Moscow grew. {said}")[-1] == Speech("", NOTHING, 0)


@pytest.mark.parametrize("blanks", [" ", "\t", "\u00a0"])
def test_long_runs_of_blanks_and_marks_do_not_hold_anything_up(blanks: str) -> None:
    run = blanks * 30_000
    began = process_time()
    assert turns(f"{TRANSCRIPT}\n{run}\n\nA{run}x\n\nA{run}**{run}:{run}x\n", [0])[0] is not None
    assert attribution(f"Trade grew{run}x, he said, {'(' * 30_000}") is None
    assert attribution(f"“” said Olga{run}x") is not None
    assert process_time() - began < 1


def test_quotations_of_several_kinds_are_found_and_apostrophes_are_not() -> None:
    text = "Xi's aide: “Wait.” Then 'come in', he said; «да», 「好」, \"open"
    assert [text[start:end] for start, end in quotations(text)] == ["“Wait.”", "'come in'", "«да»", "「好」", '"open']


def test_a_name_is_resolved_through_the_article() -> None:
    said = heard(ARTICLE)
    petrova, liu = "Olga Petrova, a trader in Blagoveshchensk", "Liu Ming, deputy head of the port of Heihe"
    assert [(s.speaker, s.evidence) for s in said] == [
        ("", NOTHING),
        (petrova, QUOTATION),  # attributed only in the next statement
        (petrova, "says"),
        (petrova, QUOTATION),
        (liu, "says"),
        (liu, NOTHING),
        (petrova, "according"),
        (liu, "says"),
        (liu, "may say"),
    ]
    assert said[3].quoted == 1


def test_a_transcript_gives_the_word_to_whoever_is_named_before() -> None:
    said = heard(TRANSCRIPT)
    assert {s.speaker for s in said if s.evidence == TURN} == {"Vice Minister Liu Ming"}
    assert [s.evidence for s in said] == [TURN, TURN, TURN, QUESTION, QUESTION, TURN]


def test_an_interview_gives_the_answers_to_whoever_it_is_with() -> None:
    said = heard(INTERVIEW)
    assert said[0].evidence == NOTHING
    assert {(s.speaker, s.evidence) for s in said[1:]} == {("Olga Petrova", TURN)}


def test_sections_and_explainers_are_no_conversations() -> None:
    sections = "Our take: It rose.\n\nEnergy: We see more.\n\nText: Our own.\n\nTrade: I doubt it.\n"
    explainer = "".join(f"Is number {n} right?\n\nThe figures say so, since trade grew.\n\n" for n in range(6))
    assert turns(sections, [0, 20]) == [None, None]
    assert turns(explainer, [30]) == [None]
    assert turns("A: I went.\n\nQ: Why?\n\nA: For my tea.\n\nQ: And?\n", [3, 15]) == [
        Turn("A", asks=False),
        Turn("Q", asks=True),
    ]


@pytest.fixture(scope="module")
def documents() -> tuple[list[Voiced], list[Voiced]]:
    """Some annotated documents to learn names and forms from, and some others."""
    return annotated_voices("learn")[::3], annotated_voices("calibration")[::3]


@pytest.fixture(scope="module")
def fitted(documents: tuple[list[Voiced], list[Voiced]]) -> VoiceClassifier:
    taught, fresh = documents
    return VoiceClassifier().fit(taught, fresh, nothing(fresh))


def nothing(documents: list[Voiced]) -> list[np.ndarray]:
    """The scores of an encoder that has no heads for voices."""
    return [np.zeros((len(document.statements), len(VOICES))) for document in documents]


def test_form_alone_tells_more_than_always_the_author(
    fitted: VoiceClassifier, documents: tuple[list[Voiced], list[Voiced]]
) -> None:
    truth = voice_numbers(documents[1])
    said = cross_validate(fitted, documents[1], nothing(documents[1]))
    assert accuracy_score(truth, said) > accuracy_score(truth, np.zeros(len(truth))) + 0.05


def test_heads_tuned_for_voices_are_heeded(documents: tuple[list[Voiced], list[Voiced]]) -> None:
    taught, fresh = documents
    scores = [4.0 * np.eye(len(VOICES))[voice_numbers([document])] - 2 for document in fresh]
    voices = VoiceClassifier().fit(taught, fresh, scores)
    assert accuracy_score(voice_numbers(fresh), tell(voices, fresh, scores)) > 0.95


def test_sides_follow_from_names(fitted: VoiceClassifier) -> None:
    names = ["Zhang Weiguo, a trader in Suifenhe", "Sergei Ivanov, deputy governor", "the American treasury"]
    assert fitted.names_.predict(names).tolist() == ["beijing", "moscow", "other"]


def test_the_table_of_scores_has_a_row_a_voice_and_their_mean() -> None:
    table = score_table([0, 0, 1, 2], np.array([0, 1, 1, 2])).set_index("answer")
    assert list(table.index) == [*VOICES, "voice"]
    assert table.loc[["beijing"], ["precision", "recall", "statements"]].to_numpy().tolist() == [[0.5, 1, 1]]
    assert table.loc["voice", "accuracy"] == 0.75


def test_a_model_keeps_its_voices_and_classify_tells_them(
    fitted: VoiceClassifier, small_model: Path, tmp_path: Path
) -> None:
    model = package.load_model(small_model)
    model.voices_ = fitted
    save_model(model, tmp_path / "model", created="2026-01-01", training={}, metrics={})
    (tmp_path / "bridge.txt").write_text(ARTICLE.replace("The bridge", "The bridge of China and Russia"))
    table = package.classify(tmp_path / "bridge.txt", model=tmp_path / "model")
    assert set(table["voice"]) <= set(VOICES)
    assert table.loc[table["voice"] == "author", "speaker"].eq("").all()
    told = table[table["text"].str.contains("shorter")].iloc[0]
    assert (told["voice"], told["speaker"]) == ("moscow", "Olga Petrova, a trader in Blagoveshchensk")


def test_a_model_without_voices_says_nothing_of_them(small_model: Path, tmp_path: Path) -> None:
    model = load(small_model)
    model.voices_ = None
    (tmp_path / "bridge.txt").write_text(ARTICLE.replace("The bridge", "The bridge of China and Russia"))
    table = package.classify(tmp_path / "bridge.txt", model=model)
    assert set(table["voice"]) == {""}
    with pytest.raises(AmurError, match="do not say whose words"):
        package.report(table, by=["voice"], model=model)


@pytest.fixture
def told() -> pd.DataFrame:
    """Statements of two documents: the authors are cold, Beijing is warm."""
    rows = [
        {
            "document": f"d{at % 2}",
            "start": at,
            "text": f"Statement number {at} says something of the port.",
            "voice": voice,
            "themes": [],
        }
        | (
            {"stance": "convergence", "convergence": 0.9, "friction": 0.1}
            if voice == "beijing"
            else {"stance": "friction", "convergence": 0.1, "friction": 0.9}
        )
        for at, voice in enumerate(["author"] * 12 + ["beijing"] * 8)
    ]
    return pd.DataFrame(rows).assign(source="S", title="", url="", date="2024", end=0, speaker="")


def test_balances_differ_by_voice(told: pd.DataFrame) -> None:
    errors = Errors(1.0, (0.0, 0.0), (0.1, 0.1), (0.1, 0.1), 1.0, 50)
    table = balances(told, ["voice"], errors=errors).set_index("voice")
    assert table["statements"].to_dict() == {"author": 12, "beijing": 8}
    assert table["balance"]["author"] < 0 < table["balance"]["beijing"]
    crossed = balances(told, ["voice", "document"], errors=errors)
    assert len(crossed) == 4
    with pytest.raises(AmurError, match="do not say whose words"):
        balances(told.drop(columns="voice"), ["voice"], errors=errors)


def test_quotations_can_be_left_out(told: pd.DataFrame) -> None:
    with pytest.warns(Note, match="8 of 20 statements left out"):
        table = package.report(told, by=["source"], quotations=False)
    assert table["statements"].tolist() == [12]
    assert package.report(told, by=["source"])["statements"].tolist() == [20]


def test_the_command_line_reports_by_voice(
    amur: Callable[..., subprocess.CompletedProcess[str]], told: pd.DataFrame, tmp_path: Path
) -> None:
    told.to_parquet(tmp_path / "told.parquet")
    done = amur("report", "told.parquet", "--by", "voice", "--format", "csv")
    assert [line.split(",")[:2] for line in done.stdout.splitlines()[1:]] == [["author", "12"], ["beijing", "8"]]
    done = amur("report", "told.parquet", "--by", "source", "--without-quotations", "--format", "csv")
    assert done.stdout.splitlines()[1].startswith("S,12,")
    assert "8 of 20 statements left out" in done.stderr


def test_an_attribution_is_a_pair() -> None:
    assert attribution("“” she said.") == Attribution("she", "says")
