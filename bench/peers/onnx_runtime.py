"""The networks in ONNX Runtime, which has no gradients; and its matrix product."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from works import PRODUCT_SIDE


def nodes(layer):
    """A layer's nodes."""
    parameters = [f"{layer.parameters}.{kind}" for kind in ("weight", "bias")]
    pads = [layer.pads[0]] * 2 + [layer.pads[1]] * 2
    node = lambda op, inputs, **attributes: helper.make_node(op, inputs, [layer.name], **attributes)
    match layer.op:
        case "conv":
            window = dict(kernel_shape=[layer.kernel] * 2, strides=[layer.stride] * 2)
            if not layer.reflect:
                return [node("Conv", layer.inputs + parameters, pads=pads, **window)]
            wide = layer.name + "/wide"
            pad = helper.make_node("Pad", [*layer.inputs, f"pads{layer.kernel}"], [wide], mode="reflect")
            return [pad, node("Conv", [wide, *parameters], **window)]
        case "pool":
            return [node("MaxPool", layer.inputs, kernel_shape=[layer.kernel] * 2, strides=[layer.stride] * 2)]
        case "norm":
            return [node("InstanceNormalization", layer.inputs + parameters, epsilon=1e-5)]
        case "enlarge":
            nearest = dict(mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
            return [node("Resize", [*layer.inputs, "", "double"], **nearest)]
        case "concat":
            return [node("Concat", layer.inputs, axis=1)]
        case op:
            return [node({"relu": "Relu", "mean": "GlobalAveragePool", "add": "Add"}[op], layer.inputs)]


def session(graph, threads):
    """A graph made ready to run."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Onnx:
    """A work in ONNX Runtime."""

    def __init__(self, work, arrays, rgb, threads):
        used = {layer.parameters for layer in work.network.layers}
        values = {name: array for name, array in arrays.items() if name.rsplit(".", 1)[0] in used}
        if any(layer.op == "enlarge" for layer in work.network.layers):
            values["double"] = np.array([1, 1, 2, 2], np.float32)
        for kernel in {layer.kernel for layer in work.network.layers if layer.reflect}:
            pad = kernel // 2
            values[f"pads{kernel}"] = np.array([0, 0, pad, pad] * 2, np.int64)
        side = rgb.shape[0]
        graph = helper.make_graph(
            [node for layer in work.network.layers for node in nodes(layer)],
            "network",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in work.taps],
            [numpy_helper.from_array(array, name) for name, array in values.items()],
        )
        self.session = session(graph, threads)
        self.taps, self.feed = work.taps, {"picture": work.input(rgb)}

    def run(self):
        return self.session.run(self.taps, self.feed)

    def results(self):
        return {name: array[0] for name, array in zip(self.taps, self.run())}


class Product:
    """The product of two square matrices."""

    def __init__(self, threads):
        matrix = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [PRODUCT_SIDE] * 2)
        node = helper.make_node("MatMul", ["a", "b"], ["c"])
        self.session = session(helper.make_graph([node], "product", [matrix("a"), matrix("b")], [matrix("c")]), threads)
        rng = np.random.default_rng(1)
        self.feed = {name: rng.random((PRODUCT_SIDE, PRODUCT_SIDE), np.float32) for name in "ab"}

    def run(self):
        self.session.run(None, self.feed)

    def results(self):
        return {}
