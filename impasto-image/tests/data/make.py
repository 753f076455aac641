"""Makes the small pictures beside this file, and what decoding them should give.

Needs Pillow and numpy: python make.py, in this folder. Expectations are raw files: f32 little-endian in [0, 1], RGB or
RGBA interleaved, listed in expected.json with size and channels. They come from the arrays the pictures were made of
wherever the format is lossless, and from Pillow's own decoder and colour management (LittleCMS) otherwise.
"""

import io
import json
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

expected = {}


def expect(name, array, tolerance=0.0, mean=None, **more):
    """array: [H, W, 3 or 4] in [0, 1]; tolerance: largest difference allowed, mean: mean difference allowed."""
    array = np.ascontiguousarray(array, dtype="<f4")
    raw = name + ".f32"
    array.tofile(raw)
    expected[name] = dict(
        width=array.shape[1], height=array.shape[0], channels=array.shape[2], raw=raw, tolerance=tolerance,
        mean=tolerance if mean is None else mean, **more
    )


def of8(a):
    return np.asarray(a).astype(np.float32) / np.float32(255)


def of16(a):
    return np.asarray(a).astype(np.float32) / np.float32(65535)


# A 24×17 scene: smooth colour gradients, a dark disc, a saturated corner. Not square, so that turns show.
H, W = 17, 24
y, x = np.mgrid[0:H, 0:W]
scene = np.stack([x * 255 / (W - 1), y * 255 / (H - 1), 255 - (x + y) * 255 / (H + W - 2)], -1)
scene[(x - 15) ** 2 + (y - 8) ** 2 < 16] = [20, 30, 60]
scene[:5, :5] = [255, 20, 0]
scene = np.rint(scene).astype(np.uint8)
grey = np.rint(scene @ [0.299, 0.587, 0.114]).astype(np.uint8)
alpha = np.rint(255 * np.clip(1.3 - np.hypot(x - 12, y - 8) / 10, 0, 1)).astype(np.uint8)
scene16 = (scene.astype(np.uint32) * 257 + (x * 37 + y * 91)[..., None] % 200).clip(0, 65535).astype(np.uint16)
grey16 = (grey.astype(np.uint32) * 257 + (x * 53) % 200).clip(0, 65535).astype(np.uint16)
rgb = Image.fromarray(scene)
rgba = Image.fromarray(np.dstack([scene, alpha]))
g3 = np.repeat(grey[..., None], 3, -1)
big = rgb.resize((96, 68), Image.BICUBIC)


def png16(name, array):
    """PNG with 16 bits a sample, which Pillow writes for grey only."""
    array = np.atleast_3d(array)
    height, width, channels = array.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    open(name, "wb").write(data)


