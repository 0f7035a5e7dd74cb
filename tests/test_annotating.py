"""Annotating: which statement comes next, what is on disk when, and what a second annotator sees."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pandas as pd
import pytest
from typer.testing import Result

from amur.annotating import Annotating, Turn
from amur.annotation_figures import agreement_with_others, distribution
from amur.annotation_tasks import Answer, Key, Reading, key_of
from amur.annotations import Annotation, as_line, read_annotations
from amur.answer_sheets import AnnotationSheet, annotator_name
from amur.audit_files import read_audit, write_audit
from amur.codebook import read_codebook
from amur.errors import AmurError
from amur.project import Project
from amur.sampling import draw_audit
from amur.suggesting import Suggestions

SOURCE = "source:Harbour Post"
PATIENCE = 60


@pytest.fixture
def project(new_project: Project) -> Project:
    return new_project


@pytest.fixture
def table(to_annotate: pd.DataFrame) -> pd.DataFrame:
    return to_annotate


@pytest.fixture
def annotating(project: Project, table: pd.DataFrame) -> Iterator[Annotating]:
    made = Annotating(project, table)
    yield made
    made.close()


def chosen(annotating: Annotating, name: str, queue: str) -> Turn:
    """The next turn, once suggestions are made."""
    until = monotonic() + PATIENCE
    while (turn := annotating.turn(name, queue)).choosing and monotonic() < until:
        sleep(0.02)
    assert not turn.choosing
    return turn


def say(annotating: Annotating, name: str, queue: str, answer: Answer = Answer("friction", ("trade",))) -> Key:  # noqa: B008 (a tuple)
    """Answer what is next."""
    task = chosen(annotating, name, queue).task
    assert task
    annotating.answer(name, queue, task.key, answer)
    return task.key


def lines(project: Project, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (project.annotations / f"{name}.jsonl").read_text().splitlines()]


def test_a_whole_source_comes_in_reading_order_with_context_and_guess(
    annotating: Annotating, table: pd.DataFrame
) -> None:
    said = [say(annotating, "kim", SOURCE) for _ in range(12)]
    mine = table[table["source"] == "Harbour Post"]
    assert said == [Key(*row) for row in mine[["document", "start", "end"]].head(12).itertuples(index=False)]
    turn = annotating.turn("kim", SOURCE)
    assert (turn.done, turn.total) == (12, 30)
    assert turn.task
    assert turn.task.text == mine["text"].iloc[12]
    assert turn.task.before == tuple(mine["text"].iloc[10:12])
    assert turn.task.after == tuple(mine["text"].iloc[13:15])
    assert turn.task.guess
    assert turn.task.guess.stance == mine["stance"].iloc[12]
    assert turn.last
    assert (turn.last[0].text, turn.last[1]) == (mine["text"].iloc[11], Answer("friction", ("trade",)))


def test_an_answer_is_on_disk_when_it_is_given_and_training_can_read_it(
    annotating: Annotating, project: Project, here: Callable[..., Result]
) -> None:
    for at, stance in enumerate(("convergence", "friction", "mixed", "neutral")):
        say(annotating, "kim", SOURCE, Answer(stance, ("rivers", "trade")[: at % 3], "close call" if at else ""))
        row = lines(project, "kim")[at]
        assert (row["convergence"], row["friction"]) == (
            stance in {"convergence", "mixed"},
            stance in {"friction", "mixed"},
        )
    assert set(row) == set("document start end text convergence friction themes annotator date note before".split())
    assert (row["annotator"], row["note"], row["themes"]) == ("kim", "close call", [])
    assert lines(project, "kim")[2]["themes"] == ["trade", "rivers"]
    assert [len(read["before"]) if "before" in read else 0 for read in lines(project, "kim")] == [0, 1, 2, 3]  # type: ignore[arg-type]
    done = here(project, "check-annotations")
    assert done.exit_code == 0, done.output


def test_undo_shows_the_statement_again_and_leaves_one_row(annotating: Annotating, project: Project) -> None:
    keys = [say(annotating, "kim", SOURCE, Answer("mixed", ("rivers",), "hm")) for _ in range(3)]
    annotating.undo("kim", SOURCE, keys[2])
    annotating.undo("kim", SOURCE, keys[1])
    turn = annotating.turn("kim", SOURCE)
    assert turn.task
    assert (turn.task.key, turn.before) == (keys[1], Answer("mixed", ("rivers",), "hm"))
    assert len(lines(project, "kim")) == 1
    annotating.answer("kim", SOURCE, keys[1], Answer("neutral"))
    assert annotating.turn("kim", SOURCE).task.key == keys[2]  # type: ignore[union-attr]
    assert [row["friction"] for row in lines(project, "kim")] == [True, False]
    annotating.undo("kim", SOURCE, keys[1])
    annotating.undo("kim", SOURCE, keys[0])
    assert not (project.annotations / "kim.jsonl").exists()  # an empty file would be no annotation file
    with pytest.raises(AmurError, match="no answer of kim to take back"):
        annotating.undo("kim", SOURCE, keys[0])


def test_only_the_answer_that_is_shown_is_taken_back(annotating: Annotating, project: Project) -> None:
    shown, later = (say(annotating, "kim", SOURCE) for _ in range(2))
    with pytest.raises(AmurError, match="no longer your last answer"):
        annotating.undo("kim", SOURCE, shown)
    assert len(lines(project, "kim")) == 2
    annotating.undo("kim", SOURCE, later)
    assert len(lines(project, "kim")) == 1


def test_what_is_skipped_comes_again_when_nothing_else_is_left(project: Project, table: pd.DataFrame) -> None:
    annotating = Annotating(project, table.head(3))
    task = annotating.turn("kim", "source").task
    assert task
    annotating.skip("kim", "source", task.key)
    rest = [say(annotating, "kim", "source") for _ in range(2)]
    assert task.key not in rest
    assert say(annotating, "kim", "source") == task.key
    turn = annotating.turn("kim", "source")
    assert (turn.task, turn.done, turn.total, turn.message) == (None, 3, 3, "nothing is left in this queue")
    annotating.close()


def test_a_statement_that_is_not_shown_or_answered_already_is_refused(annotating: Annotating, project: Project) -> None:
    key = say(annotating, "kim", SOURCE)
    with pytest.raises(AmurError, match="no longer before you"):
        annotating.answer("kim", SOURCE, key, Answer("neutral"))
    shown = [annotating.turn("kim", queue).task for queue in (SOURCE, "source")]
    assert shown[0]
    assert shown[1]
    assert shown[0].key == shown[1].key
    annotating.answer("kim", SOURCE, shown[0].key, Answer("neutral"))
    with pytest.raises(AmurError, match="in another queue"):
        annotating.answer("kim", "source", shown[1].key, Answer("mixed"))
    task = annotating.turn("kim", "source").task
    assert task
    for wrong in (Answer("maybe"), Answer("mixed", ("weather",))):
        with pytest.raises(AmurError, match="is no answer"):
            annotating.answer("kim", "source", task.key, wrong)
    assert len(lines(project, "kim")) == 2


def test_two_at_once_get_different_statements_and_lose_none(annotating: Annotating, project: Project) -> None:
    said: dict[str, list[Key]] = {"kim": [], "lee": []}

    def work(name: str) -> None:
        said[name] += [say(annotating, name, "source", Answer("neutral", (), name * 200)) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(name,)) for name in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not set(said["kim"]) & set(said["lee"])
    for name, keys in said.items():
        assert [Key(row["document"], row["start"], row["end"]) for row in lines(project, name)] == keys  # type: ignore[arg-type]


def test_two_queues_do_not_ask_two_annotators_the_same(annotating: Annotating, project: Project) -> None:
    asked = [annotating.turn(*seat).task for seat in (("kim", "source"), ("lee", SOURCE))]
    assert asked[0]
    assert asked[1]
    assert asked[0].key != asked[1].key
    (project.annotations / "by-hand.jsonl").write_bytes(as_line(Annotation(*asked[1].key, asked[1].text, True, False)))  # noqa: FBT003
    with pytest.raises(AmurError, match="somebody has answered this statement meanwhile"):
        annotating.answer("lee", SOURCE, asked[1].key, Answer("neutral"))
    assert not (project.annotations / "lee.jsonl").exists()
    assert say(annotating, "lee", SOURCE) not in {asked[0].key, asked[1].key}


def test_an_answer_is_put_right_also_after_a_second_one(annotating: Annotating, project: Project) -> None:
    key = say(annotating, "kim", SOURCE)
    assert say(annotating, "lee", "second") == key
    annotating.undo("kim", SOURCE, key)
    annotating.answer("kim", SOURCE, key, Answer("mixed"))
    assert [(len(lines(project, name)), lines(project, name)[0]["convergence"]) for name in ("kim", "lee")] == [
        (1, True),
        (1, False),
    ]


def test_a_restart_goes_on_where_it_was(annotating: Annotating, project: Project, table: pd.DataFrame) -> None:
    keys = [say(annotating, "kim", SOURCE) for _ in range(5)]
    shown = annotating.turn("kim", SOURCE)
    again = Annotating(project, table)
    assert again.turn("kim", SOURCE) == replace(shown, problems=[])
    again.undo("kim", SOURCE, keys[4])
    assert again.turn("kim", SOURCE).done == 4
    again.close()


def test_a_file_cut_in_its_last_line_costs_that_line_alone(annotating: Annotating, project: Project) -> None:
    keys = [say(annotating, "kim", SOURCE) for _ in range(3)]
    file = project.annotations / "kim.jsonl"
    file.write_bytes(file.read_bytes()[:-30])
    turn = annotating.turn("kim", SOURCE)
    assert turn.problems == [f"{file}, line 3: cut in the middle; passed over, what stands before it is kept"]
    assert turn.done == 2
    assert say(annotating, "kim", SOURCE) == keys[2]
    assert len(lines(project, "kim")) == 3
    assert annotating.turn("kim", SOURCE).problems == []
    file.write_bytes(file.read_bytes().rstrip(b"\n"))  # whole, but for its line end
    say(annotating, "kim", SOURCE)
    assert len(lines(project, "kim")) == 4


def test_a_broken_line_elsewhere_is_told_and_nothing_is_written(annotating: Annotating, project: Project) -> None:
    (project.annotations / "other.jsonl").write_text("{}\n")
    with pytest.raises(AmurError, match=r"other.jsonl, line 1: no `convergence`"):
        annotating.turn("kim", SOURCE)
    assert not (project.annotations / "kim.jsonl").exists()


def test_the_second_pass_is_blind_and_agreement_is_told(annotating: Annotating, project: Project) -> None:
    first = [say(annotating, "kim", SOURCE, Answer("friction" if at % 2 else "neutral")) for at in range(6)]
    second = [say(annotating, "lee", "second", Answer("friction" if at % 3 else "neutral")) for at in range(6)]
    assert second == first
    assert annotating.turn("lee", "second").message == "nothing is left in this queue"
    assert annotating.turn("kim", "second").done == 6
    book = read_codebook(project.codebook)
    table = agreement_with_others(annotating.rows("second"), "lee", book).set_index("answer")
    assert table.loc["friction", "statements"] == 6
    assert table.loc["friction", "agreed"] == pytest.approx(0.5)
    counts = distribution(annotating.rows("second"), "lee", book).set_index("answer")
    assert list(counts.loc["friction"]) == [4, 7]
    assert list(counts.loc["mixed"]) == [0, 0]
    assert len(read_annotations(project.annotations, book)) == 12


def test_random_leaves_out_audits_held_out_and_annotated(project: Project, table: pd.DataFrame) -> None:
    write_audit(project.folder / "audit.jsonl", draw_audit(table, 10))
    annotating = Annotating(project, table)
    audited = {(row["document"], row["start"]) for row in draw_audit(table, 10)}
    before = [say(annotating, "lee", SOURCE) for _ in range(3)]
    said = [say(annotating, "kim", "random") for _ in range(20)]
    assert len(set(said)) == 20
    assert not {key[:2] for key in said} & audited
    assert not set(said) & set(before)
    assert not {key[:2] for key in before} & audited
    while chosen(annotating, "kim", "random").task:
        said.append(say(annotating, "kim", "random"))
    assert 20 < len(said) < 47
    assert "nothing is left to suggest" in chosen(annotating, "kim", "random").message
    annotating.close()


def test_what_waits_in_the_files_is_suggested_first(project: Project, table: pd.DataFrame) -> None:
    waiting = Annotation(
        "elsewhere",
        40,
        66,
        "Moscow waits for the money",
        convergence=False,
        friction=False,
        before=("Beijing signed.",),
        answered=False,
    )
    (project.annotations / "to-annotate.jsonl").write_bytes(as_line(waiting))
    annotating = Annotating(project, table.head(0))
    task = annotating.turn("kim", "suggested").task
    assert task
    assert (task.text, task.before, task.reason) == (waiting.text, waiting.before, "it waits in the project's files")
    annotating.answer("kim", "suggested", task.key, Answer("friction"))
    assert lines(project, "kim")[0]["before"] == ["Beijing signed."]
    assert chosen(annotating, "kim", "suggested").message.startswith("nothing is left to suggest")
    annotating.close()


def test_answers_to_an_audit_go_into_it_and_report_takes_it(project: Project, table: pd.DataFrame) -> None:
    file = project.folder / "audit.jsonl"
    write_audit(file, draw_audit(table, 8))
    annotating = Annotating(project, table)
    assert annotating.named("audit") == "audit:audit.jsonl"
    queue = "audit:audit.jsonl"
    keys = [say(annotating, name, queue, Answer("mixed", ("trade",), "hm")) for name in ("kim", "lee", "kim")]
    annotating.undo("kim", queue, keys[2])
    annotating.undo("kim", queue, keys[0])
    with pytest.raises(AmurError, match="to take back"):
        annotating.undo("kim", queue, keys[0])
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["annotator"] for row in rows if row["convergence"] is not None] == ["lee"]
    assert (rows[1]["themes"], rows[1]["note"]) == (["trade"], "hm")
    assert rows[0] == draw_audit(table, 8)[0]
    assert annotating.turn("kim", queue).task.key == keys[0]  # type: ignore[union-attr]
    while annotating.turn("kim", queue).task:
        say(annotating, "kim", queue, Answer("convergence"))
    assert annotating.turn("kim", queue).done == 8
    assert read_audit(file, table)["convergence"].tolist() == [True] * 8
    assert not any(project.annotations.iterdir())
    annotating.close()


def test_an_audit_given_is_one_and_not_taken_for_another(project: Project, table: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text("{}\n")
    with pytest.raises(AmurError, match=r"notes\.jsonl is no audit"):
        Annotating(project, table, [tmp_path / "notes.jsonl"])
    for folder in (project.folder, tmp_path):
        write_audit(folder / "audit.jsonl", draw_audit(table, 4))
    with pytest.raises(AmurError, match="rename one of them"):
        Annotating(project, table, [tmp_path / "audit.jsonl"])
    Annotating(project, table, [project.folder / "audit.jsonl"]).close()


def test_an_audit_mended_by_hand_meanwhile_keeps_that(project: Project, table: pd.DataFrame) -> None:
    file = project.folder / "audit.jsonl"
    write_audit(file, draw_audit(table, 4))
    annotating = Annotating(project, table)
    key = annotating.turn("kim", "audit:audit.jsonl").task.key  # type: ignore[union-attr]
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    by_hand = [row | {"convergence": True, "friction": False, "annotator": "lee"} for row in rows[:2]]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in (*by_hand, *rows[2:])))
    with pytest.raises(AmurError, match="somebody has answered this statement"):
        annotating.answer("kim", "audit:audit.jsonl", key, Answer("neutral"))
    assert say(annotating, "kim", "audit:audit.jsonl") == Key(*(rows[2][name] for name in ("document", "start", "end")))
    assert [json.loads(line)["annotator"] for line in file.read_text().splitlines()] == ["lee", "lee", "kim", ""]
    annotating.close()


def test_queues_that_are_not_there_are_told(annotating: Annotating) -> None:
    assert {"random", "second", "source", "source:Steppe Times", "suggested"} <= set(annotating.queues)
    with pytest.raises(AmurError, match="no queue `source:Nobody`; take suggested, random, source, second, audit"):
        annotating.named("source:Nobody")
    with pytest.raises(AmurError, match="draw one there with `amur audit`"):
        annotating.named("audit")


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "settled", "Settled", "x" * 41, ".kim", "kim\n\x00"])
def test_names_that_could_not_name_a_file_are_refused(name: str) -> None:
    with pytest.raises(AmurError, match="cannot name an annotator"):
        annotator_name(name)


def test_names_are_taken_as_people_write_them() -> None:
    assert annotator_name(" Ли  Мэй ") == "Ли Мэй"
    assert annotator_name("J. R. O-2") == "J. R. O-2"


def test_only_the_end_of_ones_own_file_is_taken_back(project: Project) -> None:
    sheet = AnnotationSheet(project.annotations, read_codebook(project.codebook))
    row = Annotation("a", 0, 3, "One", True, False, (), "kim")  # noqa: FBT003
    sheet.add(row)
    theirs = as_line(replace(row, start=4, end=7, annotator="lee"))
    (project.annotations / "kim.jsonl").write_bytes(as_line(row) + theirs)
    assert sheet.take_back("kim") is None
    assert len(sheet.rows()) == 2


def test_statements_without_places_cannot_be_annotated(table: pd.DataFrame) -> None:
    assert list(Reading(table.drop(columns="start")).keys()) == []
    as_text = Reading(table.astype({"start": str, "end": str}))  # as a CSV file holds them
    assert len(list(as_text.keys())) == 60
    assert next(as_text.keys()) == key_of(Annotation("story-0", 0, int(table["end"][0]), "", False, False))  # noqa: FBT003


def test_suggestions_are_made_ahead_told_once_and_survive_a_fault(
    table: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[int] = []

    def suggest(queue: str, besides: object) -> pd.DataFrame:
        asked.append(len(besides))  # type: ignore[arg-type]
        if queue == "broken":
            raise ZeroDivisionError
        if len(asked) > 2:
            msg = "nothing is left"
            raise AmurError(msg)
        return table.assign(reason="because").iloc[10 * len(asked) :].head(10)

    made = Suggestions(suggest)

    def ask(queue: str) -> int:
        made.ask(queue)
        until = monotonic() + PATIENCE
        while len(made.so_far(queue)) >= 0 and made.is_running(queue) and monotonic() < until:
            sleep(0.01)
        return len(made.so_far(queue))

    assert [ask("q"), ask("q"), ask("q")] == [10, 20, 20]
    assert asked == [0, 10, 20]
    assert set(made.so_far("q").values()) == {"because"}
    assert [made.refusal("q"), made.refusal("q")] == ["nothing is left", ""]
    assert ask("broken") == 0
    assert made.refusal("broken").startswith("a fault of amur's")
    assert "ZeroDivisionError" in caplog.text
    made.close()


def test_an_answer_written_in_part_is_an_error_and_is_mended(project: Project) -> None:
    resource = pytest.importorskip("resource", reason="limits of files are Unix's")
    sheet = AnnotationSheet(project.annotations, read_codebook(project.codebook))
    answers = [Annotation("d1", at, at + 5, "Trade", True, False, (), "full") for at in (0, 10, 20)]  # noqa: FBT003
    sheet.add(answers[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (sheet.file_of("full").stat().st_size + 40, hard))  # as a disk filling up
    try:
        with pytest.raises(AmurError, match=r"cannot write .*make room"):
            sheet.add(answers[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    sheet.add(answers[2])
    assert [row.start for row in sheet.rows() if row.annotator == "full"] == [0, 20]
