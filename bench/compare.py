#!/usr/bin/env python3
"""Times VGG-19 in this project's engine beside PyTorch and ONNX Runtime, in one run, and prints the ratios.

    python3 -m venv venv
    venv/bin/pip install torch numpy safetensors        # and, if wanted: onnx onnxruntime
    venv/bin/python bench/compare.py --sizes 256,512 --rounds 5

What is timed, with the same weights (models/vgg19.safetensors) on the same picture:
  forward  picture to relu5_1
  step     picture to relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1, and back: the gradient of the sum of all their values

In every round all contestants take their turn, one after the other, so that a disturbance of the machine meets all of
them; the table shows medians. Everything runs on --threads threads. Maps and gradients are compared too;
a difference is an error. PyTorch runs with its default and with the channels-last memory layout.
Run it on a machine that does nothing else; the load at the start is printed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parent.parent
STYLE = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
MEAN = np.array([103.939, 116.779, 123.68], np.float32)  # blue, green, red
DEPTHS = [2, 2, 4, 4, 1]
# Relative L2 differences allowed. Gradients differ by more because f32 decides near-ties of ReLUs and maxima either way.
MAP_TOLERANCE, GRADIENT_TOLERANCE = 1e-4, 1e-2
PAUSE = 0.3  # seconds


def weights():
    """Weights and biases of all convolutions, decoded."""
    arrays = load_file(ROOT / "models" / "vgg19.safetensors")
    decoded = {}
    for name, array in arrays.items():
        if name.endswith(".indices"):
            stem = name.removesuffix(".indices")
            decoded[stem] = arrays[stem + ".table"][array]
        elif not name.endswith(".table"):
            decoded[name] = array
    return decoded


def layers():
    """Names of all layers from the picture to relu5_1."""
    for block, depth in enumerate(DEPTHS, start=1):
        for i in range(1, depth + 1):
            yield f"conv{block}_{i}"
            yield f"relu{block}_{i}"
        if block < len(DEPTHS):
            yield f"pool{block}"


def picture(side):
    """Coarse and fine structure in [0, 1], [side, side, RGB]."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / 40
    waves = np.stack([np.sin(x + c) * np.cos(0.7 * y - c) for c in range(3)], axis=-1)
    return np.clip(0.5 + 0.35 * waves + 0.1 * rng.standard_normal(waves.shape), 0, 1).astype(np.float32)


def caffe(rgb):
    """The network's own convention, [1, BGR, side, side]."""
    return np.ascontiguousarray((rgb[:, :, ::-1] * 255 - MEAN).transpose(2, 0, 1)[None])


