"""A small project to retrain in: an encoder of a random vector a word, and made-up annotations in our own words."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from amur import api
from amur.annotations import Annotation, part, write_annotations
from amur.encoder import GRAPH, ORIGIN, TOKENIZER
from amur.project import Project

CODEBOOK = """\
# Mine

| theme | it is about |
|---|---|
| `trade` | goods and customs |
| `diplomacy` | visits and votes |

| side | is named by |
|---|---|
| `ankara` | ankara, turkey |
| `athens` | athens, greece |
"""
_WORDS = "[PAD] [UNK] [CLS] [SEP] ankara athens signed agreed praised refused delayed disputed snow fell trade talks"
_ENDINGS = {
    (True, False): "Ankara and Athens signed and agreed on trade.",
    (False, True): "Ankara refused, and Athens delayed the talks.",
    (True, True): "Ankara and Athens signed, but disputed the talks.",
    (False, False): "Snow fell on the talks in Ankara, not in Athens.",
}


def write_encoder(folder: Path) -> Path:
    """An encoder in ONNX that knows a few words and gives each a random vector, the same every time."""
    folder.mkdir()
    words = _WORDS.split()
    vectors = np.random.default_rng(0).normal(size=(len(words), 16)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["words", "input_ids"], ["states"])],
        "words",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["n", "t", 16])],
        [numpy_helper.from_array(vectors, "words")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / GRAPH)
    known = {word: at for at, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(known, "[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, known[name]) for name in ("[CLS]", "[SEP]")]
    )
    tokenizer.save(str(folder / TOKENIZER))
    (folder / ORIGIN).write_text(json.dumps({"base": "words"}))
    return folder


def write_project(folder: Path) -> Project:
    """A project with annotated documents: ten to learn from, six held out."""
    folder.mkdir()
    (folder / "themes.md").write_text(CODEBOOK)
    project = api.init_project(folder / "project", folder / "themes.md")
    names = [f"made-up-{number}" for number in range(400)]
    for wanted, count in (("calibration", 10), ("test", 6)):
        for name in [name for name in names if part(name) == wanted][:count]:
            write_annotations(project.annotations / f"{name}.jsonl", _annotated(name))
    return project


def _annotated(document: str) -> list[Annotation]:
    """Twelve statements, some of them answered against their words, so that no model gets all right."""
    chance = np.random.default_rng(list(document.encode()))
    rows, at = [], 0
    for number in range(12):
        answers = list(_ENDINGS)[number % 4]
        text = f"{_ENDINGS[answers]} ({number})"
        convergence, friction = (answer != (chance.random() < 0.1) for answer in answers)
        themes = ("trade",) if "trade" in text else ("diplomacy",)
        rows.append(Annotation(document, at, at + len(text), text, convergence, friction, themes, "kim", "2026-01-01"))
        at += len(text) + 1
    return rows
