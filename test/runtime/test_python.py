# ===- test_python.py - The Python package -*- Python -*-====================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The package fsc on artefacts made by hand: y = (x + 1) * mask, total = the sum of y."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
FAKES = BUILD / "test" / "runtime"
sys.path.insert(0, str(BUILD / "python"))
import fsc  # noqa: E402

X = np.arange(6, dtype=np.float32).reshape(2, 3)
MASK = np.float32([1, 10])
Y = (X + 1) * MASK[:, None]


@pytest.fixture
def module() -> fsc.Module:
    return fsc.load(FAKES / "dynamic.so", threads=2)


def test_tells_the_signature(module):
    single = np.dtype("float32"), "tensor(float)"
    assert module.inputs == [("x", single[0], ("batch", 3), single[1]), ("mask", single[0], ("batch",), single[1])]
    assert module.outputs[1] == fsc.Value("total", np.dtype("float32"), (), "tensor(float)")
    assert module.name == "fake" and module.cpu == "baseline" and module.target == "cpu" and module.threads == 2
    assert module.provenance == {"compiler": "by hand"}
    assert module.kernels[0].nodes == "Add_0,Mul_1"
    assert repr(module) == (
        "<fsc.Module 'fake' (x: float32[batch, 3], mask: float32[batch]) -> (y: float32[batch, 3], total: float32[])>"
    )


LISTS = {"s": [X[:1, :2], X[:, 1:]], "o": [np.array(["one", ""], object), np.array("ä", object)], "m": {7: 0.5, -7: 0.25}}


def test_tells_of_lists():
    module = fsc.load(FAKES / "list.so")
    assert module.inputs[0] == ("s", np.dtype(object), (), "seq(tensor(float))")
    assert module.inputs[1].type == "optional(seq(tensor(string)))" and module.inputs[2].type == "map(int64,tensor(float))"
    assert repr(module).startswith("<fsc.Module 'lists' (s: seq(tensor(float)), o: ")


def test_takes_and_gives_lists():
    module = fsc.load(FAKES / "list.so")
    outputs = module.run(LISTS)
    assert [element.tolist() for element in outputs["turned"]] == [X[:, 1:].tolist(), X[:1, :2].tolist()]
    assert [element.tolist() for element in outputs["o"]] == [["one", ""], "ä"]
    assert outputs["m"] == LISTS["m"] and all(type(key) is int for key in outputs["m"])
    assert outputs["count"] == 2
    assert module.run(LISTS | {"o": None})["o"] is None
    assert module.run(LISTS | {"o": (), "m": {}})["m"] == {}
    # They own their memory.
    first = outputs["turned"][1]
    module.run(LISTS | {"s": [X[:, :2] * 0]})
    np.testing.assert_array_equal(first, X[:1, :2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"s": X}, "input 's': expected a list, got a ndarray"),
        ({"s": [X[:, :2].astype(np.float64)]}, "input 's': expected elements of float32, got float64"),
        ({"s": [X]}, "input 's': dim 1 of an element is 3, expected 2"),
        ({"s": [None]}, "input 's': expected"),
        ({"o": "text"}, "input 'o': expected a list, got a str"),
        ({"m": [1]}, "input 'm': expected a dict, got a list"),
        ({"m": {"a": 1.0}}, "input 'm': expected"),
    ],
)
def test_refuses_lists_that_do_not_fit(change, message):
    with pytest.raises(fsc.InputError, match=message):
        fsc.load(FAKES / "list.so").run(LISTS | change)


def test_runs(module):
    outputs = module.run({"x": X, "mask": MASK})
    assert list(outputs) == ["y", "total"]
    np.testing.assert_array_equal(outputs["y"], Y)
    assert outputs["total"] == Y.sum()


def test_outputs_own_their_memory(module):
    first = module.run({"x": X, "mask": MASK})["y"]
    module.run({"x": X * 0, "mask": MASK})
    np.testing.assert_array_equal(first, Y)
    first[0, 0] = 7  # and can be written to
    del module
    assert first[0, 0] == 7


@pytest.mark.parametrize(
    "x",
    [
        np.asfortranarray(X),
        np.repeat(X, 2, axis=1)[:, ::2],
        X[::-1].copy()[::-1],
        X.astype(">f4"),
        X.tolist(),
        np.frombuffer(X.tobytes(), np.float32).reshape(2, 3),  # read-only
        np.frombuffer(b"\0" + X.tobytes(), np.float32, offset=1).reshape(2, 3),  # unaligned
    ],
    ids=["fortran", "strided", "backwards", "big-endian", "list", "read-only", "unaligned"],
)
def test_takes_every_layout(module, x):
    np.testing.assert_array_equal(module.run({"x": x, "mask": MASK})["y"], Y)


def test_takes_fields_of_records(module):
    records = np.zeros((2, 3), dtype=[("pad", "u1"), ("x", "f4")])
    records["x"] = X
    np.testing.assert_array_equal(module.run({"x": records["x"], "mask": MASK})["y"], Y)


