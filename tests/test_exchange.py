"""Annotations to and from Prodigy, doccano, Label Studio and spaCy: nothing lost, offsets right, others' files read."""

from __future__ import annotations

import gc
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import spacy
from spacy.tokens import DocBin, Span

from amur import api
from amur.annotations import Annotation, read_annotations, write_annotations
from amur.errors import AmurError, InputWarning
from amur.exchange import TOOLS, export_annotations, import_annotations, spacy_docs
from amur.exchange.label_studio import interface
from amur.exchange.offsets import from_utf16

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from amur.codebook import Codebook

    Run = Callable[..., subprocess.CompletedProcess[str]]

SHIP, FAMILY, FLAG, FACE = "🚢", "👩‍👩‍👧", "🇷🇺", "𠮷"  # astral, joined by ZWJ, a pair of letters, a rare Han character
STATEMENTS = (
    f"{SHIP} The port of Zarubino took its first grain ship.",
    f"A family {FAMILY} crossed at Heihe {FLAG} without a visa.",
    "The cafe\u0301 in Harbin raised its prices; nai\u0308ve traders left.",
    "「两国」的“友谊”很好，官员说。",
    f"Clerks wrote {FACE}\r\nand crossed it out.",
    'A "quoted" line\u2028with <b>markup</b> & a \\n that is none.',
)
ARTICLE = f"# Title {SHIP}\r\n\r\n" + "  \r\n".join(STATEMENTS) + f"\r\n{FAMILY}"


def made(document: str = "d1", text: str = ARTICLE) -> list[Annotation]:
    """Two annotators' annotations of all statements, with every kind of theme and note."""
    themes = [("trade", "far-east"), (), None, ("world-order",), ("society", "diplomacy", "trade"), ()]
    notes = ["", "close call", "two\nlines, “both” 🤔", "", "", "  "]
    rows = []
    for annotator in ("a1", ""):
        for number, statement in enumerate(STATEMENTS):
            start = text.index(statement)
            rows.append(
                Annotation(
                    document,
                    start,
                    start + len(statement),
                    statement,
                    convergence=number % 2 == 0,
                    friction=number in {0, 3} and annotator == "a1",
                    themes=themes[number],
                    annotator=annotator,
                    date="2026-01-02" if annotator else "",
                    note=notes[number],
                )
            )
    return rows


@pytest.fixture
def briefs(tmp_path: Path) -> Path:
    folder = tmp_path / "briefs"
    folder.mkdir()
    (folder / "d1.md").write_bytes(ARTICLE.encode())
    return folder


def through(rows: Sequence[Annotation], tool: str, folder: Path, book: Codebook, **options: Any) -> list[Annotation]:  # noqa: ANN401
    """Export, import, and read what was written."""
    export_annotations(rows, tool, folder / "exported", book, **options)
    found = import_annotations(folder / "exported", tool, folder / "imported.jsonl", book)
    assert read_annotations(folder / "imported.jsonl", book) == found
    return found


def read(folder: Path, tool: str, content: object, book: Codebook, **options: Any) -> list[Annotation]:  # noqa: ANN401
    """Import a file of somebody else's."""
    file = folder / "theirs.jsonl"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif isinstance(content, list) and tool != "label-studio":
        file.write_text("".join(json.dumps(row) + "\n" for row in content))
    else:
        file.write_text(json.dumps(content, indent=1))
    return import_annotations(file, tool, folder / "imported.jsonl", book, **options)


# --- round trips ---


@pytest.mark.parametrize("tool", TOOLS)
def test_annotations_come_back_as_they_went(tool: str, tmp_path: Path, codebook: Codebook) -> None:
    rows = made("d1") + made("d 2/ü")
    assert through(rows, tool, tmp_path, codebook) == rows


@pytest.mark.parametrize("tool", TOOLS)
def test_annotations_come_back_through_their_articles(
    tool: str, tmp_path: Path, briefs: Path, codebook: Codebook
) -> None:
    rows = made("d1")
    assert through(rows, tool, tmp_path, codebook, briefs=[briefs]) == rows


@pytest.mark.parametrize("tool", TOOLS)
def test_a_document_without_its_article_is_said_and_kept(
    tool: str, tmp_path: Path, briefs: Path, codebook: Codebook
) -> None:
    rows = made("d1") + made("d2")
    with pytest.warns(InputWarning, match=r"no d2\.md"):
        assert through(rows, tool, tmp_path, codebook, briefs=[briefs]) == rows


