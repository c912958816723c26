# ===- kernels.py - The kernels' templates against ONNX Runtime -*- Python -*-========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Computes one table of cases, by every template and by the plain loops, and compares with ONNX Runtime.

Each case is a few nodes with an input of its own; the cases of a family are one graph, so that they are
compiled together. -O0 (plain loops) and -O2 for each level that this machine runs must give ONNX Runtime's answer.

    kernels.py                 all families
    kernels.py conv matmul     some
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Sums of up to some thousand products of numbers around 1, in another order.
RTOL, ATOL = 2e-4, 2e-4


class Family:
    """A graph that grows by cases."""

    def __init__(self, name: str):
        self.name = name
        self.random = np.random.default_rng(7)
        self.nodes, self.inputs, self.outputs, self.constants, self.data = [], [], [], [], {}

    def input(self, *shape: int, free: tuple[int, ...] = (), special: bool = False) -> str:
        """A new input; the dims `free` are not known to the compiler."""
        name = f"x{len(self.inputs)}"
        dims = [f"{name}_{axis}" if axis in free else size for axis, size in enumerate(shape)]
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, dims))
        self.data[name] = self.random.standard_normal(shape).astype(np.float32)
        if special:
            self.data[name].flat[:: max(1, self.data[name].size // 3)] = np.inf
        return name

    def constant(self, *shape: int) -> str:
        name = f"c{len(self.constants)}"
        value = self.random.standard_normal(shape).astype(np.float32)
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def integers(self, *values: int) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def node(self, op: str, *inputs: str, **attributes) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"{op}_{name}", **attributes))
        return name

    def result(self, value: str) -> None:
        self.outputs.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, None))

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