def tiff(name, width, height, tags, data, strips=1):
    """Uncompressed little-endian TIFF; tags: {number: (type, [values])}, where type 3 is short and 4 is long."""
    tags = {256: (4, [width]), 257: (4, [height]), 259: (3, [1]), 278: (4, [height]), **tags}
    length = len(data) // strips
    tags[279] = (4, [length] * strips)
    first = 0
    # The first round finds out where the data come to lie.
    for _ in range(2):
        tags[273] = (4, [first + i * length for i in range(strips)])
        entries, body = b"", b""
        start = 8 + 2 + 12 * len(tags) + 4
        for number, (kind, values) in sorted(tags.items()):
            packed = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
            if len(packed) > 4:
                body += packed + b"\0" * (len(packed) % 2)
                packed = struct.pack("<I", start + len(body) - len(packed) - len(packed) % 2)
            entries += struct.pack("<HHI", number, kind, len(values)) + packed.ljust(4, b"\0")
        first = start + len(body)
    open(name, "wb").write(b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0\0\0\0" + body + data)


# PNG
rgb.save("rgb8.png")
expect("rgb8.png", of8(scene), bits=8)
rgba.save("rgba8.png")
expect("rgba8.png", of8(np.dstack([scene, alpha])), bits=8)
Image.fromarray(grey).save("grey8.png")
expect("grey8.png", of8(g3), bits=8)
Image.fromarray(np.dstack([grey, alpha]), "LA").save("greyalpha8.png")
expect("greyalpha8.png", of8(np.dstack([g3, alpha])), bits=8)
png16("rgb16.png", scene16)
expect("rgb16.png", of16(scene16), bits=16)
png16("grey16.png", grey16)
expect("grey16.png", of16(np.repeat(grey16[..., None], 3, -1)), bits=16)
png16("rgba16.png", np.dstack([scene16, alpha.astype(np.uint16) * 257]))
expect("rgba16.png", of16(np.dstack([scene16, alpha.astype(np.uint16) * 257])), bits=16)
palette = rgb.quantize(32, dither=Image.Dither.NONE)
palette.save("palette.png")
expect("palette.png", of8(palette.convert("RGB")), bits=8)
palette.save("palette_alpha.png", transparency=bytes([0, 90, 180]))
with Image.open("palette_alpha.png") as p:
    expect("palette_alpha.png", of8(p.convert("RGBA")), bits=8)
Image.fromarray(grey > 127).save("bilevel.png")
expect("bilevel.png", of8(np.where(g3 > 127, 255, 0)), bits=8)
rgb.save("colour_key.png", transparency=(255, 20, 0))
keyed = np.where((scene == [255, 20, 0]).all(-1), 0, 255)
expect("colour_key.png", of8(np.dstack([scene, keyed])), bits=8)

# JPEG: compared with Pillow's decoder, since decoders differ in rounding (and in chroma upsampling a little more).
for name, image, options in [
    ("rgb_444.jpg", big, dict(quality=92, subsampling=0)),
    ("rgb_420.jpg", big, dict(quality=92, subsampling=2)),
    ("progressive.jpg", big, dict(quality=92, subsampling=2, progressive=True)),
    ("grey.jpg", big.convert("L"), dict(quality=92)),
    ("restart.jpg", big, dict(quality=92, subsampling=0, restart_marker_blocks=5)),
]:
    image.save(name, **options)
    with Image.open(name) as p:
        expect(name, of8(p.convert("RGB")), tolerance=6 / 255, mean=1 / 255, bits=8)

# CMYK: the expectation is the RGB picture the inks were made from. Black is pulled out, so that K matters.
rgbf = np.asarray(big).astype(float) / 255
k = 1 - rgbf.max(-1)
inks = (1 - rgbf - k[..., None]) / np.maximum(1 - k[..., None], 1e-6)
cmyk = Image.fromarray(np.rint(np.dstack([inks, k]).clip(0, 1) * 255).astype(np.uint8), "CMYK")
cmyk.save("cmyk.jpg", quality=97, subsampling=0)
expect("cmyk.jpg", rgbf, tolerance=12 / 255, mean=1.5 / 255, bits=8)
cmyk.save("cmyk.tif")
expect("cmyk.tif", rgbf, tolerance=2 / 255, mean=1 / 255, bits=8)


def ycck(name, image):
    """YCCK JPEG: Pillow writes plain CMYK, so the colour transform is done here and Adobe's marker changed to say so."""
    c, m, yy, kk = (np.asarray(image).astype(float)[..., i] for i in range(4))
    # What stands in the file is YCbCr of the inks taken as red, green and blue, and 255 - K.
    luma = 0.299 * c + 0.587 * m + 0.114 * yy
    cb = 128 + (yy - luma) / 1.772
    cr = 128 + (c - luma) / 1.402
    planes = np.rint(np.dstack([luma, cb, cr, 255 - kk]).clip(0, 255)).astype(np.uint8)
    buffer = io.BytesIO()
    # Pillow inverts CMYK on the way out.
    Image.fromarray(255 - planes, "CMYK").save(buffer, "jpeg", quality=97, subsampling=0)
    data = bytearray(buffer.getvalue())
    data[data.index(b"Adobe") + 11] = 2
    open(name, "wb").write(bytes(data))


ycck("ycck.jpg", cmyk)
with Image.open("ycck.jpg") as p:
    check = 255 - np.asarray(p).astype(float)
    check = check[..., :3] * check[..., 3:] / 255
    assert np.abs(check - np.asarray(big)).mean() < 2, np.abs(check - np.asarray(big)).mean()
expect("ycck.jpg", rgbf, tolerance=14 / 255, mean=1.5 / 255, bits=8)

# WebP, BMP, GIF
rgb.save("lossless.webp", lossless=True)
expect("lossless.webp", of8(scene), bits=8)
rgba.save("lossless_alpha.webp", lossless=True, exact=True)
expect("lossless_alpha.webp", of8(np.dstack([scene, alpha])), bits=8)
big.save("lossy.webp", quality=90)
with Image.open("lossy.webp") as p:
    expect("lossy.webp", of8(p.convert("RGB")), tolerance=6 / 255, mean=1 / 255, bits=8)
other = Image.fromarray(255 - scene)
rgb.save("animated.webp", save_all=True, append_images=[other], lossless=True, duration=100)
expect("animated.webp", of8(scene), bits=8, first_frame=True)
rgb.save("rgb8.bmp")
expect("rgb8.bmp", of8(scene), bits=8)
palette.save("palette.bmp")
expect("palette.bmp", of8(palette.convert("RGB")), bits=8)
Image.fromarray(grey > 127).save("bilevel.bmp")
expect("bilevel.bmp", of8(np.where(g3 > 127, 255, 0)), bits=8)
palette.save("palette.gif")
expect("palette.gif", of8(palette.convert("RGB")), bits=8)
palette.save("animated.gif", save_all=True, append_images=[other.quantize(32)], duration=100)
expect("animated.gif", of8(palette.convert("RGB")), bits=8, first_frame=True)
palette.save("transparent.gif", transparency=3)
with Image.open("transparent.gif") as p:
    expect("transparent.gif", of8(p.convert("RGBA")), bits=8, hidden_colours=True)

# TIFF
for name, options in [
    ("raw.tif", {}), ("lzw.tif", dict(compression="tiff_lzw")), ("deflate.tif", dict(compression="tiff_adobe_deflate")),
    ("packbits.tif", dict(compression="packbits")),
]:
    rgb.save(name, **options)
    expect(name, of8(scene), bits=8)
rgba.save("rgba.tif")
expect("rgba.tif", of8(np.dstack([scene, alpha])), bits=8)
Image.fromarray(grey).save("grey.tif")
expect("grey.tif", of8(g3), bits=8)
Image.fromarray(np.dstack([grey, alpha]), "LA").save("greyalpha.tif")
expect("greyalpha.tif", of8(np.dstack([g3, alpha])), bits=8)
Image.fromarray(grey16).save("grey16.tif")
expect("grey16.tif", of16(np.repeat(grey16[..., None], 3, -1)), bits=16)
tiff("rgb16.tif", W, H, {258: (3, [16] * 3), 262: (3, [2]), 277: (3, [3])}, scene16.astype("<u2").tobytes())
expect("rgb16.tif", of16(scene16), bits=16)
planes = np.ascontiguousarray(scene.transpose(2, 0, 1)).tobytes()
tiff("planar.tif", W, H, {258: (3, [8] * 3), 262: (3, [2]), 277: (3, [3]), 284: (3, [2])}, planes, strips=3)
expect("planar.tif", of8(scene), bits=8)
palette.save("palette.tif")
expect("palette.tif", of8(palette.convert("RGB")), bits=8)
Image.fromarray(grey > 127).save("bilevel.tif")
expect("bilevel.tif", of8(np.where(g3 > 127, 255, 0)), bits=8)
Image.fromarray(grey > 127).save("fax4.tif", compression="group4")
expect("fax4.tif", of8(np.where(g3 > 127, 255, 0)), bits=8)
tiff("white_is_zero.tif", W, H, {258: (3, [8]), 262: (3, [0]), 277: (3, [1])}, (255 - grey).tobytes())
expect("white_is_zero.tif", of8(g3), bits=8)
floats = np.asarray(rgb).astype("<f4") / 255
tiff("float.tif", W, H, {258: (3, [32] * 3), 262: (3, [2]), 277: (3, [3]), 339: (3, [3] * 3)}, floats.tobytes())
expect("float.tif", floats, bits=32)
premultiplied = np.rint(scene * (alpha[..., None] / 255)).astype(np.uint8)
tiff(
    "premultiplied.tif", W, H, {258: (3, [8] * 4), 262: (3, [2]), 277: (3, [4]), 338: (3, [1])},
    np.dstack([premultiplied, alpha]).tobytes(),
)
straight = np.where(alpha[..., None] > 0, np.rint(premultiplied * 255.0 / np.maximum(alpha, 1)[..., None]), 0)
expect("premultiplied.tif", of8(np.dstack([straight.clip(0, 255), alpha])), tolerance=1.01 / 255, bits=8)
big.save("jpeg.tif", compression="jpeg", quality=92)
with Image.open("jpeg.tif") as p:
    expect("jpeg.tif", of8(p.convert("RGB")), tolerance=6 / 255, mean=1 / 255, bits=8)
rgb.save("pages.tif", save_all=True, append_images=[other])
expect("pages.tif", of8(scene), bits=8, first_frame=True)

# EXIF orientation: the stored pixels are turned so that undoing the turn gives the scene.
TURN = Image.Transpose
undo = {
    1: None, 2: TURN.FLIP_LEFT_RIGHT, 3: TURN.ROTATE_180, 4: TURN.FLIP_TOP_BOTTOM, 5: TURN.TRANSPOSE, 6: TURN.ROTATE_90,
    7: TURN.TRANSVERSE, 8: TURN.ROTATE_270,
}
for value, turn in undo.items():
    stored = rgba if turn is None else rgba.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = value
    name = f"orientation{value}.png"
    stored.save(name, exif=exif)
    expect(name, of8(np.dstack([scene, alpha])), bits=8)
stored = big.transpose(TURN.ROTATE_90)
exif = Image.Exif()
exif[0x0112] = 6
stored.save("orientation6.jpg", exif=exif, quality=92, subsampling=0)
with Image.open("orientation6.jpg") as p:
    expect("orientation6.jpg", of8(p.transpose(TURN.ROTATE_270)), tolerance=4 / 255, bits=8)
rgb.transpose(TURN.ROTATE_90).save("orientation6.webp", exif=exif, lossless=True)
expect("orientation6.webp", of8(scene), bits=8)
rgb.transpose(TURN.ROTATE_90).save("orientation6.tif", tiffinfo={274: 6})
expect("orientation6.tif", of8(scene), bits=8)


# ICC profiles, written by hand: matrix-shaper profiles are a header, a table of tags and the tags.
def s15(v):
    return struct.pack(">i", round(v * 65536))


def xyz(v):
    return b"XYZ \0\0\0\0" + b"".join(s15(c) for c in v)


def gamma(g):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(g * 256))