@pytest.mark.parametrize("tool", TOOLS)
def test_the_projects_own_annotations_come_back(
    tool: str, tmp_path: Path, annotations: list[Annotation], codebook: Codebook
) -> None:
    rows = annotations[:2000]
    assert through(rows, tool, tmp_path, codebook) == rows


@pytest.mark.parametrize("tool", TOOLS)
def test_a_span_that_does_not_fit_its_text_is_kept(tool: str, tmp_path: Path, codebook: Codebook) -> None:
    rows = [Annotation("d", 7, 99, "Trade grew.", convergence=True, friction=False)]
    assert through(rows, tool, tmp_path, codebook) == rows


# --- what the tools see ---


def test_label_studio_counts_code_points_in_the_article(tmp_path: Path, briefs: Path, codebook: Codebook) -> None:
    rows = made("d1")
    export_annotations(rows, "label-studio", tmp_path / "e.json", codebook, briefs=[briefs])
    (task,) = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert task["data"]["text"] == ARTICLE
    assert len(task["annotations"]) == 2
    for annotation in task["annotations"]:
        regions = [r["value"] for r in annotation["result"] if r["type"] == "labels"]
        assert [ARTICLE[r["start"] : r["end"]] for r in regions] == list(STATEMENTS)
        assert regions[0]["start"] == len(f"# Title {SHIP}\r\n\r\n") == 13  # in UTF-16 code units it would be 14
    names = {r["from_name"] for a in task["annotations"] for r in a["result"]}
    assert all(f'name="{name}"' in interface(codebook) for name in names)
    assert all(f'"{label}"' in interface(codebook) for label in codebook.labels)


def test_prodigy_gets_a_choice_of_every_label(tmp_path: Path, codebook: Codebook) -> None:
    export_annotations(made()[:1], "prodigy", tmp_path / "e.jsonl", codebook)
    task = json.loads((tmp_path / "e.jsonl").read_text(encoding="utf-8"))
    assert [option["id"] for option in task["options"]] == list(codebook.labels)
    assert task["accept"] == ["convergence", "friction", "trade", "far-east"]
    assert (task["answer"], task["_view_id"], task["_annotator_id"]) == ("accept", "choice", "a1")


def test_doccano_gets_text_and_labels(tmp_path: Path, codebook: Codebook) -> None:
    export_annotations(made()[:1], "doccano", tmp_path / "e.jsonl", codebook)
    row = json.loads((tmp_path / "e.jsonl").read_text(encoding="utf-8"))
    assert (row["text"], row["label"]) == (STATEMENTS[0], ["convergence", "friction", "trade", "far-east"])
    assert "id" not in row  # doccano gives its own


def test_spacy_gets_categories_to_train_on(tmp_path: Path, codebook: Codebook) -> None:
    export_annotations(made()[:3], "spacy", tmp_path / "e.spacy", codebook)
    docs = list(DocBin().from_disk(tmp_path / "e.spacy").get_docs(spacy.blank("en").vocab))
    assert [doc.text for doc in docs] == list(STATEMENTS[:3])
    assert docs[0].cats == {
        label: float(label in {"convergence", "friction", "trade", "far-east"}) for label in codebook.labels
    }
    assert docs[2].cats == {"convergence": 1.0, "friction": 0.0}  # nobody was asked for its themes


# --- what people answer there ---


def test_what_was_answered_in_the_tool_wins(tmp_path: Path, codebook: Codebook) -> None:
    export_annotations(made()[:3], "prodigy", tmp_path / "e.jsonl", codebook)
    tasks = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text(encoding="utf-8").splitlines()]
    tasks[0] |= {"accept": ["military", "trade"], "_annotator_id": "set-eve"}
    tasks[1] |= {"accept": ["neutral"]}
    tasks[2] |= {"accept": ["mixed", "energy"]}
    first, second, third = read(tmp_path, "prodigy", tasks, codebook)
    assert (first.convergence, first.friction, first.annotator) == (False, False, "set-eve")
    assert first.themes == tuple(t for t in codebook.themes if t in {"military", "trade"})
    assert (first.document, first.start, first.note) == ("d1", made()[0].start, "")
    assert (second.convergence, second.friction, second.themes) == (False, False, ())
    assert (third.convergence, third.friction, third.themes) == (True, True, ("energy",))


