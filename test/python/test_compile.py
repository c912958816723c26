# ===- test_compile.py - fsc.compile and fsc.backend -*- Python -*-============ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""fsc.compile in this process, and ONNX's backend interface on top of it."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
import fsc  # noqa: E402
import fsc.backend  # noqa: E402


def text(source: str) -> onnx.ModelProto:
    return onnx.parser.parse_model('<ir_version: 8, opset_import: ["" : 17]>\n' + source)


ADD = text("add (float[batch, 3] x, float[3] b) => (float[batch, 3] y) { y = Add(x, b) }")
X, B = np.arange(6, dtype=np.float32).reshape(2, 3), np.float32([10, 20, 30])


def matmul_model(size: int) -> onnx.ModelProto:
    """y = tanh(x w), with weights that are large enough to be a resource."""
    model = text(f"mm (float[n, {size}] x) => (float[n, {size}] y) {{ t = MatMul(x, w) y = Tanh(t) }}")
    weight = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32) / size
    model.graph.initializer.append(numpy_helper.from_array(weight, "w"))
    return model


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# What exceptions say


def test_a_refusal_has_codes_and_all_problems():
    with pytest.raises(fsc.ModelError) as caught:
        fsc.compile(text("net (float[n] x) => (int64[n] y, float[n] z) { y = Relu(x) z = Nope(x) }"), bind={"batch": 1})
    problems = caught.value.problems
    assert caught.value.code == problems[0]["code"] == "FSC-E402"
    assert [problem["code"] for problem in problems] == ["FSC-E402", "FSC-E201", "FSC-E207"]
    assert {**problems[1], "remedy": ""} == {
        "severity": "error", "code": "FSC-E201", "node": "Nope:z", "op": "Nope", "opset": 17,
        "reason": "opset 17 has no operator Nope", "remedy": "",
    }
    assert all(problem["remedy"] for problem in problems)
    assert "error: FSC-E207: output 'y': " in str(caught.value)


def test_a_wrong_call_and_a_wrong_input_have_codes():
    with pytest.raises(fsc.ArgumentError) as caught:
        fsc.compile(ADD, opt_level=1)
    assert caught.value.code == "FSC-E401"
    with pytest.raises(fsc.ArgumentError) as caught:
        fsc.compile(ADD, target="tpu")
    assert caught.value.code == "FSC-E403"
    with pytest.raises(fsc.InputError) as caught:
        fsc.compile(ADD).run({"x": X, "b": X})
    assert caught.value.code == "FSC-E603"


def test_strict_and_limits_are_options():
    model = text("net (float[2] x) => (float[3] y) { y = Relu(x) }")
    assert fsc.compile(model).outputs[0].shape == (2,)
    with pytest.raises(fsc.ModelError) as caught:
        fsc.compile(model, strict=True)
    assert caught.value.code == "FSC-W104"
    with pytest.raises(fsc.ModelError) as caught:
        fsc.compile(model, limits={"name": 1})
    assert caught.value.code == "FSC-E301"
    with pytest.raises(fsc.ArgumentError, match="expected a limit of nodes"):
        fsc.compile(model, limits={"cats": 1})


# What a model may be


@pytest.mark.parametrize("form", ["proto", "bytes", "path", "text path"])
def test_takes_a_model_in_every_form(form, tmp_path):
    path = tmp_path / "add.onnx"
    onnx.save(ADD, path)
    model = {"proto": ADD, "bytes": ADD.SerializeToString(), "path": path, "text path": str(path)}[form]
    module = fsc.compile(model)
    assert module.inputs[0] == ("x", np.dtype("float32"), ("batch", 3), "tensor(float)")
    np.testing.assert_array_equal(module.run({"x": X, "b": B})["y"], X + B)


def test_leaves_the_artefact_where_it_is_asked_to(tmp_path):
    output = tmp_path / "add.so"
    fsc.compile(ADD, output)
    np.testing.assert_array_equal(fsc.load(output).run({"x": X, "b": B})["y"], X + B)


