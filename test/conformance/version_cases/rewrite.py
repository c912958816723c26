# ===- rewrite.py - A model in another version of its operator -*- Python -*-== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""A model in another version of its operator, as far as ONNX's definitions of both say how:

- an input that is an attribute there becomes one, and the other way round; by name;
- an input, output or attribute that is not there is left out;
- a tensor whose element type is not allowed there is converted to one that is;
- an input that is an attribute in any version is a constant of the model.

The model means something else then, which is no harm: what it means is for the oracles to say. The
rewriting says how much it lost, so that the model that lost least can be taken.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .seed import Operator, Seed, element_type, type_of

OpSchema = onnx.defs.OpSchema
CURRENT_IR = 13
DEFAULT_OPSET_BESIDE = 15  # ONNX's own, in models about another domain
# What a tensor becomes whose type is not allowed: the first of these that is.
SUBSTITUTES = ("float", "int64", "int32", "uint8", "bool", "double")
KINDS = {
    OpSchema.AttrType.INT: lambda value: int(value.reshape(-1)[0]),
    OpSchema.AttrType.FLOAT: lambda value: float(value.reshape(-1)[0]),
    OpSchema.AttrType.INTS: lambda value: [int(v) for v in value.reshape(-1)],
    OpSchema.AttrType.FLOATS: lambda value: [float(v) for v in value.reshape(-1)],
}


class Unfit(Exception):
    """The model cannot be said in that version."""


@dataclass
class Model:
    """A rewritten model with its inputs, and what it lost."""

    proto: onnx.ModelProto
    inputs: dict[str, Any]
    lost: int = 0
    changed: bool = False
    types: set[str] = field(default_factory=set)  # of all inputs and outputs

    def lose(self, amount: int) -> None:
        self.lost += amount
        self.changed = True


def schema_of(operator: Operator, opset: int) -> OpSchema:
    return onnx.defs.get_schema(operator[1], opset, operator[0])


def formal(parameters: list, index: int):
    """The formal parameter that an actual one stands for; the last one where there are more."""
    return parameters[min(index, len(parameters) - 1)] if parameters else None


def allowed_types(schema: OpSchema, parameter) -> set[str]:
    for constraint in schema.type_constraints:
        if constraint.type_param_str == parameter.type_str:
            return set(constraint.allowed_type_strs)
    return {parameter.type_str}


def type_name(proto: onnx.TypeProto) -> str:
    """A type in the words of ONNX's definitions."""
    kind = proto.WhichOneof("value")
    if kind == "tensor_type":
        return f"tensor({element_name(proto.tensor_type.elem_type)})"
    if kind == "sequence_type":
        return f"seq({type_name(proto.sequence_type.elem_type)})"
    if kind == "optional_type":
        return f"optional({type_name(proto.optional_type.elem_type)})"
    if kind == "map_type":
        return f"map({element_name(proto.map_type.key_type)}, {element_name(proto.map_type.value_type.tensor_type.elem_type)})"
    return ""


def element_name(number: int) -> str:
    return onnx.TensorProto.DataType.Name(number).lower()


def named_tensor(name: str, value: Any) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(value), name)