class Exporter:
    """An array of another library: DLPack and nothing else."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def test_takes_dlpack(module):
    np.testing.assert_array_equal(module.run({"x": Exporter(X), "mask": Exporter(MASK)})["y"], Y)


def test_refuses_arrays_on_other_devices(module):
    class OnGpu(Exporter):
        def __dlpack_device__(self):
            return (2, 0)

    with pytest.raises(fsc.InputError, match="input 'x': expected an array on the CPU"):
        module.run({"x": OnGpu(X), "mask": MASK})


def test_reads_contiguous_inputs_in_place(module):
    x = np.full((2, 3), -11, np.float32)  # the model then returns bits of the address it reads
    for array in (x, Exporter(x)):
        address = int(module.run({"x": array, "mask": MASK})["total"])
        assert address == x.ctypes.data >> 2 & 0x3FFFFF
    copied = int(module.run({"x": np.asfortranarray(x), "mask": MASK})["total"])
    assert copied != x.ctypes.data >> 2 & 0x3FFFFF


def test_says_what_is_wrong_with_inputs(module):
    for inputs, reason in [
        ({"x": X}, "expected the inputs 'x', 'mask': 'mask' is missing"),
        ({"x": X, "mask": MASK, "z": X}, "expected the inputs 'x', 'mask': 'z' is none of them"),
        ({"x": X.astype(np.float64), "mask": MASK}, "input 'x': expected float32, got float64"),
        ({"x": X[0], "mask": MASK}, "input 'x': expected rank 2, got rank 1"),
        ({"x": X[:, :2], "mask": MASK}, "input 'x': dim 1 is 2, expected 3"),
        ({"x": X, "mask": MASK[:1]}, "input 'mask': dim 0 is 1, but 'batch' is 2 from input 'x'"),
        ({"x": np.array([["a"] * 3]), "mask": MASK}, "input 'x': expected an array of float32, got one of <U1"),
    ]:
        with pytest.raises(fsc.InputError, match=reason):
            module.run(inputs)
    np.testing.assert_array_equal(module.run({"x": X, "mask": MASK})["y"], Y)


def test_reports_failures_of_the_model(module):
    with pytest.raises(fsc.InputError, match="node 'x': the value is out of range"):
        module.run({"x": X - 1, "mask": MASK})
    with pytest.raises(fsc.InternalError, match="gave no reason"):
        module.run({"x": X - 9, "mask": MASK})
    with pytest.raises(fsc.OutOfMemoryError):
        module.run({"x": X - 8, "mask": MASK})


def test_exceptions_say_who_can_mend_it():
    for name, kind in {
        "nowhere.so": fsc.NotFoundError,
        "newer.so": fsc.ModelError,
        "unknown-feature.so": fsc.UnsupportedError,
    }.items():
        with pytest.raises(kind, match=name.removesuffix(".so")):
            fsc.load(FAKES / name)
    assert issubclass(fsc.InputError, ValueError) and issubclass(fsc.NotFoundError, FileNotFoundError)
    assert issubclass(fsc.UnsupportedError, fsc.ModelError) and issubclass(fsc.ModelError, fsc.Error)
    with pytest.raises(fsc.ArgumentError):
        fsc.load(FAKES / "dynamic.so", threads=0)


TYPES = {
    1: np.float32,
    2: np.uint8,
    3: np.int8,
    7: np.int64,
    9: np.bool_,
    10: np.float16,
    11: np.float64,
    12: np.uint32,
    14: np.complex64,
    16: ml_dtypes.bfloat16,
    17: ml_dtypes.float8_e4m3fn,
    18: ml_dtypes.float8_e4m3fnuz,
    19: ml_dtypes.float8_e5m2,
    20: ml_dtypes.float8_e5m2fnuz,
    21: ml_dtypes.uint4,
    22: ml_dtypes.int4,
    23: ml_dtypes.float4_e2m1fn,
    24: ml_dtypes.float8_e8m0fnu,
    25: ml_dtypes.uint2,
    26: ml_dtypes.int2,
    27: ml_dtypes.float6_e2m3fn,
    28: ml_dtypes.float6_e3m2fn,
}


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("rows", [0, 1, 5])
def test_every_type_passes_through(number, rows):
    module = fsc.load(FAKES / f"copy-{number}.so", threads=1)
    dtype = np.dtype(TYPES[number])
    assert module.inputs[0].dtype == dtype
    assert module.inputs[0].shape == (None, 3)
    values = np.arange(rows * 3).reshape(rows, 3)
    x = (values % 2 if number == 25 else values % 4 - 2 if number == 26 else values).astype(dtype)
    y = module.run({"x": x})["y"]
    assert y.dtype == dtype and y.shape == (rows, 3)
    np.testing.assert_array_equal(y.view(np.uint8), np.ascontiguousarray(x).view(np.uint8))


def test_another_type_of_the_same_size_is_refused():
    with pytest.raises(fsc.InputError, match="expected bfloat16, got float16"):
        fsc.load(FAKES / "copy-16.so").run({"x": np.zeros((1, 3), np.float16)})


def test_threads_take_turns(module):
    wrong = []

    def work():
        for _ in range(100):
            if not np.array_equal(module.run({"x": X, "mask": MASK})["y"], Y):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_profiles(module):
    (time,) = module.profile({"x": X, "mask": MASK}, runs=3)
    assert time.calls == 3 and time.kernel.name == "rows" and time.seconds > 0


def test_imports_and_runs_without_llvm():
    code = f"""
import sys
sys.path.insert(0, {str(BUILD / "python")!r})
import fsc
fsc.load({str(FAKES / "dynamic.so")!r})
maps = open("/proc/self/maps").read()
assert "LLVM" not in maps and "MLIR" not in maps
assert "fsc._compiler" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_compiler_compile_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsc._compiler", None)
    monkeypatch.delattr(fsc, "_compiler", raising=False)  # another test may have imported it
    with pytest.raises(fsc.ArgumentError, match="use fsc.load"):
        fsc.compile("model.onnx")