def test_the_annotator_can_be_named(tmp_path: Path, codebook: Codebook) -> None:
    task = {"text": "Trade grew.", "label": ["convergence"], "annotator": "x", "themes": None, "start": 3, "end": 14}
    (found,) = read(tmp_path, "doccano", [task], codebook, annotator="eve")
    assert (found.annotator, found.start, found.end) == ("eve", 3, 14)


def test_a_region_moved_and_one_added_in_label_studio(tmp_path: Path, briefs: Path, codebook: Codebook) -> None:
    export_annotations(made()[:2], "label-studio", tmp_path / "e.json", codebook, briefs=[briefs])
    (task,) = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    results = task["annotations"][0]["result"]
    for result in results:
        if result["id"] == "s0":
            result["value"]["end"] -= 1
    start = ARTICLE.index(STATEMENTS[4])
    added = {"start": start, "end": start + 6, "labels": ["friction"]}
    results.append({"id": "Xy1", "type": "labels", "value": added})
    task["annotations"][0]["completed_by"] = {"id": 1, "email": "eve@example.org"}
    moved, kept, new = read(tmp_path, "label-studio", [task], codebook)
    assert (moved.text, moved.end, moved.annotator) == (STATEMENTS[0][:-1], made()[0].end - 1, "a1")
    assert kept == made()[1]
    assert (new.document, new.start, new.text, new.annotator) == ("d1", start, "Clerks", "eve@example.org")


# --- files of others ---


def test_a_prodigy_file_of_others(tmp_path: Path, codebook: Codebook) -> None:
    options = [{"id": label, "text": label.title()} for label in ("convergence", "friction", "trade")]
    tasks = [
        {
            "text": "Trade grew.",
            "options": options,
            "accept": ["convergence"],
            "answer": "accept",
            "_annotator_id": "x",
        },
        {"text": "Trade grew.", "options": options, "accept": [], "answer": "accept", "_annotator_id": "y"},
        {"text": "Trade fell.", "options": options, "accept": ["friction"], "answer": "reject"},
        {"text": "It rained.", "options": options, "answer": "ignore"},
        {"text": "It snowed.", "options": options},
        {
            "text": f"{SHIP} left. Talks failed.",
            "spans": [{"start": 8, "end": 21, "label": "friction"}],
            "answer": "accept",
        },
        {"text": "They met.", "label": "convergence", "answer": "accept", "meta": {"source": "wire", "start": "08:30"}},
    ]
    with pytest.warns(InputWarning, match="3 tasks without an accepted answer"):
        found = read(tmp_path, "prodigy", tasks, codebook)
    assert [(a.document, a.start, a.end, a.text, a.annotator) for a in found] == [
        ("theirs-1", 0, 11, "Trade grew.", "x"),
        ("theirs-1", 0, 11, "Trade grew.", "y"),
        ("theirs-6", 8, 21, "Talks failed.", ""),
        ("theirs-7", 0, 9, "They met.", ""),
    ]
    assert [(a.convergence, a.friction, a.themes) for a in found[:3]] == [
        (True, False, ()),
        (False, False, ()),
        (False, True, ()),
    ]


def test_a_doccano_file_of_others(tmp_path: Path, codebook: Codebook) -> None:
    rows = [
        {"id": 31, "text": "Trade grew.", "label": ["convergence"], "Comments": []},
        {"id": 32, "text": "It rained.", "label": []},
    ]
    found = read(tmp_path, "doccano", rows, codebook)
    assert [(a.document, a.convergence, a.friction, a.themes) for a in found] == [
        ("theirs-31", True, False, None),
        ("theirs-32", False, False, None),
    ]


@pytest.mark.parametrize("shift", [0, 2], ids=["code points", "UTF-16 code units"])
def test_doccanos_spans_are_read_in_either_unit(tmp_path: Path, codebook: Codebook, shift: int) -> None:
    text = f"{SHIP}{FACE} Talks failed. Both sides signed."
    spans = [
        [3 + shift, 16 + shift, "friction"],
        [17 + shift, 35 + shift, "convergence"],
        [17 + shift, 35 + shift, "trade"],
    ]
    rows = [{"id": 1, "text": text, "label": spans}, {"id": 2, "text": "It rained.", "label": []}]
    found = read(tmp_path, "doccano", rows, codebook)
    assert [(a.text, a.themes) for a in found] == [("Talks failed.", ()), ("Both sides signed.", ("trade",))]
    assert [text[a.start : a.end] for a in found] == [a.text for a in found]
    entities = [{"id": 9, "start_offset": s, "end_offset": e, "label": label} for s, e, label in spans]
    assert read(tmp_path, "doccano", [{"id": 1, "text": text, "entities": entities}], codebook, force=True) == found


