"""An encoder's weights in 8 bits and less, so that it is small, fast and the same on every processor.

Needs onnx. Inputs of each product are quantised by token, since a few tokens hold outliers that one scale for a whole
batch would drown the rest for (Yao et al. 2022, ZeroQuant): so a vector does not depend on what else is in its batch.
Weights are quantised by column to seven bits: processors with AVX2 but without VNNI add pairs of products of unsigned
inputs and signed weights in 16 bits, which two products of eight bits by eight can overflow, and none of eight by
seven.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_INPUT, _ZERO, _WEIGHT = 127, 128, 63
"""Inputs are from 1 to 255 about a zero of 128, weights from -63 to 63."""

_SCALE, _ZERO_POINT, _TINY = "input_scale", "input_zero_point", "input_tiny"
"""Names of the constants that all products share."""

_MICROSOFT = "com.microsoft"


def quantise(model: Any) -> Any:  # noqa: ANN401 (untyped library)
    """An ONNX model with its products of inputs by constant matrices in integers.

    Each product of a (rows, columns) matrix becomes one of unsigned 8-bit inputs by signed 7-bit weights; everything
    else stays as it is. ``model`` is changed and returned.
    """
    from onnx import helper, numpy_helper  # noqa: PLC0415 (optional)

    graph = model.graph
    matrices = {tensor.name: tensor for tensor in graph.initializer if len(tensor.dims) == 2}  # noqa: PLR2004 (a matrix)
    constants = {
        _SCALE: np.array(1 / _INPUT, dtype=np.float32),
        _ZERO_POINT: np.array(_ZERO, dtype=np.uint8),
        _TINY: np.array(1e-12, dtype=np.float32),
    }
    nodes, ready, replaced = [], set(), set()
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in matrices:
            nodes.append(node)
            continue
        inputs, matrix = node.input
        if inputs not in ready:
            nodes += _quantised_inputs(inputs)
            ready.add(inputs)
        replaced.add(matrix)
        constants |= _quantised_weights(matrix, numpy_helper.to_array(matrices[matrix]))
        nodes += _product(inputs, matrix, node.output[0])
    _replace(graph.node, nodes)
    kept = [tensor for tensor in graph.initializer if tensor.name not in replaced]
    _replace(graph.initializer, [*kept, *(numpy_helper.from_array(value, name) for name, value in constants.items())])
    if not any(used.domain == _MICROSOFT for used in model.opset_import):
        model.opset_import.append(helper.make_opsetid(_MICROSOFT, 1))
    return model


def _quantised_weights(name: str, matrix: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """A matrix in seven bits, with a scale a column."""
    scales = np.maximum(np.abs(matrix).max(axis=0), np.float32(1e-12)) / _WEIGHT
    return {
        f"{name}_integers": np.round(matrix / scales).astype(np.int8),
        f"{name}_scales": scales.astype(np.float32),
        f"{name}_zeros": np.zeros(len(scales), dtype=np.int8),
    }


def _quantised_inputs(name: str) -> Iterator[Any]:
    """Nodes that quantise inputs, each row of the last dimension by its largest value."""
    from onnx import helper  # noqa: PLC0415 (optional)

    yield helper.make_node("Abs", [name], [f"{name}_sizes"])
    yield helper.make_node("ReduceMax", [f"{name}_sizes"], [f"{name}_largest"], axes=[-1], keepdims=1)
    yield helper.make_node("Max", [f"{name}_largest", _TINY], [f"{name}_peak"])
    yield helper.make_node("Div", [name, f"{name}_peak"], [f"{name}_shares"])
    yield helper.make_node("QuantizeLinear", [f"{name}_shares", _SCALE, _ZERO_POINT], [f"{name}_integers"])


def _product(inputs: str, matrix: str, output: str) -> Iterator[Any]:
    """Nodes that multiply quantised inputs by a quantised matrix."""
    from onnx import helper  # noqa: PLC0415 (optional)

    factors = [f"{inputs}_integers", f"{matrix}_integers", _SCALE, f"{matrix}_scales", _ZERO_POINT, f"{matrix}_zeros"]
    yield helper.make_node("MatMulIntegerToFloat", factors, [f"{output}_shares"], domain=_MICROSOFT)
    yield helper.make_node("Mul", [f"{output}_shares", f"{inputs}_peak"], [output])


def _replace(field: Any, values: list[Any]) -> None:  # noqa: ANN401 (untyped library)
    """Put other values into a repeated field of an ONNX message."""
    del field[:]
    field.extend(values)
