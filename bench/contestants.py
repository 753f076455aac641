"""Contestants: processes that time passes when asked to."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from safetensors.numpy import load_file

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent


class Contestant:
    """A process that is sent a number of seconds a line and answers with a pass's median time."""

    def __init__(self, title, command, out, environment=None):
        self.title, self.out, self.turns = title, out, []
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=BENCH,
            env=os.environ | (environment or {}),
        )
        self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"error: {self.title} ended early")
        return line

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.turns.append(float(self.answer()))

    def peak(self):
        """Most bytes of memory that the process has held so far; only Linux tells."""
        status = Path(f"/proc/{self.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
        return kilobytes[0] * 1024 if kilobytes else None

    def finish(self):
        """Ends the process; returns its maps, channels first."""
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"error: {self.title} failed")
        return load_file(self.out)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Impasto(Contestant):
    """This project's engine, whose maps have their channels last."""

    def finish(self):
        return {name: array.transpose(2, 0, 1) for name, array in super().finish().items()}


def build():
    """The engine's program, compiled."""
    command = ["cargo", "build", "--release", "-p", "impasto-net", "--example", "passes"]
    built = subprocess.run(
        command + ["--message-format=json-render-diagnostics"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    if built.returncode != 0:
        sys.exit("error: the engine does not compile")
    artifacts = [json.loads(line) for line in built.stdout.splitlines()]
    return [a["executable"] for a in artifacts if a.get("target", {}).get("name") == "passes"][-1]


def supports(isa):
    """Whether this machine has an instruction set; where the system does not say, no."""
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.exists() and f" {isa} " in cpuinfo.read_text()


def starters(program, name, work, side, threads, folder):
    """What starts each contestant, our engine first, and what starts each matrix product."""
    picture, weights = folder / "picture.f32", folder / "weights.safetensors"

    def engine(title, environment):
        out = folder / f"{title}.safetensors"
        command = [program, name, side, picture, out] + ([weights] if work.own_weights else [])
        return lambda: Impasto(title, command, out, {"RAYON_NUM_THREADS": str(threads)} | environment)

    def peer(title, kind):
        out = folder / f"{title}.safetensors"
        command = [sys.executable, "worker.py", kind, name, side, picture, out, threads]
        return lambda: Contestant(title, command, out)

    found = [engine("Impasto", {})]
    if supports("avx512f"):
        found.append(engine("Impasto, AVX2", {"IMPASTO_ISA": "avx2"}))
    found += [peer("PyTorch, default", "pytorch-default"), peer("PyTorch, channels last", "pytorch-channels-last")]
    products = [peer("product, PyTorch", "pytorch-product")]
    if all(importlib.util.find_spec(module) for module in ("onnx", "onnxruntime")):
        products.append(peer("product, ONNX Runtime", "onnx-runtime-product"))
        if not work.gradient:
            found.append(peer("ONNX Runtime", "onnx-runtime"))
    else:
        print("ONNX Runtime is left out: it needs the packages onnx and onnxruntime", file=sys.stderr)
    return found, products
