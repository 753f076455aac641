"""A peer in a process of its own: `worker.py PEER WORK SIDE PICTURE OUT THREADS`, started by compare.py.

It answers as the engine's program does (impasto-net/examples/passes.rs): says when it is ready, answers every number
of seconds with the median of passes that take about that long together after one that is not counted, and writes its
results, channels first, to OUT at the end of input.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from works import WORKS


def peer(name, work, side, picture, threads):
    if name == "pytorch-product":
        from peers.pytorch import Product

        return Product(threads)
    if name == "onnx-runtime-product":
        from peers.onnx_runtime import Product

        return Product(threads)
    rgb = np.fromfile(picture, "<f4").reshape(side, side, 3)
    if name == "onnx-runtime":
        from peers.onnx_runtime import Onnx

        return Onnx(work, work.arrays(), rgb, threads)
    from peers.pytorch import Torch

    return Torch(work, work.arrays(), rgb, threads, layout=name.removeprefix("pytorch-"))


def seconds(contestant):
    began = time.perf_counter()
    contestant.run()
    return time.perf_counter() - began


def main():
    name, work, side, picture, out, threads = sys.argv[1:]
    contestant = peer(name, WORKS[work], int(side), Path(picture), int(threads))
    contestant.run()
    print("ready", flush=True)
    for line in sys.stdin:
        seconds(contestant)
        times = []
        while len(times) < 2 or sum(times) < float(line):
            times.append(seconds(contestant))
        print(statistics.median(times), flush=True)
    save_file({name: np.ascontiguousarray(array) for name, array in contestant.results().items()}, out)


if __name__ == "__main__":
    main()
