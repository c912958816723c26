# ===- tensors.py - Seeds of operators on tensors -*- Python -*-=============== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Seeds of operators on tensors: operators of which ONNX has no node test, forms that only old versions have, and draws
of random numbers, which are checked by their distribution."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .seed import Seed, node_seed

DRAWS = 40_000  # enough for a mean to 5 standard deviations of itself


def ramp(*shape: int) -> np.ndarray:
    return np.sin(np.arange(int(np.prod(shape)))).astype(np.float32).reshape(shape)


def old_forms() -> list[Seed]:
    image = ramp(1, 2, 4, 4)
    statistics = [np.float32([1, 0.5]), np.float32([0, 1]), np.float32([0.1, -0.1]), np.float32([1, 2])]
    places = [np.abs(ramp(2, 4, 4)) + 0.5 for _ in range(4)]
    none = np.zeros(0, np.float32)
    grow, shrink = np.float32([1, 1, 2, 3]), np.float32([1, 1, 0.5, 0.6])
    return [
        node_seed("BatchNormalization", 7, [image, *statistics], spatial=1, momentum=0.8, epsilon=1e-3, versions=(7, 7)),
        node_seed("BatchNormalization", 7, [image, *places], spatial=0, name="BatchNormalization-7-places", versions=(7, 7)),
        *[node_seed("Pad", 2, [ramp(2, 3)], mode=mode, pads=[0, 1, 1, 2], versions=(2, 2), name=f"Pad-2-{mode}", **more)
          for mode, more in (("constant", {"value": 1.5}), ("reflect", {}), ("edge", {}))],
        *[node_seed("Upsample", 9, [image, grow], mode=mode, name=f"Upsample-{mode}") for mode in ("nearest", "linear")],
        *[node_seed("Resize", 10, [image, scales], mode=mode, versions=(10, 10), name=f"Resize-10-{mode}-{scales[2]}")
          for mode in ("nearest", "linear") for scales in (grow, shrink)],
        *[node_seed("Resize", 11, [image, none, grow], mode=mode, versions=(11, 11), name=f"Resize-11-{mode}")
          for mode in ("nearest", "linear", "cubic")],
        node_seed("Resize", 11, [image, none, none, np.int64([1, 2, 3, 7])], mode="linear", versions=(11, 11),
                  coordinate_transformation_mode="align_corners"),
        node_seed("Resize", 11, [image, np.float32([0, 0, 0.2, 0.1, 1, 1, 0.8, 0.9]), grow], mode="linear",
                  coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=2.5, versions=(11, 11)),
        *[node_seed(op, 11, [ramp(2, 3, 4)], axis=axis, versions=(1, 11), name=f"{op}-{axis}")
          for op in ("Softmax", "LogSoftmax", "Hardmax") for axis in (0, 1, 2)],
        *[node_seed(op, 1, [ramp(2, 3, 4)], axes=[2, 0], keepdims=0, versions=(1, 1), name=f"{op}-1-axes")
          for op in ("ReduceSum", "ReduceMean", "ReduceMax")],
        node_seed("Dropout", 10, [ramp(3, 4)], ratio=0.3, versions=(7, 10)),
        node_seed("MeanVarianceNormalization", 9, [ramp(2, 3, 2, 4)], axes=[0, 2, 3]),
    ]


def untested() -> list[Seed]:
    """Operators of which ONNX has no node test, or too few for their versions."""
    rois = np.float32([[0, 0, 0, 3, 3], [0, 1, 1, 2, 3]])
    return [
        node_seed("GlobalLpPool", 2, [ramp(2, 3, 4, 5)], p=3, unchanged_since=2),
        node_seed("GlobalLpPool", 2, [ramp(2, 3, 4)], name="GlobalLpPool-default", unchanged_since=2),
        node_seed("MaxRoiPool", 1, [ramp(1, 2, 4, 4), rois], pooled_shape=[2, 2], unchanged_since=1),
        node_seed("MaxRoiPool", 1, [ramp(1, 2, 8, 8), rois * np.float32([1, 2, 2, 2, 2])], pooled_shape=[2, 3], spatial_scale=0.5,
                  unchanged_since=1),
        node_seed("GroupNormalization", 18, [ramp(2, 4, 3), np.float32([1, 2]), np.float32([0.5, -1])], num_groups=2,
                  versions=(18, 18)),
        node_seed("LpNormalization", 1, [ramp(2, 3, 4)], axis=1, p=1),
        *[node_seed(op, 7, [ramp(3, 2, 4), ramp(1, rows * 5, 4), ramp(1, rows * 5, 5)], 2, hidden_size=5, name=f"{op}-plain")
          for op, rows in (("RNN", 1), ("GRU", 3), ("LSTM", 4))],
    ]


def distributed(mean: float, deviation: float, low: float = -np.inf, high: float = np.inf) -> Callable[[list[Any]], str]:
    """A check of draws: their mean and deviation to 5 standard deviations of each, and that no two halves are alike."""

    def check(outputs: list[Any]) -> str:
        draws = np.asarray(outputs[0]).astype(np.float64).reshape(-1)
        if draws.size != DRAWS:
            return f"expected {DRAWS} draws, got {draws.size}"
        if not np.isfinite(draws).all() or draws.min() < low or draws.max() > high:
            return f"expected draws from {low} to {high}, got {draws.min()} to {draws.max()}"
        error = 5 * deviation / DRAWS**0.5
        if abs(draws.mean() - mean) > error or abs(draws.std() - deviation) > 2 * error:
            return f"expected mean {mean} and deviation {deviation}, got {draws.mean()} and {draws.std()}"
        halves = draws.reshape(2, -1)
        return "the second half of the draws repeats the first" if np.array_equal(*halves) else ""

    return check


def random_numbers() -> list[Seed]:
    like = np.zeros((2, DRAWS // 2), np.float32)
    shape = [2, DRAWS // 2]
    normal, uniform = distributed(2, 3), distributed(2, 4 / 12**0.5, 0, 4)
    share = np.full((2, DRAWS // 2), 0.25, np.float32)
    logarithms = np.log(np.float32([[0.5, 0.25, 0.25]]))
    return [
        node_seed("RandomNormal", 1, [], mean=2.0, scale=3.0, shape=shape, check=normal),
        node_seed("RandomUniform", 1, [], high=4.0, low=0.0, shape=shape, seed=7.0, check=uniform),
        node_seed("RandomNormalLike", 1, [like], mean=2.0, scale=3.0, check=normal),
        node_seed("RandomUniformLike", 1, [like], high=4.0, low=0.0, dtype=11, check=uniform),
        node_seed("Bernoulli", 15, [share], check=distributed(0.25, 0.1875**0.5, 0, 1)),
        node_seed("Dropout", 12, [like + 1, np.array(0.25, np.float32), np.array(True)], seed=3, versions=(12, 99),
                  check=distributed(1, (1 / 3) ** 0.5, 0, 4 / 3 + 1e-6)),
        node_seed("Multinomial", 7, [logarithms], sample_size=DRAWS, check=distributed(0.75, 0.6875**0.5, 0, 2)),
    ]


def seeds() -> list[Seed]:
    return [*old_forms(), *untested(), *random_numbers()]
