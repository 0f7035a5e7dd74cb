"""The models of a project: kept whole, compared on the same documents, adopted where they are not worse."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import amur as package
from amur import api
from amur.annotations import part
from amur.encoder import SentenceEncoder
from amur.errors import AmurError
from amur.passages import in_place
from amur.project_models import ADOPTED, default_model, model_in_use
from amur.store import MANIFEST, read_manifest, save_model
from amur.training import difference_interval
from amur.vector_cache import CachedEncoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    from amur.project import Project

    Here = Callable[..., Result]


def first_model(project: Project) -> str:
    return next(path.name for path in sorted(project.models.iterdir()) if path.is_dir())


def add_model(project: Project, name: str, *, created: str, deaf: bool = False) -> None:
    """A further model, a copy of the first; a deaf one answers no to everything."""
    model = package.load_model(project.models / first_model(project))
    if deaf:
        model.thresholds_ = np.full_like(model.thresholds_, 2.0)
    save_model(model, project.models / name, created=created, training={}, metrics={})


def edit(project: Project, name: str, **changes: Any) -> None:  # noqa: ANN401 (what JSON holds)
    path = project.models / name / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def snapshot(project: Project) -> dict[str, bytes]:
    """Every file of a project but its cache."""
    files = [path for path in project.folder.rglob("*") if path.is_file() and project.cache not in path.parents]
    return {str(path): path.read_bytes() for path in files}


def cut_short(project: Project, sign: str, sent: signal.Signals, *options: str, wait: float = 0) -> tuple[int, str]:
    """Train, and send the process group a signal once the cache shows a sign: the exit code, and what was said."""
    command = [sys.executable, "-m", "amur", "train", *options]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=project.folder, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    deadline = time.monotonic() + 300
    try:
        while not any(project.cache.glob(sign)):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(wait)
    except AssertionError:
        process.kill()
        raise
    os.killpg(process.pid, sent)
    output, errors = process.communicate()
    assert output == ""
    return process.returncode, errors


def no_encoding(*_: object, **__: object) -> None:
    pytest.fail("a statement was encoded though its vector is in the cache")


# --- training in a project ---


def test_the_first_model_is_adopted_and_tells_where_it_comes_from(trained: Project) -> None:
    name = first_model(trained)
    assert model_in_use(trained) == name
    assert (trained.models / ADOPTED).read_text() == f"{name}\n"
    manifest = read_manifest(trained.models / name)
    assert set(manifest.metrics) == {"cross_validation", "held_out"}
    assert {"files", "data", "codebook", "statements"} <= manifest.training.keys()
    for details in manifest.details.values():  # as many statements as were scored
        for scored, rows in details.groupby("part"):
            asked = manifest.metrics[str(scored)].set_index("answer")["statements"]["convergence"]
            answers = len(set(rows["answer"])) if "answer" in rows else 1
            assert rows["statements"].sum() == answers * asked
    confused = manifest.details["confusion"].query("part == 'held_out'")
    says = confused[confused["said"].isin(["convergence", "mixed"])]
    right = says.loc[says["annotated"].isin(["convergence", "mixed"]), "statements"].sum()
    precision = manifest.metrics["held_out"].set_index("answer").loc["convergence", "precision"]
    assert right / says["statements"].sum() == pytest.approx(precision, abs=1e-4)
    assert manifest.training["parent"] is None
    assert str(trained.folder) not in (trained.models / name / MANIFEST).read_text()


def test_the_next_model_is_compared_and_adopted_without_encoding_again(
    trained: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SentenceEncoder, "transform", no_encoding)
    first = first_model(trained)
    done = api.retrain(trained, n_jobs=1)
    assert done.adopted
    assert done.reason.startswith(f"not worse than {first} (mean F1 +0.000")
    assert done.comparison is not None
    assert set(done.comparison["documents"]) == {6}
    assert model_in_use(trained) == done.name != first
    training = read_manifest(trained.models / done.name).training
    assert (training["parent"], training["comparison"]["difference"]) == (first, 0)
    assert training["data"] == read_manifest(trained.models / first).training["data"]
    assert {path.name for path in trained.cache.iterdir()} == {"vectors"}


def test_a_worse_model_is_kept_aside_unless_forced(trained: Project) -> None:
    first = first_model(trained)
    for file in trained.annotations.glob("*.jsonl"):
        if part(file.stem) != "test":  # taught the contrary of what is held out
            rows = [json.loads(line) for line in file.read_text().splitlines()]
            rows = [row | {"convergence": row["friction"], "friction": row["convergence"]} for row in rows]
            file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = api.retrain(trained, n_jobs=1)
    assert not done.adopted
    assert done.reason.startswith(f"worse than {first}")
    assert model_in_use(trained) == first
    with pytest.raises(AmurError, match="--force"):
        api.adopt_model(done.name, trained)
    assert model_in_use(trained) == first
    api.adopt_model(done.name, trained, force=True)
    assert model_in_use(trained) == done.name


def test_four_held_out_documents_are_too_few_to_adopt_on(trained: Project) -> None:
    held_out = sorted(file for file in trained.annotations.glob("*.jsonl") if part(file.stem) == "test")
    held_out[0].unlink()
    first = first_model(trained)
    assert set(api.compare_models(first, first, trained)["documents"]) == {5}
    held_out[1].unlink()
    done = api.retrain(trained, n_jobs=1)
    assert not done.adopted
    assert done.reason.startswith("4 held-out documents are too few to compare models on, it takes 5")


def test_without_held_out_documents_nothing_is_adopted_unasked(trained: Project) -> None:
    first = first_model(trained)
    for file in trained.annotations.glob("*.jsonl"):
        if part(file.stem) == "test":
            file.unlink()
    done = api.retrain(trained, n_jobs=1)
    assert not done.adopted
    assert "0 held-out documents are too few" in done.reason
    assert model_in_use(trained) == first
    with pytest.raises(AmurError, match="0 held-out documents"):
        api.compare_models(first, done.name, trained)
    with pytest.raises(AmurError, match="none of the documents is held out"):
        api.evaluate(trained.annotations, held_out=True, model=default_model(trained), codebook=trained.codebook)


def test_held_out_documents_need_no_themes(trained: Project, here: Here) -> None:
    for file in trained.annotations.glob("*.jsonl"):
        if part(file.stem) == "test":
            rows = [json.loads(line) | {"themes": None} for line in file.read_text().splitlines()]
            file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = here(trained, "train", "--jobs", 1)
    assert done.exit_code == 0, done.exception
    assert f"adopted: not worse than {first_model(trained)}" in done.stderr
    table = api.compare_models(first_model(trained), first_model(trained), trained).set_index("answer")
    assert table["statements"].to_dict() == {"convergence": 120, "friction": 120, "stance": 120, "themes": 0}


@pytest.mark.parametrize(("moment", "sign"), [("encoding", "*"), ("writing", "unfinished-*/*/model/encoder")])
def test_a_killed_training_leaves_the_project_as_it_was(trained: Project, moment: str, sign: str) -> None:
    if moment == "encoding":
        shutil.rmtree(trained.cache)
    before = snapshot(trained)
    assert cut_short(trained, sign, signal.SIGKILL, "--jobs", "1", wait=moment == "encoding")[0] == -signal.SIGKILL
    assert snapshot(trained) == before
    assert api.models(trained)["name"].tolist() == [first_model(trained)]


def test_the_encoder_of_the_model_in_use_is_used_again_without_a_copy(trained: Project, tmp_path: Path) -> None:
    other = shutil.copytree(trained.models / first_model(trained) / "encoder", tmp_path / "other")
    origin = json.loads((other / "origin.json").read_text()) | {"base": "another"}
    (other / "origin.json").write_text(json.dumps(origin))
    second = api.retrain(trained, encoder=other, n_jobs=1, force=True)
    third = api.retrain(trained, n_jobs=1)
    assert third.manifest.training["encoder"] == origin
    files = [trained.models / name / "encoder" / "weights-1.bin" for name in (second.name, third.name)]
    assert files[0].samefile(files[1])
    assert not files[0].samefile(other / "weights-1.bin")
    api.adopt_model(first_model(trained), trained, force=True)
    fourth = api.retrain(trained, n_jobs=1)
    assert fourth.manifest.training["encoder"]["base"] != "another"


def test_ctrl_c_stops_with_one_line_and_leaves_the_project_as_it_was(trained: Project) -> None:
    shutil.rmtree(trained.cache)
    before = snapshot(trained)
    assert cut_short(trained, "vectors/*.npy", signal.SIGINT) == (130, "amur: stopped\n")
    assert snapshot(trained) == before
    assert {path.name for path in trained.cache.iterdir()} == {"vectors"}


def test_too_little_to_train_on_is_said_and_nothing_is_lost(trained: Project) -> None:
    before = snapshot(trained)
    rows = [json.loads(line) for file in trained.annotations.glob("*.jsonl") for line in file.read_text().splitlines()]
    learned = next(row["document"] for row in rows if part(row["document"]) != "test")
    spoiled = {
        "too few to train on": rows[:5],
        "answer yes to `friction`": [row | {"friction": False} for row in rows],
        "outside one fold": [row | {"friction": row["document"] == learned} for row in rows],
        "belong to the fixed test part": [row for row in rows if part(row["document"]) == "test"],
    }
    for message, kept in spoiled.items():
        file = trained.cache / "spoiled.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in kept))
        with pytest.raises(AmurError, match=message):
            api.retrain(trained, annotations=file, n_jobs=1)
    assert snapshot(trained) == before


def test_where_the_project_cannot_be_written_that_is_said_before_the_work(
    trained: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SentenceEncoder, "transform", no_encoding)
    shutil.rmtree(trained.models)
    trained.models.write_text("a file in the way")
    with pytest.raises(AmurError, match=r"cannot write .*models"):
        api.retrain(trained, n_jobs=1)
    trained.models.unlink()
    trained.folder.chmod(0o555)
    if not os.access(trained.folder, os.W_OK):
        with pytest.raises(AmurError, match=r"make .* writable"):
            api.retrain(trained, n_jobs=1)
    trained.folder.chmod(0o755)


# --- listing, comparing, choosing, removing ---


def test_the_commands_list_compare_restore_and_prune(trained: Project, here: Here) -> None:
    first = first_model(trained)
    add_model(trained, "deaf", created="2099-01-01", deaf=True)
    add_model(trained, "old", created="2000-01-01")
    rows = json.loads(here(trained, "models", "--format", "json").stdout)["models"]
    assert [(row["name"], row["adopted"]) for row in rows] == [("old", False), (first, True), ("deaf", False)]
    assert rows[1]["low"] <= rows[1]["f1"] <= rows[1]["high"]
    stance = json.loads(here(trained, "models", "compare", first, "deaf", "--format", "json").stdout)["differences"][2]
    assert (stance["answer"], stance["second"]) == ("stance", 0)
    assert stance["high"] < 0
    assert "is worse than" in str(here(trained, "models", "adopt", "deaf").exception)
    assert here(trained, "models", "restore", "old").exit_code == 0
    assert here(trained, "models", "prune", "--keep", 1).stdout.split() == [first]
    assert sorted(path.name for path in trained.models.iterdir()) == [ADOPTED, "deaf", "old"]
    assert {path.name for path in trained.cache.iterdir()} == {"vectors"}
    assert "yes" in here(trained, "models").stdout


def test_the_model_in_use_answers_in_the_project(trained: Project, here: Here) -> None:
    add_model(trained, "deaf", created="2099-01-01", deaf=True)
    api.adopt_model("deaf", trained, force=True)
    done = here(trained, "classify", "-", "--format", "jsonl", stdin=b"Beijing and Moscow signed a contract on gas.")
    assert json.loads(done.stdout)["stance"] == "neutral"


def test_comparing_the_other_way_round_turns_the_sign(trained: Project) -> None:
    first = first_model(trained)
    add_model(trained, "deaf", created="2099-01-01", deaf=True)
    there, back = api.compare_models(first, "deaf", trained), api.compare_models("deaf", first, trained)
    np.testing.assert_allclose(there["difference"], -back["difference"])
    np.testing.assert_allclose(there["low"], -back["high"])


def test_unknown_names_and_useless_numbers_are_refused(trained: Project) -> None:
    for name in ("nowhere", "../models", "shipped", ""):
        with pytest.raises(AmurError, match="no model"):
            api.adopt_model(name, trained, force=True)
    with pytest.raises(AmurError, match="keep at least one"):
        api.prune_models(0, trained)
    assert model_in_use(trained) == first_model(trained)


@pytest.mark.parametrize("content", [b"", b"gone\n", b"\xff\xfe", b"../project\n"])
def test_a_broken_choice_is_named_and_can_be_mended(trained: Project, content: bytes) -> None:
    (trained.models / ADOPTED).write_bytes(content)
    for use in (default_model, api.models, lambda project: api.prune_models(1, project)):
        with pytest.raises(AmurError, match="amur models restore NAME"):
            use(trained)
    api.adopt_model(first_model(trained), trained, force=True)
    assert model_in_use(trained) == first_model(trained)


def test_models_that_cannot_be_used_are_listed_with_the_reason(trained: Project) -> None:
    first = first_model(trained)
    for name, changes in (("newer", {"format": 99}), ("foreign", {"labels": ["convergence", "friction", "sport"]})):
        add_model(trained, name, created="2000-01-01")
        edit(trained, name, **changes)
    notes = api.models(trained).set_index("name")["note"].to_dict()
    assert "update amur" in notes["newer"]
    assert "other themes" in notes["foreign"]
    assert notes[first] == ""
    for name, message in (("newer", "update amur"), ("foreign", "other themes")):
        with pytest.raises(AmurError, match=message):
            api.adopt_model(name, trained, force=True)
        (trained.models / ADOPTED).write_text(name)
        with pytest.raises(AmurError, match=message):
            default_model(trained)
    (trained.models / ADOPTED).write_text(first)
    assert api.prune_models(1, trained) == ["foreign"]
    assert (trained.models / "newer").is_dir()


def test_a_model_in_use_that_is_damaged_stops_training_unless_forced(trained: Project) -> None:
    edit(trained, first_model(trained), format=99)
    with pytest.raises(AmurError, match="amur train --force"):
        api.retrain(trained, n_jobs=1)
    assert api.retrain(trained, n_jobs=1, force=True).adopted


# --- intervals and vectors ---


def test_the_interval_of_a_difference_is_paired() -> None:
    chance = np.random.default_rng(1)
    documents = np.repeat(np.arange(30), 20)
    truth = chance.random((600, 1)) < 0.5
    hard = np.repeat(chance.random(30), 20)[:, None]
    first = truth ^ (chance.random((600, 1)) < hard)
    second = first.copy()
    second[::15] = truth[::15]
    assert difference_interval(truth, first, first, documents, "macro") == (0, 0)
    low, high = difference_interval(truth, first, second, documents, "macro")
    assert 0 < low < high < 0.1
    turned = difference_interval(truth, second, first, documents, "macro")
    assert turned == pytest.approx((-high, -low))


@pytest.fixture
def encoder(tmp_path: Path) -> CachedEncoder:
    return CachedEncoder(package.load_model().sentence_encoder.path, cache=str(tmp_path / "vectors"))


def test_kept_vectors_are_those_of_the_encoder(encoder: CachedEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    passages = in_place(["Moscow waits.", "Beijing does not answer.", "Trade grew."])
    wanted = [passages[2], passages[0]]
    made = encoder.transform(wanted)
    np.testing.assert_allclose(made, SentenceEncoder(encoder.path).transform(passages)[[2, 0]], atol=1e-6)
    other = encoder.transform(in_place(["Oil fell.", "Beijing does not answer.", "Trade grew."]))
    assert not np.allclose(other[2], made[0])  # the same statement among other neighbours
    monkeypatch.setattr(SentenceEncoder, "transform", no_encoding)
    np.testing.assert_array_equal(encoder.transform(wanted), made)


def test_broken_files_in_the_cache_are_made_anew_and_pickles_are_not_run(
    encoder: CachedEncoder, tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "hacked"), "w"))

    texts = in_place(["Moscow waits.", "Trade grew."])
    made = encoder.transform(texts)
    (file,) = (tmp_path / "vectors").iterdir()
    for content in (b"", file.read_bytes()[:-9], pickle.dumps(Evil())):
        file.write_bytes(content)
        np.testing.assert_allclose(encoder.transform(texts), made, atol=1e-6)
    np.save(file, np.array([Evil()], dtype=object), allow_pickle=True)
    np.testing.assert_allclose(encoder.transform(texts), made, atol=1e-6)
    assert not (tmp_path / "hacked").exists()


def test_a_cache_that_cannot_be_written_is_done_without(encoder: CachedEncoder, tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("a file in the way")
    assert encoder.transform(["Trade grew."]).shape == (1, 768)
