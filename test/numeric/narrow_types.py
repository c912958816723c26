# ===- narrow_types.py - Conversions of narrow types -*- Python -*-================= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Casts all values of the narrow types to all types, and numbers around every rounding step of theirs to them.

What is expected comes from ml_dtypes, and for float8e8m0 from ONNX's text, as powers of two. Results are compared by
their bits; only NaN is any NaN. At -O0 constants are folded by the same code, so that it is tested too.
"""

import math
import sys

import fsc
import ml_dtypes
import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT8 = [ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e4m3fnuz, ml_dtypes.float8_e5m2, ml_dtypes.float8_e5m2fnuz]
FLOAT6 = [ml_dtypes.float6_e2m3fn, ml_dtypes.float6_e3m2fn]
FLOAT4, EXPONENT = ml_dtypes.float4_e2m1fn, ml_dtypes.float8_e8m0fnu
INTEGERS = [ml_dtypes.int4, ml_dtypes.uint4, ml_dtypes.int2, ml_dtypes.uint2]
NARROW = [*FLOAT8, *FLOAT6, FLOAT4, EXPONENT, *INTEGERS]
FLOATS = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64]
WIDE_INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
BITS = {FLOAT6[0]: 6, FLOAT6[1]: 6, FLOAT4: 4, ml_dtypes.int4: 4, ml_dtypes.uint4: 4, ml_dtypes.int2: 2, ml_dtypes.uint2: 2}


def every_value(dtype) -> np.ndarray:
    return np.arange(1 << BITS.get(dtype, 8), dtype=np.uint8).view(dtype)


def around(values: np.ndarray, dtype) -> np.ndarray:
    """The values, what lies halfway between them, and the next numbers on both sides."""
    values = np.sort(np.concatenate([values, -values, 2 * values[-1:], values[:1] / 2]))
    middle = np.concatenate([values, (values[1:] + values[:-1]) / 2]).astype(dtype)
    wide = np.float32 if dtype == np.float32 else np.float64
    near = [np.nextafter(middle, wide(limit), dtype=wide) for limit in (-np.inf, np.inf)]
    return np.concatenate([middle, *near]).astype(dtype)


def samples(dtype) -> np.ndarray:
    """Numbers of a wide float type."""
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -np.nan, 1e9, -1e9, 1e-9, 1e-45, 2.0**-127, 2.0**-149])
    if dtype in (np.float16, ml_dtypes.bfloat16):
        return np.arange(1 << 16, dtype=np.uint16).view(dtype)
    steps = [np.abs(every_value(t).astype(np.float64)) for t in [*FLOAT8, *FLOAT6, FLOAT4]]
    powers = np.ldexp(1.0, np.arange(-126, 127))
    random = np.random.default_rng(3)
    parts = [around(np.unique(s[np.isfinite(s)]), dtype) for s in steps]
    parts += [around(powers, dtype), random.standard_normal(5000) * 100]
    if dtype == np.float32:
        parts.append(random.integers(0, 1 << 32, 50000, np.uint32).view(np.float32))
    return np.concatenate([special.astype(dtype), *(part.astype(dtype) for part in parts)])


def power_of_two(x: float, saturate: bool, mode: str) -> int:
    """The bits of float8e8m0 for |x|, from ONNX's description of Cast."""
    if math.isnan(x):
        return 255
    if math.isinf(x) or x == 0:
        return 255 if not saturate else 254 if x else 0
    mantissa, exponent = math.frexp(abs(x))  # in [0.5, 1)
    up = {"up": mantissa > 0.5, "down": False, "nearest": mantissa >= 0.75}[mode]
    bits = exponent - 1 + up + 127
    return bits if 0 <= bits <= 254 else 255 if not saturate else 254 if bits > 0 else 0


def nearest(x: np.ndarray, dtype) -> np.ndarray:
    """The number of the narrow type, or the one that would follow the last, that is nearest to each f64."""
    grid = every_value(dtype).astype(np.float64)
    grid = grid[np.isfinite(grid) & ~np.signbit(grid)]
    grid = np.append(grid, 2 * grid[-1] - grid[-2])
    middle = (grid[1:] + grid[:-1]) / 2
    place = np.searchsorted(middle, np.abs(x))
    tie = np.isin(np.abs(x), middle)
    place += tie & (place % 2 == 1)
    return np.where(np.isfinite(x), np.copysign(grid[place], x), x)


