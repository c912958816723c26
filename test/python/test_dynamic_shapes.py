# ===- test_dynamic_shapes.py - One artefact, every legal size -*- Python -*-============ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Symbolic sizes: what runs, what is refused and how it is named, and that memory stays bounded."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
import fsc  # noqa: E402


def text(source: str, **weights: np.ndarray) -> onnx.ModelProto:
    model = onnx.parser.parse_model('<ir_version: 9, opset_import: ["" : 19]>\n' + source)
    model.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())
    return model


def floats(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


# Which sizes are refused, and how they are named

PAIR = text("pair (float[batch, seq] ids, float[batch, seq] mask) => (float[batch, seq] y) { y = Mul(ids, mask) }")
REFUSALS = [
    (
        "two inputs of one symbol",
        PAIR,
        {"ids": floats(2, 16), "mask": floats(2, 12)},
        "input 'mask': dim 1 is 12, but 'seq' is 16 from input 'ids'",
    ),
    (
        "one input, twice the same symbol",
        text("square (float[n, n] x) => (float[n, n] y) { y = Relu(x) }"),
        {"x": floats(3, 4)},
        "input 'x': dim 1 is 4, but 'n' is 3 from input 'x'",
    ),
    (
        "a product's inner size",
        text("product (float[n, k] x, float[16, 8] w) => (float[n, 8] y) { y = MatMul(x, w) }"),
        {"x": floats(2, 15), "w": floats(16, 8)},
        r"\(MatMul, opset 19\): expected equal sizes, got 15 for 'k' and 16",
    ),
    (
        "symbols that broadcast",
        text("sum (float[n] x, float[m] y) => (float[p] z) { z = Add(x, y) }"),
        {"x": floats(5), "y": floats(3)},
        r"\(Add, opset 19\): expected sizes that broadcast, got 5 for 'n' and 3 for 'm'",
    ),
    (
        "a symbol and a number that broadcast",
        text("sum (float[8] x, float[m] y) => (float[8] z) { z = Add(x, y) }"),
        {"x": floats(8), "y": floats(5)},
        "expected sizes that broadcast, got 8 and 5 for 'm'",
    ),
    (
        "channels of a convolution",
        text("conv (float[n, c, h, w] x, float[8, 3, 3, 3] f) => (float[n, 8, p, q] y) { y = Conv(x, f) }"),
        {"x": floats(1, 2, 8, 8), "f": floats(8, 3, 3, 3)},
        r"\(Conv, opset 19\): expected equal sizes, got 2 for 'c' and 3",
    ),
    (
        "what is concatenated",
        text("concat (float[n, k] x, float[m, j] y) => (float[p, k] z) { z = Concat <axis = 0> (x, y) }"),
        {"x": floats(2, 16), "y": floats(3, 17)},
        "expected equal sizes, got 16 for 'k' and 17 for 'j'",
    ),
    (
        "a bias that would make the result larger",
        text("gemm (float[n, 4] x, float[4, q] w, float[m, r] b) => (float[n, q] y) { y = Gemm(x, w, b) }"),
        {"x": floats(1, 4), "w": floats(4, 8), "b": floats(3, 8)},
        "expected a size that broadcasts to another, got 3 for 'm' and 1 for 'n'",
    ),
    (
        "what a size is computed from",
        text("derived (float[n] x, float[m] y) => (float[p] z) { d = Concat <axis = 0> (x, x)  z = Add(d, y) }"),
        {"x": floats(3), "y": floats(5)},
        "expected sizes that broadcast, got 6 and 5 for 'm'",
    ),
    (
        "another number of elements",
        text("reshape (float[n] x, int64[2] s) => (float[a, b] z) { y = Reshape(x, s)  z = Relu(y) }"),
        {"x": floats(12), "s": ints(5, 5)},
        r"\(Reshape, opset 19\): a tensor is given a shape with another number of elements",
    ),
    (
        "a number of elements that wraps around to the right one",
        text("reshape (float[n] x, int64[2] s) => (float[a, b] z) { y = Reshape(x, s)  z = Relu(y) }"),
        {"x": floats(0), "s": ints(2**32, 2**32)},
        "a tensor is given more elements than memory holds",
    ),
]


@pytest.mark.parametrize("model, inputs, message", [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_refuses_sizes_that_do_not_fit(model, inputs, message):
    module = fsc.compile(model, opt_level=0)
    with pytest.raises(fsc.InputError, match=message):
        module.run(inputs)


@pytest.mark.parametrize("opt_level", [0, 2])
def test_runs_sizes_that_broadcast_at_run_time(opt_level):
    module = fsc.compile(text("sum (float[n, 1, k] x, float[m, k] y) => (float[n, m, k] z) { z = Add(x, y) }"), opt_level=opt_level)
    for n, m, k in [(2, 3, 4), (1, 1, 1), (0, 3, 4), (5, 1, 7)]:
        x = np.random.default_rng(0).normal(size=(n, 1, k)).astype(np.float32)
        y = np.random.default_rng(1).normal(size=(m, k)).astype(np.float32)
        np.testing.assert_array_equal(module.run({"x": x, "y": y})["z"], x + y)


@pytest.mark.parametrize("size", [(2**32, 2**32), (2**20, 2**40), (2**62, 4), (2**63 - 1, 2**63 - 1)])
def test_refuses_sizes_beyond_memory(size):
    model = text("fill (int64[2] s) => (float y) { t = ConstantOfShape(s)  y = ReduceSum <keepdims = 0> (t) }")
    module = fsc.compile(model, opt_level=0)
    with pytest.raises(fsc.OutOfMemoryError, match="out of memory"):
        module.run({"s": ints(*size)})
    with pytest.raises(fsc.InputError, match="negative"):
        module.run({"s": ints(-1, 4)})
    assert module.run({"s": ints(3, 4)})["y"] == 0


def test_divides_sizes_by_anything():
    model = text("divide (int64[1] a, int64[1] b) => (float[n] y) { q = Div(a, b)  y = ConstantOfShape(q) }")
    module = fsc.compile(model, opt_level=0)
    assert module.run({"a": ints(7), "b": ints(2)})["y"].shape == (3,)
    assert module.run({"a": ints(-7), "b": ints(-1)})["y"].shape == (7,)
    for a, b in [(-(2**63), -1), (7, -1)]:
        with pytest.raises(fsc.Error):
            module.run({"a": ints(a), "b": ints(b)})


# Sizes that are bound, and ranges


def test_a_bound_size_is_the_only_one():
    module = fsc.compile(PAIR, bind={"seq": 16})
    assert module.inputs[0].shape == ("batch", 16)
    with pytest.raises(fsc.InputError, match="input 'mask': dim 1 is 12, expected 16"):
        module.run({"ids": floats(2, 16), "mask": floats(2, 12)})


def test_a_range_is_kept():
    module = fsc.compile(PAIR, dim={"seq": (1, 512), "batch": (2, None)})
    assert module.ranges == {"batch": (2, None), "seq": (1, 512)}
    assert module.run({"ids": floats(2, 512), "mask": floats(2, 512)})["y"].shape == (2, 512)
    for shape, message in [
        ((2, 600), "input 'ids': dim 1 is 600, expected 'seq' in 1..512"),
        ((2, 0), "input 'ids': dim 1 is 0, expected 'seq' in 1..512"),
        ((1, 3), "input 'ids': dim 0 is 1, expected 'batch' of 2 or more"),
    ]:
        with pytest.raises(fsc.InputError, match=message):
            module.run({"ids": floats(*shape), "mask": floats(*shape)})


def test_a_range_of_one_size_binds():
    module = fsc.compile(PAIR, dim={"seq": (16, 16), "batch": 2})
    assert module.inputs[0].shape == (2, 16)
    assert module.ranges == {}


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"dim": {"sequence": (1, 2)}}, fsc.ModelError, "the name of a dim of the inputs, got 'sequence'"),
        ({"dim": {"seq": (4, 8)}, "bind": {"seq": 16}}, fsc.ModelError, "'seq' is bound to 16, which its range 4..8 leaves out"),
        ({"dim": {"seq": (8, 4)}}, fsc.ArgumentError, r"expected \(LOW, HIGH\) or a size for 'seq', got \(8, 4\)"),
        ({"dim": {"seq": "many"}}, fsc.ArgumentError, "for 'seq', got many"),
        ({"dim": {"seq": -1}}, fsc.ArgumentError, "for 'seq', got -1"),
    ],
)
def test_refuses_ranges_that_contradict(options, error, message):
    with pytest.raises(error, match=message):
        fsc.compile(PAIR, **options)


