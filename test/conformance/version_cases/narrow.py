# ===- narrow.py - Seeds of the element types that versions added -*- Python -*-= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Seeds of the element types that versions added, for operators whose tensors cannot be converted by rule: those whose
type is an attribute, and control flow, where it is that of a body's values."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .seed import Seed, node_seed, text_seed
from .tensors import DRAWS, distributed

# By the opset that added them to what takes any tensor.
ADDED = {
    13: ["BFLOAT16"],
    19: ["FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ"],
    21: ["INT4", "UINT4"],
    23: ["FLOAT4E2M1"],
    24: ["FLOAT8E8M0"],
    25: ["INT2", "UINT2"],
}
IF = """
picks (bool c, {type}[4] x) => ({type}[4] y) {{
  y = If (c) <then_branch = yes () => ({type}[4] t) {{ t = Identity(x) }}, else_branch = no () => ({type}[4] e) {{ e = Identity(x) }}>
}}"""
LOOP = """
carries (int64 n, bool go, {type}[4] x) => ({type}[4] last, {type}[k, 4] all) {{
  last, all = Loop (n, go, x) <body = step (int64 i, bool c, {type}[4] s) => (bool next, {type}[4] t, {type}[4] u) {{
    next = Identity(c)
    t = Identity(s)
    u = Identity(x)
  }}>
}}"""
SCAN = """
moves ({type}[2] start, {type}[2, 2] x) => ({type}[2] last, {type}[2, 2] all) {{
  last, all = Scan (start, x) <num_scan_inputs = 1, body = step ({type}[2] s, {type}[2] e) => ({type}[2] t, {type}[2] u) {{
    t = Identity(e)
    u = Identity(s)
  }}>
}}"""


def of_type(name: str) -> list[Seed]:
    """The seeds of one type, for the version that added it."""
    added = next(since for since, names in ADDED.items() if name in names)
    number = TensorProto.DataType.Value(name)
    values = np.float32([0.5, 1, 2, 4] if name == "FLOAT8E8M0" else [0, 1, 1, 0]).astype(helper.tensor_dtype_to_np_dtype(number))
    go, run, kind = np.array(True), np.array(2, np.int64), name.lower()

    def flow(op: str, text: str, inputs: list, since: int) -> Seed:
        return text_seed(op, text.format(type=kind), inputs, opset=since, versions=(since, since), name=f"{op}-{kind}")

    versions = (added, added)
    shape, of_shape = np.int64([2, 3]), max(added, 20)
    return [
        node_seed("Constant", added, [], value=numpy_helper.from_array(values), versions=versions, name=f"Constant-{kind}"),
        node_seed("ConstantOfShape", of_shape, [shape], value=numpy_helper.from_array(values[1:2]), versions=(of_shape, of_shape),
                  name=f"ConstantOfShape-{kind}"),
        flow("If", IF, [go, values], added),
        flow("Loop", LOOP, [run, go, values], added),
        flow("Scan", SCAN, [values[:2], values.reshape(2, 2)], max(added, 16)),
    ]


def draws() -> list[Seed]:
    shape, bfloat16 = [2, DRAWS // 2], int(TensorProto.BFLOAT16)
    like = np.zeros(shape, np.float32).astype(helper.tensor_dtype_to_np_dtype(bfloat16))
    share = (np.zeros(shape, np.float32) + 0.25).astype(like.dtype)
    normal, uniform = distributed(2, 3), distributed(2, 4 / 12**0.5, 0, 4)
    more = {"versions": (22, 99)}
    return [
        node_seed("RandomNormal", 22, [], dtype=bfloat16, mean=2.0, scale=3.0, shape=shape, check=normal, **more),
        node_seed("RandomUniform", 22, [], dtype=bfloat16, high=4.0, low=0.0, shape=shape, check=uniform, **more),
        node_seed("RandomNormalLike", 22, [like], mean=2.0, scale=3.0, check=normal, **more),
        node_seed("RandomUniformLike", 22, [like], high=4.0, low=0.0, check=uniform, **more),
        node_seed("Bernoulli", 22, [share], check=distributed(0.25, 0.1875**0.5, 0, 1), **more),
    ]


def seeds() -> list[Seed]:
    return [*(seed for names in ADDED.values() for name in names for seed in of_type(name)), *draws()]
