#!/usr/bin/env python3
"""Makes the ONNX files of these tests, with what ONNX Runtime computes of them.

    pip install numpy onnx onnxruntime safetensors
    python onnx_make.py
"""

import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent / "onnx"
noise = np.random.default_rng(7)


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.count = [], [], 0

    def constant(self, values, dtype=np.float32):
        self.count += 1
        name = f"constant{self.count}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, op, *inputs, **attributes):
        self.count += 1
        name = f"{op.lower()}{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, x, inputs, outputs, kernel, group=1, **attributes):
        weight = noise.normal(size=(outputs, inputs // group, kernel, kernel)) / (kernel * (inputs // group) ** 0.5)
        bias = noise.normal(size=outputs) * 0.1
        return self.node("Conv", x, self.constant(weight), self.constant(bias), group=group, **attributes)

    def planes(self, count, low, high, rank=4):
        values = noise.uniform(low, high, size=count)
        return self.constant(values.reshape(1, -1, 1, 1) if rank == 4 else values)

    def norm(self, x, planes):
        """Written out, as exporters do where a program computes its norms itself."""
        centred = self.node("Sub", x, self.node("ReduceMean", x, axes=[2, 3]))
        variance = self.node("ReduceMean", self.node("Pow", centred, self.constant(2.0)), axes=[2, 3])
        root = self.node("Sqrt", self.node("Add", variance, self.constant(1e-5)))
        normed = self.node("Div", centred, root)
        normed = self.node("Mul", normed, self.planes(planes, 0.5, 1.5))
        return self.node("Add", self.planes(planes, -0.5, 0.5), normed)

    def pad(self, x, before, after, mode):
        # The tree of constants that PyTorch's exporter leaves.
        pairs = self.constant([before, after, before, after, 0, 0, 0, 0], np.int64)
        pairs = self.node("Reshape", pairs, self.constant([-1, 2], np.int64))
        ends = [self.constant([v], np.int64) for v in (-1, -(2**63), 0, -1)]
        pairs = self.node("Transpose", self.node("Slice", pairs, *ends), perm=[1, 0])
        pads = self.node("Cast", self.node("Reshape", pairs, self.constant([-1], np.int64)), to=TensorProto.INT64)
        return self.node("Pad", x, pads, mode=mode)

    def double(self, x):
        scales = self.constant([1, 1, 2, 2])
        return self.node("Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def save(self, name, output, inputs=()):
        picture = [1, 3, "height", "width"]
        graph = helper.make_graph(
            self.nodes + [helper.make_node("Identity", [output], ["out"])],
            name,
            [helper.make_tensor_value_info("in", TensorProto.FLOAT, picture), *inputs],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, "h", "w"])],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, FOLDER / f"{name}.onnx")
        return model.SerializeToString()


def run(model, name, size, white, **others):
    session = onnxruntime.InferenceSession(model)
    picture = noise.uniform(size=(1, 3, *size)).astype(np.float32)
    painted = session.run(None, {"in": picture * white, **others})[0]
    arrays = {"input": picture[0], "output": painted[0] / white}
    save_file({k: np.ascontiguousarray(v, np.float32) for k, v in arrays.items()}, FOLDER / f"{name}.safetensors")


def johnson():
    """0-255, reflected borders, norms of both kinds, a residual block, a depthwise one, an end squashed by a tanh."""
    g = Graph()
    x = g.node("Div", "in", g.constant(255.0))
    x = g.node("Sub", x, g.constant(np.reshape([0.4, 0.5, 0.45], (1, 3, 1, 1))))
    x = g.node("Relu", g.norm(g.conv(g.pad(x, 4, 4, "reflect"), 3, 5, 9), 5))
    x = g.conv(g.pad(x, 1, 1, "reflect"), 5, 8, 3, strides=[2, 2])
    x = g.node("InstanceNormalization", x, g.planes(8, 0.5, 1.5, 1), g.planes(8, -0.5, 0.5, 1), epsilon=1e-5)
    start = x = g.node("Clip", x, g.constant(0.0), g.constant(6.0))
    x = g.conv(x, 8, 8, 3, group=8, pads=[1, 1, 1, 1])
    batch = [g.planes(8, *range_, 1) for range_ in ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.5, 1.5))]
    x = g.node("Relu", g.node("BatchNormalization", x, *batch))
    x = g.node("Add", g.conv(x, 8, 8, 1), start)
    both = g.node("Concat", x, g.node("AveragePool", g.double(x), kernel_shape=[2, 2], strides=[2, 2]), axis=1)
    x = g.conv(g.pad(g.double(both), 1, 1, "edge"), 16, 5, 3)
    x = g.node("Tanh", g.conv(g.pad(x, 2, 2, "constant"), 5, 3, 5))
    x = g.node("Add", g.node("Mul", x, g.constant(150.0)), g.constant(127.5))
    run(g.save("johnson", x), "johnson", (12, 16), 255)


def transposed():
    """Enlargement as older programs do it: transposed convolutions of stride 2 with kernels of 2, 3 and 4, and one of stride 1."""
    g = Graph()
    x = g.node("Relu", g.conv("in", 3, 5, 3, pads=[1, 1, 1, 1], strides=[2, 2]))
    x = g.node("Relu", g.conv(x, 5, 6, 3, pads=[1, 1, 1, 1], strides=[2, 2]))
    x = g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    for inputs, outputs, kernel, more in (
        (6, 5, 3, {"pads": [1, 1, 1, 1], "output_padding": [1, 1], "strides": [2, 2]}),
        (5, 4, 4, {"pads": [1, 1, 1, 1], "strides": [2, 2]}),
        (4, 4, 2, {"strides": [2, 2]}),
        (4, 3, 3, {"pads": [1, 1, 1, 1]}),
    ):
        weight = noise.normal(size=(inputs, outputs, kernel, kernel)) / (kernel * inputs**0.5)
        x = g.node("ConvTranspose", x, g.constant(weight), g.constant(noise.normal(size=outputs) * 0.1), **more)
    run(g.save("transposed", x), "transposed", (16, 24), 1)


def styles():
    """Norms whose scales and shifts are sums weighted by a second input."""
    g = Graph()
    x = g.conv("in", 3, 4, 3, pads=[1, 1, 1, 1])
    weights = g.node("Unsqueeze", "weights", g.constant([1], np.int64))
    mixed = []
    for low, high in ((0.5, 1.5), (-1, 1)):
        each = g.node("Mul", weights, g.constant(noise.uniform(low, high, size=(3, 4))))
        each = g.node("ReduceSum", each, g.constant([0], np.int64), keepdims=0)
        mixed.append(g.node("Reshape", each, g.constant([1, -1, 1, 1], np.int64)))
    mean = g.node("ReduceMean", x, axes=[2, 3])
    centred = g.node("Sub", x, mean)
    variance = g.node("ReduceMean", g.node("Mul", centred, centred), axes=[2, 3])
    root = g.node("Sqrt", g.node("Add", variance, g.constant(1e-5)))
    x = g.node("Mul", centred, g.node("Div", g.constant(1.0), root))
    x = g.node("Relu", g.node("Add", g.node("Mul", x, mixed[0]), mixed[1]))
    x = g.node("Sigmoid", g.conv(x, 4, 3, 1))
    inputs = [helper.make_tensor_value_info("weights", TensorProto.FLOAT, [3])]
    weights = np.float32([0.25, 0.0, 0.75])
    run(g.save("styles", x, inputs), "styles", (7, 10), 1, weights=weights)


FOLDER.mkdir(exist_ok=True)
johnson()
styles()
transposed()
