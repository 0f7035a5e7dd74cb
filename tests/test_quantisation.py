"""Products in integers: near the exact ones, each row by itself, and exact on every processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from amur.encoder import GRAPH
from amur.quantisation import quantise
from amur.resources import shipped
from amur.store import ENCODER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANCE = np.random.default_rng(0)
MATRIX = CHANCE.normal(size=(64, 32)).astype(np.float32)
ROWS = CHANCE.normal(size=(1, 5, 64)).astype(np.float32)


def run(model: onnx.ModelProto, rows: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"rows": rows})[0])


@pytest.fixture
def product() -> onnx.ModelProto:
    """A model that multiplies rows by a matrix, and the same rows by the same matrix with its signs changed."""
    nodes = [
        helper.make_node("MatMul", ["rows", "matrix"], ["there"]),
        helper.make_node("MatMul", ["rows", "opposite"], ["back"]),
        helper.make_node("Sub", ["there", "back"], ["both"]),
    ]
    graph = helper.make_graph(
        nodes,
        "product",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, None, 64])],
        [helper.make_tensor_value_info("both", TensorProto.FLOAT, [1, None, 32])],
        [numpy_helper.from_array(MATRIX, "matrix"), numpy_helper.from_array(-MATRIX, "opposite")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_products_are_near_the_exact_ones(product: onnx.ModelProto) -> None:
    exact = run(product, ROWS)
    near = run(quantise(product), ROWS)
    assert not np.array_equal(near, exact)
    assert np.abs(near - exact).max() < 0.02 * np.abs(exact).max()


def test_no_matrix_stays_in_floats(product: onnx.ModelProto) -> None:
    quantised = quantise(product)
    assert "MatMul" not in {node.op_type for node in quantised.graph.node}
    floats = [t for t in quantised.graph.initializer if t.data_type == TensorProto.FLOAT and len(t.dims) > 1]
    assert not floats


def test_a_row_does_not_depend_on_outliers_in_another(product: onnx.ModelProto) -> None:
    quantised = quantise(product)
    beside = ROWS.copy()
    beside[0, 2] *= 1000
    others = [0, 1, 3, 4]
    np.testing.assert_array_equal(run(quantised, beside)[0, others], run(quantised, ROWS)[0, others])


def test_a_row_of_zeros_gives_zeros(product: onnx.ModelProto) -> None:
    assert not run(quantise(product), np.zeros_like(ROWS)).any()


def test_products_by_no_constant_stay_as_they_are(product: onnx.ModelProto) -> None:
    product.graph.node.append(helper.make_node("Transpose", ["both"], ["turned"], perm=[0, 2, 1]))
    product.graph.node.append(helper.make_node("MatMul", ["both", "turned"], ["square"]))
    assert [node.op_type for node in quantise(product).graph.node].count("MatMul") == 1


def test_integer_products_of_the_shipped_encoder_cannot_overflow() -> None:
    """Two products of 255 by a weight fit into 16 bits on processors that add them there."""
    folder = shipped("model") / ENCODER
    graph = onnx.load(folder / GRAPH, load_external_data=False).graph
    products = [node for node in graph.node if node.op_type == "MatMulIntegerToFloat"]
    others = {"MatMulInteger", "DynamicQuantizeMatMul", "MatMulNBits"} & {node.op_type for node in graph.node}
    matrices = {node.input[1] for node in products}
    largest = [np.abs(weights).max() for weights in stored(folder, graph, matrices)]
    assert len(largest) == 72
    assert not others
    assert 2 * 255 * max(largest) < 2**15


def stored(folder: Path, graph: onnx.GraphProto, names: set[str]) -> Iterator[np.ndarray]:
    """Signed 8-bit tensors of a graph, read from the files that hold them."""
    for tensor in graph.initializer:
        if tensor.name in names:
            assert tensor.data_type == TensorProto.INT8
            place = {entry.key: entry.value for entry in tensor.external_data}
            data = np.fromfile(
                folder / place["location"], np.int8, count=int(place["length"]), offset=int(place.get("offset", 0))
            )
            yield data.astype(int)