def profile(space, tags, kind=b"mntr", pcs=b"XYZ "):
    text = b"Test profile"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" * 79,
        b"cprt": b"text\0\0\0\0" + b"Public domain\0",
        b"wtpt": xyz([0.9642, 1.0, 0.8249]),
        **tags,
    }
    offset, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = offset + len(body)
    header = struct.pack(">I4s4s4s4s4s", size, b"none", b"\x02\x10\0\0", kind, space, pcs) + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    header += b"acsp" + b"\0" * 28 + b"".join(s15(v) for v in [0.9642, 1.0, 0.8249])
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


# Columns of red, green and blue adapted to D50.
SRGB = np.array([[0.4361, 0.2225, 0.0139], [0.3851, 0.7169, 0.0971], [0.1431, 0.0606, 0.7141]])
P3 = np.array([[0.5151, 0.2412, -0.0011], [0.2920, 0.6922, 0.0419], [0.1571, 0.0666, 0.7841]])


def shaper(primaries, g=2.2):
    tags = {name: xyz(v) for name, v in zip([b"rXYZ", b"gXYZ", b"bXYZ"], primaries)}
    return profile(b"RGB ", {**tags, **{name: gamma(g) for name in [b"rTRC", b"gTRC", b"bTRC"]}})


SRGB_PROFILE = ImageCms.createProfile("sRGB")


