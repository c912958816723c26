# ===- seed_weights.py - Gives a graph of constant weights seeded ones -*- Python -*-=== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Replaces the weights of an ONNX model by seeded ones that keep activations in range.

ONNX's "light" models are whole networks whose weights are all 0.02, made by
ConstantOfShape: every output is the same number, which hides nearly every error
of a compiler. This tool gives each weight the distribution that its role asks
for and writes it as a plain initializer:

    weight of Conv, ConvTranspose, Gemm, MatMul   uniform, variance 2 / fan-in behind a Relu
                                                  (He et al. 2015), 1 / fan-in elsewhere
    scale of BatchNormalization, factor of Mul    uniform around 1
    var of BatchNormalization                     uniform around 1, positive
    bias, mean                                    uniform around 0, small

A BatchNormalization that feeds a residual sum is scaled down, so that a deep network
does not grow; so is the last layer, so that a softmax behind it is neither flat
nor saturated.

Each tensor's values depend on the seed and the tensor's name alone, and come from
PCG64 by exact arithmetic: the file is the same on every machine.

    seed_weights.py light_resnet50.onnx resnet50.onnx --seed 0
"""

import argparse
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

PASS_THROUGH = {"Unsqueeze", "Squeeze", "Reshape", "Identity", "Cast"}
POOLS = {"MaxPool", "AveragePool", "GlobalAveragePool", "LRN", "Dropout", "Flatten", "Transpose", "Concat"}
CONTRACTIONS = {"Conv", "ConvTranspose", "Gemm", "MatMul"}
RESIDUAL_SCALE = 0.5
LAST_SCALE = 0.4


def uniform(name: str, shape: tuple[int, ...], low: float, high: float, seed: int) -> np.ndarray:
    """float32 values in [low, high), determined by name and seed; exact on every machine."""
    key = [seed, zlib.crc32(name.encode())]
    bits = np.random.Generator(np.random.PCG64(np.random.SeedSequence(key))).random(shape, dtype=np.float32)
    bits *= np.float32(high - low)
    bits += np.float32(low)
    return bits


def seeded_input(model: onnx.ModelProto, seed: int = 0) -> dict[str, np.ndarray]:
    """Noise of about unit variance for each real input; symbolic dims become 1."""
    weights = {t.name for t in model.graph.initializer}
    feeds = {}
    for value in model.graph.input:
        if value.name not in weights:
            shape = tuple(d.dim_value or 1 for d in value.type.tensor_type.shape.dim)
            dtype = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
            feeds[value.name] = uniform(value.name, shape, -1.7, 1.7, seed).astype(dtype)
    return feeds


class Graph:
    """Who makes and who reads each value of a graph."""

    def __init__(self, graph: onnx.GraphProto):
        self.producer = {out: node for node in graph.node for out in node.output}
        self.readers: dict[str, list[tuple[onnx.NodeProto, int]]] = {}
        for node in graph.node:
            for i, name in enumerate(node.input):
                self.readers.setdefault(name, []).append((node, i))

    def role(self, value: str) -> tuple[onnx.NodeProto, int] | None:
        """The node and input position that a parameter reaches, through reshapes."""
        for node, i in self.readers.get(value, []):
            if node.op_type not in PASS_THROUGH:
                return node, i
            if i == 0 and (found := self.role(node.output[0])):
                return found
        return None

    def next(self, value: str) -> str | None:
        """The op that reads a value, where it is the only one."""
        readers = self.readers.get(value, [])
        return readers[0][0].op_type if len(readers) == 1 else None

    def behind_relu(self, value: str) -> bool:
        """Whether a value is a Relu's output, perhaps pooled, concatenated or moved."""
        node = self.producer.get(value)
        if node is None or node.op_type == "Relu":
            return node is not None
        return node.op_type in POOLS | PASS_THROUGH and self.behind_relu(node.input[0])

    def is_last(self, value: str) -> bool:
        """Whether only a softmax and ops without weights lie between a value and the outputs."""
        return all(n.op_type in POOLS | PASS_THROUGH | {"Relu", "Softmax"} and self.is_last(n.output[0])
                   for n, _ in self.readers.get(value, []))


