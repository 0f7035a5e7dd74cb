"""The graph that ships: its integer products are exact on every processor."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from amur.encoder import GRAPH
from amur.export import unsigned
from amur.resources import shipped
from amur.store import ENCODER


def weight_types(model: onnx.ModelProto) -> set[int]:
    """The types of what integer products multiply with, zero points included."""
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    return {
        types[name]
        for node in model.graph.node
        if node.op_type == "MatMulInteger"
        for name in node.input
        if name in types
    }


def test_no_integer_product_of_the_shipped_encoder_has_signed_weights() -> None:
    graph = onnx.load(shipped("model") / ENCODER / GRAPH, load_external_data=False)
    assert weight_types(graph) == {TensorProto.UINT8}


def test_unsigned_weights_give_the_same_products() -> None:
    signed = np.array([[-128, 5], [127, -1]], dtype=np.int8)
    weights = [numpy_helper.from_array(signed, "w"), numpy_helper.from_array(np.array([0, 3], dtype=np.int8), "z")]
    node = helper.make_node("MatMulInteger", ["x", "w", "", "z"], ["y"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [1, 2])],
        weights,
    )
    model = helper.make_model(graph)
    assert weight_types(model) == {TensorProto.INT8}
    changed, zero = (numpy_helper.to_array(tensor).astype(int) for tensor in unsigned(model).graph.initializer)
    assert weight_types(model) == {TensorProto.UINT8}
    np.testing.assert_array_equal(changed - zero, signed - np.array([0, 3]))