class Impasto:
    """This project's engine as a process that runs a pass for every line that it is sent."""

    def __init__(self, program, rgb, threads, folder):
        self.name = "impasto"
        self.maps = folder / "maps.safetensors"
        data = folder / "picture.f32"
        data.write_bytes(rgb.astype("<f4").tobytes())
        environment = dict(os.environ, RAYON_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(
            [program, str(rgb.shape[0]), data, self.maps],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )

    def time(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("error: the engine's process ended early")
        return float(answer)

    def close(self):
        """Ends the process; returns the maps and the gradient, channels first."""
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit("error: the engine's process failed")
        return {name: array.transpose(2, 0, 1) for name, array in load_file(self.maps).items()}


class Torch:
    """The same network in PyTorch, in one of its memory layouts."""

    def __init__(self, arrays, rgb, layout):
        self.name = "PyTorch, " + {torch.contiguous_format: "default", torch.channels_last: "channels last"}[layout]
        self.picture = torch.from_numpy(caffe(rgb)).to(memory_format=layout)
        self.parameters = {
            name: torch.from_numpy(array).to(memory_format=layout) if array.ndim == 4 else torch.from_numpy(array)
            for name, array in arrays.items()
        }

    def maps(self, x):
        found = {}
        for name in layers():
            if name.startswith("conv"):
                weight, bias = self.parameters[name + ".weight"], self.parameters[name + ".bias"]
                x = torch.nn.functional.conv2d(x, weight, bias, padding=1)
            elif name.startswith("relu"):
                x = torch.relu(x)
                found[name] = x
            else:
                x = torch.nn.functional.max_pool2d(x, 2)
        return found

    def forward(self):
        with torch.inference_mode():
            return self.maps(self.picture)

    def step(self):
        x = self.picture.detach().requires_grad_(True)
        maps = self.maps(x)
        loss = sum(maps[name].sum() for name in STYLE)
        return torch.autograd.grad(loss, x)[0]

    def time(self, what):
        run = {"forward": self.forward, "step": self.step}[what]
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    def results(self):
        """Maps and the gradient in the picture's own units, channels first."""
        maps = self.forward()
        found = {name: maps[name][0].numpy() for name in STYLE}
        found["gradient"] = self.step()[0].numpy()[::-1] * 255
        return found


class Onnx:
    """The same network in ONNX Runtime, which has no gradient."""

    def __init__(self, arrays, rgb, threads):
        import onnx
        import onnxruntime
        from onnx import TensorProto, helper, numpy_helper

        self.name = "ONNX Runtime"
        nodes, last = [], "picture"
        for name in layers():
            if name.startswith("conv"):
                inputs, attributes = [last, name + ".weight", name + ".bias"], {"kernel_shape": [3, 3], "pads": [1] * 4}
                nodes.append(helper.make_node("Conv", inputs, [name], **attributes))
            elif name.startswith("relu"):
                nodes.append(helper.make_node("Relu", [last], [name]))
            else:
                nodes.append(helper.make_node("MaxPool", [last], [name], kernel_shape=[2, 2], strides=[2, 2]))
            last = name
        side = rgb.shape[0]
        graph = helper.make_graph(
            nodes,
            "vgg19",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, side, side])],
            [helper.make_tensor_value_info(last, TensorProto.FLOAT, None)],
            [numpy_helper.from_array(array, name) for name, array in arrays.items() if name.split(".")[0] in layers()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self.feed = {"picture": caffe(rgb)}

    def time(self, what):
        if what == "step":
            return None
        began = time.perf_counter()
        self.session.run(None, self.feed)
        return time.perf_counter() - began

    def results(self):
        return {"relu5_1": self.session.run(None, self.feed)[0][0]}


def difference(found, expected):
    """Relative L2 difference."""
    expected = expected.astype(np.float64)
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def check(ours, theirs, name):
    """Stops if the two disagree."""
    for array, expected in theirs.items():
        error = difference(ours[array], expected)
        tolerance = GRADIENT_TOLERANCE if array == "gradient" else MAP_TOLERANCE
        if not error < tolerance:
            sys.exit(f"error: {array} differs from {name}'s by {error:.1e}, more than {tolerance:.0e}")
    worst = max(difference(ours[array], expected) for array, expected in theirs.items() if array != "gradient")
    text = f"agrees with {name}: maps within {worst:.0e}"
    if "gradient" in theirs:
        text += f", gradient within {difference(ours['gradient'], theirs['gradient']):.0e}"
    print(text)


def build():
    """The engine's program, compiled."""
    command = ["cargo", "build", "--release", "-p", "impasto-net", "--example", "vgg19_step"]
    built = subprocess.run(
        command + ["--message-format=json-render-diagnostics"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    if built.returncode != 0:
        sys.exit("error: the engine does not compile")
    artifacts = [json.loads(line) for line in built.stdout.splitlines()]
    return [a["executable"] for a in artifacts if a.get("target", {}).get("name") == "vgg19_step"][-1]


def compare(program, arrays, side, rounds, threads, folder):
    """Medians in seconds: {contestant: {"forward": …, "step": …}}."""
    rgb = picture(side)
    impasto = Impasto(program, rgb, threads, folder)
    others = [Torch(arrays, rgb, torch.contiguous_format), Torch(arrays, rgb, torch.channels_last)]
    try:
        others.append(Onnx(arrays, rgb, threads))
    except ImportError:
        print("ONNX Runtime is left out: it needs the packages onnx and onnxruntime")
    contestants = [impasto, *others]
    times = {c.name: {"forward": [], "step": []} for c in contestants}
    for round_ in range(rounds + 1):
        for what in ["forward", "step"]:
            for contestant in contestants:
                # The threads of the one before may spin a while, waiting for more work.
                time.sleep(PAUSE)
                seconds = contestant.time(what)
                # The first round warms up.
                if round_ > 0 and seconds is not None:
                    times[contestant.name][what].append(seconds)
    ours = impasto.close()
    for other in others:
        check(ours, other.results(), other.name)
    middle = lambda values: statistics.median(values) if values else None
    return {name: {what: middle(values) for what, values in of.items()} for name, of in times.items()}


def show(side, medians):
    print(f"\n{side}×{side}                  forward            step")
    ours = medians["impasto"]
    for name, of in medians.items():
        cells = []
        for what in ["forward", "step"]:
            known = of[what] is not None
            cells.append(f"{of[what]:8.3f} s {of[what] / ours[what]:5.2f}×" if known else " " * 16 + "–")
        print(f"{name:24}" + "  ".join(cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="256,512", help="sides of the square picture, separated by commas")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds; one more warms up")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of every contestant")
    parser.add_argument("--json", type=Path, help="file to write the medians to, too")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    if min(sizes) < 32 or arguments.rounds < 1 or arguments.threads < 1:
        parser.error("sizes start at 32, rounds and threads at 1")

    torch.set_num_threads(arguments.threads)
    program = build()
    arrays = weights()
    print(f"PyTorch {torch.__version__}, {arguments.threads} threads, load {os.getloadavg()[0]:.1f}")
    everything = {}
    for side in sizes:
        with tempfile.TemporaryDirectory() as folder:
            medians = compare(program, arrays, side, arguments.rounds, arguments.threads, Path(folder))
        show(side, medians)
        everything[str(side)] = medians
    if arguments.json:
        arguments.json.write_text(json.dumps(everything, indent=2) + "\n")


if __name__ == "__main__":
    main()