def test_leaves_nothing_behind_without_an_output(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    module = fsc.compile(ADD)
    assert not list(tmp_path.iterdir())
    np.testing.assert_array_equal(module.run({"x": X, "b": B})["y"], X + B)


def test_external_weights_are_read_from_a_path_and_refused_without_one(tmp_path):
    model = matmul_model(40)
    weight = numpy_helper.to_array(model.graph.initializer[0])
    onnx.save(model, tmp_path / "m.onnx", save_as_external_data=True, location="m.data", size_threshold=0)
    x = np.ones((2, 40), np.float32)
    expected = np.tanh(x @ weight)
    np.testing.assert_allclose(fsc.compile(tmp_path / "m.onnx").run({"x": x})["y"], expected, rtol=1e-5)
    with pytest.raises(fsc.ModelError, match="external data: give the path"):
        fsc.compile((tmp_path / "m.onnx").read_bytes())


def test_two_compilations_give_the_same_bytes(tmp_path):
    model = matmul_model(40).SerializeToString()
    for i, threads in enumerate((1, 1, 4)):
        fsc.compile(model, tmp_path / f"{i}.so", compile_threads=threads)
    assert sha256(tmp_path / "0.so") == sha256(tmp_path / "1.so") == sha256(tmp_path / "2.so")


# Options


def test_binds_symbolic_sizes():
    module = fsc.compile(ADD, bind={"batch": 2})
    assert module.inputs[0].shape == (2, 3)
    with pytest.raises(fsc.InputError):
        module.run({"x": X[:1], "b": B})


def test_the_reference_lowering_agrees():
    model = matmul_model(40)
    x = np.random.default_rng(1).normal(size=(5, 40)).astype(np.float32)
    fast, slow = fsc.compile(model), fsc.compile(model, opt_level=0)
    np.testing.assert_allclose(fast.run({"x": x})["y"], slow.run({"x": x})["y"], rtol=1e-5, atol=1e-6)


def test_external_weights_can_be_written(tmp_path):
    module = fsc.compile(matmul_model(40), tmp_path / "m.so", weights="external")
    assert (tmp_path / "m.so.weights").stat().st_size >= 40 * 40 * 4
    assert module.run({"x": np.zeros((1, 40), np.float32)})["y"].shape == (1, 40)


def test_threads_are_those_of_a_run():
    assert fsc.compile(ADD, threads=1).threads == 1
    assert fsc.compile(ADD, threads=2).threads == 2


@pytest.mark.parametrize("options, message", [
    ({"opt_level": 1}, "opt_level: expected 0 or 2, got 1"),
    ({"weights": "cloud"}, "weights: expected 'embedded' or 'external', got 'cloud'"),
    ({"nchwc_block": 4}, "nchwc_block: expected 8 or 16, got 4"),
    ({"bind": {"batch": -2}}, "bind: expected a size for 'batch', got -2"),
    ({"target": "tpu"}, "tpu"),
    ({"target": "cpu:z80"}, "expected cpu level"),
    ({"threads": 0}, "expected at least 1 thread, got 0"),
])
def test_a_wrong_option_is_an_argument_error(options, message):
    with pytest.raises(fsc.ArgumentError, match=message):
        fsc.compile(ADD, **options)


def test_an_unknown_option_is_a_type_error():
    with pytest.raises(TypeError):
        fsc.compile(ADD, speed="high")


# Failures


def test_a_refused_model_raises_a_model_error_with_all_reasons():
    model = text("m (float[2] x) => (float[2] z) { y = Frobnicate(x) z = Twist(y) }")
    with pytest.raises(fsc.ModelError) as caught:
        fsc.compile(model)
    assert "node 'Frobnicate:y' (Frobnicate, opset 17)" in str(caught.value)
    assert "node 'Twist:z' (Twist, opset 17)" in str(caught.value)


@pytest.mark.parametrize("model", [b"", b"no model", ADD.SerializeToString()[:40], b"\0" * 100])
def test_a_malformed_model_is_refused(model):
    with pytest.raises(fsc.ModelError):
        fsc.compile(model)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(fsc.ModelError, match="missing.onnx"):
        fsc.compile(tmp_path / "missing.onnx")


def test_an_output_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(fsc.Error, match="no-such-folder"):
        fsc.compile(ADD, tmp_path / "no-such-folder" / "x.so")


@pytest.mark.parametrize("inputs, message", [
    ({"x": X}, "'b' is missing"),
    ({"x": X, "b": B, "c": B}, "'c' is none of them"),
    ({"x": X.astype(np.float64), "b": B}, "x"),
    ({"x": X[0], "b": B}, "x"),
    ({"x": np.zeros((2, 4), np.float32), "b": B}, "x"),
])
def test_a_wrong_input_is_an_input_error(inputs, message):
    with pytest.raises(fsc.InputError, match=message):
        fsc.compile(ADD).run(inputs)


def test_a_size_that_only_a_run_can_refuse():
    module = fsc.compile(text("r (float[n] x, int64[2] shape) => (float[a, b] y) { y = Reshape(x, shape) }"))
    assert module.run({"x": np.zeros(6, np.float32), "shape": np.int64([2, -1])})["y"].shape == (2, 3)
    with pytest.raises(fsc.Error, match="another number of elements"):
        module.run({"x": np.zeros(6, np.float32), "shape": np.int64([4, 2])})


# Arrays


def test_one_module_runs_any_size_of_a_symbolic_dim():
    module = fsc.compile(ADD)
    for batch in (1, 3, 0, 1000):
        x = np.full((batch, 3), 2, np.float32)
        np.testing.assert_array_equal(module.run({"x": x, "b": B})["y"], x + B)


def test_takes_arrays_of_others_through_dlpack():
    class Foreign:
        def __init__(self, array):
            self.array = array

        def __dlpack__(self, **kwargs):
            return self.array.__dlpack__(**kwargs)

        def __dlpack_device__(self):
            return self.array.__dlpack_device__()

    outputs = fsc.compile(ADD).run({"x": Foreign(X), "b": Foreign(B)})
    np.testing.assert_array_equal(np.from_dlpack(outputs["y"]), X + B)


def test_takes_strided_arrays():
    wide = np.arange(24, dtype=np.float32).reshape(4, 6)
    module = fsc.compile(ADD)
    for x in (wide[::2, ::2], wide[::-1, 3:], np.asfortranarray(wide[:, :3])):
        np.testing.assert_array_equal(module.run({"x": x, "b": B})["y"], x + B)


@pytest.mark.parametrize("dtype", ["float16", "float64", "bfloat16", "int8", "uint8", "int32", "int64", "uint64"])
def test_every_width_goes_in_and_out(dtype):
    dtype = np.dtype(getattr(ml_dtypes, dtype, dtype))
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    value = [helper.make_tensor_value_info(name, kind, [4]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "g", value[:1], value[1:])
    module = fsc.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]))
    x = np.arange(4).astype(dtype)
    y = module.run({"x": x})["y"]
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.astype(np.float64), 2.0 * np.arange(4))