def managed(image, icc):
    """What LittleCMS makes of it. Relative colorimetric, since it would stretch the blacks in its perceptual intent."""
    return ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(icc)), SRGB_PROFILE, 1, "RGB")


for name, icc in [("p3", shaper(P3)), ("swapped", shaper(SRGB[[2, 1, 0]])), ("gamma18", shaper(SRGB, 1.8))]:
    rgb.save(f"icc_{name}.png", icc_profile=icc)
    expect(f"icc_{name}.png", of8(managed(rgb, icc)), tolerance=2.5 / 255, mean=0.6 / 255, bits=8)
big.save("icc_swapped.jpg", icc_profile=shaper(SRGB[[2, 1, 0]]), quality=95, subsampling=0)
with Image.open("icc_swapped.jpg") as p:
    expect("icc_swapped.jpg", of8(managed(p, shaper(SRGB[[2, 1, 0]]))), tolerance=8 / 255, mean=1 / 255, bits=8)
rgb.save("icc_swapped.webp", icc_profile=shaper(SRGB[[2, 1, 0]]), lossless=True)
expect("icc_swapped.webp", of8(managed(rgb, shaper(SRGB[[2, 1, 0]]))), tolerance=2.5 / 255, mean=0.6 / 255, bits=8)
rgb.save("icc_swapped.tif", icc_profile=shaper(SRGB[[2, 1, 0]]))
expect("icc_swapped.tif", of8(managed(rgb, shaper(SRGB[[2, 1, 0]]))), tolerance=2.5 / 255, mean=0.6 / 255, bits=8)
rgb.save("icc_srgb.png", icc_profile=ImageCms.ImageCmsProfile(SRGB_PROFILE).tobytes())
expect("icc_srgb.png", of8(scene), bits=8)
icc = profile(b"GRAY", {b"kTRC": gamma(1.0)})
Image.fromarray(grey).save("icc_grey.png", icc_profile=icc)
linear = grey / 255
encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
expect("icc_grey.png", np.repeat(encoded[..., None], 3, -1), tolerance=1.5 / 255, bits=8)
rgb.save("icc_broken.png", icc_profile=b"this is no profile at all" * 8)
expect("icc_broken.png", of8(scene), bits=8, profile_ignored=True)
rgb.save("icc_wrong_space.png", icc_profile=icc)
expect("icc_wrong_space.png", of8(scene), bits=8, profile_ignored=True)


