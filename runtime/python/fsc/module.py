# ===- module.py - Models, compiled and loaded -*- Python -*-================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Models, compiled and loaded."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _runtime, arrays
from .errors import ArgumentError, InputError


class Value(NamedTuple):
    """One input or output of a model."""

    name: str
    dtype: np.dtype
    shape: tuple  # of each dimension: a size, the name of a symbol (equal names take equal sizes), or None for any size
    type: str  # as ONNX writes it: "tensor(float)", "seq(tensor(int64))", "optional(...)", "map(string,tensor(float))"


def _value(described: tuple) -> Value:
    name, number, shape, _ = described
    return Value(name, arrays.numpy_dtype(number), shape, arrays.type_name(described))


class Kernel(NamedTuple):
    """One piece of native code: some nodes of the model, fused."""

    name: str
    nodes: str  # of the ONNX model, comma separated
    anchor: str  # "contraction", "convolution", "pointwise", ...
    flops: float  # of one run; 0 where unknown
    bytes: float  # read and written in one run; 0 where unknown


class KernelTime(NamedTuple):
    kernel: Kernel
    calls: int
    seconds: float  # of all calls together
    workers: int  # threads that took part in the last call


def _paths(libraries: Sequence[str | os.PathLike]) -> list[str]:
    if isinstance(libraries, (str, os.PathLike)):
        raise ArgumentError(f"custom_ops: expected a list of libraries, got '{libraries}'")
    return [os.fspath(library) for library in libraries]


class Module:
    """A loaded model. Calls of run from several threads take turns; for runs at once, load it once for each thread."""

    def __init__(self, path: str | os.PathLike, threads: int | None = None, custom_ops: Sequence[str | os.PathLike] = ()):
        if threads is not None and threads < 1:
            raise ArgumentError(f"expected at least 1 thread, got {threads}")
        self._module = _runtime.Module(os.fspath(path), _paths(custom_ops))
        self._session = _runtime.Session(self._module, threads or 0)
        self._inputs = self._module.inputs
        self._outputs = self._module.outputs
        self._names = frozenset(name for name, *_ in self._inputs)

    @property
    def name(self) -> str:
        return self._module.name

    @property
    def target(self) -> str:
        return self._module.target

    @property
    def cpu(self) -> str:
        """The level of the code in use: "x86-64-v4", ..."""
        return self._module.cpu

    @property
    def threads(self) -> int:
        return self._session.threads

    @property
    def provenance(self) -> dict:
        """Hashes of the model, the options and the compiler."""
        return json.loads(self._module.provenance)

    @property
    def inputs(self) -> list[Value]:
        return [_value(described) for described in self._inputs]

    @property
    def outputs(self) -> list[Value]:
        return [_value(described) for described in self._outputs]

    @property
    def ranges(self) -> dict[str, tuple[int, int | None]]:
        """The least and the most, None for no bound, that each symbol of `inputs` may be."""
        return dict(zip(self._module.symbols, self._module.symbol_ranges, strict=True))

    @property
    def kernels(self) -> list[Kernel]:
        return [Kernel(*kernel) for kernel in self._module.kernels]

    def run(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Runs the model on arrays by name and returns its outputs by name, in the model's order.

        Arrays are NumPy's or any that speak DLPack, on the CPU; contiguous ones are read in place. Types and shapes must fit
        `inputs`. Outputs are NumPy arrays that own their memory. Sequences are lists, optionals are None or what is in them, maps
        are dicts; inputs as well as outputs. Raises InputError.
        """
        missing = [name for name, *_ in self._inputs if name not in inputs]
        unknown = [name for name in inputs if name not in self._names]
        if missing or unknown:
            wanted = ", ".join(f"'{name}'" for name, *_ in self._inputs) or "none"
            wrong = f"'{unknown[0]}' is none of them" if unknown else f"'{missing[0]}' is missing"
            raise InputError(f"expected the inputs {wanted}: {wrong}")
        arguments = [arrays.to_argument(value[0], value, inputs[value[0]]) for value in self._inputs]
        try:
            results = self._session.run(arguments)
        except TypeError as error:
            # nanobind tells of C++ types, which is no help.
            kinds = ", ".join(f"'{name}' a {type(inputs[name]).__name__}" for name, *_ in self._inputs)
            raise InputError(f"expected arrays, got for {kinds}") from error
        return {
            name: arrays.from_result(*result) for (name, *_), result in zip(self._outputs, results, strict=True)
        }

    def profile(self, inputs: Mapping[str, Any], runs: int = 1) -> list[KernelTime]:
        """Runs the model `runs` times and returns the time of each kernel, the longest first."""
        self._session.profile(True)
        try:
            for _ in range(runs):
                self.run(inputs)
            times = []
            for i, kernel in enumerate(self.kernels):
                calls, nanoseconds, _, workers = self._session.kernel_time(i)
                times.append(KernelTime(kernel, calls, nanoseconds * 1e-9, workers))
        finally:
            self._session.profile(False)
        return sorted(times, key=lambda time: -time.seconds)

    def __repr__(self) -> str:
        def dim(size: int | str | None) -> str:
            return "?" if size is None else str(size)

        def signature(values: list[Value]) -> str:
            return ", ".join(
                f"{v.name}: {v.dtype}[{', '.join(map(dim, v.shape))}]" if v.type.startswith("tensor(") else f"{v.name}: {v.type}"
                for v in values
            )

        return f"<fsc.Module '{self.name}' ({signature(self.inputs)}) -> ({signature(self.outputs)})>"


def load(path: str | os.PathLike, threads: int | None = None, custom_ops: Sequence[str | os.PathLike] = ()) -> Module:
    """Loads a compiled model.

    `threads`: that a run uses; None: all that this process may use. `custom_ops`: shared libraries that define the custom operators
    of the model. Raises ModelError, or NotFoundError if a library is missing.
    """
    return Module(path, threads, custom_ops)


def compile(
    model: Any, output: str | os.PathLike | None = None, *, threads: int | None = None, custom_ops: Sequence[str | os.PathLike] = (), **options: Any
) -> Module:
    """Compiles an ONNX model in this process and loads it.

    `model` is a path, the bytes of a model, or an onnx.ModelProto; external weights need a path. `output` is where the artefact
    goes; None: nowhere, it lives as long as the Module. `custom_ops` are shared libraries that define
    operators. Other options are those of fsc-compile with underscores: opt_level=2 and the like. Raises ModelError for a model that is refused, with all reasons.
    """
    try:
        from . import _compiler
    except ImportError as error:
        raise ArgumentError(
            "fsc.compile needs the compiler, which is not part of this installation: compile the model with fsc-compile and "
            f"use fsc.load ({error})"
        ) from None
    if hasattr(model, "SerializeToString"):
        model = model.SerializeToString()
    elif not isinstance(model, bytes):
        model = os.fspath(model)
    libraries = _paths(custom_ops)
    if output is not None:
        _compiler.compile(model, os.fspath(output), custom_ops=libraries, **options)
        return Module(output, threads, libraries)
    # Once loaded, the artefact stays in memory without its name.
    with tempfile.TemporaryDirectory(prefix="fsc-") as folder:
        path = os.path.join(folder, "model.so")
        _compiler.compile(model, path, custom_ops=libraries, **options)
        return Module(path, threads, libraries)
