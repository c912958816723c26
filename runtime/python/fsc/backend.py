# ===- backend.py - fsc behind ONNX's backend interface -*- Python -*-========= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""fsc behind ONNX's own interface for implementations, onnx.backend.base:

    import fsc.backend

    prepared = fsc.backend.prepare(model, device="CPU")    # an onnx.ModelProto; options are those of fsc.compile
    outputs = prepared.run([array, ...])                   # a tuple in the model's order, its fields named if they can be

Needs the package onnx and the compiler.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.backend.base as base
from onnx import helper

from .errors import InputError
from .module import Module, compile


class BackendRep(base.BackendRep):
    """A compiled model."""

    def __init__(self, module: Module):
        self.module = module

    def run(self, inputs: Any, **kwargs: Any) -> tuple:
        """Runs the model on its inputs: by name, in order, or the only one."""
        names = [value.name for value in self.module.inputs]
        if not isinstance(inputs, Mapping):
            if not isinstance(inputs, (list, tuple)):
                inputs = [inputs]
            if len(inputs) != len(names):
                raise InputError(f"expected {len(names)} inputs, got {len(inputs)}")
            inputs = dict(zip(names, inputs, strict=True))
        outputs = self.module.run(inputs)
        return base.namedtupledict("Outputs", list(outputs))(*outputs.values())


class Backend(base.Backend):
    """The class that ONNX's interface asks for; its methods are this module's functions as well."""

    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
        """Whether `prepare` is worth a try. Only compiling shows what is supported, so the device alone decides."""
        return cls.supports_device(device)

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> BackendRep:
        """Compiles a model. Raises fsc.ModelError with the reasons if it is refused."""
        if not cls.supports_device(device):
            raise ValueError(f"expected the device CPU, got '{device}'")
        return BackendRep(compile(model, **kwargs))

    @classmethod
    def run_node(
        cls,
        node: onnx.NodeProto,
        inputs: Any,
        device: str = "CPU",
        outputs_info: Sequence[tuple[np.dtype, tuple[int, ...]]] | None = None,
        **kwargs: Any,
    ) -> tuple:
        """Compiles and runs one node on the inputs it has, in order."""
        opset = kwargs.pop("opset_version", onnx.defs.onnx_opset_version())
        super().run_node(node, inputs, device, outputs_info, opset_version=opset)
        if isinstance(inputs, Mapping):
            inputs = [inputs[name] for name in node.input if name]
        arrays = [np.asarray(array) for array in (inputs if isinstance(inputs, (list, tuple)) else [inputs])]

        def value(name: str, dtype: np.dtype, shape: Sequence[int]) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)

        given = dict(zip((name for name in node.input if name), arrays, strict=True))
        outputs = [name for name in node.output if name]
        if outputs_info is None:
            results = [helper.make_empty_tensor_value_info(name) for name in outputs]
        else:
            results = [value(name, *info) for name, info in zip(outputs, outputs_info, strict=True)]
        signature = [value(name, array.dtype, array.shape) for name, array in given.items()]
        graph = helper.make_graph([node], node.op_type, signature, results)
        imports = [helper.make_opsetid(node.domain, opset)]
        model = onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=imports))
        return cls.prepare(model, device, **kwargs).run(given)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        """The CPU, by the name that ONNX gives it."""
        return device == "CPU" or device.startswith("CPU:")


is_compatible = Backend.is_compatible
prepare = Backend.prepare
run_model = Backend.run_model
run_node = Backend.run_node
supports_device = Backend.supports_device