class Rewriting:
    """Of the one node of a seed."""

    def __init__(self, seed: Seed, target: OpSchema, constants: set[str]):
        self.seed, self.target = seed, target
        self.node = seed.model.graph.node[0]
        self.source = schema_of(seed.operator, seed.opset)
        self.declared = {value.name: value.type for value in seed.model.graph.input}
        self.values = dict(zip((i.name for i in seed.model.graph.input), seed.inputs, strict=True))
        for tensor in seed.model.graph.initializer:
            self.values[tensor.name] = numpy_helper.to_array(tensor)
        self.constants = constants
        self.result = Model(onnx.ModelProto(), {})
        self.placed: list[str] = []  # the inputs of the node
        self.fixed: dict[str, Any] = {}  # values that are constants of the model
        self.attributes: dict[str, onnx.AttributeProto] = {}

    def run(self) -> Model:
        self.place_inputs()
        self.place_attributes()
        self.convert_types()
        for name, parameter in self.target.attributes.items():
            if parameter.required and name not in self.attributes:
                raise Unfit(f"no value for the attribute {name}")
        required = [p for p in self.target.inputs if p.option != OpSchema.FormalParameterOption.Optional]
        if len(self.placed) < self.target.min_input or "" in self.placed[:min(len(required), self.target.min_input)]:
            raise Unfit("too few inputs")
        return self.result

    def place(self, index: int, name: str) -> None:
        self.placed += [""] * (index + 1 - len(self.placed))
        self.placed[index] = name
        if name in self.values:
            parameter = formal(self.target.inputs, index)
            fixed = parameter.name.lower() in self.constants and isinstance(self.values[name], np.ndarray)
            (self.fixed if fixed else self.result.inputs)[name] = self.values[name]

    def place_inputs(self) -> None:
        at = {parameter.name.lower(): index for index, parameter in enumerate(self.target.inputs)}
        of_source = {parameter.name.lower() for parameter in self.source.inputs}
        for index, name in enumerate(self.node.input):
            known = formal(self.source.inputs, index).name.lower()
            if not name:
                continue
            if known in at:
                self.place(at[known] + max(0, index + 1 - len(self.source.inputs)), name)
            elif known in self.target.attributes and isinstance(self.values.get(name), np.ndarray):
                kind = self.target.attributes[known].type
                if kind not in KINDS or (self.values[name].size != 1 and kind in (OpSchema.AttrType.INT, OpSchema.AttrType.FLOAT)):
                    raise Unfit(f"the attribute {known} cannot have the value of the input")
                self.attributes[known] = helper.make_attribute(known, KINDS[kind](self.values[name]), attr_type=int(kind.value))
                self.result.changed = True
            elif index < len(self.target.inputs) and self.target.inputs[index].name.lower() not in of_source:
                self.place(index, name)
            else:
                self.result.lose(4)

    def place_attributes(self) -> None:
        at = {parameter.name.lower(): index for index, parameter in enumerate(self.target.inputs)}
        for attribute in self.node.attribute:
            known = self.target.attributes.get(attribute.name)
            if known and int(known.type.value) == attribute.type:
                self.attributes[attribute.name] = attribute
            elif attribute.name in at:
                value = helper.get_attribute_value(attribute)
                array = np.asarray(value, np.float32 if isinstance(value, float) else np.int64)
                self.values[f"{attribute.name}_value"] = array
                self.place(at[attribute.name], f"{attribute.name}_value")
                self.result.changed = True
            else:
                default = self.source.attributes[attribute.name].default_value
                same = default.type == attribute.type and helper.get_attribute_value(default) == helper.get_attribute_value(attribute)
                self.result.lose(1 if same else 3)

    def type_of(self, name: str, value: Any) -> str:
        if isinstance(value, np.ndarray):
            return f"tensor({element_name(element_type(value))})"
        return type_name(self.declared[name]) if name in self.declared else ""

    def convert_types(self) -> None:
        """Converts the tensors of one type variable alike."""
        chosen: dict[str, str] = {}
        for index, name in enumerate(self.placed):
            parameter = formal(self.target.inputs, index)
            values = self.fixed if name in self.fixed else self.result.inputs
            was = self.type_of(name, values.get(name))
            allowed = allowed_types(self.target, parameter)
            if not was or (was in allowed and parameter.type_str not in chosen):
                continue
            if was in allowed and was == chosen.get(parameter.type_str, was):
                continue
            if parameter.type_str not in chosen:
                fit = [f"tensor({t})" for t in SUBSTITUTES if f"tensor({t})" in allowed]
                if not fit:
                    raise Unfit(f"{was} is not allowed")
                chosen[parameter.type_str] = fit[0]
                self.result.lose(2)
            values[name] = convert(values[name], chosen[parameter.type_str])


def convert(value: Any, wanted: str) -> Any:
    """A tensor with another element type; what the type cannot hold becomes what it can."""
    match = re.fullmatch(r"tensor\((.*)\)", wanted)
    if not match or not isinstance(value, np.ndarray) or value.dtype.kind in "OUS":
        raise Unfit(f"a value cannot be converted to {wanted}")
    dtype = helper.tensor_dtype_to_np_dtype(onnx.TensorProto.DataType.Value(match[1].upper()))
    return narrow(value, dtype)


def narrow(value: np.ndarray, dtype: np.dtype) -> np.ndarray:
    import ml_dtypes

    if dtype.kind == "O":
        return value.astype(str).astype(object)
    if dtype.kind in "iu" or dtype.name in ("int2", "int4", "uint2", "uint4"):
        limits = ml_dtypes.iinfo(dtype)
        value = np.clip(np.nan_to_num(value.astype(np.float64)), int(limits.min), int(limits.max))
    elif value.dtype.kind in "V" or dtype.kind in "V":
        value = value.astype(np.float32)
    return value.astype(dtype)