@pytest.mark.parametrize("dtype", ["int4", "uint4", "int2", "uint2", "float4_e2m1fn", "float8_e5m2"])
@pytest.mark.parametrize("count", [0, 1, 6, 9])
def test_narrow_types_go_in_and_out(dtype, count):
    dtype = np.dtype(getattr(ml_dtypes, dtype))
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    dims = {"x": ["n", 3], "y": [3, "n"], "z": ["m"]}
    x, y, z = (helper.make_tensor_value_info(name, kind, dims[name]) for name in dims)
    nodes = [helper.make_node("Transpose", ["x"], ["y"]), helper.make_node("Reshape", ["y", "all"], ["z"])]
    graph = helper.make_graph(nodes, "g", [x], [y, z], [numpy_helper.from_array(np.int64([-1]), "all")])
    module = fsc.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 25)], ir_version=12))
    width = (ml_dtypes.finfo if "float" in dtype.name else ml_dtypes.iinfo)(dtype).bits
    array = np.random.default_rng(count).integers(0, 1 << width, (count, 3), np.uint8).view(dtype)
    outputs = module.run({"x": array})
    np.testing.assert_array_equal(outputs["y"].view(np.uint8), np.ascontiguousarray(array.T).view(np.uint8))
    np.testing.assert_array_equal(outputs["z"].view(np.uint8), array.T.ravel().view(np.uint8))


# Threads


