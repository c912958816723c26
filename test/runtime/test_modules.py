# ===- test_modules.py - Runtime modules: regular expressions, images -*- Python -*-= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runtime modules are found where they should be, are missed with a reason, and compute what they should."""

import io
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import fsc
import numpy as np
import onnx
import PIL.Image
import pytest
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))


def model(op, kind, shape, result, **attributes):
    node = helper.make_node(op, ["x"], ["y"], name="it", **attributes)
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", kind, shape)],
                              [helper.make_tensor_value_info("y", result, None)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])


def regex(pattern, shape=("n",)):
    return fsc.compile(model("RegexFullMatch", TensorProto.STRING, shape, TensorProto.BOOL, pattern=pattern))


# ---- Where modules are found


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A copy of fsc-run away from the modules, and an artefact that needs one."""
    folder = tmp_path_factory.mktemp("alone")
    onnx.save(model("RegexFullMatch", TensorProto.STRING, (2,), TensorProto.BOOL, pattern="a+"), folder / "m.onnx")
    for kind in ("so", "exe"):
        subprocess.run([BUILD / "bin/fsc-compile", folder / "m.onnx", "-o", folder / f"m.{kind}", f"--emit={kind}", "--quiet"], check=True)
    (folder / "bin").mkdir()
    shutil.copy(BUILD / "bin/fsc-run", folder / "bin/fsc-run")
    np.save(folder / "x.npy", np.array(["aaa", "b"]))
    return folder


def run(command, **environment):
    variables = {name: text for name, text in os.environ.items() if name != "FSC_MODULE_PATH"} | environment
    return subprocess.run(command, capture_output=True, text=True, env=variables)


@pytest.mark.parametrize("kind", ["so", "exe"])
def test_a_missing_module_is_named(program, kind):
    command = [program / "bin/fsc-run", program / "m.so"] if kind == "so" else [program / "m.exe"]
    result = run([*command, "--input", "random:0"])
    assert result.returncode == 3, result.stderr
    assert re.search(r"node 'it' \(RegexFullMatch, opset 20\): '.*' needs the runtime module 'text', and there is no libfsc-text.so in",
                     result.stderr), result.stderr
    assert "FSC_MODULE_PATH" in result.stderr


@pytest.mark.parametrize("kind", ["so", "exe"])
def test_modules_are_found(program, kind, tmp_path):
    command = [program / "bin/fsc-run", program / "m.so"] if kind == "so" else [program / "m.exe"]
    assert run([*command], FSC_MODULE_PATH=f"/nowhere:{BUILD}/lib").returncode == 0
    place = program / ("bin" if kind == "so" else ".") / "libfsc-text.so"
    place.symlink_to(BUILD / "lib/libfsc-text.so")
    assert run([*command]).returncode == 0
    place.unlink()
    if kind == "so":
        assert run([BUILD / "bin/fsc-run", program / "m.so"]).returncode == 0  # in the folder lib beside bin


def test_modules_that_are_none(program, tmp_path):
    (tmp_path / "libfsc-text.so").write_text("no library")
    result = run([program / "bin/fsc-run", program / "m.so"], FSC_MODULE_PATH=str(tmp_path))
    assert result.returncode == 3 and "which cannot be loaded" in result.stderr
    (tmp_path / "x.c").write_text("int x;")
    subprocess.run(["clang-22", "-shared", "-fPIC", tmp_path / "x.c", "-o", tmp_path / "libfsc-text.so"], check=True)
    result = run([program / "bin/fsc-run", program / "m.so"], FSC_MODULE_PATH=str(tmp_path))
    assert result.returncode == 3 and "of another version of fsc" in result.stderr


def test_the_core_does_not_load_them():
    maps = "import fsc, numpy; print('libfsc-text' in open('/proc/self/maps').read())"
    result = run([sys.executable, "-c", maps], PYTHONPATH=str(BUILD / "python"))
    assert result.stdout.strip() == "False"


def test_a_routine_of_a_newer_runtime(program, tmp_path):
    bytes_of_it = (program / "m.so").read_bytes()
    assert b"RegexFullMatch\0" in bytes_of_it
    (tmp_path / "m.so").write_bytes(bytes_of_it.replace(b"RegexFullMatch\0", b"RegexFullMagic\0"))
    with pytest.raises(fsc.UnsupportedError, match=r"node 'it' .* needs the routine 'RegexFullMagic', which only a newer runtime has"):
        fsc.load(tmp_path / "m.so")


# ---- Regular expressions


@pytest.mark.parametrize("pattern", ["", "a", "a*b", "(a|b)+", "[^@]+@[a-z.]+", "(?i)abc", r"\d{3}-\d+", ".", "(?s).*", "ä+", "^a$"])
def test_full_matches(pattern):
    texts = ["", "a", "aab", "ab", "bbab", "me@host.org", "@host", "ABC", "aBcd", "123-4", "12-34", "ä", "ääé", "a\nb", "\n", "a "]
    got = regex(pattern).run({"x": np.array(texts)})["y"]
    assert got.dtype == bool and got.tolist() == [re.fullmatch(pattern, text) is not None for text in texts]


def test_shapes_and_bytes():
    assert regex("a", (2, 0)).run({"x": np.empty((2, 0), object)})["y"].shape == (2, 0)
    assert regex("a", ()).run({"x": np.array("a")})["y"].shape == ()
    # What is no UTF-8 matches nothing but bytes.
    assert regex("(?s).*").run({"x": np.array([b"\xff", b"a\x00b"], object)})["y"].tolist() == [False, True]


@pytest.mark.parametrize("pattern", ["(", "a{2000}", "(?=a)", r"\1", "[z-a]"])
def test_what_is_no_pattern_of_re2(pattern):
    with pytest.raises(fsc.InputError, match=r"node 'it' \(RegexFullMatch, opset 20\): expected a pattern by the syntax of RE2"):
        regex(pattern).run({"x": np.array(["a"])})


# ---- Images


@pytest.fixture(scope="module")
def decode():
    modules = {kind: fsc.compile(model("ImageDecoder", TensorProto.UINT8, ("n",), TensorProto.UINT8, pixel_format=kind))
               for kind in ("RGB", "BGR", "Grayscale")}
    return lambda data, kind="RGB": modules[kind].run({"x": np.frombuffer(data, np.uint8)})["y"]


def encoded(image, kind, **options):
    with io.BytesIO() as file:
        image.save(file, format=kind, **options)
        return file.getvalue()


def picture(width=37, height=23, mode="RGB"):
    """Ramps and noise: odd sizes, so that chroma does not divide."""
    draw = np.random.RandomState(0).randint(0, 256, (height, width, 3))
    ramp = np.add.outer(np.arange(height) * 5, np.arange(width) * 3)[..., None]
    return PIL.Image.fromarray(((draw // 4 + ramp) % 256).astype(np.uint8)).convert(mode)


FILES = [("BMP", "RGB", {}), ("BMP", "L", {}), ("BMP", "P", {}), ("BMP", "1", {}), ("BMP", "RGBA", {}),
         ("PPM", "RGB", {}), ("PPM", "L", {}), ("PPM", "1", {}),
         ("PNG", "RGB", {}), ("PNG", "L", {}), ("PNG", "P", {}), ("PNG", "1", {}), ("PNG", "RGBA", {}), ("PNG", "LA", {}),
         ("JPEG", "RGB", {}), ("JPEG", "RGB", {"progressive": True}), ("JPEG", "RGB", {"subsampling": 0}), ("JPEG", "RGB", {"subsampling": 1}),
         ("JPEG", "L", {}), ("JPEG", "CMYK", {}),
         ("WEBP", "RGB", {}), ("WEBP", "RGB", {"lossless": True}), ("WEBP", "RGBA", {"lossless": True, "exact": True}),
         ("TIFF", "RGB", {}), ("TIFF", "L", {}), ("TIFF", "1", {}), ("TIFF", "P", {}), ("TIFF", "RGB", {"compression": "tiff_lzw"}),
         ("TIFF", "RGB", {"compression": "tiff_adobe_deflate"}), ("TIFF", "RGB", {"compression": "packbits"}),
         ("JPEG2000", "RGB", {}), ("JPEG2000", "L", {}), ("JPEG2000", "RGB", {"irreversible": True, "quality_layers": [20]}),
         ("JPEG2000", "RGB", {"no_jp2": True})]  # fmt: skip


@pytest.mark.parametrize("kind, mode, options", FILES, ids=lambda part: str(part))
def test_pixels_are_those_of_pillow(decode, kind, mode, options):
    data = encoded(picture(mode=mode), kind, **options)
    expected = np.array(PIL.Image.open(io.BytesIO(data)).convert("RGB"))
    # Another version of the same library may round another way.
    tolerance = 1 if (kind, "lossless" in options) == ("WEBP", False) or "irreversible" in options or mode == "CMYK" else 0
    for pixels, right in [
        (decode(data), expected),
        (decode(data, "BGR"), expected[..., ::-1]),
        (decode(data, "Grayscale"), np.array(PIL.Image.fromarray(expected).convert("L"))[..., None]),
    ]:
        assert pixels.shape == right.shape
        assert np.abs(pixels.astype(int) - right).max() <= tolerance


def bmp(width, height, bits, compression, pixels, masks=b"", palette=b""):
    start = 54 + len(masks) + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, len(palette) // 4, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + header + masks + palette + pixels


def test_bitmaps_that_pillow_does_not_write(decode):
    palette = bytes([0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0])  # black, blue, green, red
    runs = bytes([3, 1, 0, 0, 0, 3, 2, 3, 2, 0, 0, 1])  # three blue; green, red, green
    got = decode(bmp(3, 2, 8, 1, runs, palette=palette))
    assert got.tolist() == [[[0, 255, 0], [255, 0, 0], [0, 255, 0]], [[0, 0, 255]] * 3]
    runs = bytes([4, 0x12, 0, 0, 0, 4, 0x33, 0x21, 0, 1])
    got = decode(bmp(4, 2, 4, 2, runs, palette=palette))
    assert got[1].tolist() == [[0, 0, 255], [0, 255, 0]] * 2 and got[0].tolist() == [[255, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]
    masks = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    assert decode(bmp(1, -1, 16, 3, struct.pack("<HH", 0xF81F, 0), masks)).tolist() == [[[255, 0, 255]]]
    assert decode(bmp(1, 1, 16, 0, struct.pack("<HH", 0x7C00, 0))).tolist() == [[[255, 0, 0]]]


def test_portable_maps_in_text(decode):
    assert decode(b"P1 # a comment\n3 1\n10 1").tolist() == [[[0] * 3, [255] * 3, [0] * 3]]
    assert decode(b"P2 2 1 4 0 4").tolist() == [[[0] * 3, [255] * 3]]
    assert decode(b"P3\n1 1\n15\n15 0 5\n").tolist() == [[[255, 0, 85]]]
    assert decode(b"P5 2 1 65535\n\x00\x00\xff\xff").tolist() == [[[0] * 3, [255] * 3]]


def test_deep_samples_keep_their_upper_bits(decode):
    deep = np.array([[0, 255, 256, 32768, 65535]], np.uint16)
    data = encoded(PIL.Image.fromarray(deep), "PNG")
    assert decode(data, "Grayscale")[0, :, 0].tolist() == [0, 0, 1, 128, 255]


def test_what_cannot_be_decoded_is_empty(decode):
    for data in (b"", b"x", b"no image at all", b"BM", b"P6", b"P6 1 1", b"P6 0 1 255\n", b"P7 1 1 255\nabc", b"\xff\xd8\xff", b"RIFFxxxxWAVE"):
        assert decode(data).shape == (0, 0, 3) and decode(data, "Grayscale").shape == (0, 0, 1)


def test_bombs_are_refused(decode):
    png = bytearray(encoded(picture(), "PNG"))
    png[16:24] = struct.pack(">II", 60000, 60000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    with pytest.raises(fsc.InputError, match=r"node 'it' .*: expected an image of at most 134217728 pixels, got one of 60000 x 60000"):
        decode(bytes(png))
    assert decode(bmp(60000, 2000, 24, 0, b"")).shape == (0, 0, 3)  # the pixels are not there


@pytest.mark.parametrize("kind", ["BMP", "PPM", "PNG", "JPEG", "WEBP", "TIFF", "JPEG2000"])
def test_damaged_files_end_in_an_image_or_none(decode, kind):
    data = encoded(picture(), kind)
    draw = random.Random(kind)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(draw.choice([1, 1, 4, 16])):
            damaged[draw.randrange(min(len(data), draw.choice([64, 4096])))] = draw.randrange(256)
        if draw.random() < 0.5:
            del damaged[draw.randrange(len(damaged)):]
        try:
            got = decode(bytes(damaged))
        except fsc.InputError as error:
            assert "expected an image of at most" in str(error)
        else:
            assert got.ndim == 3 and got.shape[2] == 3