def cmyk_profile():
    """A printing profile with a 9-point grid (lut8, to Lab) for inks that are not quite the ideal ones."""
    grid = np.linspace(0, 1, 9)
    c, m, yy, kk = np.meshgrid(grid, grid, grid, grid, indexing="ij")
    light = np.stack([1 - 0.9 * c, (1 - 0.2 * c) * (1 - 0.85 * m), (1 - 0.1 * m) * (1 - 0.9 * yy)], -1)
    light = (light * (1 - 0.95 * kk[..., None])).reshape(-1, 3)
    white = np.array([0.9642, 1.0, 0.8249])
    f = np.cbrt((np.maximum(light ** 2.2 @ SRGB, 1e-4) / white).clip(0.009, None))
    lab = np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], -1)
    coded = np.rint(np.stack([lab[:, 0] * 2.55, lab[:, 1] + 128, lab[:, 2] + 128], -1).clip(0, 255)).astype(np.uint8)
    identity = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 9, 0]) + b"".join(s15(v) for v in np.eye(3).ravel())
    table += identity * 4 + coded.tobytes() + identity * 3
    return profile(b"CMYK", {b"A2B0": table}, kind=b"prtr", pcs=b"Lab ")


# The decoder interpolates between 17 steps an ink, which is coarse where a colour just leaves sRGB: hence the tolerance.
icc = cmyk_profile()
cmyk.save("icc_cmyk.jpg", quality=97, subsampling=0, icc_profile=icc)
with Image.open("icc_cmyk.jpg") as p:
    expect("icc_cmyk.jpg", of8(managed(p, icc)), tolerance=15 / 255, mean=1.5 / 255, bits=8)
cmyk.save("icc_cmyk.tif", icc_profile=icc)
expect("icc_cmyk.tif", of8(managed(cmyk, icc)), tolerance=15 / 255, mean=1.5 / 255, bits=8)

# A resize reference: linear light, Lanczos 3, in f32 planes.
linear = of8(big)
linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
for name, size in [("down", (31, 22)), ("up", (150, 107))]:
    planes = [Image.fromarray(linear[..., i].astype(np.float32)).resize(size, Image.LANCZOS) for i in range(3)]
    v = np.stack([np.asarray(p) for p in planes], -1).clip(0, 1)
    encoded = np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)
    np.ascontiguousarray(encoded, dtype="<f4").tofile(f"resize_{name}.f32")
big.save("resize.png")

json.dump(expected, open("expected.json", "w"), indent=1)
