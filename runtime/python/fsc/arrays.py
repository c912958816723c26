# ===- arrays.py - Arrays of Python as tensors of ONNX -*- Python -*-========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""NumPy and DLPack arrays as tensors of ONNX, and back, without a copy where their types allow it.

NumPy itself has no bfloat16, no floats of 8 bits or less and no integers of 4 or 2 bits. With the package ml_dtypes they are arrays
of its types, which hold the narrow ones in a byte each; without it they are arrays of their bits: uint16 for bfloat16, uint8 for
floats of 8 bits or less, int8 or uint8 for the narrow integers.

Strings come as arrays of objects (str or bytes), of NumPy's StringDType, or of its fixed widths ("U", "S"), and go as arrays of str
objects. A string that is not UTF-8 goes with its bytes escaped, as Python does with names of files.

A sequence is a list, an optional is what is in it or None, and a map is a dict from Python's numbers or strings to such.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _runtime
from .errors import InputError

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

_CPU = 1  # DLPack's kDLCPU
_STRING = 8
_SEQUENCE, _OPTIONAL, _MAP = 256, 257, 258

# How ONNX writes the types of lists, and types of which NumPy's name is another one.
_LISTS = {_SEQUENCE: "seq", _OPTIONAL: "optional", _MAP: "map"}
_NAMES = {1: "float", 11: "double"}

# By ONNX's number: the name of NumPy's type, or of ml_dtypes' type and of the type that holds its bits.
_NUMPY = {
    1: "float32",
    2: "uint8",
    3: "int8",
    4: "uint16",
    5: "int16",
    6: "int32",
    7: "int64",
    9: "bool",
    10: "float16",
    11: "float64",
    12: "uint32",
    13: "uint64",
    14: "complex64",
    15: "complex128",
}
_OTHERS = {
    16: ("bfloat16", "uint16", 16),
    17: ("float8_e4m3fn", "uint8", 8),
    18: ("float8_e4m3fnuz", "uint8", 8),
    19: ("float8_e5m2", "uint8", 8),
    20: ("float8_e5m2fnuz", "uint8", 8),
    21: ("uint4", "uint8", 4),
    22: ("int4", "int8", 4),
    23: ("float4_e2m1fn", "uint8", 4),
    24: ("float8_e8m0fnu", "uint8", 8),
    25: ("uint2", "uint8", 2),
    26: ("int2", "int8", 2),
    27: ("float6_e2m3fn", "uint8", 6),
    28: ("float6_e3m2fn", "uint8", 6),
}


def numpy_dtype(number: int) -> np.dtype:
    """The type of the arrays that stand for ONNX's type `number`."""
    if number in _NUMPY:
        return np.dtype(_NUMPY[number])
    if number == _STRING or number in _LISTS:
        return np.dtype(object)
    name, bits_type, _ = _OTHERS[number]
    return np.dtype(getattr(ml_dtypes, name, bits_type))


def _pack(values: np.ndarray, bits: int) -> np.ndarray:
    """One byte for each element becomes `bits` bits, low bits first."""
    stream = np.unpackbits(values.ravel().view(np.uint8)[:, None], axis=1, count=bits, bitorder="little")
    return np.packbits(stream.ravel(), bitorder="little")


def _unpack(packed: np.ndarray, bits: int, signed: bool, count: int) -> np.ndarray:
    stream = np.unpackbits(packed, count=count * bits, bitorder="little")
    values = np.packbits(stream.reshape(count, bits), axis=1, bitorder="little").reshape(count)
    if not signed:
        return values
    return ((values ^ (1 << (bits - 1))).astype(np.int8)) - np.int8(1 << (bits - 1))


def _string_argument(name: str, array: Any) -> tuple:
    """The C interface's strings, addresses and sizes, and behind them the bytes that they are of."""
    array = np.asarray(array) if hasattr(array, "__array__") else np.asarray(array, object)
    if array.dtype.kind not in "OUST":
        raise InputError(f"input '{name}': expected an array of strings, got one of {array.dtype}")
    encoded = []
    for element in array.ravel().tolist():
        if not isinstance(element, (str, bytes)):
            raise InputError(f"input '{name}': expected strings, got a {type(element).__name__}")
        encoded.append(element if isinstance(element, bytes) else element.encode("utf-8", "surrogateescape"))
    sizes = np.array([len(element) for element in encoded], np.uint64)
    memory = np.zeros(16 * len(encoded) + int(sizes.sum()) + 16, np.uint8)
    pairs = memory[: 16 * len(encoded)].view(np.uint64)
    start = memory.ctypes.data + 16 * len(encoded)
    pairs[0::2] = np.uint64(start) + (np.cumsum(sizes) - sizes).astype(np.uint64)
    pairs[1::2] = sizes
    data = np.frombuffer(b"".join(encoded), np.uint8)
    memory[16 * len(encoded) : 16 * len(encoded) + data.size] = data
    return (memory, _STRING, list(array.shape))