def with_signature(result: Model, seed: Seed, target: OpSchema, opset: int, nodes: list[onnx.NodeProto],
                   fixed: dict[str, Any], outputs: list[str]) -> Model:
    """The model of the nodes at an opset, the types of its values inferred and checked by ONNX."""
    domain = target.domain
    declared = {value.name: value for value in [*seed.model.graph.input, *seed.model.graph.output]}
    graph = onnx.GraphProto(name="node", node=nodes)
    for name, value in result.inputs.items():
        info = onnx.ValueInfoProto()
        info.CopyFrom(declared.get(name) or onnx.ValueInfoProto(name=name, type=type_of(value)))
        if info.type.HasField("tensor_type") and isinstance(value, np.ndarray):
            info.type.tensor_type.elem_type = element_type(value)
        graph.input.append(info)
    graph.initializer.extend(named_tensor(name, value) for name, value in fixed.items())
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    imports = [helper.make_opsetid(domain, opset)]
    if domain:
        imports.append(helper.make_opsetid("", max(DEFAULT_OPSET_BESIDE, opset_of_default(seed))))
    proto = helper.make_model(graph, opset_imports=imports)
    proto.ir_version = min(CURRENT_IR, max(4, helper.find_min_ir_version_for(imports, True)))
    try:
        proto = onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True, data_prop=True)
        for output in proto.graph.output:
            complete_type(output, declared.get(output.name))
        if not target.deprecated:  # to say so is the checker's only objection
            onnx.checker.check_model(proto, full_check=True)
    except Exception as error:
        raise Unfit(f"ONNX says: {' '.join(str(error).split())[:300]}") from error
    result.proto = proto
    check_output_types(result, target)
    return result


def complete_type(value: onnx.ValueInfoProto, declared: onnx.ValueInfoProto | None) -> None:
    """Gives a value the type that was declared, or the rank of that with any sizes, if ONNX does not infer it."""
    if declared is None or not declared.HasField("type"):
        return
    if not value.HasField("type"):
        value.type.CopyFrom(declared.type)
    tensor = value.type.tensor_type if value.type.HasField("tensor_type") else None
    if tensor is not None and not tensor.HasField("shape") and declared.type.HasField("tensor_type"):
        tensor.shape.CopyFrom(onnx.TensorShapeProto(dim=[onnx.TensorShapeProto.Dimension() for _ in declared.type.tensor_type.shape.dim]))


def opset_of_default(seed: Seed) -> int:
    return max((entry.version for entry in seed.model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


def check_output_types(result: Model, schema: OpSchema) -> None:
    """ONNX's checker takes the word of an attribute for the type of an output."""
    infos = {value.name: value for value in result.proto.graph.output}
    result.types = {type_name(value.type) for value in result.proto.graph.input}
    for node in result.proto.graph.node:
        if node.op_type != schema.name:
            continue
        for index, name in enumerate(node.output):
            if name not in infos:
                continue
            kind = type_name(infos[name].type)
            if kind not in allowed_types(schema, formal(schema.outputs, index)):
                raise Unfit(f"an output may not be {kind}")
            result.types.add(kind)


def rewrite(seed: Seed, target: OpSchema, opset: int, constants: set[str]) -> Model:
    """The seed as the operator of another version has it, in a model of an opset; `constants` names the inputs that are
    to be constants of the model. Raises Unfit."""
    if not seed.versions[0] <= target.since_version <= seed.versions[1]:
        raise Unfit("the seed is meant for other versions")
    if not seed.is_node():
        inputs = dict(zip((value.name for value in seed.model.graph.input), seed.inputs, strict=True))
        fixed = {tensor.name: numpy_helper.to_array(tensor) for tensor in seed.model.graph.initializer}
        changed = opset != seed.opset
        return with_signature(Model(onnx.ModelProto(), inputs, changed=changed), seed, target, opset,
                              list(seed.model.graph.node), fixed, [value.name for value in seed.model.graph.output])
    rewriting = Rewriting(seed, target, constants)
    result = rewriting.run()
    node = onnx.NodeProto(op_type=target.name, domain=seed.operator[0], input=rewriting.placed)
    node.attribute.extend(rewriting.attributes.values())
    node.output.extend(list(rewriting.node.output)[:target.max_output])
    if len(node.output) < len(rewriting.node.output):
        result.lose(2)
    if any(name in rewriting.fixed for name in result.inputs):
        raise Unfit("an input is a constant and is not")
    if seed.opset != opset and rewriting.source.since_version != target.since_version:
        result.changed = True
    return with_signature(result, seed, target, opset, [node], rewriting.fixed, [name for name in node.output if name])
