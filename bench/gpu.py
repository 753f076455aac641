#!/usr/bin/env python3
"""Times this project on a graphics processor beside PyTorch on the same one, in one run, and prints a Markdown table.

    cargo build --release
    venv/bin/python bench/gpu.py --device gpu:0 --rounds 5

Needs PyTorch with CUDA (`pip install torch numpy safetensors`) and a driver for Vulkan. Timed are a step of VGG-19 (to relu5_1
and back to the picture, five maps read) and a built-in generator, at the sizes of --sides; 1440² has as many pixels as
1920 × 1080. PyTorch runs the same architectures in f32, once with tensor cores refused ("highest") and once with them ("tf32"), its
weights random in the generator's case. In every round all take their turn, one after the other; the table shows medians over
the rounds in milliseconds and, for PyTorch, how many times as long ours takes.

Ours is `impasto bench`, a process of its own each time: it plans first, makes a pass that is not counted, and tells the median
of --repeat passes, each of them waited for. PyTorch's passes are waited for, too.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import networks
import torch
from peers.pytorch import Torch
from works import WORKS, Work

PROGRAM = Path(__file__).resolve().parent.parent / "target/release/impasto"
STYLE = "cafe-terrace"
# Planes of the built-in generator at full, half and quarter size: `impasto models styles` shows them.
WIDTHS = (16, 32, 64)
GENERATOR = Work(
    "built-in generator, forward",
    networks.generator(), lambda: networks.random_generator(WIDTHS), ["c2"], [512], caffe=False, own_weights=True,
)


class Cuda(Torch):
    """A work on the graphics processor."""

    def __init__(self, work, side, precision):
        super().__init__(work, work.arrays(), networks.picture(side), torch.get_num_threads(), "channels-last")
        self.precision = precision
        self.input = self.input.cuda()
        self.parameters = {name: array.cuda() for name, array in self.parameters.items()}

    def turn(self, repeat):
        """Median seconds of a pass."""
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = self.precision == "tf32"
        times = []
        for _ in range(repeat + 1):
            torch.cuda.synchronize()
            began = time.perf_counter()
            self.run()
            torch.cuda.synchronize()
            times.append(time.perf_counter() - began)
        return statistics.median(times[1:])


def ours(program, arguments, work, side):
    """Median seconds of a pass as `impasto bench` tells it."""
    command = [program, "bench", "--device", arguments.device, "--size", side, "--repeat", arguments.repeat, "--json"]
    command += ["--style", STYLE] if work is GENERATOR else []
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(run.stderr.strip())
    told = json.loads(run.stdout)
    if told["device"] == "cpu" and arguments.device != "cpu":
        sys.exit(f"error: {work.title} at {side} ran on the processor: {run.stderr.strip()}")
    return told["gradient_seconds" if work.gradient else "forward_seconds"], told["device"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=PROGRAM, help="the program to time")
    parser.add_argument("--device", default="gpu", help="what `impasto` is to run on")
    parser.add_argument("--step-sides", type=int, nargs="*", default=[512, 1024], help="sides for VGG-19's step")
    parser.add_argument("--sides", type=int, nargs="*", default=[512, 1440], help="sides for the generator")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=10, help="passes in a turn")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("error: PyTorch finds no graphics processor\nhint: install PyTorch with CUDA on a machine that has one")
    print(f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}, load {open('/proc/loadavg').read().split()[0]}\n")
    print("| work | side | ours, ms | PyTorch f32, ms | ratio | PyTorch tf32, ms | ratio |")
    print("|---|---|---|---|---|---|---|")
    cases = [(WORKS["vgg-step"], side) for side in arguments.step_sides]
    cases += [(GENERATOR, side) for side in arguments.sides]
    for work, side in cases:
        theirs = [Cuda(work, side, precision) for precision in ("highest", "tf32")]
        times, device = [[], [], []], ""
        for _ in range(arguments.rounds):
            seconds, device = ours(arguments.program, arguments, work, side)
            times[0].append(seconds)
            for own, contestant in zip(times[1:], theirs):
                own.append(contestant.turn(arguments.repeat))
        mine, plain, tensor = (1000 * statistics.median(own) for own in times)
        print(f"| {work.title} | {side} | {mine:.2f} | {plain:.2f} | {mine / plain:.2f} | {tensor:.2f} | {mine / tensor:.2f} |")
        del theirs
        torch.cuda.empty_cache()
    print(f"\nours on {device}")


if __name__ == "__main__":
    main()