def test_the_command_line_takes_ranges_and_names_what_is_wrong(tmp_path):
    onnx.save(PAIR, tmp_path / "pair.onnx")
    tools = BUILD / "bin"
    command = [tools / "fsc-compile", "pair.onnx", "-o", "pair.so", "--quiet", "--dim", "seq=1..512,batch=..8"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert fsc.load(tmp_path / "pair.so").ranges == {"batch": (0, 8), "seq": (1, 512)}
    np.save(tmp_path / "ids.npy", floats(2, 16))
    np.save(tmp_path / "mask.npy", floats(2, 12))
    np.save(tmp_path / "long.npy", floats(2, 600))
    for given, message in [
        (["ids=ids.npy", "mask=mask.npy"], "input 'mask': dim 1 is 12, but 'seq' is 16 from input 'ids'"),
        (["ids=long.npy", "mask=long.npy"], "input 'ids': dim 1 is 600, expected 'seq' in 1..512"),
    ]:
        run = [tools / "fsc-run", "pair.so", *(word for value in given for word in ("--input", value))]
        result = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode != 0 and message in result.stderr + result.stdout


def test_ranges_bound_the_arena():
    source = "chain (float[n, 64] x) => (float[n, 64] y) { a = Softmax(x)  b = MatMul(a, w)  c = Softmax(b)  y = MatMul(c, w) }"
    model = text(source, w=np.eye(64, dtype=np.float32))
    free, bounded = fsc.compile(model), fsc.compile(model, dim={"n": (1, 512)})
    assert free._module.arena_bytes < 512 * 64 * 4 <= bounded._module.arena_bytes <= 4 * 512 * 64 * 4
    x = np.random.default_rng(0).normal(size=(512, 64)).astype(np.float32)
    np.testing.assert_array_equal(free.run({"x": x})["y"], bounded.run({"x": x})["y"])


# Ten thousand runs

RUNS, WARM, EVERY = 10_000, 500, 250
LEAK = 4 << 20  # bytes that memory may grow by: 440 for each run would show


def random_weights(seed: int, **shapes: tuple) -> dict:
    random = np.random.default_rng(seed)
    return {name: random.normal(size=shape, scale=0.3).astype(np.float32) for name, shape in shapes.items()}


def conv_net():
    source = """net (float[batch, 3, height, width] x) => (float[batch, 5] y, float[batch, 8, height, width] z) {
      a = Conv <pads = [1, 1, 1, 1]> (x, w1, b1)
      r = Relu(a)
      p = MaxPool <kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1> (r)
      c = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (p, w2)
      s = Sigmoid(c)
      g = GlobalAveragePool(s)
      f = Flatten(g)
      y = Gemm <transB = 1> (f, w3, b3)
      sizes = Shape(r)
      u = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (s, , , sizes)
      z = Add(u, r)
    }"""
    weights = random_weights(0, w1=(8, 3, 3, 3), b1=(8,), w2=(8, 8, 3, 3), w3=(5, 8), b3=(5,))

    def inputs(random, largest):
        n, h, w = (3, 24, 24) if largest else (random.integers(1, 4), random.integers(4, 25), random.integers(4, 25))
        return {"x": random.normal(size=(n, 3, h, w)).astype(np.float32)}

    return text(source, **weights), inputs


def attention_block():
    source = """block (float[batch, seq, 32] x, float[batch, seq] mask) => (float[batch, seq, 32] y) {
      q = MatMul(x, wq)
      k = MatMul(x, wk)
      v = MatMul(x, wv)
      sizes = Shape <end = 2> (x)
      heads = Constant <value = int64[2] {4, 8}> ()
      split = Concat <axis = 0> (sizes, heads)
      q4 = Reshape(q, split)
      k4 = Reshape(k, split)
      v4 = Reshape(v, split)
      qt = Transpose <perm = [0, 2, 1, 3]> (q4)
      kt = Transpose <perm = [0, 2, 3, 1]> (k4)
      vt = Transpose <perm = [0, 2, 1, 3]> (v4)
      scores = MatMul(qt, kt)
      axes = Constant <value = int64[2] {1, 2}> ()
      bias = Unsqueeze(mask, axes)
      masked = Add(scores, bias)
      p = Softmax(masked)
      o = MatMul(p, vt)
      ot = Transpose <perm = [0, 2, 1, 3]> (o)
      merged = Constant <value = int64[1] {-1}> ()
      flat = Concat <axis = 0> (sizes, merged)
      h = Reshape(ot, flat)
      sum = Add(h, x)
      y = LayerNormalization(sum, scale)
    }"""
    weights = random_weights(1, wq=(32, 32), wk=(32, 32), wv=(32, 32), scale=(32,))

    def inputs(random, largest):
        n, s = (4, 40) if largest else (random.integers(1, 5), random.integers(1, 41))
        mask = np.where(random.random((n, s)) < 0.2, -4, 0).astype(np.float32)
        return {"x": random.normal(size=(n, s, 32)).astype(np.float32), "mask": mask}

    return text(source, **weights), inputs


def chosen_rows():
    """Sizes that data decides: rows with a positive sum, and what is above zero in them."""
    source = """rows (float[n, 6] x) => (float[k, 4] y, int64[2, m] places, float[j] values) {
      axes = Constant <value = int64[1] {1}> ()
      sums = ReduceSum <keepdims = 0> (x, axes)
      zero = Constant <value = float {0}> ()
      good = Greater(sums, zero)
      kept = Compress <axis = 0> (x, good)
      h = MatMul(kept, w)
      y = Relu(h)
      places = NonZero(y)
      each = Transpose <perm = [1, 0]> (places)
      picked = GatherND(y, each)
      values = Sqrt(picked)
    }"""

    def inputs(random, largest):
        x = random.normal(size=(300 if largest else random.integers(0, 300), 6)).astype(np.float32)
        return {"x": np.abs(x) if largest else x}

    # The rows and the product are exact enough for both to agree on what is above zero.
    return text(source, w=np.random.default_rng(2).integers(-2, 3, size=(6, 4)).astype(np.float32)), inputs


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("make", [conv_net, attention_block, chosen_rows])
def test_ten_thousand_runs_of_varying_shapes(make):
    model, inputs = make()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    reference = onnxruntime.InferenceSession(model.SerializeToString(), options)
    module = fsc.compile(model, threads=1)
    random = np.random.default_rng(3)
    start = 0
    for run in range(RUNS):
        given = inputs(random, largest=run == 0)
        outputs = module.run(given)
        if run % EVERY == 0:
            expected = reference.run(None, given)
            for got, want in zip(outputs.values(), expected, strict=True):
                np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)
        if run == WARM:
            start = resident_bytes()
    assert resident_bytes() - start < LEAK
