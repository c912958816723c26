# ===- compare.py - How far two tensors are apart -*- Python -*-====================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""How far two tensors are apart, as one number."""

import math

import numpy as np


def relative_error(got: np.ndarray, expected: np.ndarray) -> tuple[float, str]:
    """max |got - expected| / max |expected|, and why it is infinite where it is.

    Infinite when shapes or types differ, when anything but a float differs at all, and when
    NaN or infinity stand in different places.
    """
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape:
        return math.inf, f"expected shape {list(expected.shape)}, got {list(got.shape)}"
    if got.dtype != expected.dtype:
        return math.inf, f"expected {expected.dtype}, got {got.dtype}"
    if expected.size == 0:
        return 0.0, ""
    if expected.dtype.kind not in "fc":
        if expected.dtype.kind in "iu" and not np.array_equal(got, expected):
            apart = int(np.abs(got.astype(object) - expected.astype(object)).max())
            return math.inf, f"{int((got != expected).sum())} of {got.size} integers differ, by at most {apart}"
        return (0.0, "") if np.array_equal(got, expected) else (math.inf, "values differ")
    a, b = got.astype(np.float64), expected.astype(np.float64)
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return math.inf, "NaN or infinity in different places"
    if not finite.any():
        return 0.0, ""
    scale = np.abs(b[finite]).max()
    worst = np.abs(a[finite] - b[finite]).max()
    return float(worst / scale) if scale else float(worst), ""
