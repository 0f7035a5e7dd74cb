"""Models on disk: what is written is read back, and what is damaged or foreign is refused with a reason."""

from __future__ import annotations

import json
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

import amur
from amur.errors import AmurError
from amur.resources import shipped
from amur.store import FORMAT, HEADS, MANIFEST, read_manifest, save_model, sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from amur.codebook import Codebook


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    row = json.loads((folder / MANIFEST).read_text())
    change(row)
    (folder / MANIFEST).write_text(json.dumps(row))


EARLIER = np.array([[1.2, -0.5], [0.8, -1.0]])
"""Slope and offset of convergence and of friction in a model of format 4."""


@pytest.fixture
def earlier_model(model_copy: Path, tmp_path: Path) -> Path:
    """A model as format 4 had it: every question calibrated alone."""
    model = amur.load_model(model_copy)
    model.calibration_ = np.vstack([EARLIER, model.calibration_])
    del model.stance_calibration_
    save_model(model, tmp_path / "earlier", created="2026-01-01", training={}, metrics={})
    edit(tmp_path / "earlier", lambda row: row.update(format=4))
    return tmp_path / "earlier"


def no_links(*_: object) -> None:
    raise OSError


def test_a_model_written_is_the_model_read(small_model: Path, tmp_path: Path) -> None:
    model = amur.load_model(small_model)
    save_model(model, tmp_path / "again", created="2026-01-01", training={}, metrics={})
    texts = ["Moscow waits for Beijing's answer.", "Trade grew."]
    np.testing.assert_array_equal(amur.load_model(tmp_path / "again").predict_proba(texts), model.predict_proba(texts))


def test_the_manifest_tells_where_the_model_comes_from(small_model: Path, few_annotations: Path) -> None:
    manifest = read_manifest(small_model)
    assert manifest.training["files"] == {f.name: sha256(f) for f in sorted(few_annotations.glob("*.jsonl"))}
    assert set(manifest.metrics) >= {"cross_validation", "held_out"}
    assert {"scikit-learn", "onnxruntime", "skops"} <= manifest.versions.keys()


def test_a_manifest_from_before_there_were_details_has_none(model_copy: Path) -> None:
    assert set(read_manifest(model_copy).details) == {"confusion", "reliability"}
    row = json.loads((model_copy / MANIFEST).read_text())
    del row["details"]
    (model_copy / MANIFEST).write_text(json.dumps(row))
    assert read_manifest(model_copy).details == {}
    assert amur.load_model(model_copy).predict_proba(["Moscow waits."]).shape == (1, len(row["labels"]))


def test_the_shipped_model_comes_from_the_shipped_annotations() -> None:
    recorded = read_manifest(shipped("model")).training["files"]
    folder = shipped("annotations") / "statements"
    assert recorded == {f.name: sha256(f) for f in sorted(folder.glob("*.jsonl"))}


def test_a_model_of_an_earlier_format_answers_as_it_did(earlier_model: Path) -> None:
    model = amur.load_model(earlier_model)
    scores = np.random.default_rng(0).normal(0, 3, (50, len(model.labels)))
    expected = scores[:, :2] * EARLIER[:, 0] + EARLIER[:, 1]
    np.testing.assert_allclose(model.calibrate(scores)[:, :2], expected, atol=1e-9)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AmurError, match="no model in"):
        amur.load_model(tmp_path)


def test_damage_is_found_by_hash(model_copy: Path) -> None:
    with (model_copy / HEADS).open("ab") as file:
        file.write(b"x")
    with pytest.raises(AmurError, match="hash differs"):
        amur.load_model(model_copy)


def test_a_missing_part_is_named(model_copy: Path) -> None:
    (model_copy / "encoder" / "encoder.onnx").unlink()
    with pytest.raises(AmurError, match=r"lacks encoder/encoder\.onnx"):
        amur.load_model(model_copy)


def test_a_broken_or_foreign_manifest_is_named(model_copy: Path) -> None:
    edit(model_copy, lambda row: row.update(format=1))
    with pytest.raises(AmurError, match=f"format 1, this amur reads 3 to {FORMAT}; retrain it"):
        amur.load_model(model_copy)
    edit(model_copy, lambda row: row.update(format=99))
    with pytest.raises(AmurError, match=f"format 99, this amur reads 3 to {FORMAT}; update amur"):
        amur.load_model(model_copy)
    for damaged in ("{", '{"format": "five"}', '{"format": 5, "metrics": []}', "[" * 100_000):
        (model_copy / MANIFEST).write_text(damaged)
        with pytest.raises(AmurError, match="damaged"):
            amur.load_model(model_copy)


