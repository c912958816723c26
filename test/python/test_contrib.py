# ===- test_contrib.py - ONNX Runtime's operators -*- Python -*-=========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The operators of com.microsoft against ONNX Runtime, by a table of their forms.

A case is one node. The cases of an operator are one graph, compiled once. Where ONNX Runtime's CPU has no kernel
for an operator or a form, the case says what is expected by a formula, whose source it names.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import contrib_cases  # noqa: E402
import fsc  # noqa: E402

F16, F32 = np.float16, np.float32
# Sums of up to some hundred products of numbers around 1, in another order.
REAL = {"rtol": 1e-4, "atol": 2e-5}
# Each side rounds its results, and some values before them, to the 11 bits of f16.
HALF = {"rtol": 4e-3, "atol": 4e-3}
EXACT = {"rtol": 0, "atol": 0}
# A value on the border of two steps falls to one side or the other: ONNX Runtime multiplies by the quotient of scales
# or looks a table up where ONNX's definition divides.
STEP = {"rtol": 0, "atol": 1}


@dataclass
class Case:
    inputs: list
    attributes: dict = field(default_factory=dict)
    outputs: int = 1
    close: dict = field(default_factory=lambda: REAL)
    constants: tuple = ()  # which inputs are initializers
    free: dict = field(default_factory=dict)  # input -> the dims that the compiler does not know, by name
    formula: Callable | None = None  # instead of ONNX Runtime
    view: Callable = lambda results: results  # what of the results is defined
    skip: tuple = ()  # outputs that are not asked for


class Cases:
    """The table: operators with their cases."""

    def __init__(self):
        self.table: dict[tuple[str, str], list[Case]] = {}
        self.random = np.random.default_rng(11)

    def add(self, op: str, *inputs: Any, domain: str = "com.microsoft", **more: Any) -> None:
        fields = {name: more.pop(name) for name in list(more) if name in Case.__dataclass_fields__}
        self.table.setdefault((domain, op), []).append(Case(list(inputs), more, **fields))

    def reals(self, *shape: int, dtype=F32, scale: float = 1) -> np.ndarray:
        return (self.random.standard_normal(shape) * scale).astype(dtype)

    def whole(self, low: int, high: int, *shape: int, dtype=np.int64) -> np.ndarray:
        return self.random.integers(low, high, shape).astype(dtype)

    def bytes(self, *shape: int) -> np.ndarray:
        return self.whole(0, 256, *shape, dtype=np.uint8)

    def signed(self, *shape: int) -> np.ndarray:
        return self.whole(-128, 128, *shape, dtype=np.int8)


CASES = Cases()


def opset_of(domain: str) -> int:
    # The experiments of ONNX are in the opsets before 10.
    return 9 if domain == "" else 17


class Model:
    """A graph of cases."""

    def __init__(self, domain: str, op: str, cases: list[tuple[int, Case]]):
        self.nodes, self.inputs, self.outputs, self.constants, self.data = [], [], [], [], {}
        self.results: dict[int, list] = {}
        for index, case in cases:
            names = [self.value(f"x{index}_{i}", i, value, case) for i, value in enumerate(case.inputs)]
            results = ["" if i in case.skip else f"y{index}_{i}" for i in range(case.outputs)]
            self.nodes.append(helper.make_node(op, names, results, f"{op}{index}", domain=domain, **case.attributes))
            self.outputs += [onnx.ValueInfoProto(name=name) for name in results if name]
            self.results[index] = [name for name in results if name]
        graph = helper.make_graph(self.nodes, op, self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", opset_of(domain)), helper.make_opsetid("com.microsoft", 1)]
        self.proto = helper.make_model(graph, opset_imports=opsets, ir_version=8)

    def value(self, name: str, index: int, value: np.ndarray | None, case: Case) -> str:
        if value is None:
            return ""
        value = np.asarray(value)
        if index in case.constants:
            self.constants.append(numpy_helper.from_array(value, name))
            return name
        dims = [case.free.get(index, {}).get(axis, size) for axis, size in enumerate(value.shape)]
        dims = [f"{name.split('_')[0]}_{dim}" if isinstance(dim, str) else dim for dim in dims]
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims))
        self.data[name] = value
        return name


def run_onnxruntime(model: Model) -> dict:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.proto.SerializeToString(), options, ["CPUExecutionProvider"])
    names = [output.name for output in model.outputs]
    return dict(zip(names, session.run(names, model.data)))


def expected_of(domain: str, op: str, cases: list[Case]) -> dict[int, list]:
    peers = [(i, case) for i, case in enumerate(cases) if not case.formula]
    expected = {}
    if peers:
        model = Model(domain, op, peers)
        results = run_onnxruntime(model)
        expected = {i: [results[name] for name in model.results[i]] for i, _ in peers}
    for i, case in enumerate(cases):
        if case.formula:
            result = case.formula(*case.inputs)
            expected[i] = list(result) if isinstance(result, tuple) else [result]
    return expected


