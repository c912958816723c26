# ===- oracles.py - What the outputs are to be -*- Python -*-================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""What the outputs of a model are to be: by ONNX Runtime, else by ONNX's reference evaluator, else as ONNX recorded them
for a model that was not changed. And whether others are near enough."""

import math
from typing import Any

import numpy as np
import onnx

from .rewrite import Model
from .seed import Seed, plain_domain

# What |got - expected| may be, against the largest |expected| of the tensor: a few units in the last place of the
# type, and of f32 what sums in another order and other polynomials for the same function cost.
TOLERANCES = {
    "float64": 1e-7,  # ONNX Runtime has some f64 operators in f32 only at the edges, such as scales
    "float32": 2e-5,
    "float16": 3e-3,
    "bfloat16": 2e-2,
}
NARROW = 0.13  # of floats with 3 bits of mantissa and fewer: one unit of the last place


# Whom not to ask, and why.
NOT_ASKED = {
    ("MaxUnpool", "ONNX Runtime"): "takes the indices for those of the sizes of output_shape",
}


class NoOracle(Exception):
    """Nobody says what the outputs are to be."""


def by_runtime(model: Model) -> list[Any]:
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    for value in model.inputs.values():
        for array in value if isinstance(value, list) else [value]:
            if isinstance(array, np.ndarray) and array.dtype.type.__module__ != "numpy":
                raise TypeError(f"ONNX Runtime takes no {array.dtype} from Python")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, model.inputs)
    return [as_declared(*pair) for pair in zip(outputs, model.proto.graph.output, strict=True)]


def as_declared(output: Any, info: onnx.ValueInfoProto) -> Any:
    """ONNX Runtime gives floats of 8 bits as uint8, and narrower elements packed; the reference computes some narrow
    floats in f64."""
    if not info.type.HasField("tensor_type") or not isinstance(output, (np.ndarray, np.generic)):
        return output
    dtype = onnx.helper.tensor_dtype_to_np_dtype(info.type.tensor_type.elem_type)
    if output.dtype == dtype or dtype.type.__module__ == "numpy":
        return output
    if output.dtype.kind == "f":
        return output.astype(dtype)
    if "8" not in dtype.name:
        raise TypeError(f"expected {dtype}, got {output.dtype}")
    return np.asarray(output).view(dtype)


def by_reference(model: Model) -> list[Any]:
    from onnx.reference import ReferenceEvaluator

    outputs = ReferenceEvaluator(model.proto).run(None, model.inputs)
    # It keeps an optional as a list of what is in it, and since version 28 gives that list as the element too.
    outputs = [
        value[0] if isinstance(value, list) and len(value) == 1 and not output.type.HasField("sequence_type") else value
        for value, output in zip(outputs, model.proto.graph.output, strict=True)
    ]
    return [as_declared(*pair) for pair in zip(outputs, model.proto.graph.output, strict=True)]


ENGINES = {"ONNX Runtime": by_runtime, "reference": by_reference}


def expected(model: Model, seed: Seed) -> tuple[list[Any], str]:
    """The outputs, and who says so."""
    reasons = []
    asked = [(name, engine, model) for name, engine in ENGINES.items() if (seed.operator[1], name) not in NOT_ASKED]
    if seed.unchanged_since:
        asked += [(f"{name}, opset {seed.unchanged_since}", engine, older(model, seed)) for name, engine, _ in asked]
    for name, engine, model in asked:
        try:
            with np.errstate(all="ignore"):
                outputs = engine(model)
        except Exception as error:  # whatever an engine throws is its refusal
            reasons.append(f"{name}: {' '.join(str(error).split())[:200]}")
        else:
            return outputs, name
    if seed.outputs is not None and not model.changed:
        return seed.outputs, "recorded"
    raise NoOracle("; ".join(reasons))


def older(model: Model, seed: Seed) -> Model:
    """The model at an opset in which its operator means the same."""
    proto = onnx.ModelProto()
    proto.CopyFrom(model.proto)
    for entry in proto.opset_import:
        if plain_domain(entry.domain) == seed.operator[0]:
            entry.version = seed.unchanged_since
    return Model(proto, model.inputs)


def difference(got: Any, wanted: Any) -> str:
    """What is wrong with an output; empty if nothing is."""
    if wanted is None or got is None:
        return "" if wanted is None and got is None else f"expected {wanted}, got {got}"
    if isinstance(wanted, (list, tuple)):
        if not isinstance(got, (list, tuple)) or len(got) != len(wanted):
            return f"expected a sequence of {len(wanted)}, got {got}"
        return next((d for pair in zip(got, wanted, strict=True) if (d := difference(*pair))), "")
    if isinstance(wanted, dict):
        if not isinstance(got, dict) or got.keys() != wanted.keys():
            return f"expected the keys {list(wanted)}, got {got}"
        return next((d for key in wanted if (d := difference(got[key], wanted[key]))), "")
    return tensor_difference(np.asarray(got), np.asarray(wanted))


def tensor_difference(got: np.ndarray, wanted: np.ndarray) -> str:
    if got.shape != wanted.shape:
        return f"expected shape {list(wanted.shape)}, got {list(got.shape)}"
    if wanted.dtype.kind in "OUS":
        return "" if got.dtype.kind in "OUS" and (got.astype(str) == wanted.astype(str)).all() else "strings differ"
    if got.dtype != wanted.dtype:
        return f"expected {wanted.dtype}, got {got.dtype}"
    if wanted.size == 0:
        return ""
    if "int" in wanted.dtype.name or wanted.dtype.kind == "b":
        apart = int((got != wanted).sum())
        return f"{apart} of {got.size} elements differ" if apart else ""
    return float_difference(got, wanted)


def float_difference(got: np.ndarray, wanted: np.ndarray) -> str:
    wide = np.complex128 if wanted.dtype.kind == "c" else np.float64
    tolerance = TOLERANCES.get(wanted.dtype.name.replace("complex128", "float64").replace("complex64", "float32"), NARROW)
    a, b = got.astype(wide), wanted.astype(wide)
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return "NaN or infinity in different places"
    if not finite.any():
        return ""
    scale = float(np.abs(b[finite]).max()) or 1.0
    error = float(np.abs(a[finite] - b[finite]).max()) / scale
    return "" if error <= tolerance else f"the relative error is {error if math.isfinite(error) else 'infinite'}, {tolerance} is allowed"