def draw(graph: Graph, name: str, shape: tuple[int, ...], seed: int) -> np.ndarray | None:
    """Values for one parameter, or None where the graph does not use it as one."""
    found = graph.role(name)
    if found is None:
        return None
    node, i = found
    if node.op_type in CONTRACTIONS and i == 1:
        transposed = any(a.name == "transB" and a.i for a in node.attribute)
        if node.op_type in ("Gemm", "MatMul"):
            fan_in = shape[-1] if transposed else shape[-2]
        else:
            fan_in = int(np.prod(shape[1:]))
        variance = (2.0 if graph.behind_relu(node.input[0]) else 1.0) / fan_in
        bound = float(np.sqrt(3.0 * variance)) * (LAST_SCALE if graph.is_last(node.output[0]) else 1.0)
        return uniform(name, shape, -bound, bound, seed)
    if node.op_type == "BatchNormalization" and i in (1, 4):
        scale = RESIDUAL_SCALE if i == 1 and graph.next(node.output[0]) in ("Sum", "Add") else 1.0
        # A Mul and an Add behind a BatchNormalization are its affine form (Caffe's Scale layer).
        return uniform(name, shape, 0.8 * scale, 1.2 * scale, seed)
    if node.op_type in ("Mul", "Div"):
        return uniform(name, shape, 0.8, 1.2, seed)
    return uniform(name, shape, -0.1, 0.1, seed)


def seed_weights(model: onnx.ModelProto, seed: int = 0) -> onnx.ModelProto:
    """A copy of `model` with seeded float32 parameters; the weights are no longer graph inputs."""
    graph = model.graph
    uses = Graph(graph)
    tensors = {t.name: t for t in graph.initializer}
    shapes = {name: tuple(t.dims) for name, t in tensors.items() if t.data_type == onnx.TensorProto.FLOAT}
    for node in graph.node:
        if node.op_type == "ConstantOfShape" and node.input[0] in tensors:
            shapes[node.output[0]] = tuple(numpy_helper.to_array(tensors[node.input[0]]).tolist())
    drawn = {name: draw(uses, name, shape, seed) for name, shape in shapes.items()}
    weights = {name: numpy_helper.from_array(v, name) for name, v in drawn.items() if v is not None}

    nodes = [n for n in graph.node if not set(n.output) & set(weights)]
    used = {name for node in nodes for name in node.input} | {o.name for o in graph.output}
    initializers = [t for name, t in {**tensors, **weights}.items() if name in used]
    inputs = [v for v in graph.input if v.name not in tensors]
    made = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, graph.name, inputs, list(graph.output), initializers),
        opset_imports=model.opset_import,
        producer_name="fsc seed_weights",
    )
    made.ir_version = max(4, model.ir_version)  # from 4 on an initializer need not be an input
    return made


def seed_file(source: Path, target: Path, seed: int = 0) -> None:
    """Writes the seeded form of `source` to `target`; the file appears only when it is whole."""
    made = seed_weights(onnx.load(source), seed)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.write_bytes(made.SerializeToString(deterministic=True))
    part.replace(target)


def light_models() -> dict[str, Path]:
    """The light models of the installed onnx package, by name without 'light_'."""
    import onnx.backend.test

    folder = Path(onnx.backend.test.__file__).parent / "data" / "light"
    return {p.stem.removeprefix("light_"): p for p in sorted(folder.glob("light_*.onnx"))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="an .onnx file, or a light model's name such as resnet50")
    parser.add_argument("target", type=Path, help="the .onnx file to write")
    parser.add_argument("--seed", type=int, default=0, help="another number gives other weights (default 0)")
    args = parser.parse_args()
    source = light_models().get(str(args.source), args.source)
    seed_file(source, args.target, args.seed)
    print(f"{args.target}: {args.target.stat().st_size / 1e6:.1f} MB, seed {args.seed}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