def compare(op: str, cases: list[Case], model: Model, results: dict, expected: dict[int, list]) -> None:
    for i, case in enumerate(cases):
        found = case.view([results[name] for name in model.results[i]])
        for k, (y, wanted) in enumerate(zip(found, case.view(expected[i]), strict=True)):
            where = f"{op}, case {i}, output {k}"
            assert y.dtype == wanted.dtype and y.shape == wanted.shape, where
            np.testing.assert_allclose(y.astype(np.float64), wanted.astype(np.float64), err_msg=where, **case.close)


contrib_cases.fill(CASES)


@pytest.mark.parametrize("domain, op", CASES.table, ids=lambda value: value or "onnx")
def test_agrees_with_onnx_runtime(domain, op):
    cases = CASES.table[domain, op]
    model = Model(domain, op, list(enumerate(cases)))
    results = fsc.compile(model.proto.SerializeToString()).run(model.data)
    compare(op, cases, model, results, expected_of(domain, op, cases))


# Whole models


def make_model(nodes: list, inputs: list, outputs: list[str], constants: dict) -> bytes:
    results = [onnx.ValueInfoProto(name=name) for name in outputs]
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", inputs, results, initializers)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def test_a_cache_grows_from_the_prompt_on():
    """One artefact runs the prompt and each token after it, with sizes as exported models compute them."""
    heads, groups, size = 4, 2, 16
    node, random = helper.make_node, np.random.default_rng(3)
    nodes = [
        node("Shape", ["mask"], ["total64"], start=1, end=2),
        node("Cast", ["total64"], ["total"], to=onnx.TensorProto.INT32),
        node("ReduceSum", ["mask", "one"], ["kept"], keepdims=0),
        node("Sub", ["kept", "one"], ["last64"]),
        node("Cast", ["last64"], ["last"], to=onnx.TensorProto.INT32),
        node("GroupQueryAttention", ["q", "k", "v", "pk", "pv", "last", "total", "cos", "sin"], ["y", "nk", "nv"],
             domain="com.microsoft", num_heads=heads, kv_num_heads=groups, do_rotary=1),
    ]
    real = lambda name, *dims: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, dims)  # noqa: E731
    inputs = [real("q", "n", "s", heads * size), real("k", "n", "s", groups * size), real("v", "n", "s", groups * size),
              real("pk", "n", groups, "p", size), real("pv", "n", groups, "p", size),
              helper.make_tensor_value_info("mask", onnx.TensorProto.INT64, ["n", "t"])]
    tables = {name: random.standard_normal((32, size // 2)).astype(F32) for name in ("cos", "sin")}
    model = make_model(nodes, inputs, ["y", "nk", "nv"], tables | {"one": np.int64([1])})
    module = fsc.compile(model)
    peer = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    keys = values = np.zeros((2, groups, 0, size), F32)
    for length in (5, 1, 1, 1):
        feeds = {name: random.standard_normal((2, length, count * size)).astype(F32)
                 for name, count in (("q", heads), ("k", groups), ("v", groups))}
        feeds |= {"pk": keys, "pv": values, "mask": np.ones((2, keys.shape[2] + length), np.int64)}
        results = module.run(feeds)
        for name, wanted in zip(("y", "nk", "nv"), peer.run(None, feeds)):
            np.testing.assert_allclose(results[name], wanted, err_msg=f"{name} of {length}", **REAL)
        keys, values = results["nk"], results["nv"]


def test_a_model_that_onnx_runtime_laid_out_in_blocks(tmp_path):
    random, node = np.random.default_rng(5), helper.make_node
    filters = {name: (random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(F32) for name, shape in
               (("w0", (32, 3, 3, 3)), ("w1", (32, 1, 3, 3)), ("w2", (48, 32, 1, 1)), ("w3", (48, 48, 3, 3)),
                ("w4", (20, 48, 1, 1)))}
    biases = {f"b{i}": random.standard_normal(filters[f"w{i}"].shape[0]).astype(F32) for i in range(5)}
    scales = {"scales": F32([1, 1, 2, 2])}
    nodes = [
        node("Conv", ["x", "w0", "b0"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", ["a"], ["a_relu"]),
        node("Conv", ["a_relu", "w1", "b1"], ["b"], pads=[1, 1, 1, 1], group=32),
        node("Conv", ["b", "w2", "b2"], ["c"]),
        node("MaxPool", ["c"], ["d"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Conv", ["d", "w3", "b3"], ["e"], pads=[1, 1, 1, 1]),
        node("Add", ["e", "d"], ["f"]),
        node("Relu", ["f"], ["f_relu"]),
        node("AveragePool", ["f_relu"], ["g"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Resize", ["g", "", "scales"], ["h"], mode="nearest", coordinate_transformation_mode="asymmetric",
             nearest_mode="floor"),
        node("Conv", ["h", "w4", "b4"], ["i"]),
        node("GlobalAveragePool", ["h"], ["j"]),
        node("GlobalMaxPool", ["h"], ["k"]),
    ]
    inputs = [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3, 32, 32])]
    model = make_model(nodes, inputs, ["i", "j", "k"], filters | biases | scales)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(tmp_path / "blocked.onnx")
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    blocked = {n.op_type for n in onnx.load(tmp_path / "blocked.onnx").graph.node if n.domain == "com.microsoft.nchwc"}
    if not blocked:
        pytest.skip("ONNX Runtime has no blocked layout on this machine")
    assert {"Conv", "MaxPool", "AveragePool", "ReorderInput", "ReorderOutput"} - blocked <= {"ReorderInput"}
    # Of 20 channels, that are filled up to whole blocks, 24 or 32 remain.
    block = 8 if any(tensor.dims[0] == 24 for tensor in onnx.load(tmp_path / "blocked.onnx").graph.initializer if tensor.dims) else 16
    x = random.standard_normal((1, 3, 32, 32)).astype(F32)
    results = fsc.compile(tmp_path / "blocked.onnx").run({"x": x})
    with pytest.raises(fsc.ModelError, match=f"expected --nchwc-block={block}"):
        fsc.compile(tmp_path / "blocked.onnx", nchwc_block=24 - block)
    for name, wanted in zip(("i", "j", "k"), session.run(None, {"x": x})):
        np.testing.assert_allclose(results[name], wanted, err_msg=name, **REAL)


def blocked(w: np.ndarray, block: int, blocks_inputs: bool) -> np.ndarray:
    """Filters as ONNX Runtime has them for blocks of so many channels: filled up, and in the order of the blocks."""
    inner = block if blocks_inputs else 1
    out, inputs = -(-w.shape[0] // block) * block, -(-w.shape[1] // inner) * inner
    full = np.zeros((out, inputs, *w.shape[2:]), F32)
    full[: w.shape[0], : w.shape[1]] = w
    parts = full.reshape(out // block, block, inputs // inner, inner, *w.shape[2:])
    return np.ascontiguousarray(parts.transpose(0, 2, 4, 5, 3, 1)).reshape(full.shape)


@pytest.mark.parametrize("channels", [(16, 32), (24, 20), (16, 20), (8, 16)])
@pytest.mark.parametrize("block", [8, 16])
def test_blocks_are_those_of_the_machine_that_made_the_file(block, channels):
    """Two convolutions in blocks of 8 and of 16, whatever this machine has."""
    random, node = np.random.default_rng(6), helper.make_node
    first, second = channels
    w0 = (random.standard_normal((first, 3, 3, 3)) / 5).astype(F32)
    w1 = (random.standard_normal((second, first, 1, 1)) / 5).astype(F32)
    x = random.standard_normal((1, 3, 6, 6)).astype(F32)
    inputs = [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, x.shape)]
    plain = make_model([node("Conv", ["x", "w0"], ["a"]), node("Conv", ["a", "w1"], ["y"])], inputs, ["y"], {"w0": w0, "w1": w1})
    domain = {"domain": "com.microsoft.nchwc"}
    nodes = [node("Conv", ["x", "w0"], ["a"], **domain), node("Conv", ["a", "w1"], ["b"], **domain),
             node("ReorderOutput", ["b"], ["y"], channels=second, **domain)]
    results = [onnx.ValueInfoProto(name="y")]
    weights = [numpy_helper.from_array(blocked(w0, block, False), "w0"), numpy_helper.from_array(blocked(w1, block, True), "w1")]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft.nchwc", 1)]
    model = helper.make_model(helper.make_graph(nodes, "g", inputs, results, weights), opset_imports=opsets, ir_version=8)
    filled = [-(-count // block) * block for count in channels]
    told = 8 if any(count % 16 == 8 for count in filled) else 16 if -(-second // 8) * 8 != filled[1] else 0
    if told:
        found = fsc.compile(model).run({"x": x})["y"]
    else:
        with pytest.raises(fsc.ModelError, match="give --nchwc-block=16"):
            fsc.compile(model)
        found = fsc.compile(model, nchwc_block=block).run({"x": x})["y"]
    assert told in (0, block)
    wanted = onnxruntime.InferenceSession(plain, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    np.testing.assert_allclose(found, wanted, **REAL)
