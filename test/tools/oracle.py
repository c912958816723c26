# ===- oracle.py - Another implementation's answer to a model -*- Python -*-============ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runs a model with ONNX Runtime, or with ONNX's reference evaluator, for others to compare with.

    oracle.py MODEL.onnx FOLDER [--random SEED] [--engine ort|reference] [--check]

FOLDER holds the inputs: names.json, a list of their names, and input_<i>.npy. With --random
they are made first, from the model's signature. The outputs are written to expected_<i>.npy.
--check only loads the model.
Exit codes as fsc's own tools: 0, and 3 where the engine refuses the model or its inputs.
A program of its own, because a model may take the engine down.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import onnx

SYMBOLS = (3, 1, 2, 4, 8)  # what a symbolic dim becomes: the first with which the model runs


def signature(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    """The inputs that a caller must give."""
    weights = {t.name for t in model.graph.initializer} | {t.values.name for t in model.graph.sparse_initializer}
    return [value for value in model.graph.input if value.name not in weights]


def random_tensor(value: onnx.ValueInfoProto, symbol: int, rng: np.random.Generator) -> np.ndarray:
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        raise ValueError(f"input '{value.name}': expected a tensor, got {kind}")
    tensor = value.type.tensor_type
    shape = [d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else symbol for d in tensor.shape.dim]
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    if dtype.kind == "O":
        raise ValueError(f"input '{value.name}': expected numbers, got strings")
    if dtype.kind in "iub":
        return rng.integers(0, 2, shape).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


def write_inputs(folder: Path, inputs: dict[str, np.ndarray]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "names.json").write_text(json.dumps(list(inputs)))
    for i, array in enumerate(inputs.values()):
        np.save(folder / f"input_{i}.npy", array)


def read_inputs(folder: Path) -> dict[str, np.ndarray]:
    names = json.loads((folder / "names.json").read_text())
    return {name: np.load(folder / f"input_{i}.npy") for i, name in enumerate(names)}


def read_outputs(folder: Path, stem: str) -> list[np.ndarray]:
    paths = sorted(folder.glob(f"{stem}_*.npy"), key=lambda p: int(p.stem.rpartition("_")[2]))
    return [np.load(p) for p in paths]


def load(engine: str, model: Path):
    """Something with run(None, inputs)."""
    if engine == "reference":
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(str(model))
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--random", type=int, metavar="SEED")
    parser.add_argument("--engine", choices=["ort", "reference"], default="ort")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    refusal = None
    for symbol in SYMBOLS:
        try:
            session = load(args.engine, args.model)
            if args.check:
                return 0
            if args.random is not None:
                rng = np.random.default_rng(args.random)
                inputs = signature(onnx.load(args.model, load_external_data=False))
                write_inputs(args.folder, {value.name: random_tensor(value, symbol, rng) for value in inputs})
            outputs = session.run(None, read_inputs(args.folder))
            if not all(isinstance(o, (np.ndarray, np.generic)) and o.dtype.kind not in "OUS" for o in outputs):
                raise ValueError("an output is not a tensor of numbers")
        except Exception as error:  # whatever an engine throws is its refusal
            refusal = refusal or f"error: {args.engine}: {' '.join(str(error).split())[:300]}"
            if args.check or args.random is None:
                break
        else:
            for i, array in enumerate(outputs):
                np.save(args.folder / f"expected_{i}.npy", np.asarray(array))
            return 0
    print(refusal, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