def conv(f: Family, x: tuple, filters: int, kernel: tuple, group: int = 1, bias: bool = True, free=(), special=False, **attributes):
    w = f.constant(filters, x[1] // group, *kernel)
    operands = [f.input(*x, free=free, special=special), w] + ([f.constant(filters)] if bias else [])
    return f.node("Conv", *operands, kernel_shape=kernel, group=group, **attributes)


def convolutions() -> Family:
    f = Family("conv")
    f.result(conv(f, (1, 3, 17, 19), 33, (3, 3), pads=[1, 1, 1, 1]))
    f.result(conv(f, (2, 16, 7, 7), 70, (3, 3), bias=False, pads=[1, 1, 1, 1]))
    f.result(conv(f, (1, 64, 14, 14), 32, (3, 3), pads=[1, 1, 1, 1], strides=[2, 2]))
    f.result(conv(f, (1, 3, 32, 30), 64, (7, 7), pads=[3, 3, 3, 3], strides=[2, 2]))
    f.result(conv(f, (3, 17, 5, 6), 24, (1, 1)))
    f.result(conv(f, (1, 8, 9, 9), 16, (1, 1), strides=[2, 2]))
    f.result(conv(f, (1, 8, 9, 9), 5, (1, 1), pads=[1, 0, 0, 2]))
    f.result(conv(f, (1, 5, 12, 13), 48, (3, 3), pads=[2, 2, 2, 2], dilations=[2, 2]))
    f.result(conv(f, (1, 5, 12, 13), 1, (1, 7), pads=[0, 3, 0, 3]))
    f.result(conv(f, (1, 5, 12, 13), 40, (5, 3), pads=[4, 0, 1, 2], strides=[3, 1]))
    f.result(conv(f, (1, 4, 2, 2), 9, (3, 3), pads=[1, 1, 1, 1]))
    f.result(conv(f, (1, 4, 1, 1), 9, (3, 3), pads=[1, 1, 1, 1]))
    f.result(conv(f, (1, 6, 11, 10), 20, (4, 4), auto_pad="SAME_UPPER", strides=[2, 2]))
    f.result(conv(f, (1, 6, 11, 10), 20, (4, 4), auto_pad="SAME_LOWER"))
    f.result(conv(f, (2, 6, 50), 20, (5,), pads=[2, 2]))
    f.result(conv(f, (1, 6, 50), 20, (3,), strides=[2], dilations=[3]))
    f.result(conv(f, (1, 4, 8, 8), 6, (3, 3), pads=[1, 1, 1, 1], special=True))
    f.result(conv(f, (1, 8, 8, 8), 12, (3, 3), group=2, pads=[1, 1, 1, 1]))
    # Sizes that are not known.
    f.result(conv(f, (3, 8, 9, 10), 40, (3, 3), pads=[1, 1, 1, 1], free=(0, 2, 3)))
    f.result(conv(f, (3, 8, 9, 10), 40, (3, 3), auto_pad="SAME_UPPER", strides=[2, 2], free=(0, 2, 3)))
    f.result(conv(f, (5, 8, 3, 3), 40, (1, 1), free=(0,)))
    return f


def epilogues() -> Family:
    f = Family("epilogue")
    f.result(f.node("Relu", conv(f, (1, 8, 9, 9), 33, (3, 3))))
    f.result(f.node("HardSwish", conv(f, (1, 8, 9, 9), 16, (1, 1))))
    sum_ = f.node("Add", conv(f, (1, 8, 9, 9), 40, (1, 1)), f.input(1, 40, 9, 9))
    f.result(f.node("Relu", sum_))
    two = f.node("Add", conv(f, (1, 8, 6, 6), 40, (1, 1)), conv(f, (1, 8, 6, 6), 40, (3, 3), pads=[1, 1, 1, 1]))
    f.result(f.node("Sigmoid", two))
    f.result(f.node("Mul", conv(f, (2, 8, 6, 6), 40, (1, 1)), f.input(2, 40, 1, 1)))
    f.result(f.node("Mul", conv(f, (2, 8, 6, 6), 40, (1, 1)), f.constant(40, 1, 1)))
    f.result(f.node("PRelu", conv(f, (2, 8, 6, 6), 12, (1, 1)), f.constant(12, 1, 1)))
    f.result(f.node("Sub", f.constant(1), conv(f, (1, 8, 6, 6), 12, (1, 1))))
    # Which dims of the sum are broadcast shows only at run time.
    f.result(f.node("Add", conv(f, (3, 8, 6, 6), 20, (1, 1), free=(0,)), f.input(3, 20, 6, 6, free=(0,))))
    f.result(f.node("Add", conv(f, (3, 8, 6, 6), 20, (1, 1), free=(0,)), f.input(1, 20, 6, 6, free=(0,))))
    f.result(f.node("Erf", f.node("MatMul", f.input(2, 5, 7), f.constant(7, 37))))
    f.result(f.node("Add", f.node("MatMul", f.input(2, 5, 7), f.constant(7, 37)), f.input(2, 5, 37)))
    f.result(f.node("Add", f.node("MatMul", f.input(2, 5, 7), f.constant(7, 37)), f.input(5, 1)))
    f.result(f.node("Div", f.node("MatMul", f.input(2, 5, 7), f.input(2, 7, 9)), f.constant(1)))
    return f


def windows() -> Family:
    f = Family("window")
    for channels in (8, 16, 33):
        f.result(conv(f, (2, channels, 12, 13), channels, (3, 3), group=channels, pads=[1, 1, 1, 1]))
    f.result(f.node("Relu", conv(f, (1, 40, 9, 9), 40, (5, 5), group=40, pads=[2, 2, 2, 2], strides=[2, 2])))
    f.result(conv(f, (1, 40, 4, 4), 40, (5, 5), group=40, pads=[2, 2, 2, 2], bias=False))
    f.result(conv(f, (1, 20, 19, 19), 20, (3, 3), group=20, pads=[2, 2, 2, 2], dilations=[2, 2]))
    f.result(conv(f, (1, 20, 30), 20, (11,), group=20, pads=[5, 5]))
    f.result(conv(f, (2, 20, 9, 9), 20, (3, 3), group=20, auto_pad="SAME_LOWER", strides=[2, 2], free=(0, 2, 3)))
    f.result(conv(f, (1, 20, 9, 9), 20, (3, 3), group=20, pads=[1, 1, 1, 1], special=True))
    for pool in ("MaxPool", "AveragePool"):
        f.result(f.node(pool, f.input(2, 20, 13, 12), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]))
        f.result(f.node(pool, f.input(1, 7, 13, 12), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1))
        f.result(f.node(pool, f.input(1, 40, 13, 12), kernel_shape=[3, 2], auto_pad="SAME_UPPER"))
        f.result(f.node(pool, f.input(1, 40, 25), kernel_shape=[3], strides=[2]))
        f.result(f.node(pool, f.input(2, 40, 9, 8, free=(0, 2, 3)), kernel_shape=[5, 5], pads=[2, 2, 2, 2]))
    f.result(f.node("AveragePool", f.input(1, 20, 8, 8), kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1))
    for pool in ("GlobalAveragePool", "GlobalMaxPool"):
        f.result(f.node(pool, f.input(2, 100, 7, 7)))
        f.result(f.node("Relu", f.node(pool, f.input(2, 64, 5, 3, free=(0, 2)))))
    return f


