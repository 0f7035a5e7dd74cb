"""Suggestions: what is left out, and the whole way from a suggestion to a model that has learned from it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from amur import api, learning
from amur.annotations import Annotation, part, read_annotations
from amur.articles import Article
from amur.audit_files import write_audit
from amur.codebook import read_codebook
from amur.errors import AmurError, InputWarning
from amur.resources import shipped
from amur.sampling import draw_audit
from amur.statements import split_statements
from amur.suggestions import COLUMNS, audited_places, candidates, in_articles, in_table, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.testing import Result

    from amur.project import Project
    from amur.suggestions import Candidate

    Here = Callable[..., Result]

LETTERS = np.array(list("bdfgklmnprstvz"))
ACTORS = read_codebook().actors


def free_in(
    articles: list[Article], annotated: list[Annotation], audited: set[tuple[str, int, int]]
) -> list[Candidate]:
    """The candidates of some articles."""
    return candidates(in_articles(articles, ACTORS), annotated, audited)


def article(name: str, statements: int = 20, seed: int = 0) -> Article:
    """An article with as many unlike statements that names both countries."""
    rng = np.random.default_rng([seed, *name.encode()])
    words = ["a".join(rng.choice(LETTERS, 4)) for _ in range(6 * statements)]
    lines = [f"The {' and the '.join(words[at::statements])} stayed in view." for at in range(1, statements)]
    first = f"Beijing and Moscow met in the spring over {' and the '.join(words[::statements])}."
    return Article(name, " ".join([first, *lines]), source="Post")


def names(wanted: str, count: int) -> list[str]:
    """Names of documents of a part of the corpus."""
    return [name for name in (f"story-{n}" for n in range(1000)) if (part(name) == "test") == (wanted == "test")][
        :count
    ]


def statements(articles: list[Article]) -> pd.DataFrame:
    """All statements of articles, as an audit is drawn from."""
    return pd.DataFrame(
        [
            {"document": a.id, "source": a.source, "start": s.start, "end": s.end, "text": s.text}
            for a in articles
            for s in split_statements(a.text)
        ]
    )


def test_held_out_documents_are_left_out() -> None:
    kept, held_out = names("learn", 3), names("test", 3)
    found = free_in([article(name) for name in [*kept, *held_out]], [], set())
    assert {candidate.place.document for candidate in found} == set(kept)


def test_an_audit_drawn_later_has_none_of_the_suggested() -> None:
    articles = [article(name, 40) for name in names("learn", 30)]
    found = {c.place[:3] for c in free_in(articles, [], set())}
    everything = statements(articles)
    drawn = draw_audit(everything, len(everything) // 5)
    assert len(drawn) > 200
    assert not {(row["document"], row["start"], row["end"]) for row in drawn} & found
    assert 0.6 < len(found) / len(everything) < 0.8  # three in four, but for what is said twice


def test_statements_in_a_table_are_as_good_as_articles() -> None:
    articles = [article(name) for name in names("learn", 3)]
    table = statements(articles).sample(frac=1, random_state=1)
    assert sorted(in_table(table)) == sorted(in_articles(articles, ACTORS))


def test_what_an_audit_has_drawn_is_left_out(tmp_path: Path) -> None:
    articles = [article(name, 40) for name in names("learn", 5)]
    drawn = draw_audit(statements(articles), 60, seed=7)  # not the seed that some are kept for
    write_audit(tmp_path / "audit.jsonl", drawn)
    (tmp_path / "articles.jsonl").write_text('{"id": "a", "text": "Some."}\n{"cut', encoding="utf-8")
    places = audited_places(sorted(tmp_path.glob("*.jsonl")))
    assert len(places) == 60
    free, all_ = ({c.place[:3] for c in free_in(articles, [], audited)} for audited in (places, set()))
    assert free == all_ - places < all_
    with pytest.raises(AmurError, match="cannot read"):
        audited_places([tmp_path / "none.jsonl"])


def test_nothing_is_suggested_twice() -> None:
    first, second = (article(name) for name in names("learn", 2))
    found = [c.place for c in free_in([first], [], set())]
    again = Article("reprint", first.text.replace(" in ", " in full "), source="Wire")
    assert part("reprint") != "test"
    assert free_in([again], [], set())
    known = [Annotation("story", s.start, s.end, s.text, True, False) for s in split_statements(first.text)]  # noqa: FBT003
    assert not free_in([again], known, set())
    both = [c.place.text.replace(" in full ", " in ") for c in free_in([first, again], [], set())]
    assert len(set(both)) == len(both) <= len(found)
    open_row = Annotation(found[0].document, found[0].start, found[0].end, "?", False, False, answered=False)  # noqa: FBT003
    assert len(free_in([first, second], [open_row], set())) == len(free_in([first, second], [], set())) - 1


def test_articles_that_would_not_be_classified_are_passed_over() -> None:
    with pytest.warns(InputWarning, match="never names both"):
        assert not free_in([Article("weather", "It will rain in Oslo tomorrow. It was dry before that.")], [], set())


def test_rows_are_in_reading_order_with_what_stands_before() -> None:
    found = free_in([article(name) for name in names("learn", 2)], [], set())
    table = rows([(candidate, "why") for candidate in reversed(found)])
    assert tuple(table) == COLUMNS
    assert table[["document", "start"]].to_numpy().tolist() == sorted(table[["document", "start"]].to_numpy().tolist())
    text = {a.id: a.text for a in (article(name) for name in names("learn", 2))}
    for row in table.to_dict("records"):
        before = text[row["document"]][: row["start"]].strip()
        assert before.endswith(" ".join(row["before"]))
        assert len(row["before"]) == min(4, before.count("."))
    assert table["convergence"].isna().all()


def briefs(annotations: list[Annotation], project: Project, folder: Path, count: int = 3) -> list[Path]:
    """Copies of briefs that neither the project nor the encoder knows anything of."""
    known = {path.stem for path in project.annotations.glob("*.jsonl")}
    free = sorted({a.document for a in annotations if part(a.document) == "calibration"} - known)
    files = [shipped("annotations") / "briefs" / f"{name}.md" for name in free]
    plain = [file for file in files if file.is_file() and file.read_text().splitlines()[2].count(": ") == 1]
    return [Path(shutil.copy(file, folder)) for file in plain[:count]]


def test_from_a_suggestion_to_a_model_that_learned_from_it(
    trained: Project, annotations: list[Annotation], here: Here, tmp_path: Path
) -> None:
    own = read_codebook(trained.codebook)
    articles = briefs(annotations, trained, tmp_path)
    to_annotate = tmp_path / "to-annotate.jsonl"
    done = here(trained, "suggest", *articles, "--n", 12, "--strategy", "rare", "--out", to_annotate)
    assert done.exit_code == 0, done.output
    suggested = [json.loads(line) for line in to_annotate.read_text(encoding="utf-8").splitlines()]
    assert len(suggested) == 12
    assert all(row["reason"].startswith("may be ") and row["convergence"] is None for row in suggested)
    refused = here(trained, "suggest", *articles, "--out", to_annotate)
    assert "exists" in str(refused.exception)

    # somebody answers ten of them in Prodigy, and the rest by hand
    assert (
        here(trained, "export-annotations", to_annotate, "--to", "prodigy", "--out", tmp_path / "tasks").exit_code == 0
    )
    tasks = [json.loads(line) for line in (tmp_path / "tasks").read_text(encoding="utf-8").splitlines()]
    assert not any({"accept", "answer"} & task.keys() for task in tasks)
    said = {(a.document, a.start): a for a in annotations}
    for task in tasks[:10]:
        truth = said[task["meta"]["document"], task["meta"]["start"]]
        labels = [q for q in ("convergence", "friction") if getattr(truth, q)]
        task |= {"answer": "accept", "accept": labels + [t for t in truth.themes or () if t in own.themes]}
    (tmp_path / "done").write_text("\n".join(map(json.dumps, tasks)), encoding="utf-8")
    out = trained.annotations / "suggested.jsonl"
    imported = here(
        trained, "import-annotations", tmp_path / "done", "--from", "prodigy", "--annotator", "kim", "--out", out
    )
    assert imported.exit_code == 0, imported.output
    by_hand = [
        row | {"convergence": True, "friction": False} if row == suggested[10] else row for row in suggested[10:]
    ]
    (trained.annotations / "by-hand.jsonl").write_text("\n".join(map(json.dumps, by_hand)), encoding="utf-8")

    with pytest.warns(InputWarning, match="yet to be annotated passed over: 1"):
        found = read_annotations(trained.annotations, own)
    new = [a for a in found if (a.document, a.start) in {(row["document"], row["start"]) for row in suggested}]
    assert len(new) == 11
    assert [list(a.before) for a in new if a.annotator == "kim"] == [row["before"] for row in suggested[:10]]
    with pytest.warns(InputWarning, match="yet to be annotated"):
        made = api.retrain(trained, n_jobs=1)
    before = json.loads((trained.models / api.models(trained)["name"][0] / "manifest.json").read_text())
    assert made.manifest.training["statements"] == before["training"]["statements"] + 11

    more = learning.suggest(articles, size=12, project=trained)
    pairs = {(row["document"], row["start"]) for row in suggested}
    assert not pairs & set(zip(more["document"], more["start"], strict=True))


def test_a_project_without_a_model_is_told_what_is_unlike(
    trained: Project, annotations: list[Annotation], tmp_path: Path
) -> None:
    shutil.rmtree(trained.models)
    trained.models.mkdir()
    found = learning.suggest(briefs(annotations, trained, tmp_path, 1), size=5, strategies=["rare"], project=trained)
    assert found["reason"].tolist() == ["stands for many that are unlike what is annotated"] * 5


def test_nothing_left_is_an_error(trained: Project, tmp_path: Path) -> None:
    held_out = tmp_path / f"{names('test', 1)[0]}.txt"
    held_out.write_text(article("x").text)
    with pytest.raises(AmurError, match="nothing is left to suggest"):
        learning.suggest(held_out, project=trained)
    with pytest.raises(AmurError, match="no such strategy: best"):
        learning.suggest(held_out, project=trained, strategies=["best"])


def test_simulate_draws_a_curve_for_each_strategy(trained: Project, here: Here) -> None:
    arguments = ("simulate", "--strategy", "rare", "--batch", 15, "--n", 90, "--format")
    done = here(trained, *arguments, "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [row["strategy"] for row in found["strategies"]] == ["random", "rare"]
    assert [row["statements"] for row in found["points"]] == [15, 30, 45, 60, 75, 90] * 2
    assert all(0 < row["low"] <= row["high"] < 1 for row in found["points"])
    assert all(row["worth_low"] >= 0 for row in found["strategies"])
    shown = here(trained, *arguments, "table").stdout
    assert "minus random" in shown
    assert "▁" in shown
    listed = here(trained, *arguments, "csv").stdout
    assert listed.startswith("strategy,statements,precision,low,high\n")