def expected(x: np.ndarray, dtype, saturate: bool, mode: str) -> np.ndarray:
    if dtype == EXPONENT:
        return np.array([power_of_two(float(v), saturate, mode) for v in x], np.uint8).view(EXPONENT)
    if x.dtype == np.float64 and dtype not in INTEGERS:
        x = nearest(x, dtype)  # ml_dtypes rounds to float32 first
    if x.dtype in NARROW and dtype not in INTEGERS:
        x = x.astype(np.float32)
    if dtype in FLOAT8 and saturate:
        wide = x if x.dtype == np.float64 else x.astype(np.float32)
        return numpy_helper.saturate_cast(wide, dtype)
    if x.dtype in NARROW:
        x = x.astype(np.float32 if x.dtype not in INTEGERS else np.int8)
    if dtype in INTEGERS and x.dtype.kind not in "iu":
        x = np.trunc(x.astype(np.float64)).astype(np.int64)
    if dtype in INTEGERS:
        # Higher bits are discarded.
        bits = BITS[dtype]
        low = x.astype(np.uint8) & ((1 << bits) - 1)
        return low.view(dtype) if dtype in (ml_dtypes.uint4, ml_dtypes.uint2) else low.astype(np.int64).astype(dtype)
    return x.astype(dtype)


def key(values: np.ndarray) -> np.ndarray:
    """The bits of each value, with one NaN and without those that the type has not."""
    dtype = values.dtype.type
    bits = np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}").copy()
    if dtype in BITS:
        bits &= (1 << BITS[dtype]) - 1
    if dtype not in INTEGERS and values.dtype.kind not in "iub":
        bits[np.isnan(values)] = np.iinfo(bits.dtype).max
    return bits


def cast_model(source, targets: list[tuple], constant: np.ndarray | None = None):
    kind = helper.np_dtype_to_tensor_dtype
    nodes, outputs = [], []
    for i, (target, saturate, mode) in enumerate(targets):
        nodes.append(helper.make_node("Cast", ["x"], [f"y{i}"], to=kind(np.dtype(target)), saturate=saturate, round_mode=mode))
        outputs.append(helper.make_tensor_value_info(f"y{i}", kind(np.dtype(target)), ["n"]))
    inputs = [helper.make_tensor_value_info("x", kind(np.dtype(source)), ["n"])] if constant is None else []
    weights = [] if constant is None else [numpy_helper.from_array(constant, "x")]
    graph = helper.make_graph(nodes, "casts", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 28)], ir_version=14)


def check(x: np.ndarray, targets: list[tuple], level: int, folded: bool = False) -> int:
    module = fsc.compile(cast_model(x.dtype.type, targets, x if folded else None), opt_level=level)
    results = module.run({} if folded else {"x": x})
    wrong = 0
    with np.errstate(all="ignore"):
        numbers = x.astype(np.float64)
    for i, (target, saturate, mode) in enumerate(targets):
        got = results[f"y{i}"]
        with np.errstate(all="ignore"):
            want = expected(x, target, saturate, mode)
        differs = np.flatnonzero(key(got) != key(want))
        # Undefined by ONNX: what is not a number, or out of range, as an integer, and NaN in a type without.
        if np.dtype(target).kind in "iu" or target in INTEGERS:
            differs = differs[np.abs(numbers[differs]) < 128]
        if target in (*FLOAT6, FLOAT4):
            differs = differs[~np.isnan(numbers[differs])]
        if len(differs):
            at = differs[0]
            print(f"-O{level}: {x.dtype} to {np.dtype(target)}, saturate={saturate}, {mode}: {len(differs)} of {len(x)} differ, "
                  f"first {numbers[at]!r} gives {got[at]!r}, expected {want[at]!r}")
            wrong += 1
    return wrong


def modes(target) -> list[tuple]:
    if target == EXPONENT:
        return [(target, saturate, mode) for saturate in (0, 1) for mode in ("up", "down", "nearest")]
    return [(target, saturate, "up") for saturate in ((0, 1) if target in FLOAT8 else (1,))]


def main() -> int:
    narrowing = [mode for target in NARROW for mode in modes(target)]
    wrong = 0
    for level in (0, 2):
        for source in FLOATS:
            wrong += check(samples(source), narrowing, level)
        for source in WIDE_INTEGERS:
            info = np.iinfo(source)
            numbers = [-1000, -449, -17, -9, -8, *range(-5, 20), 464, 465, 57344, 61440, 2**24 + 1, info.max // 2 + 1, info.max, info.min]
            wrong += check(np.array([n for n in numbers if info.min <= n <= info.max], source), narrowing, level)
        for source in NARROW:
            widening = [(target, 1, "up") for target in [*FLOATS, *([] if source not in INTEGERS else WIDE_INTEGERS), np.bool_]]
            wrong += check(every_value(source), widening + narrowing, level)
            wrong += check(every_value(source), widening + narrowing, level, folded=True)
    print(f"narrow types: {wrong} conversions differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