def products() -> Family:
    f = Family("matmul")
    for a, b in [((1, 64), (64, 100)), ((9, 33), (33, 64)), ((2, 3, 20, 16), (16, 48)), ((33,), (33, 10)), ((100, 7), (7, 1))]:
        f.result(f.node("MatMul", f.input(*a), f.constant(*b)))
    for a, b in [((9, 33), (33, 64)), ((2, 3, 20, 16), (2, 3, 16, 45)), ((2, 1, 20, 16), (3, 16, 45)), ((5, 20, 16), (16, 45)),
                 ((33,), (33, 10)), ((9, 33), (33,)), ((1, 1), (1, 1))]:
        f.result(f.node("MatMul", f.input(*a), f.input(*b)))
    f.result(f.node("MatMul", f.input(3, 20, 16, free=(0, 1)), f.constant(16, 45)))
    f.result(f.node("MatMul", f.input(3, 20, 16, free=(0, 1, 2)), f.input(3, 16, 45, free=(0, 1, 2))))
    f.result(f.node("MatMul", f.input(3, 20, 16, free=(0,)), f.input(1, 16, 45, free=(0,))))
    f.result(f.node("Gemm", f.input(9, 33), f.constant(33, 64), f.constant(64)))
    f.result(f.node("Gemm", f.input(33, 9), f.constant(64, 33), f.constant(9, 1), transA=1, transB=1, alpha=0.5, beta=2.0))
    f.result(f.node("Gemm", f.input(9, 33), f.input(33, 64)))
    f.result(f.node("Gemm", f.input(1, 33, free=(0,)), f.constant(33, 10), f.constant(10)))
    return f


def copies() -> Family:
    f = Family("concat")
    f.result(f.node("Concat", f.input(1, 5, 9, 9), f.input(1, 33, 9, 9), axis=1))
    both = f.node("Concat", conv(f, (1, 4, 9, 9), 16, (1, 1)), conv(f, (1, 4, 9, 9), 20, (3, 3), pads=[1, 1, 1, 1]), axis=1)
    f.result(f.node("Relu", both))
    f.result(f.node("Concat", f.input(3, 5, 7), f.input(3, 2, 7), axis=1))
    f.result(f.node("Concat", f.input(3, 5), f.input(4, 5, free=(0,)), axis=0))
    f.result(f.node("Concat", f.input(3, 5, free=(0, 1)), f.input(3, 40, free=(0, 1)), axis=-1))
    return f


def rows() -> Family:
    f = Family("softmax")
    for op in ("Softmax", "LogSoftmax"):
        for shape in ((4, 32), (3, 5, 37), (2, 7), (1,)):
            f.result(f.node(op, f.input(*shape), axis=-1))
        f.result(f.node(op, f.input(4, 5, 9), axis=1))
        f.result(f.node(op, f.input(2, 50, free=(0, 1)), axis=1))
    f.result(f.node("Mul", f.node("Softmax", f.input(3, 20), axis=1), f.constant(20)))
    f.result(f.node("Softmax", f.node("MatMul", f.input(2, 9, 8), f.input(2, 8, 33)), axis=-1))
    return f


