"""How well do previews of a painting predict it?

For every pair of a photograph and a painting, and every option, the full painting is made, and three previews of it:

    cut      the full painting's own beginning: its schedule stopped after the scale of 256 pixels (what `impasto sheet` shows)
    coarse   the same, stopped after the scale of 128 pixels
    small    the whole schedule for a picture of SIDE pixels, the style reduced in proportion

All are compared at SIDE pixels. A preview *identifies* its painting if it is nearer to it than to the paintings of the same pair
under the other options. Rank correlations are over all pairs and options: does a preview whose content (or style) is nearer
belong to a painting whose content (style) is nearer?

    cargo build --release
    python3 bench/previews.py WORK photo.jpg:painting.jpg photo2.jpg:painting2.jpg …

needs numpy and Pillow. Files in WORK that exist are used again, so it can be stopped and taken up.
"""

import argparse
import json
import pathlib
import subprocess

import numpy as np
from PIL import Image

OPTIONS = [
    [],
    ["--content-weight", "8"],
    ["--style-scale", "0.5"],
    ["--style-layers", "relu1_1,relu2_1"],
    ["--style-layers", "relu4_1,relu5_1"],
]
SIZE, SIDE = 512, 192
# 145 evaluations are 70, 45 and 30 at 128, 256 and 512 pixels: multiples of 5, at which pictures are saved on the way.
ITERATIONS, STEP = 145, 5
WAYS = {"cut": "-0115", "coarse": "-0070", "small": "-small"}
LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path, help="folder for pictures")
    parser.add_argument("pairs", nargs="+", help="PHOTO:PAINTING")
    parser.add_argument("--impasto", default="target/release/impasto")
    parser.add_argument("--options", type=int, default=len(OPTIONS), help="how many of the options")
    parser.add_argument("--dry", action="store_true", help="use what WORK holds, paint nothing")
    return parser.parse_args()


def paint(impasto, pair, option, base):
    """The full painting and its previews, as files beginning with `base`."""
    photo, painting = pair
    common = [impasto, "-q", "paint", photo, "-s", painting, "--iterations", str(ITERATIONS), "--force", *option]
    full = base.with_name(base.name + ".png")
    if not full.exists():
        subprocess.run([*common, "--size", str(SIZE), "--save-every", str(STEP), "-o", full], check=True)
        for snapshot in base.parent.glob(base.name + "-0*.png"):
            if not any(snapshot.stem.endswith(end) for end in WAYS.values()):
                snapshot.unlink()
    small = base.with_name(base.name + WAYS["small"] + ".png")
    if not small.exists():
        subprocess.run([*common, "--size", str(SIDE), "-o", small], check=True)


def reduced(path):
    """A picture at SIDE pixels, as a file beside it."""
    target = path.parent / "reduced" / path.name
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        image = Image.open(path).convert("RGB")
        factor = SIDE / max(image.size)
        size = tuple(round(side * factor) for side in image.size)
        image.resize(size, Image.Resampling.LANCZOS).save(target)
    return target


def grey(path):
    return np.asarray(Image.open(path).convert("L"), dtype=np.float64) / 255


def blurred(image):
    """A Gaussian mean of deviation 1.5 where an 11 × 11 window fits, as Wang et al. 2004."""
    kernel = np.exp(-np.arange(-5, 6) ** 2 / (2 * 1.5**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        image = np.apply_along_axis(np.convolve, axis, image, kernel, "valid")
    return image


def ssim(a, b):
    """Structural similarity of two grey pictures in [0, 1] (Wang et al. 2004)."""
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    cov = blurred(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * cov + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def loss(impasto, image, content, style, flags=()):
    """What `impasto loss` says, kept in a file beside the picture."""
    memory = image.with_suffix(".json")
    known = json.loads(memory.read_text()) if memory.exists() else {}
    key = " ".join(map(str, [content, style, *flags]))
    if key not in known:
        command = [impasto, "-q", "loss", image, "--content", content, "--style", style, "--json", *flags]
        known[key] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        memory.write_text(json.dumps(known))
    return known[key]


def style_distance(impasto, image, other):
    """Mean over five layers of the relative squared distance of Gram matrices."""
    flags = ["--content-weight", "0", "--tv-weight", "0", "--statistic", "gram", "--style-layers", ",".join(LAYERS)]
    return loss(impasto, image, other, other, flags)["total"] / len(LAYERS)


def terms(impasto, image, pair):
    """Content and style of the default recipe."""
    values = loss(impasto, image, *pair)
    return values["content"], sum(values[f"style.{layer}"] for layer in LAYERS)


def spearman(a, b):
    ranks = [np.argsort(np.argsort(values)) for values in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


def main():
    args = arguments()
    args.work.mkdir(exist_ok=True)
    table = {way: {"own": [], "others": [], "grams": [], "by ssim": [], "by grams": []} for way in WAYS}
    measured = {way: [] for way in ["full", *WAYS]}
    trials = 0
    for name in args.pairs:
        pair = name.split(":")
        stem = "-".join(pathlib.Path(path).stem for path in pair)
        bases = [args.work / f"{stem}-{i}" for i in range(args.options)]
        if not args.dry:
            for base, option in zip(bases, OPTIONS):
                paint(args.impasto, pair, option, base)
        ends = ["", *WAYS.values()]
        bases = [b for b in bases if all(b.with_name(b.name + end + ".png").exists() for end in ends)]
        trials += len(bases)
        fulls = [reduced(base.with_name(base.name + ".png")) for base in bases]
        measured["full"] += [terms(args.impasto, full, pair) for full in fulls]
        for way, end in WAYS.items():
            previews = [reduced(base.with_name(base.name + end + ".png")) for base in bases]
            measured[way] += [terms(args.impasto, preview, pair) for preview in previews]
            for i, preview in enumerate(previews):
                alike = [ssim(grey(preview), grey(full)) for full in fulls]
                apart = [style_distance(args.impasto, preview, full) for full in fulls]
                row = table[way]
                row["own"].append(alike[i])
                row["others"].append(max(alike[:i] + alike[i + 1 :], default=np.nan))
                row["grams"].append(apart[i])
                row["by ssim"].append(np.argmax(alike) == i)
                row["by grams"].append(np.argmin(apart) == i)
    print(f"{trials} paintings of {len(args.pairs)} pairs at {SIZE} pixels, {ITERATIONS} evaluations, compared at {SIDE} pixels")
    print("| preview | SSIM to its own | to the nearest other | identified | Gram distance | identified | rank of content | of style |")
    print("|---|---|---|---|---|---|---|---|")
    full = np.array(measured["full"])
    for way, row in table.items():
        values = np.array(measured[way])
        ranks = [spearman(values[:, k], full[:, k]) for k in (0, 1)]
        print(
            f"| {way} | {np.mean(row['own']):.2f} | {np.mean(row['others']):.2f} | {sum(row['by ssim'])} of {trials} |"
            f" {np.median(row['grams']):.3f} | {sum(row['by grams'])} of {trials} | {ranks[0]:.2f} | {ranks[1]:.2f} |"
        )


if __name__ == "__main__":
    main()