def _string_result(memory: np.ndarray, dims: list) -> np.ndarray:
    """From offsets and sizes, and behind them the bytes."""
    count = int(np.prod(dims, dtype=np.int64))
    result = np.empty(count, object)
    pairs = memory[: 16 * count].view(np.uint64).tolist()
    data = memory.tobytes()
    for i in range(count):
        offset, size = pairs[2 * i], pairs[2 * i + 1]
        result[i] = data[offset : offset + size].decode("utf-8", "surrogateescape")
    return result.reshape(dims)


def type_name(described: tuple) -> str:
    """ONNX's name for the type of a described value: "tensor(float)", "seq(map(int64,tensor(float)))"."""
    _, number, _, elements = described
    if number not in _LISTS:
        return f"tensor({_NAMES.get(number) or _runtime.dtype_name(number)})"
    names = [type_name(element) for element in elements]
    if number == _MAP:
        names[0] = names[0].removeprefix("tensor(").removesuffix(")")
    return f"{_LISTS[number]}({','.join(names)})"


def to_argument(name: str, described: tuple, value: Any) -> tuple:
    """What _runtime takes for the input `name`, of a type that _runtime described."""
    _, number, _, elements = described
    if number not in _LISTS:
        return _array_argument(name, number, value)
    if number == _MAP:
        if not isinstance(value, Mapping):
            raise InputError(f"input '{name}': expected a dict, got a {type(value).__name__}")
        parts = list(zip(elements, (list(value.keys()), list(value.values())), strict=True))
    elif number == _OPTIONAL:
        parts = [] if value is None else [(elements[0], value)]
    else:
        if not isinstance(value, (list, tuple)):
            raise InputError(f"input '{name}': expected a list, got a {type(value).__name__}")
        parts = [(elements[0], part) for part in value]
    return (number, [to_argument(name, element, part) for element, part in parts])


def _array_argument(name: str, number: int, array: Any) -> tuple:
    if number == _STRING:
        return _string_argument(name, array)
    if not isinstance(array, np.ndarray):
        if hasattr(array, "__dlpack__"):
            if array.__dlpack_device__()[0] != _CPU:
                raise InputError(f"input '{name}': expected an array on the CPU, got one on another device")
            return (array, 0, None)
        try:
            array = np.asarray(array, numpy_dtype(number)) if not hasattr(array, "__array__") else np.asarray(array)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"input '{name}': expected {_runtime.dtype_name(number)}: {error}") from error
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if number in _OTHERS and array.dtype in (numpy_dtype(number), np.dtype(_OTHERS[number][1])):
        _, bits_type, bits = _OTHERS[number]
        if bits < 8:
            values = np.ascontiguousarray(array).view(bits_type)
            return (_pack(values, bits), number, list(array.shape))
        return (array.view(bits_type), number, None)
    # DLPack counts strides in elements.
    if array.itemsize and any(stride % array.itemsize for stride in array.strides):
        array = np.ascontiguousarray(array)
    if array.dtype.kind not in "biufc":
        raise InputError(f"input '{name}': expected an array of {_runtime.dtype_name(number)}, got one of {array.dtype}")
    return (array, 0, None)


def from_result(*result: Any) -> Any:
    """An output: an array, or a list, a dict or None. `result` is a type and elements, or memory, a type and dims."""
    if len(result) == 3:
        return _array_result(*result)
    number, elements = result
    values = [from_result(*element) for element in elements]
    if number == _MAP:
        return dict(zip(values[0].tolist(), values[1].tolist(), strict=True)) if values else {}
    if number == _OPTIONAL:
        return values[0] if values else None
    return values


def _array_result(memory: np.ndarray, number: int, dims: list) -> np.ndarray:
    if number == _STRING:
        return _string_result(memory, dims)
    count = int(np.prod(dims, dtype=np.int64))
    dtype = numpy_dtype(number)
    bits = _OTHERS[number][2] if number in _OTHERS else 8 * dtype.itemsize
    # An empty array has a byte of memory that is not its own.
    memory = memory[: (count * bits + 7) // 8]
    if bits < 8:
        # ml_dtypes keeps the upper bits 0.
        signed = _OTHERS[number][1] == "int8" and dtype == np.int8
        return _unpack(memory, bits, signed, count).view(dtype).reshape(dims)
    return memory.view(dtype).reshape(dims)