def loops() -> Family:
    """Kernels without a template of their own: tiled and vectorised as loops."""
    f = Family("loops")
    for op in ("ReduceMax", "ReduceMin", "ReduceMean", "ReduceL2", "ReduceProd"):
        f.result(f.node(op, f.input(3, 5, 7), axes=[1]))
        f.result(f.node(op, f.input(4, 33, free=(0, 1)), axes=[-1], keepdims=0))
    f.result(f.node("ReduceSum", f.input(3, 20, 9), f.integers(0, 2)))
    f.result(f.node("Cast", f.node("ArgMax", f.input(6, 50), axis=1), to=TensorProto.FLOAT))
    f.result(f.node("LayerNormalization", f.input(3, 4, 40), f.constant(40), f.constant(40)))
    f.result(f.node("LayerNormalization", f.input(3, 4, 17, free=(0, 1)), f.constant(17)))
    scale, shift = f.constant(6), f.constant(6)
    f.result(f.node("InstanceNormalization", f.input(2, 6, 5, 7), scale, shift))
    f.result(f.node("LpNormalization", f.input(4, 19), axis=1))
    f.result(f.node("LRN", f.input(1, 9, 4, 5), size=3))
    chain = f.node("Tanh", f.node("Mul", f.node("Sigmoid", f.input(3, 37)), f.constant(37)))
    f.result(f.node("Add", f.node("Exp", chain), f.input(3, 1)))
    f.result(f.node("Where", f.node("Greater", f.input(5, 21), f.constant(21)), f.input(5, 21), f.constant(1)))
    f.result(f.node("Clip", f.input(2, 70, free=(0, 1))))
    f.result(f.node("Transpose", f.node("Relu", f.input(3, 5, 33)), perm=[2, 0, 1]))
    f.result(f.node("Slice", f.input(9, 33), f.integers(7, 30), f.integers(1, 0), f.integers(0, 1), f.integers(-2, -3)))
    f.result(f.node("Pad", f.input(3, 5), f.integers(1, 2, 0, 3), mode="reflect"))
    f.result(f.node("Gather", f.input(6, 20), f.integers(5, 0, -1), axis=0))
    f.result(f.node("Tile", f.input(2, 5), f.integers(2, 3)))
    f.result(f.node("Expand", f.input(3, 1, free=(0,)), f.integers(2, 1, 17)))
    f.result(f.node("CumSum", f.input(4, 9), f.integers(1)))
    f.result(f.node("DepthToSpace", f.input(1, 12, 3, 5), blocksize=2))
    size = f.integers(1, 2, 9, 5)
    for mode in ("nearest", "linear", "cubic"):
        f.result(f.node("Resize", f.input(1, 2, 4, 7), "", "", size, mode=mode))
    f.result(f.node("GridSample", f.input(1, 2, 5, 6), f.input(1, 4, 3, 2)))
    f.result(f.node("ConvTranspose", f.input(1, 5, 6, 7), f.constant(5, 9, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1]))
    f.result(f.node("Einsum", f.input(3, 4, 5), f.input(3, 5, 6), equation="bij,bjk->bki"))
    f.result(f.node("LSTM", f.input(5, 2, 9), f.constant(1, 32, 9), f.constant(1, 32, 8), hidden_size=8))
    f.result(f.node("GRU", f.input(5, 2, 9, free=(0, 1)), f.constant(1, 24, 9), f.constant(1, 24, 8), hidden_size=8))
    return f


FAMILIES = {f.name: f for f in (convolutions(), epilogues(), windows(), products(), copies(), rows(), loops())}
CONFIGURATIONS = {"-O0": ["-O0"], "x86-64-v3": ["--target=cpu:x86-64-v3"], "x86-64-v4": ["--target=cpu:x86-64-v4"]}


def runs_here(level: str) -> bool:
    flags = Path("/proc/cpuinfo").read_text().split()
    return {"x86-64-v3": "avx2", "x86-64-v4": "avx512bw"}.get(level, "fpu") in flags


def run(build: Path, model: Path, options: list[str], family: Family, folder: Path) -> list[np.ndarray]:
    artefact, inputs = folder / "model.so", folder / "inputs.npz"
    subprocess.run([build / "bin/fsc-compile", model, "-o", artefact, "--quiet", *options], check=True)
    np.savez(inputs, **family.data)
    subprocess.run([build / "bin/fsc-run", artefact, "--input", inputs, "--output-dir", folder, "--quiet"], check=True)
    return [np.load(folder / f"output_{i}.npy") for i in range(len(family.outputs))]


def check(build: Path, family: Family) -> int:
    """The number of results that differ."""
    model = family.model()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    expected = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, family.data)
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        onnx.save(model, folder / "model.onnx")
        for configuration, flags in CONFIGURATIONS.items():
            if not runs_here(configuration):
                continue
            got = run(build, folder / "model.onnx", flags, family, folder)
            for value, (have, want) in enumerate(zip(got, expected, strict=True)):
                if have.shape != want.shape or not np.allclose(have, want, RTOL, ATOL, equal_nan=True):
                    error = np.nanmax(np.abs(have - want)) if have.shape == want.shape else f"{have.shape} for {want.shape}"
                    print(f"{family.name} {configuration}: case {value} ({family.outputs[value].name}) differs: {error}")
                    wrong += 1
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", nargs="*", choices=[*FAMILIES, []], help="default: all")
    parser.add_argument("--build", type=Path, default=Path(__file__).resolve().parents[2] / "build")
    arguments = parser.parse_args()
    wrong = sum(check(arguments.build, FAMILIES[name]) for name in arguments.family or FAMILIES)
    print(f"kernels: {wrong} results differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