def test_a_model_of_format_3_speaks_of_the_shipped_sides(earlier_model: Path, codebook: Codebook) -> None:
    model = amur.load_model(earlier_model)
    edit(earlier_model, lambda row: (row.update(format=3), row.pop("actors")))
    older = amur.load_model(earlier_model)
    assert older.actors == model.actors == codebook.actors
    texts = ["Moscow waits for Beijing's answer.", "Trade grew."]
    np.testing.assert_array_equal(older.predict_proba(texts), model.predict_proba(texts))


def test_a_model_on_the_encoder_of_another_takes_no_room_for_it(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, file = amur.load_model(small_model), "encoder/weights-1.bin"
    save_model(model, tmp_path / "linked", created="", training={}, metrics={})
    assert (tmp_path / "linked" / file).samefile(small_model / file)
    monkeypatch.setattr("pathlib.Path.hardlink_to", no_links)
    save_model(model, tmp_path / "copied", created="", training={}, metrics={})
    assert not (tmp_path / "copied" / file).samefile(small_model / file)
    assert (tmp_path / "copied" / file).read_bytes() == (small_model / file).read_bytes()


def test_an_encoder_that_may_be_written_over_is_copied(small_model: Path, tmp_path: Path) -> None:
    model = amur.load_model(small_model)
    shutil.copytree(small_model / "encoder", tmp_path / "encoder")
    model.sentence_encoder.set_params(path=str(tmp_path / "encoder"))
    save_model(model, tmp_path / "model", created="", training={}, metrics={})
    assert not (tmp_path / "model/encoder/weights-1.bin").samefile(tmp_path / "encoder/weights-1.bin")


def test_a_pickle_is_never_opened(model_copy: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "hacked"), "w"))

    (model_copy / HEADS).write_bytes(pickle.dumps(Evil()))
    edit(model_copy, lambda row: row["files"].update({HEADS: sha256(model_copy / HEADS)}))
    with pytest.raises(AmurError, match="cannot read"):
        amur.load_model(model_copy)
    assert not (tmp_path / "hacked").exists()


def test_types_that_no_model_needs_are_refused(model_copy: Path) -> None:
    skops.io.dump(Pipeline([("f", FunctionTransformer(np.savetxt))]), model_copy / HEADS)
    edit(model_copy, lambda row: row["files"].update({HEADS: sha256(model_copy / HEADS)}))
    with pytest.raises(AmurError, match="types that no model needs"):
        amur.load_model(model_copy)


def test_a_model_names_no_path_of_the_machine_it_was_made_on(small_model: Path) -> None:
    with zipfile.ZipFile(small_model / HEADS) as heads:
        assert str(small_model.parent).encode() not in heads.read("schema.json")
    assert str(small_model.parent) not in (small_model / MANIFEST).read_text()


def test_files_beside_a_model_stay_also_where_it_cannot_be_replaced(
    model_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model_copy / "README.md").write_text("card")
    (model_copy / "notes").mkdir()
    model = amur.load_model(model_copy)
    monkeypatch.chdir(model_copy)
    save_model(model, Path(), created="2026-01-01", training={}, metrics={})
    assert (model_copy / "README.md").read_text() == "card"
    assert (model_copy / "notes").is_dir()
    before = read_manifest(model_copy)
    rename = Path.rename

    reason = "another file system"

    def fail(self: Path, target: Path) -> Path:
        if self.name == "model" and self.parent.name.startswith(".unfinished-"):
            raise OSError(reason)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match=reason):
        save_model(model, model_copy, created="2027-01-01", training={}, metrics={})
    assert read_manifest(model_copy) == before
    assert (model_copy / "README.md").read_text() == "card"


def test_a_folder_with_other_things_is_not_overwritten(small_model: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(AmurError, match="is not empty"):
        save_model(amur.load_model(small_model), tmp_path, created="", training={}, metrics={})
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["full", "full/file"])
def test_a_folder_that_cannot_take_a_model_is_refused_before_the_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    monkeypatch.setattr("amur.modelling.train_classifier", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(AmurError, match=r"holds no model; name another folder|is a file; name a folder"):
        amur.train(out=tmp_path / name)