def in_threads(count: int, work) -> list:
    results: list = [None] * count

    def call(i: int) -> None:
        try:
            results[i] = work(i)
        except Exception as error:  # noqa: BLE001
            results[i] = error

    threads = [threading.Thread(target=call, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_several_threads_compile_at_once():
    def work(i: int) -> np.ndarray:
        model = text(f"m (float[{i + 2}] x) => (float[{i + 2}] y) {{ t = Add(x, x) y = Sigmoid(t) }}")
        return fsc.compile(model, threads=1).run({"x": np.zeros(i + 2, np.float32)})["y"]

    for i, result in enumerate(in_threads(8, work)):
        np.testing.assert_array_equal(result, np.full(i + 2, 0.5, np.float32))


def test_failures_of_several_threads_keep_apart():
    def work(i: int) -> None:
        fsc.compile(text(f"m (float[2] x) => (float[2] y) {{ y = Unknown{i}(x) }}"))

    for i, result in enumerate(in_threads(6, work)):
        assert isinstance(result, fsc.ModelError)
        assert f"Unknown{i}" in str(result)
        assert not any(f"Unknown{k}" in str(result) for k in range(6) if k != i)


def test_several_threads_run_one_module():
    module = fsc.compile(matmul_model(40), threads=2)
    x = np.random.default_rng(2).normal(size=(8, 40)).astype(np.float32)
    expected = module.run({"x": x})["y"]
    for result in in_threads(6, lambda i: [module.run({"x": x})["y"] for _ in range(20)]):
        for y in result:
            np.testing.assert_array_equal(y, expected)


def test_other_threads_go_on_while_one_compiles():
    ticks, done = [], threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(None)

    ticker = threading.Thread(target=tick)
    ticker.start()
    fsc.compile(ROOT / "docs" / "examples" / "digits" / "digits.onnx")
    done.set()
    ticker.join()
    assert len(ticks) >= 5


# The package


def test_importing_fsc_loads_no_compiler():
    program = (f"import sys; sys.path.insert(0, {str(BUILD / 'python')!r}); import fsc; "
               "assert 'fsc._compiler' not in sys.modules and 'onnx' not in sys.modules; "
               "assert 'LLVM' not in open('/proc/self/maps').read()")
    subprocess.run([sys.executable, "-c", program], check=True)


def test_onnx_and_the_compiler_share_a_process():
    """Each has its own copy of ONNX's schemas and of protobuf."""
    for _ in range(3):
        onnx.checker.check_model(ADD)
        fsc.compile(ADD)
        onnx.shape_inference.infer_shapes(ADD)


# ONNX's backend interface


def test_backend_prepares_and_runs():
    prepared = fsc.backend.prepare(ADD)
    assert isinstance(prepared, onnx.backend.base.BackendRep)
    outputs = prepared.run([X, B])
    np.testing.assert_array_equal(outputs[0], X + B)
    np.testing.assert_array_equal(outputs.y, X + B)
    np.testing.assert_array_equal(outputs["y"], X + B)
    np.testing.assert_array_equal(prepared.run({"b": B, "x": X})[0], X + B)


def test_backend_runs_a_model_at_once():
    np.testing.assert_array_equal(fsc.backend.run_model(ADD, [X, B])[0], X + B)


def test_backend_runs_a_node():
    node = helper.make_node("Add", ["x", "b"], ["y"])
    np.testing.assert_array_equal(fsc.backend.run_node(node, [X, B])[0], X + B)
    information = [(np.dtype("float32"), (2, 3))]
    np.testing.assert_array_equal(fsc.backend.run_node(node, [X, B], outputs_info=information)[0], X + B)


def test_backend_has_one_device():
    assert fsc.backend.supports_device("CPU") and not fsc.backend.supports_device("CUDA")
    assert fsc.backend.is_compatible(ADD) and not fsc.backend.is_compatible(ADD, "CUDA")
    with pytest.raises(ValueError, match="expected the device CPU, got 'CUDA'"):
        fsc.backend.prepare(ADD, "CUDA")


def test_backend_tells_how_many_inputs_there_are():
    with pytest.raises(fsc.InputError, match="expected 2 inputs, got 1"):
        fsc.backend.prepare(ADD).run([X])