@pytest.mark.parametrize("unit", [len, lambda text: len(text.encode("utf-16-le")) // 2], ids=["code points", "UTF-16"])
def test_a_label_studio_file_of_others(tmp_path: Path, codebook: Codebook, unit: Callable[[str], int]) -> None:
    results = []
    for number, statement in enumerate(STATEMENTS[:5]):
        start = unit(ARTICLE[: ARTICLE.index(statement)])
        value = {"start": start, "end": start + unit(statement), "text": statement.replace("\r\n", "\\n\\n")}
        results.append({"id": f"r{number}", "type": "labels", "value": value | {"labels": ["statement"]}})
        results.append({"id": f"r{number}", "type": "choices", "value": value | {"choices": ["friction"]}})
    results.append({"type": "relation", "from_id": "r0", "to_id": "r1", "direction": "right"})
    done = {"id": 5, "completed_by": 3, "result": results, "was_cancelled": False}
    tasks = [
        {
            "id": 70,
            "data": {"review": ARTICLE},
            "annotations": [done, done | {"was_cancelled": True}],
            "predictions": [],
        },
        {"id": 71, "data": {"review": "It rained."}, "annotations": []},
    ]
    with pytest.warns(InputWarning, match="2 tasks"):
        found = read(tmp_path, "label-studio", tasks, codebook)
    assert [a.text for a in found] == list(STATEMENTS[:5])
    assert [ARTICLE[a.start : a.end] for a in found] == list(STATEMENTS[:5])
    assert {(a.document, a.annotator, a.friction, a.themes) for a in found} == {("theirs-70", "3", True, None)}


def test_a_label_studio_classification_of_whole_texts(tmp_path: Path, codebook: Codebook) -> None:
    result = {"from_name": "x", "to_name": "text", "type": "choices", "value": {"choices": ["convergence", "arctic"]}}
    task = {"id": 4, "data": {"text": "They met.", "id": "n1"}, "annotations": [{"result": [result]}]}
    assert read(tmp_path, "label-studio", [task], codebook) == [
        Annotation("theirs-4", 0, 9, "They met.", convergence=True, friction=False, themes=("arctic",))
    ]


def test_a_spacy_file_of_others(tmp_path: Path, codebook: Codebook) -> None:
    nlp = spacy.blank("zh")
    classified, spanned = nlp.make_doc("两国签约。"), nlp.make_doc(f"{SHIP}两国签约。")
    classified.cats = {"convergence": 0.9, "friction": 0.2, "trade": 0.1}
    spanned.spans["sc"] = [Span(spanned, 1, 5, label="friction")]
    found = read(tmp_path, "spacy", DocBin(docs=[classified, spanned]).to_bytes(), codebook)
    assert [(a.document, a.text, a.convergence, a.friction, a.themes) for a in found] == [
        ("theirs-1", "两国签约。", True, False, ()),
        ("theirs-2", spanned.text[found[1].start : found[1].end], False, True, ()),
    ]
    assert found[1].text == spanned[1:5].text


# --- bad files ---


@pytest.mark.parametrize(
    ("tool", "content", "message"),
    [
        ("prodigy", [{"text": "A b.", "accept": []}, {"text": "A b.", "accept": ["sport"]}], "line 2: no such label: sport; the codebook has convergence, friction, "),
        ("prodigy", [{"text": "A b.", "answer": "accept"}], "line 1: no answers"),
        ("prodigy", [{"text": " ", "accept": []}], "line 1: `text` is empty"),
        ("prodigy", [{"text": 3, "accept": []}], "line 1: `text` cannot be 3"),
        ("prodigy", [{"text": "\ud83d.", "accept": []}], "line 1: .*surrogates"),
        ("prodigy", [{"text": "A b.", "spans": [{"start": 0, "end": 9, "label": "friction"}]}], "line 1: no statement at 0-9"),
        ("prodigy", b'{"text": "A b.", \n{"text": "A b.", "accept": []}\n', "line 1: "),
        ("prodigy", b"[1]", "line 1: not a JSON object"),
        ("prodigy", b"\xff\xfe\x00", "not UTF-8"),
        ("doccano", [{"id": 1, "text": "A b."}], "line 1: no `label`"),
        ("doccano", [{"text": "A b.", "label": [[0, "x", "friction"]]}], "line 1: an offset must be a whole number"),
        ("doccano", [{"text": "A b.", "label": [[2, 2, "friction"]]}], "line 1: no statement at 2-2"),
        ("label-studio", [{"id": 1, "text": "A b.", "label": []}], "line 2: no `annotations`; export the project as JSON"),
        ("label-studio", [{"data": {}, "annotations": [{"result": [{}]}]}], "line 2: no `text`"),
        ("label-studio", [{"data": {"text": "A"}, "annotations": ["x"]}], "line 2: "),
        ("spacy", b"nothing of spaCy's", "cut, or no DocBin"),
        ("spacy", zlib.compress(b"\x81\xa5attrs\xc1"), "cut, or no DocBin"),
        ("prodigy", b"", "no answered statements"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_with_the_line(
    tool: str, content: object, message: str, tmp_path: Path, codebook: Codebook
) -> None:
    with pytest.raises(AmurError, match=rf"theirs\.jsonl.*{message}|{message}.*theirs\.jsonl"):
        read(tmp_path, tool, content, codebook)
    assert not (tmp_path / "imported.jsonl").exists()
    assert gc.isenabled()


def test_a_file_that_unpacks_without_end_is_refused(
    tmp_path: Path, codebook: Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spacy_docs, "MAX_BYTES", 10_000_000)
    with pytest.raises(AmurError, match="more than 10,000,000 bytes"):
        read(tmp_path, "spacy", zlib.compress(bytes(50_000_000)), codebook)


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "spacy"])
def test_a_file_cut_anywhere_keeps_what_is_whole(tool: str, tmp_path: Path, codebook: Codebook) -> None:
    rows = [a for a in made() if a.annotator]
    export_annotations(rows, tool, tmp_path / "e", codebook)
    whole = (tmp_path / "e").read_bytes().rstrip(b"]\n")
    last = whole.rindex(b"\n") + 1
    for end in range(last + 2, len(whole), 7):  # also within characters, strings and escapes
        (tmp_path / "cut").write_bytes(whole[:end])
        with pytest.warns(InputWarning, match="cut"):
            found = import_annotations(tmp_path / "cut", tool, tmp_path / "i.jsonl", codebook, force=True)
        assert found == rows[:-1]


def test_annotations_that_are_not_in_their_article_are_named(tmp_path: Path, briefs: Path, codebook: Codebook) -> None:
    row = Annotation("d1", 0, 5, "Trade", convergence=True, friction=False)
    with pytest.raises(AmurError, match=r"d1 0-5: the brief reads '# Tit'"):
        export_annotations([row], "label-studio", tmp_path / "e", codebook, briefs=[briefs])
    half = Annotation("d1", 0, 2, "\ud83d.", convergence=True, friction=False)
    for tool in TOOLS:
        with pytest.raises(AmurError, match="half a character"):
            export_annotations([half], tool, tmp_path / "e", codebook)
    with pytest.raises(AmurError, match="no such tool: brat; there are prodigy"):
        export_annotations([row], "brat", tmp_path / "e", codebook)
    with pytest.raises(AmurError, match=r"cannot write .*name another file"):
        export_annotations([row], "prodigy", tmp_path / "no" / "e", codebook)
    assert not (tmp_path / "e").exists()


def test_offsets_in_code_units_end_at_characters() -> None:
    assert [from_utf16(f"a{SHIP}b", offset) for offset in (0, 1, 3, 4)] == [0, 1, 2, 3]
    for offset in (2, 5, -1):
        with pytest.raises(ValueError, match=r"offset|decode"):
            from_utf16(f"a{SHIP}b", offset)


# --- the commands ---


@pytest.mark.parametrize("tool", ["label-studio", "spacy"])  # the others differ from these below the command line only
def test_the_commands_go_both_ways(tool: str, amur: Run, tmp_path: Path, briefs: Path) -> None:
    write_annotations(tmp_path / "mine.jsonl", made())
    export = ("export-annotations", "mine.jsonl", "--to", tool, "--out", "e", "--briefs", briefs)
    done = amur(*export)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "12 annotations written to e" in done.stderr
    assert ("<Choices" in done.stderr) == (tool == "label-studio")
    done = amur("import-annotations", "e", "--from", tool, "--out", "back.jsonl")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (tmp_path / "back.jsonl").read_bytes() == (tmp_path / "mine.jsonl").read_bytes()


def test_the_commands_write_over_nothing_unasked(amur: Run, tmp_path: Path) -> None:
    write_annotations(tmp_path / "mine.jsonl", made())
    (tmp_path / "e").write_text("precious")
    done = amur("export-annotations", "mine.jsonl", "--to", "doccano", "--out", "e")
    assert (done.returncode, (tmp_path / "e").read_text()) == (1, "precious")
    assert "amur: e exists; name another file, or add --force" in done.stderr
    assert amur("export-annotations", "mine.jsonl", "--to", "doccano", "--out", "e", "--force").returncode == 0
    done = amur("import-annotations", "e", "--from", "doccano", "--out", "mine.jsonl", "--annotator", "eve")
    assert done.returncode == 1
    done = amur("import-annotations", "e", "--from", "doccano", "--out", "mine.jsonl", "--annotator", "eve", "--force")
    assert done.returncode == 0
    assert '"annotator": "eve"' in (tmp_path / "mine.jsonl").read_text(encoding="utf-8")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["e", "mine.jsonl"]


def test_the_commands_say_what_is_wrong(amur: Run, tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"text": "A b.", "accept": ["sport"]}\n{"text": "C d.", "answer": "ignore"}\n')
    done = amur("import-annotations", "p.jsonl", "--from", "prodigy", "--out", "o.jsonl")
    assert done.returncode == 1
    assert "amur: warning: p.jsonl: 1 tasks without" in done.stderr
    assert "amur: p.jsonl, line 1: no such label: sport" in done.stderr
    (tmp_path / "book.md").write_text("| `sport` | games |\n")
    done = amur("import-annotations", "p.jsonl", "--from", "prodigy", "--out", "o.jsonl", "--codebook", "book.md")
    assert done.returncode == 0
    done = amur("import-annotations", ".", "--from", "spacy", "--out", "q.jsonl")
    assert (done.returncode, "cannot read ." in done.stderr) == (1, True)


def test_the_python_api_returns_what_it_wrote(tmp_path: Path) -> None:
    write_annotations(tmp_path / "mine.jsonl", made())
    assert api.export_annotations(tmp_path / "mine.jsonl", tool="spacy", out=tmp_path / "e.spacy") == 12
    assert api.import_annotations(tmp_path / "e.spacy", tool="spacy", out=tmp_path / "b.jsonl") == made()


def test_what_nobody_labelled_in_doccano_stays_unanswered(tmp_path: Path, codebook: Codebook) -> None:
    rows = [replace(a, annotator="") for a in made()[:3]]
    rows[1:] = [replace(a, answered=False, convergence=False, friction=False, themes=None) for a in rows[1:]]
    export_annotations(rows, "doccano", tmp_path / "a.jsonl", codebook)
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    lines[2]["label"] = ["neutral"]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with pytest.warns(InputWarning, match="1 statements without a label passed over; label `neutral`"):
        found = import_annotations(tmp_path / "b.jsonl", "doccano", tmp_path / "c.jsonl", codebook)
    assert [(a.start, a.convergence, a.friction) for a in found] == [
        (rows[0].start, True, True),
        (rows[2].start, False, False),
    ]


def test_who_annotated_a_suggestion_in_label_studio_is_kept(tmp_path: Path, codebook: Codebook) -> None:
    row = replace(made()[0], annotator="", answered=False, convergence=False, friction=False, themes=None)
    export_annotations([row], "label-studio", tmp_path / "a.json", codebook)
    (task,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    choice = {"type": "choices", "value": {"choices": ["convergence"]}}
    people = ("kim@example.org", "lee@example.org")
    task["annotations"] = [{"completed_by": {"email": name}, "result": [choice]} for name in people]
    found = read(tmp_path, "label-studio", [task], codebook)
    assert [a.annotator for a in found] == list(people)
