"""The networks that are timed, as data: every peer builds them from here, and operations are counted here."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

MODELS = Path(__file__).resolve().parent.parent / "models"
STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # blue, green, red


@dataclass
class Layer:
    """One operation: conv, relu, pool, concat, mean, norm, add or enlarge. `pads` are those before and after an axis."""

    name: str
    op: str
    inputs: list
    kernel: int = 1
    stride: int = 1
    pads: tuple = (0, 0)
    reflect: bool = False
    parameters: str = ""


@dataclass
class Network:
    """Layers in order; "picture" is the first one's input."""

    layers: list = field(default_factory=list)

    @property
    def last(self):
        return self.layers[-1].name if self.layers else "picture"

    def push(self, name, op, inputs=None, **options):
        self.layers.append(Layer(name, op, inputs or [self.last], **options))
        return name

    def conv(self, name, kernel, stride=1, pads=None, reflect=False, inputs=None, parameters=None):
        pads = (kernel // 2, kernel // 2) if pads is None else pads
        options = dict(kernel=kernel, stride=stride, pads=pads, reflect=reflect, parameters=parameters or name)
        return self.push(name, "conv", inputs, **options)


def vgg19():
    """VGG-19 to relu5_1."""
    net = Network()
    for block, depth in enumerate([2, 2, 4, 4, 1], start=1):
        for i in range(1, depth + 1):
            net.conv(f"conv{block}_{i}", 3)
            net.push(f"relu{block}_{i}", "relu")
        if block < 5:
            net.push(f"pool{block}", "pool", kernel=2, stride=2)
    return net


def squeezenet():
    """SqueezeNet 1.1 to the means of its last convolution."""
    net = Network()

    def rectified(name, kernel, inputs=None, **options):
        net.conv(name + "/linear", kernel, inputs=inputs, parameters=name, **options)
        return net.push(name, "relu")

    rectified("conv1", 3, stride=2, pads=(0, 1))
    net.push("pool1", "pool", kernel=3, stride=2)
    for fire in range(2, 10):
        if fire in (4, 6):
            net.push(f"pool{fire - 1}", "pool", kernel=3, stride=2)
        squeezed = rectified(f"fire{fire}/squeeze", 1)
        narrow = rectified(f"fire{fire}/expand1x1", 1, [squeezed])
        wide = rectified(f"fire{fire}/expand3x3", 3, [squeezed])
        net.push(f"fire{fire}", "concat", [narrow, wide])
    net.conv("conv10", 1)
    net.push("logits", "mean")
    return net


def generator():
    """Johnson's network, with instance norms, mirrored borders, and enlargement by nearest neighbour."""
    net = Network()

    def normed(name, kernel, **options):
        net.conv(name, kernel, reflect=True, **options)
        return net.push(name + ".norm", "norm", parameters=name + ".norm")

    def rectified(name, kernel, **options):
        normed(name, kernel, **options)
        return net.push(name + ".relu", "relu")

    rectified("c1", 9)
    rectified("d1", 3, stride=2)
    rectified("d2", 3, stride=2)
    for block in range(1, 6):
        before = net.last
        rectified(f"r{block}.a", 3)
        net.push(f"r{block}", "add", [before, normed(f"r{block}.b", 3)])
    for name in ["u1", "u2"]:
        net.push(name + ".large", "enlarge")
        rectified(name, 3)
    net.conv("c2", 9, reflect=True)
    return net


def shipped(name):
    """The weights in models/, decoded."""
    arrays = load_file(MODELS / f"{name}.safetensors")
    decoded = {}
    for key, array in arrays.items():
        if key.endswith(".indices"):
            stem = key.removesuffix(".indices")
            decoded[stem] = arrays[stem + ".table"][array]
        elif not key.endswith(".table"):
            decoded[key] = array.astype(np.float32)
    return decoded


def random_generator(widths=(32, 64, 128)):
    """Weights for [`generator`] that keep values near one; a trained network would take just as long."""
    rng = np.random.default_rng(3)
    full, half, quarter = widths
    sizes = {"c1": (full, 3, 9), "d1": (half, full, 3), "d2": (quarter, half, 3)}
    sizes |= {f"r{block}.{part}": (quarter, quarter, 3) for block in range(1, 6) for part in "ab"}
    sizes |= {"u1": (half, quarter, 3), "u2": (full, half, 3), "c2": (3, full, 9)}
    arrays = {}
    for name, (outputs, inputs, kernel) in sizes.items():
        shape = (outputs, inputs, kernel, kernel)
        arrays[name + ".weight"] = rng.normal(0, (inputs * kernel * kernel) ** -0.5, shape).astype(np.float32)
        arrays[name + ".bias"] = rng.normal(0, 0.1, outputs).astype(np.float32)
        if name != "c2":
            arrays[name + ".norm.weight"] = rng.uniform(0.5, 1.5, outputs).astype(np.float32)
            arrays[name + ".norm.bias"] = rng.normal(0, 0.1, outputs).astype(np.float32)
    return arrays


def operations(network, arrays, side):
    """Multiplications and additions of all convolutions, forward, as the definition has them."""
    sides, total = {"picture": side}, 0
    for layer in network.layers:
        n = sides[layer.inputs[0]]
        if layer.op in ("conv", "pool"):
            n = (n + sum(layer.pads) - layer.kernel) // layer.stride + 1
        elif layer.op == "enlarge":
            n *= 2
        sides[layer.name] = n
        if layer.op == "conv":
            total += 2 * n * n * arrays[layer.parameters + ".weight"].size
    return total


def picture(side):
    """Coarse and fine structure in [0, 1], [side, side, RGB]."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / 40
    waves = np.stack([np.sin(x + c) * np.cos(0.7 * y - c) for c in range(3)], axis=-1)
    return np.clip(0.5 + 0.35 * waves + 0.1 * rng.standard_normal(waves.shape), 0, 1).astype(np.float32)
