# ===- seed.py - A model about one operator, with inputs -*- Python -*-======== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""A model about one operator, with inputs. Most are ONNX's node tests; what these have not is written by hand."""

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper, parser

# Node tests whose outputs are a draw of a random generator.
DRAWN = re.compile(r"test_bernoulli|test_training_dropout(?!.*zero_ratio)")
Operator = tuple[str, str]  # domain, "" for ONNX's own, and name


@dataclass
class Seed:
    name: str
    operator: Operator
    model: onnx.ModelProto
    inputs: list[Any]  # an array, a list of arrays, a dict, or None for an optional that is empty
    outputs: list[Any] | None = None  # recorded ones
    # Of the operator, for which this seed is meant: the first and the last.
    versions: tuple[int, int] = (0, 1 << 30)
    # An older opset in which the operator means the same, where no oracle knows the newest.
    unchanged_since: int = 0
    # For outputs that are not a function of the inputs: what is wrong with them, or nothing.
    check: Callable[[list[Any]], str] | None = None

    @property
    def by_hand(self) -> bool:
        return self.outputs is None

    @property
    def opset(self) -> int:
        return opset_of(self.model, self.operator[0])

    def is_node(self) -> bool:
        """Whether the model is one node without graphs in it, which can be rewritten."""
        nodes = self.model.graph.node
        return len(nodes) == 1 and not any(a.HasField("g") or a.graphs for a in nodes[0].attribute)


def opset_of(model: onnx.ModelProto, domain: str) -> int:
    """The version of a domain that a model imports; 0 if none."""
    return next((entry.version for entry in model.opset_import if plain_domain(entry.domain) == domain), 0)


def plain_domain(domain: str) -> str:
    return "" if domain == "ai.onnx" else domain


def type_of(value: Any) -> onnx.TypeProto:
    """The type of a value that is given to a model."""
    if isinstance(value, list):
        return helper.make_sequence_type_proto(type_of(value[0]))
    if isinstance(value, dict):
        key, item = next(iter(value.items()))
        item = np.float32(item) if isinstance(item, float) else np.asarray(item)
        scalar = helper.make_tensor_type_proto(element_type(item), [])
        return helper.make_map_type_proto(element_type(np.asarray(key)), scalar)
    array = np.asarray(value)
    return helper.make_tensor_type_proto(element_type(array), array.shape)


def element_type(array: np.ndarray) -> int:
    return onnx.TensorProto.STRING if array.dtype.kind in "OUS" else helper.np_dtype_to_tensor_dtype(array.dtype)


def plain_value(value: Any) -> Any:
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    return np.asarray(value) if isinstance(value, np.generic) else value


def node_seed(operator: str | Operator, version: int, inputs: Sequence[Any], outputs: int = 1, *, name: str = "",
              ranks: Sequence[int] = (), **attributes: Any) -> Seed:
    """A model of one node of an operator's version; an input that is None is absent. `ranks` are those of outputs whose
    shape ONNX does not infer."""
    domain, op = ("", operator) if isinstance(operator, str) else operator
    of_seed = {key: attributes.pop(key) for key in ("check", "versions", "unchanged_since") if key in attributes}
    names = ["" if value is None else f"x{i}" for i, value in enumerate(inputs)]
    results = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(op, names, results, domain=domain, **attributes)
    signature = [helper.make_value_info(name, type_of(value)) for name, value in zip(names, inputs, strict=True) if name]
    graph = helper.make_graph([node], op, signature, [onnx.ValueInfoProto(name=result) for result in results])
    for info, rank in zip(graph.output, ranks):
        info.type.CopyFrom(helper.make_tensor_type_proto(0, [None] * rank))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(domain, version)])
    given = [value for value in inputs if value is not None]
    return Seed(name or f"{op}-{version}", (domain, op), model, given, **of_seed)


def text_seed(operator: str | Operator, text: str, inputs: Sequence[Any], *, opset: int = 11, **more: Any) -> Seed:
    """A model in ONNX's text form, without header: `name (inputs) => (outputs) { nodes }`."""
    domain, op = ("", operator) if isinstance(operator, str) else operator
    graph = parser.parse_graph(text)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return Seed(more.pop("name", f"{op}-{graph.name}"), (domain, op), model, list(inputs), **more)


def node_tests() -> list[Seed]:
    """ONNX's own, without those that are another form of the one before, or random."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, about the numbers that the tests are made of
        tests = load_model_tests(kind="node")
    seeds = []
    for test in tests:
        node = test.model.graph.node[0]
        if len(test.model.graph.node) == 1 and "_expanded" not in test.name and not DRAWN.match(test.name):
            inputs, outputs = ([plain_value(value) for value in values] for values in test.data_sets[0])
            operator = (plain_domain(node.domain), node.op_type)
            seeds.append(Seed(test.name, operator, test.model, inputs, outputs))
    return seeds


def all_seeds() -> list[Seed]:
    from . import control, learning, narrow, tensors

    return [*control.seeds(), *learning.seeds(), *tensors.seeds(), *narrow.seeds(), *node_tests()]
