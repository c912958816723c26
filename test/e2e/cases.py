# ===- cases.py - The recorded data of the real models -*- Python -*-=================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Finds what is recorded beside a model of ../shared/models: inputs and the outputs that belong to them.

What the README there says of tolerances and traps is written down here, one line each.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np
import onnx
from onnx import numpy_helper
from oracle import signature

# The bar for max |got - recorded| / max |recorded|, output by output: float32 kept in another
# order through some hundred layers stays well below.
DEFAULT_BAR = 1e-4
BARS = {
    "squeezenet-fp16": (1e-2, "float16 throughout: 10 bits, 26 convolutions"),
    "tiny-llama-fp16-extdata": (1e-2, "float16 inputs, weights and outputs"),
    "micro-kws-qdq": (5e-3, "int8: a value between two steps may round to either; softmax over 12"),
    "micro-kws-qoperator": (5e-3, "as micro-kws-qdq"),
    "retinaface-int8-qdq": (2e-2, "int8: one step of the last layers is about 1 % of the largest output"),
    "ppocr-mobile-v11-det": (1e-3, "noise as input: two settings of ONNX Runtime are 1.2e-4 apart"),
    "qlstm-scan-3-2-3": (1e-2, "8-bit steps inside the recurrence"),
}

# Files of rejected/ that lack only an operator or a side file: the diagnostic must name it.
MUST_NAME = {
    "AMDMIGraphX__unknown_test": "Unknown",
    "TensorRT__custom_op_node": "NegPos",
    "burn__mixed_data": "mixed_data.bin",
    "onnxruntime-qnn__custom_ops_type_inference_fails_0": "CustomGemmFloat8E4M3FN",
    "onnxruntime-qnn__foo_1_clip_11": "Foo",
    "onnxruntime-qnn__foo_bar_1": "FooBar",
    "onnxruntime-qnn__foo_bar_3": "FooBar_Attr",
    "onnxruntime-qnn__java-external-matmul": "external-matmul.out",
    "onnxruntime-qnn__model_with_external_initializer_come_from_user": "Pads_not_on_disk.bin",
    "onnxruntime-qnn__model_with_orig_ext_data": "model_with_orig_ext_data.bin",
    "onnxruntime-qnn__optional_1": "OptionalOp",
    "onnxruntime-qnn__optional_3": "Box",
}


@dataclass
class Case:
    """One set of inputs by name, and the outputs in graph order."""

    name: str
    inputs: dict[str, np.ndarray]
    expected: list[np.ndarray]


def bar(model: str) -> float:
    return BARS.get(model, (DEFAULT_BAR, ""))[0]


def model_file(folder: Path) -> Path:
    named = folder / "model.onnx"
    return named if named.exists() else next(folder.glob("*.onnx"))


def tensors(folder: Path, stem: str) -> list[np.ndarray]:
    """The serialized TensorProtos <stem>_0.pb, <stem>_1.pb, ..."""
    arrays = []
    while (path := folder / f"{stem}_{len(arrays)}.pb").exists():
        arrays.append(numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes())))
    return arrays


def ramp(value: onnx.ValueInfoProto) -> np.ndarray:
    """The input of ONNX's light models: arange(n) / n."""
    shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
    n = int(np.prod(shape))
    return (np.arange(n, dtype=np.float32) / np.float32(n)).reshape(shape)


def cases(folder: Path) -> Iterator[Case]:
    """Every recorded case of one model."""
    graph = onnx.load(model_file(folder), load_external_data=False)
    inputs = signature(graph)
    names, outputs = [v.name for v in inputs], [v.name for v in graph.graph.output]
    for data in sorted([*folder.glob("test_data_set_*"), *folder.glob("recorded_ort_*")]):
        given = tensors(data, "input")
        yield Case(data.name, dict(zip(names, given, strict=True)), tensors(data, "output"))
    if (folder / "output_0.pb").exists():
        yield Case("output_0", {names[0]: ramp(inputs[0])}, tensors(folder, "output"))
    if (folder / "io.npz").exists():
        archive = np.load(folder / "io.npz")
        yield Case("io", {n: archive[n] for n in names}, [archive[n] for n in outputs])
    if (folder / "golden_io.npz").exists():
        archive = np.load(folder / "golden_io.npz")
        for part in dict.fromkeys(key.partition("_in.")[0] for key in archive if "_in." in key):
            given = {n: archive[f"{part}_in.{n}"] for n in names}
            yield Case(f"golden-{part}", given, [archive[f"{part}_out.{n}"] for n in outputs])
