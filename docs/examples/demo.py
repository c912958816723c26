# ===- demo.py - Two real models through fsc -*- Python -*-============================= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Compiles two models with fsc, runs them and checks the answers; './dev demo' calls it.

1. digits: a small CNN (digits/train.py made it) reads six pictures, then the whole test split.
2. ResNet-50: the graph from ONNX's own package with seeded weights, beside ONNX Runtime.

What is compiled stays in build/cache, so a second run is quick. Exit code 1 where an answer is wrong.
"""

import argparse
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "test" / "tools"))
import compiler  # noqa: E402
import race  # noqa: E402
import seed_weights  # noqa: E402
from compare import relative_error  # noqa: E402

STATED_ACCURACY = 0.99  # of 450 test images; training reached 448
LARGEST_ERROR = 1e-4
LEVELS = 16  # the images' pixels are 0..16
ZOOM = 8  # the pictures are enlarged 8 times
ASCII = " .:-=+*#%@"
SHADES = " ░▒▓█"


class DemoError(RuntimeError):
    """An answer is not what it must be."""


class StandIn:
    """ONNX Runtime behind the interface of an fsc module, to test this program without fsc."""

    def __init__(self, model: Path):
        import onnxruntime

        self.session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])

    def run(self, inputs):
        names = [o.name for o in self.session.get_outputs()]
        return dict(zip(names, self.session.run(names, inputs)))


def usable_cores() -> int:
    """The cores this process may use: its affinity mask, and the quota of its control group."""
    count = len(os.sched_getaffinity(0))
    quota = Path("/sys/fs/cgroup/cpu.max")
    if quota.exists():
        limit, _, period = quota.read_text().partition(" ")
        if limit != "max":
            count = min(count, max(1, math.floor(int(limit) / int(period))))
    return count


def say_compiled(artefact: compiler.Artefact) -> None:
    when = ", now from the cache" if artefact.cached else ""
    print(f"  compiled in {artefact.seconds:.1f} s{when}: {artefact.path.name}, {artefact.bytes / 1e6:.1f} MB")


def draw(image: np.ndarray) -> list[str]:
    """An 8x8 image in 0..16 as 8 lines, 16 columns wide.

    In a terminal with colours as half blocks, two grey pixels in a character; as shades where
    there are no colours; in ASCII where the encoding is not UTF-8.
    """
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    if not utf8:
        return ["".join(ASCII[int(v) * (len(ASCII) - 1) // LEVELS] * 2 for v in line) for line in image]
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return ["".join(SHADES[(int(v) * (len(SHADES) - 1) + 8) // LEVELS] * 2 for v in line) for line in image]
    pixels = Image.fromarray((image.astype(np.uint16) * 255 // LEVELS).astype(np.uint8))
    smooth = np.asarray(pixels.resize((16, 16), Image.Resampling.BILINEAR))
    grey = 232 + smooth.astype(int) * 23 // 255  # the 24 greys of the 256 colours
    lines = []
    for top, bottom in zip(grey[::2], grey[1::2]):
        lines.append("".join(f"\x1b[38;5;{a}m\x1b[48;5;{b}m▀" for a, b in zip(top, bottom)) + "\x1b[0m")
    return lines


def read_picture(path: Path) -> np.ndarray:
    """The 8x8 image in 0..16 that a picture shows: one pixel of each enlarged one, exactly."""
    pixels = np.asarray(Image.open(path).convert("L"))[ZOOM // 2 :: ZOOM, ZOOM // 2 :: ZOOM]
    return np.rint(pixels * (LEVELS / 255)).astype(np.uint8)


def to_input(images: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(images[:, None].astype(np.float32) / LEVELS)


def show_pictures(module, paths: list[Path]) -> list[str]:
    """Draws the pictures three in a row with what the model says; returns what is wrong."""
    wrong = []
    for first in range(0, len(paths), 3):
        columns, captions = [], []
        for path in paths[first : first + 3]:
            image = read_picture(path)
            probabilities = module.run({"image": to_input(image[None])})["probabilities"][0]
            digit, label = int(probabilities.argmax()), int(path.stem.rpartition("-")[2])
            columns.append(draw(image))
            captions.append(f"{digit}  ({probabilities[digit]:.2%})".ljust(16))
            if digit != label:
                wrong.append(f"picture '{path.name}': expected {label}, got {digit}")
        for line in zip(*columns):
            print("    " + "   ".join(line))
        print("    " + "   ".join(captions) + "\n")
    return wrong


def median_ms(run, count: int) -> float:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * float(np.median(times[count // 10 :]))


def digits(stand_in: bool) -> None:
    model = HERE / "digits" / "digits.onnx"
    print(f"\n1. Digits: {model.relative_to(compiler.ROOT)}, {model.stat().st_size / 1e3:.0f} kB")
    if stand_in:
        module = StandIn(model)
    else:
        artefact = compiler.compile_model(model)
        say_compiled(artefact)
        module = compiler.import_fsc().load(str(artefact.path))
    print()
    pictures = sorted((HERE / "digits" / "pictures").glob("*.png"), key=lambda p: p.stem.rpartition("-")[2])
    if not pictures:
        raise DemoError(f"no pictures in '{HERE / 'digits' / 'pictures'}'")
    wrong = show_pictures(module, pictures)
    one = {"image": to_input(read_picture(pictures[0])[None])}
    print(f"  latency: {1e3 * median_ms(lambda: module.run(one), 500):.0f} us for a picture, median of 450 runs")

    test = np.load(HERE / "digits" / "test.npz")
    probabilities = module.run({"image": to_input(test["images"])})["probabilities"]
    right, n = int((probabilities.argmax(1) == test["labels"]).sum()), len(test["labels"])
    print(f"  accuracy: {right} of {n} test images in one batch, {right / n:.2%}")
    if wrong:
        raise DemoError("; ".join(wrong))
    if not right / n >= STATED_ACCURACY:
        raise DemoError(f"accuracy: expected at least {STATED_ACCURACY:.0%}, got {right / n:.2%}")


def resnet(stand_in: bool) -> None:
    import onnx

    print("\n2. ResNet-50: light_resnet50.onnx of the onnx package with seeded weights")
    folder = compiler.BUILD / "demo"
    source, model = seed_weights.light_models()["resnet50"], folder / "resnet50.onnx"
    if not model.exists() or model.stat().st_mtime < Path(seed_weights.__file__).stat().st_mtime:
        seed_weights.seed_file(source, model)
    engines = {"fsc": model, "ort": model}
    if stand_in:
        engines = {"ort#fsc": model, "ort": model}
    else:
        artefact = compiler.compile_model(model)
        say_compiled(artefact)
        engines["fsc"] = artefact.path
    threads = usable_cores()
    inputs = seed_weights.seeded_input(onnx.load(source))
    ours, theirs = race.race(engines, inputs, threads, folder, rounds=5, budget=0.4).values()
    for timing in (ours, theirs):
        if isinstance(timing, race.EngineError):
            raise timing
    print(f"  latency, {threads} threads, in turns of five: fsc {ours.ms:.1f} ms (median of {ours.runs} runs), "
          f"ONNX Runtime {theirs.ms:.1f} ms; fsc takes {ours.ms / theirs.ms:.2f}x its time")
    print(f"  load {ours.load_ms:.0f} ms, first run {ours.first_ms:.0f} ms")
    error, why = relative_error(ours.outputs[0], theirs.outputs[0])
    print(f"  agreement: largest relative error {error:.1e} over {theirs.outputs[0].size} probabilities, "
          f"the same first choice: {'yes' if ours.outputs[0].argmax() == theirs.outputs[0].argmax() else 'no'}")
    if not error <= LARGEST_ERROR:
        raise DemoError(f"resnet50: {why or f'relative error: expected at most {LARGEST_ERROR:.0e}, got {error:.1e}'}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["fsc", "ort"], default="fsc", help="ort: tests the demo itself")
    args = parser.parse_args()
    start = time.perf_counter()
    try:
        digits(args.engine == "ort")
        resnet(args.engine == "ort")
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        sys.stdout.flush()
        print(f"demo: error: {error}", file=sys.stderr)
        return 1
    print(f"\ndemo: all as it should be, in {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
