"""Reading articles: every kind of file, and every kind of broken one."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from amur.articles import Article, read_articles
from amur.blocks import front_matter
from amur.errors import AmurError, InputWarning, Note

if TYPE_CHECKING:
    from pytest import MonkeyPatch  # noqa: PT013

BODY = "Beijing and Moscow signed. They left."
PAGE = f"<html><body><article><h1>Gas</h1>{f'<p>{BODY * 5}</p>' * 5}</article></body></html>"


def test_text_file_is_an_article_named_after_it(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_bytes(b"Beijing.\r\nMoscow.\r\n")
    (article,) = read_articles([tmp_path / "note.txt"])
    assert (article.id, article.source, article.text) == ("note", "note", "Beijing.\r\nMoscow.\r\n")


@pytest.mark.parametrize("title", ['"A: b"', "A: b"])
def test_front_matter_gives_source_title_and_date(tmp_path: Path, title: str) -> None:
    text = f"---\nsource: The Paper\ntitle: {title}\ndate: 2024-05-16\n---\n\n{BODY}\n"
    (tmp_path / "brief.md").write_text(text)
    (article,) = read_articles([tmp_path / "brief.md"])
    assert (article.source, article.title, article.date) == ("The Paper", "A: b", "2024-05-16")
    assert article.text == text


@pytest.mark.parametrize("line", ["- A: b: c", "and so it goes: on: and on"])
def test_front_matter_that_is_no_list_of_fields_is_done_without(tmp_path: Path, line: str) -> None:
    (tmp_path / "brief.md").write_text(f"---\nsource: The Paper\n{line}\n---\n\n{BODY}\n")
    with pytest.warns(InputWarning, match="not YAML at line 3"):
        (article,) = read_articles([tmp_path / "brief.md"])
    assert (article.source, article.title) == ("brief", "")


def test_json_lines_and_csv_give_the_same_articles(tmp_path: Path) -> None:
    rows = [{"id": "x1", "source": "S", "title": "T", "date": "2020-01-02", "url": "", "lang": "en", "text": BODY}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "a.csv").write_text('id,source,title,date,url,lang,text\nx1,S,T,2020-01-02,,en,"' + BODY + '"\n')
    assert list(read_articles([tmp_path / "a.jsonl"])) == list(read_articles([tmp_path / "a.csv"]))


def test_a_row_with_a_comma_that_is_not_quoted_is_passed_over_and_not_cut(tmp_path: Path) -> None:
    rows = ("1,A,Beijing, unlike Moscow, doubts it.", '2,A,"Beijing, unlike Moscow, doubts it."', f"3,A,{BODY},,")
    (tmp_path / "a.csv").write_text("\n".join(("id,source,text", *rows)))
    with pytest.warns(InputWarning, match="line 2: more fields than columns"):
        found = list(read_articles([tmp_path / "a.csv"]))
    assert [(article.id, article.text) for article in found] == [
        ("2", "Beijing, unlike Moscow, doubts it."),
        ("3", BODY),
    ]


@pytest.mark.parametrize(
    ("broken", "lines", "left"),
    [
        ('2,"Beijing\n3,"Moscow"\n4,x\n', "lines 3 to 4", ["1", "4"]),
        ('2,"Beijing\n3,x\n', "lines 3 to 4", ["1"]),
        ('2,"a "b" c"\n3,x\n', "line 3", ["1", "3"]),
    ],
)
def test_quotation_marks_that_do_not_pair_swallow_no_row_unsaid(
    tmp_path: Path, broken: str, lines: str, left: list[str]
) -> None:
    (tmp_path / "a.csv").write_text(f"id,text\n1,{BODY}\n{broken}")
    with pytest.warns(InputWarning, match=f"{lines}: not CSV"):
        assert [article.id for article in read_articles([tmp_path / "a.csv"])] == left


def test_a_heading_of_a_table_that_is_not_closed_costs_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,"text\n1,x\n')
    with pytest.warns(InputWarning, match="does not begin as CSV"):
        assert list(read_articles([tmp_path / "a.csv"])) == []


@pytest.mark.parametrize("source", [{"name": "Reuters"}, ["Reuters"], " ", "\0", None])
def test_a_source_that_says_nothing_gives_way_to_the_id(tmp_path: Path, source: object) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "source": source, "text": BODY}))
    assert [article.source for article in read_articles([tmp_path / "a.jsonl"])] == ["a"]


def test_files_of_other_kinds_are_not_read_as_prose(tmp_path: Path) -> None:
    for name in ("a.txt", "b.json", "c.rtf", "d.tsv", ".e.json", "f.png"):
        (tmp_path / name).write_text(BODY)
    with pytest.warns(InputWarning, match=r"is of no kind that can be read; save it as .*jsonl") as warned:
        assert [article.id for article in read_articles([str(tmp_path / "*")])] == ["a"]
    named = [re.findall(r"\w+\.\w+(?= is of)", str(warning.message)) for warning in warned]
    assert named == [["b.json"], ["c.rtf"], ["d.tsv"], ["f.png"]]


def test_a_folder_tells_how_many_files_may_hold_articles_and_are_not_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in ("a.txt", "b.json", "c.JSON", "d.rtf", ".e.json", ".git/f.json", "g.png", "h.py"):
        (tmp_path / name).write_text(BODY)
    with pytest.warns(InputWarning, match=r"passed over \(2 \.json, 1 \.rtf\)") as warned:
        assert [article.id for article in read_articles([tmp_path])] == ["a"]
    assert len(warned) == 1


def test_folders_and_globs_are_walked_in_order(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.txt", "a.md", "deep/c.txt", "skip.png"):
        (tmp_path / name).write_text(BODY)
    assert [article.id for article in read_articles([tmp_path])] == ["a", "b", "c"]
    assert [article.id for article in read_articles([str(tmp_path / "*.txt")])] == ["b"]


def test_standard_input_holds_text_or_json_lines_or_csv(monkeypatch: MonkeyPatch) -> None:
    lines = json.dumps({"id": "j", "text": BODY})
    for data, key in ((BODY, "stdin"), (f"A text, {BODY}", "stdin"), (lines, "j"), (f'"id","text"\r\nc,{BODY}', "c")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data.encode())))
        assert [article.id for article in read_articles(["-"])] == [key]


def test_a_json_list_on_standard_input_is_not_read_as_prose(monkeypatch: MonkeyPatch) -> None:
    data = json.dumps([{"text": BODY}], indent=1)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data.encode())))
    with pytest.warns(InputWarning, match="is a JSON list; write an object a line"):
        assert list(read_articles(["-"])) == []


@pytest.mark.parametrize("given", ["nowhere.txt", "nowhere/*.txt", "nowhere**.txt", "nowhere" * 60])
def test_a_path_that_is_not_there_is_an_error(given: str, tmp_path: Path) -> None:
    with pytest.raises(AmurError, match="nowhere"):
        list(read_articles([tmp_path / given]))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.txt", b" \n", "is empty"),
        ("binary.txt", b"\x89PNG\x00\x01", "not a text file"),
        ("latin.txt", "Müller".encode("latin-1"), "UTF-8"),
        ("broken.jsonl", b'{"text": "x"\n', "line 1: not JSON"),
        ("list.jsonl", b"[1]\n", "is a JSON list"),
        ("number.jsonl", b"1\n", "line 1: not a JSON object"),
        ("none.jsonl", b'{"id": "a"}\n', "line 1: no `text`"),
        ("none.csv", b"id,body\n1,x\n", "no column `text`"),
        ("yaml.md", b"---\ntitle: [\n---\nBody.\n", "not YAML at line"),
        ("deep.md", b"---\ntitle: " + b"[" * 3000 + b"\n---\nBody.\n", "not YAML at line"),
        ("digits.jsonl", b'{"text": ' + b"9" * 5000 + b"}\n", "line 1: not JSON"),
    ],
)
def test_a_bad_file_costs_a_warning_not_the_batch(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "z_good.txt").write_text(BODY)
    with pytest.warns(InputWarning, match=message):
        found = list(read_articles([tmp_path]))
    assert found[-1].id == "z_good"


def test_encodings_with_a_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + BODY.encode())
    (tmp_path / "b.txt").write_bytes(BODY.encode("utf-16"))
    assert [article.text for article in read_articles([tmp_path])] == [BODY, BODY]


def test_a_date_that_is_none_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nsource: Daily\ndate: 2024-02-30\n---\nBody.\n")
    with pytest.warns(Note, match="2024-02-30"):
        (article,) = read_articles([tmp_path / "a.md"])
    assert (article.source, article.date) == ("Daily", "2024-02-30")


def test_dates_that_are_not_iso_are_kept_and_told_once(tmp_path: Path) -> None:
    dates = ("2024-5-16", "16 May 2024", "2024/05/16", "2024", "2024-05", "20240516", "2024-05-16T08:00Z", "")
    rows = [{"id": str(at), "date": date, "text": BODY} for at, date in enumerate(dates)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "b.md").write_text("---\ndate: Monday\n---\nBody.\n")
    with pytest.warns(Note, match=r"4 articles have no place in time, with dates such as '2024-5-16'") as warned:
        assert [article.date for article in read_articles([tmp_path])] == [*dates, "Monday"]
    assert len(warned) == 1


def test_values_that_stand_for_others_many_times_over_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nurl: &a [x, x]\ntitle: [*a, *a]\nsource: Daily\n---\nBody.\n")
    (article,) = read_articles([tmp_path / "a.md"])
    assert (article.source, article.title, article.url) == ("Daily", "", "")


@pytest.mark.parametrize(
    "odd", ["\0", "\x01", "\x0b", "\x0c", "\x1f", "\u2028", "\u2029", "\ufffe", "\uffff", "\ud83d"]
)
def test_what_charts_and_word_files_cannot_hold_is_replaced_one_for_one(odd: str) -> None:
    article = Article(f"i{odd}d", f"Beijing.{odd}Moscow.", source=f"A{odd}B", title=odd, date=odd, url=odd, lang=odd)
    assert article.text in {
        "Beijing. Moscow.",
        "Beijing.\ufffdMoscow.",
        "Beijing.\u2028Moscow.",
        "Beijing.\u2029Moscow.",
    }
    assert article.source in {"A B", "A\ufffdB"}
    names = (article.id, article.source, article.title, article.date, article.url, article.lang)
    assert odd not in "".join(names)
    assert [len(name) for name in names] == [3, 3, 1, 1, 1, 1]


def test_a_file_whose_name_is_not_utf8_is_read(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(bytes(tmp_path / "pr") + b"\xe9s"))
    folder.mkdir()
    for name, data in ((b"caf\xe9.txt", BODY), (b"caf\xe8.txt", BODY), (b"\xe9.html", PAGE), (b"\xe9.jsonl", "1")):
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_text(data)
    with pytest.warns(InputWarning, match="\ufffd.jsonl, line 1: not a JSON object"):
        found = list(read_articles([folder]))
    assert [article.id for article in found] == ["caf\ufffd", "pr\ufffds-caf\ufffd", "\ufffd"]
    assert [article.source for article in found] == ["caf\ufffd", "caf\ufffd", "\ufffd"]


def test_halves_of_characters_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "Moscow \\ud83d and Beijing.", "title": "\\ude00"}\n')
    (article,) = read_articles([tmp_path / "a.jsonl"])
    assert (article.text, article.title) == ("Moscow \ufffd and Beijing.", "\ufffd")


def test_files_of_one_name_are_two_articles_and_a_file_named_twice_is_one(tmp_path: Path) -> None:
    for folder in ("guardian", "tass"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "monday.txt").write_text(f"{folder}: {BODY}")
    (tmp_path / "more.jsonl").write_text('{"id": "monday", "text": "x"}\n{"id": "monday", "text": "y"}\n')
    found = list(read_articles([tmp_path / "guardian", tmp_path / "tass", tmp_path / "tass/monday.txt"]))
    assert [(article.id, article.text[:4]) for article in found] == [("monday", "guar"), ("tass-monday", "tass")]
    ids = [article.id for article in read_articles([tmp_path / "tass", tmp_path / "more.jsonl"])]
    assert ids == ["monday", f"{tmp_path.name}-monday", "monday-2"]


def test_prose_between_two_lines_is_no_front_matter() -> None:
    prose = "---\nBeijing and Moscow signed a pact.\n\nIt holds.\n---\nThe rest.\n"
    assert front_matter(prose) == ""
    assert front_matter(f"---\n# by hand\n\n'title': x\n---\n{prose}") == "---\n# by hand\n\n'title': x\n---"
    assert front_matter("---\r\ntitle: x\r\n...\r\nBody.") == "---\r\ntitle: x\r\n...\r"


def test_front_matter_builds_no_objects(tmp_path: Path) -> None:
    (tmp_path / "evil.md").write_text("---\ntitle: !!python/object/apply:os.system ['touch hacked']\n---\nBody.\n")
    with pytest.warns(InputWarning, match="not YAML"):
        list(read_articles([tmp_path / "evil.md"]))
    assert not Path("hacked").exists()
