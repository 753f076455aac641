#!/usr/bin/env python3
"""Times this project's engine beside PyTorch and ONNX Runtime, in one run, and prints a Markdown table.

    python3 -m venv venv
    venv/bin/pip install torch numpy safetensors        # and, if wanted: onnx onnxruntime
    venv/bin/python bench/compare.py --work vgg-step,squeezenet --rounds 5

What is timed, with the same weights on the same picture (works.py):
  vgg-step     VGG-19 to relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1, and back: the gradient of the sum of all their values
  vgg-forward  VGG-19 to relu5_1
  generator    Johnson's network that paints a picture in one pass, with random weights
  squeezenet   SqueezeNet 1.1 to its scores

Every contestant is a process of its own, so that its peak memory is its own (interpreter and libraries included).
In every round all take their turn, one after the other, so that a disturbance of the machine meets all of them. A
turn is one pass that is not counted, since a processor that has paused wakes slowly, and then passes for --seconds, at least two,
whose median is the turn's; the table shows medians over the rounds. "GFLOP/s" counts the operations of the
convolutions' definition, forward and, for a step, back; Winograd's algorithm does fewer, so more than the peak is possible. "Of
peak" is that beside a large f32 matrix product timed in the same rounds: PyTorch's or ONNX Runtime's, whichever is faster
(on AMD's processors PyTorch's uses half of what AVX-512 can do). Maps and gradients are compared too; a difference is an error.
Run it on a machine that does nothing else; the load at the start is printed.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from contestants import build, starters
from networks import picture
from safetensors.numpy import save_file
from works import PRODUCT_OPERATIONS, WORKS

# Relative L2 differences allowed. Gradients differ by more because f32 decides near-ties of ReLUs and maxima either way.
MAP_TOLERANCE, GRADIENT_TOLERANCE = 1e-4, 1e-2
PAUSE = 0.3  # seconds


def difference(found, expected):
    """Relative L2 difference."""
    expected = expected.astype(np.float64)
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def check(ours, theirs, name):
    """Stops if the two disagree; returns the worst difference of maps and the gradient's, if there is one."""
    errors = {array: difference(ours[array], expected) for array, expected in theirs.items()}
    for array, error in errors.items():
        tolerance = GRADIENT_TOLERANCE if array == "gradient" else MAP_TOLERANCE
        if not error < tolerance:
            sys.exit(f"error: {array} differs from {name}'s by {error:.1e}, more than {tolerance:.0e}")
    gradient = errors.pop("gradient", None)
    return {"maps": max(errors.values()), "gradient": gradient}


def compare(program, name, side, arguments, folder):
    """Times a work at a size; returns a row of figures for every contestant."""
    work = WORKS[name]
    arrays = work.arrays()
    picture(side).astype("<f4").tofile(folder / "picture.f32")
    if work.own_weights:
        save_file(arrays, folder / "weights.safetensors")
    contestants = []
    try:
        networks, products = starters(program, name, work, side, arguments.threads, folder)
        for start in networks + products:
            contestants.append(start())
        for _ in range(arguments.rounds):
            for contestant in contestants:
                # The threads of the one before may spin a while, waiting for more work.
                time.sleep(PAUSE)
                contestant.turn(arguments.seconds)
        peaks = [contestant.peak() for contestant in contestants]
        results = [contestant.finish() for contestant in contestants]
    finally:
        for contestant in contestants:
            contestant.stop()
    medians = [statistics.median(contestant.turns) for contestant in contestants]
    best = PRODUCT_OPERATIONS / min(medians[len(networks):])
    rows = []
    for contestant, seconds, peak, result in zip(contestants[: len(networks)], medians, peaks, results):
        rate = work.operations(arrays, side) / seconds
        row = {"name": contestant.title, "seconds": seconds, "ratio": seconds / medians[0], "turns": contestant.turns}
        row |= {"gflops": rate / 1e9, "of_peak": rate / best, "peak_memory_bytes": peak}
        if contestant is not contestants[0]:
            row["difference"] = check(results[0], result, contestant.title)
        rows.append(row)
    return {"work": name, "side": side, "peak_gflops": best / 1e9, "contestants": rows}


def show(compared):
    """Markdown."""
    title = WORKS[compared["work"]].title
    print(f"\n{title}, {compared['side']}² (matrix product: {compared['peak_gflops']:.0f} GFLOP/s)\n")
    print("| | seconds | ratio | GFLOP/s | of peak | memory | difference: maps | gradient |")
    print("|---|---|---|---|---|---|---|---|")
    for row in compared["contestants"]:
        memory = f"{row['peak_memory_bytes'] / 1e6:.0f} MB" if row["peak_memory_bytes"] else "–"
        errors = row.get("difference", {})
        errors = [f"{errors[key]:.0e}" if errors.get(key) is not None else "–" for key in ("maps", "gradient")]
        cells = [row["name"], f"{row['seconds']:.4f}", f"{row['ratio']:.2f}×", f"{row['gflops']:.0f}"]
        print("| " + " | ".join([*cells, f"{row['of_peak']:.2f}", memory, *errors]) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default=",".join(WORKS), help="what to time, separated by commas")
    parser.add_argument("--sizes", help="sides of the square picture, separated by commas; default: as suits the work")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every contestant")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a turn")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of every contestant")
    parser.add_argument("--json", type=Path, help="file to write all figures to, too")
    arguments = parser.parse_args()
    names = arguments.work.split(",")
    sizes = [int(size) for size in arguments.sizes.split(",")] if arguments.sizes else None
    if unknown := [name for name in names if name not in WORKS]:
        parser.error(f"{unknown[0]!r} is not one of {', '.join(WORKS)}")
    if (sizes and min(sizes) < 32) or arguments.rounds < 1 or arguments.threads < 1:
        parser.error("sizes start at 32, rounds and threads at 1")

    program = build()
    print(f"{arguments.threads} threads, {arguments.rounds} rounds, load {os.getloadavg()[0]:.1f}")
    everything = []
    for name in names:
        for side in sizes or WORKS[name].sizes:
            with tempfile.TemporaryDirectory() as folder:
                everything.append(compare(program, name, side, arguments, Path(folder)))
            show(everything[-1])
    if arguments.json:
        arguments.json.write_text(json.dumps(everything, indent=2) + "\n")


if __name__ == "__main__":
    main()
