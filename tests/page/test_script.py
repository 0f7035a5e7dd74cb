"""How parts of a page are filled in and kept up to date: the script run by Node, with a browser made up around it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from amur import web

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no Node here; apt-get install nodejs")

BROWSER = """
const { answers, held, script } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const told = { asked: 0, shown: [], status: [], alerts: [], busy: [], title: "" };

class Part {
  constructor(text, live) {
    Object.assign(this, { text, dataset: live ? { live: "", part: "/chart" } : {}, line: { textContent: text } });
  }
  contains() { return held.includes(told.asked); }
  isEqualNode(other) { return this.text === other.text; }
  querySelector(selector) { return selector === "[role=status]" ? this.line : null; }
  querySelectorAll() { return []; }
  prepend(one) { told.alerts.push(one.textContent); }
  replaceWith(one) { told.shown.push(one.text); }
  setAttribute(name, value) { told.busy.push(`${name}=${value}`); }
  removeAttribute(name) { told.busy.push(name); }
}

const first = new Part("0 of 2", true);
globalThis.document = {
  title: "Classifying", addEventListener() {}, activeElement: null, createElement: () => new Part(""),
  querySelectorAll: (selector) => (selector === told.selector ? [first] : []),
};
globalThis.matchMedia = () => ({});
globalThis.location = { href: "/classify/1" };
globalThis.getSelection = () => ({ isCollapsed: true });
globalThis.setTimeout = (go) => setImmediate(go);
globalThis.fetch = async () => {
  const text = answers[told.asked++];
  if (text === undefined) throw new TypeError("the server is gone");
  return { ok: text !== null, text: async () => text };
};
globalThis.DOMParser = class {
  parseFromString(text) { return { querySelector: () => text && new Part(text, text !== "done") }; }
};
told.selector = process.argv[1];
require("node:vm").runInThisContext(script);
process.on("exit", () => {
  console.log(JSON.stringify({ ...told, status: first.line.textContent, title: document.title }));
});
"""


def run(selector: str, answers: list[str | None], held: tuple[int, ...] = ()) -> dict[str, Any]:
    """What the script does with what is live or to be filled in, until it asks no more.

    Args:
        selector: how it finds that.
        answers: what it gets each time it asks; None where that is gone. After them the server is.
        held: after so many answers the focus is in what is shown.
    """
    assert NODE
    script = (Path(web.__file__).parent / "static" / "amur.js").read_text()
    given = json.dumps({"answers": answers, "held": held, "script": script})
    done = subprocess.run(
        [NODE, "-e", BROWSER, selector], input=given, capture_output=True, text=True, timeout=20, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_result_is_replaced_only_where_it_changed() -> None:
    told = run("#result[data-live]", ["0 of 2", "0 of 2", "1 of 2", "1 of 2", "done"])
    assert (told["shown"], told["asked"], told["title"]) == (["1 of 2", "done"], 5, "Classified")


def test_where_the_focus_is_nothing_moves_but_the_line_that_says_how_far_it_is() -> None:
    told = run("#result[data-live]", ["1 of 2", "done", "done"], held=(1, 2))
    assert (told["shown"], told["status"], told["asked"]) == (["done"], "done", 3)


@pytest.mark.parametrize("answers", [[], [None] * 9, ["1 of 2", None, None, "1 of 2", *[None] * 9]])
def test_what_is_gone_is_told_and_asked_for_no_more(answers: list[str | None]) -> None:
    told = run("#result[data-live]", answers)
    assert told["asked"] == (9 if "1 of 2" in answers else 5)
    assert len(told["alerts"]) == 1
    assert told["title"] == "Classifying"


@pytest.mark.parametrize("answers", [[], [None]])
def test_a_part_that_does_not_come_is_busy_no_more(answers: list[str | None]) -> None:
    assert run("section[data-part]", answers)["busy"] == ["aria-busy=true", "aria-busy"]
