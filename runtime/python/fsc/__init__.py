# ===- __init__.py - Compile and run ONNX models -*- Python -*-================ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""fsc: ONNX models as native code.

    import fsc

    module = fsc.load("model.so")              # made by fsc-compile, or by fsc.compile("model.onnx")
    print(module.inputs)                       # names, types and shapes
    outputs = module.run({"x": array})         # NumPy or DLPack arrays in, a dictionary of NumPy arrays out

Loading and running need neither LLVM nor the compiler.
"""

from . import _runtime
from .errors import (
    ArgumentError,
    Error,
    InputError,
    InternalError,
    ModelError,
    NotFoundError,
    OutOfMemoryError,
    UnsupportedError,
)
from .module import Kernel, KernelTime, Module, Value, compile, load

__version__ = _runtime.version

__all__ = [
    "ArgumentError",
    "Error",
    "InputError",
    "InternalError",
    "Kernel",
    "KernelTime",
    "ModelError",
    "Module",
    "NotFoundError",
    "OutOfMemoryError",
    "UnsupportedError",
    "Value",
    "compile",
    "load",
]
