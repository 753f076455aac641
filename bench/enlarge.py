#!/usr/bin/env python3
"""Measures enlarging as super-resolution papers do, and prints a Markdown table: PSNR and SSIM of luminance.

    python3 -m venv venv
    venv/bin/pip install numpy pillow scikit-image
    venv/bin/python bench/enlarge.py --impasto target/release/impasto --factor 4 \
        feature=x4.safetensors pixel=x4-pixel.safetensors --photos PHOTO…

Photographs, cut to multiples of the factor, are shrunk with the antialiased bicubic filter, enlarged again by bicubic and by every
network, and compared: luminance after BT.601, `factor` pixels of border left out, SSIM with a Gaussian window of σ = 1.5 (the
protocol in which bicubic ×4 has 28.42 dB on Set5). Shrunk pictures are stored with 8 bits, as everybody's are.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.metrics import structural_similarity


def luminance(picture):
    """BT.601, 16 to 235."""
    return np.asarray(picture, dtype=np.float64) @ [65.481, 128.553, 24.966] / 255 + 16


def scores(picture, truth, border):
    a, b = (luminance(p)[border:-border, border:-border] for p in (picture, truth))
    psnr = 10 * np.log10(255**2 / np.mean((a - b) ** 2))
    return psnr, structural_similarity(a, b, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--impasto", required=True)
    parser.add_argument("--factor", type=int, default=4)
    parser.add_argument("networks", nargs="*", metavar="NAME=FILE")
    parser.add_argument("--photos", nargs="+", required=True)
    parser.add_argument("--long", type=int, default=512, help="long side of the truth")
    arguments = parser.parse_args()
    folder, factor = Path(tempfile.mkdtemp()), arguments.factor
    found = {}
    for path in arguments.photos:
        truth = Image.open(path).convert("RGB")
        truth.thumbnail((arguments.long, arguments.long), Image.LANCZOS)
        width, height = (n // factor * factor for n in truth.size)
        truth = truth.crop((0, 0, width, height))
        small = truth.resize((width // factor, height // factor), Image.BICUBIC)
        small.save(folder / "small.png")
        large = {"bicubic": small.resize(truth.size, Image.BICUBIC)}
        for network in arguments.networks:
            name, file = network.split("=", 1)
            output = folder / f"{name}.png"
            words = ["upscale", folder / "small.png", "--factor", factor, "--generator", file, "-o", output, "--force"]
            subprocess.run([arguments.impasto, "--quiet", *map(str, words)], check=True)
            large[name] = Image.open(output).convert("RGB")
        for name, picture in large.items():
            found.setdefault(name, []).append(scores(picture, truth, factor))
    print(f"| ×{factor}, {len(arguments.photos)} photographs | PSNR | SSIM |\n|---|---|---|")
    for name, values in found.items():
        psnr, ssim = np.mean(values, axis=0)
        print(f"| {name} | {psnr:.2f} dB | {ssim:.4f} |")


if __name__ == "__main__":
    main()
