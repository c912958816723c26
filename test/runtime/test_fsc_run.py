# ===- test_fsc_run.py - The command line of fsc-run -*- Python -*-============ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""fsc-run on artefacts made by hand: y = (x + 1) * mask, total = the sum of y."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
FAKES = BUILD / "test" / "runtime"
MODEL = FAKES / "dynamic.so"
X = np.arange(6, dtype=np.float32).reshape(2, 3)
MASK = np.float32([1, 10])
Y = (X + 1) * MASK[:, None]

RIGHT, DIFFERS, USAGE, REFUSED, INTERNAL = range(5)


def fsc_run(*arguments, code=RIGHT, **options) -> subprocess.CompletedProcess:
    result = subprocess.run([BUILD / "bin" / "fsc-run", *arguments], capture_output=True, text=True, timeout=60, **options)
    assert result.returncode == code, result.stdout + result.stderr
    if code == RIGHT:
        assert result.stderr == ""
    elif code != DIFFERS:
        assert re.match(r"error: FSC-E[1469]\d\d: ", result.stderr)
        assert result.stdout == ""
    return result


@pytest.fixture
def files(tmp_path: Path) -> Path:
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "mask.npy", MASK)
    np.savez(tmp_path / "both.npz", x=X, mask=MASK)
    np.savez_compressed(tmp_path / "packed.npz", x=X, mask=MASK)
    for name, array in {"x": X, "mask": MASK}.items():
        (tmp_path / f"{name}.pb").write_bytes(numpy_helper.from_array(array, name).SerializeToString())
    return tmp_path


def write_set(folder: Path, factor: float = 1) -> Path:
    folder.mkdir(parents=True)
    arrays = {"input_0": X, "input_1": MASK, "output_0": Y * np.float32(factor), "output_1": Y.sum()}
    for name, array in arrays.items():
        proto = numpy_helper.from_array(np.asarray(array, np.float32), name)
        (folder / f"{name}.pb").write_bytes(proto.SerializeToString())
    return folder


def test_runs_on_random_inputs_and_says_what_came_out():
    text = fsc_run(MODEL, "--dim", "batch=4").stdout
    assert "input 'x': float32 4x3 from random:0" in text
    assert "output 'y': float32 4x3, from" in text
    assert "latency" in text


@pytest.mark.parametrize(
    "inputs",
    [
        ["--input", "x={}/x.npy", "--input", "mask={}/mask.npy"],
        ["--input=x={}/x.pb", "--input=mask={}/mask.pb"],
        ["--input={}/both.npz"],
        ["--input={}/packed.npz"],
        ["--input", "x={}/both.npz", "--input", "mask={}/mask.pb"],
    ],
)
@pytest.mark.parametrize("form", ["npy", "pb"])
def test_reads_and_writes_every_kind_of_file(files, inputs, form):
    out = files / "new" / "out"
    fsc_run(MODEL, *(i.format(files) for i in inputs), "--output-dir", out, f"--output-format={form}", "--quiet")
    if form == "npy":
        y, total = np.load(out / "output_0.npy"), np.load(out / "output_1.npy")
    else:
        protos = [onnx.TensorProto.FromString((out / f"output_{i}.pb").read_bytes()) for i in range(2)]
        assert [proto.name for proto in protos] == ["y", "total"]
        y, total = map(numpy_helper.to_array, protos)
    np.testing.assert_array_equal(y, Y)
    assert total == Y.sum() and total.shape == ()


def test_a_model_with_one_input_needs_no_name(tmp_path):
    x = np.asfortranarray(np.float16([[1, 2, 3], [4, 5, 6]]))
    np.save(tmp_path / "x.npy", x)
    fsc_run(FAKES / "copy-10.so", "--input", tmp_path / "x.npy", "--output-dir", tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "output_0.npy"), x)


@pytest.mark.parametrize("number", [1, 2, 3, 7, 9, 10, 11, 12, 14, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26])
def test_every_type_passes_through_npy_and_pb(tmp_path, number):
    model = FAKES / f"copy-{number}.so"
    fsc_run(model, "--input=random:5", "--dim=x.0=7", "--output-dir", tmp_path / "a")
    fsc_run(model, "--input", tmp_path / "a/output_0.npy", "--output-dir", tmp_path / "b", "--output-format=pb")
    fsc_run(model, "--input", tmp_path / "b/output_0.pb", "--output-dir", tmp_path / "c")
    assert (tmp_path / "a/output_0.npy").read_bytes() == (tmp_path / "c/output_0.npy").read_bytes()
    proto = onnx.TensorProto.FromString((tmp_path / "b/output_0.pb").read_bytes())
    assert proto.data_type == number and list(proto.dims) == [7, 3]
    if number not in (25, 26):
        assert numpy_helper.to_array(proto).shape == (7, 3)


def test_random_inputs_are_reproducible_and_follow_given_ones(files):
    arguments = [MODEL, "--input", f"x={files}/x.npy", "--input=random:3", "--output-dir", files]
    fsc_run(*arguments)
    first = np.load(files / "output_0.npy")
    assert first.shape == (2, 3)  # the batch of x holds for the random mask
    fsc_run(*arguments)
    np.testing.assert_array_equal(np.load(files / "output_0.npy"), first)


def test_compares_with_recorded_outputs(tmp_path):
    text = fsc_run(MODEL, "--data", write_set(tmp_path / "data")).stdout
    assert "output 'y': right, largest absolute error 0, relative 0" in text


def test_tells_the_largest_errors_where_outputs_differ(tmp_path):
    text = fsc_run(MODEL, "--data", write_set(tmp_path / "data", 1.01), code=DIFFERS).stdout
    assert "output 'y': differs, largest absolute error 0.6, relative 0.0099" in text
    assert "worst at 5: expected 60.5999985, got 60" in text
    assert "output 'total': right" in text


def test_tolerance_is_that_of_numpy(tmp_path):
    data = write_set(tmp_path / "data", 1.01)
    fsc_run(MODEL, "--data", data, "--rtol=0.00991", "--atol=0")
    fsc_run(MODEL, "--data", data, "--rtol=0.0098", "--atol=0", code=DIFFERS)
    fsc_run(MODEL, "--data", data, "--rtol=0", "--atol=0.61")


def test_runs_every_set_of_a_folder_in_order(tmp_path):
    for k in (10, 9, 1):
        write_set(tmp_path / f"test_data_set_{k}")
    report = json.loads(fsc_run(MODEL, "--data", tmp_path, "--json").stdout)
    assert [case["name"] for case in report["cases"]] == ["test_data_set_1", "test_data_set_9", "test_data_set_10"]
    write_set(tmp_path / "test_data_set_2", 2)
    fsc_run(MODEL, "--data", tmp_path, "--quiet", code=DIFFERS)


def test_an_input_replaces_one_of_the_data(tmp_path):
    data = write_set(tmp_path / "data")
    (data / "input_0.pb").unlink()
    np.save(tmp_path / "x.npy", X)
    fsc_run(MODEL, "--data", data, code=REFUSED)
    fsc_run(MODEL, "--data", data, "--input", f"x={tmp_path}/x.npy")


def test_the_json_report_has_everything(tmp_path):
    file = tmp_path / "report.json"
    fsc_run(MODEL, "--repeat=9", "--warmup=2", "--threads=1", "--profile", f"--json={file}")
    report = json.loads(file.read_text())
    assert report["name"] == "fake" and report["threads"] == 1 and report["right"]
    (case,) = report["cases"]
    assert case["latency_ms"]["runs"] == 9
    assert case["latency_ms"]["min"] <= case["latency_ms"]["median"] <= case["latency_ms"]["max"]
    assert [output["dims"] for output in case["outputs"]] == [[1, 3], []]
    assert case["kernels"][0]["name"] == "rows" and case["kernels"][0]["calls"] == 1


def test_the_profile_is_a_table():
    assert "rows (pointwise): Add_0,Mul_1" in fsc_run(MODEL, "--profile").stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "expected a model"),
        ([MODEL, MODEL], "expected one model"),
        ([MODEL, "--nonsense"], "unknown option '--nonsense'"),
        ([MODEL, "--repeat"], "--repeat: expected a value"),
        ([MODEL, "--repeat=0"], "--repeat: expected a number from 1"),
        ([MODEL, "--repeat=x"], "--repeat: expected a number"),
        ([MODEL, "--threads=-1"], "--threads: expected a number"),
        ([MODEL, "--rtol=nan"], "--rtol: expected a number of 0 or more"),
        ([MODEL, "--atol="], "--atol: expected a number"),
        ([MODEL, "--dim=3"], "--dim: expected NAME=SIZE"),
        ([MODEL, "--dim=batch=-1"], "--dim: expected a number"),
        ([MODEL, "--dim=seq=3"], "no dimension is named 'seq'; the model has 'batch'"),
        ([MODEL, "--output-format=zip"], "expected 'npy' or 'pb'"),
        ([MODEL, "--input=x=a.txt"], "expected [NAME=]FILE.npy"),
        ([MODEL, "--input=x=random:z"], "--input: expected a number"),
        ([MODEL, "--input=z=random:1"], "no input is named 'z': the model has 'x', 'mask'"),
        ([MODEL, "--input=x=random:1"], "input 'mask' is not given"),
        ([MODEL, "--input=a.npy"], "the model has 2 inputs: name the one"),
        ([MODEL, "--input=x=random:1", "--input=x=random:2"], "input 'x' is given twice"),
    ],
)
def test_wrong_usage_is_explained(arguments, reason):
    assert reason in fsc_run(*arguments, code=USAGE).stderr


def test_refusals_name_the_file_and_the_reason(files):
    mask = f"mask={files}/mask.npy"
    np.save(files / "double.npy", X.astype(np.float64))
    np.save(files / "wide.npy", np.zeros((2, 4), np.float32))
    np.save(files / "short.npy", np.zeros((1, 3), np.float32))
    (files / "text.npy").write_text("hello")
    (files / "cut.npy").write_bytes((files / "x.npy").read_bytes()[:-1])
    for name, reason in {
        "double.npy": "input 'x': expected float32, got float64",
        "wide.npy": "input 'x': dim 1 is 4, expected 3",
        "short.npy": "input 'mask': dim 0 is 2, but 'batch' is 1 from input 'x'",
        "text.npy": "expected a .npy file",
        "cut.npy": "expected 6 elements of 4 bytes, got 23 bytes",
        "none.npy": "No such file",
    }.items():
        assert reason in fsc_run(MODEL, "--input", f"x={files}/{name}", "--input", mask, code=REFUSED).stderr
    assert "cannot open" in fsc_run("/nowhere/m.so", code=REFUSED).stderr
    assert "interface version 99" in fsc_run(FAKES / "newer.so", code=REFUSED).stderr
    assert "needs 'no-such-feature'" in fsc_run(FAKES / "unknown-feature.so", code=REFUSED).stderr
    os.mkfifo(files / "pipe.npy")
    assert "expected a regular file" in fsc_run(MODEL, "--input", f"x={files}/pipe.npy", "--input", mask, code=REFUSED).stderr


def test_help_and_version():
    assert "usage: fsc-run MODEL" in fsc_run("--help").stdout
    assert fsc_run("--version").stdout.startswith("fsc-run ")


# Compiling first, with a compiler that only copies an artefact and keeps count.


@pytest.fixture
def stand_in(tmp_path: Path):
    compiler = tmp_path / "compiler"
    compiler.write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
echo progress
case "$(cat "$1")" in refuse) echo "error: node 'a': no" >&2; exit 3;; crash) kill -SEGV $$;; esac
cp {MODEL} "$3"
"""
    )
    compiler.chmod(0o755)
    model = tmp_path / "m.onnx"
    model.write_text("model")

    def run(*arguments, code=RIGHT):
        command = [BUILD / "bin" / "fsc-run", model, "--compiler", compiler, "--cache-dir", tmp_path / "cache", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert result.returncode == code, result.stderr
        calls = tmp_path / "calls"
        return result, len(calls.read_text().splitlines()) if calls.exists() else 0

    return model, run


def test_an_onnx_model_is_compiled_once(stand_in):
    model, run = stand_in
    result, calls = run("--json")
    assert calls == 1
    assert json.loads(result.stdout)["compile_cached"] is False  # the compiler's own output is not in the way
    result, calls = run("--json")
    assert calls == 1
    assert json.loads(result.stdout)["compile_cached"] is True


def test_another_model_or_option_is_compiled_anew(stand_in):
    model, run = stand_in
    run()
    assert run("--compile-arg=-O0")[1] == 2
    model.write_text("another model")
    assert run()[1] == 3
    model.write_text("model")
    assert run()[1] == 3
    assert run("--no-cache")[1] == 4


def test_weights_beside_the_model_are_part_of_the_key(stand_in):
    model, run = stand_in
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[2], data_location=onnx.TensorProto.EXTERNAL)
    for location in ("w.bin", "../outside", "/etc/passwd", "missing"):
        tensor.external_data.add(key="location", value=location)
    graph = onnx.GraphProto(name="g", initializer=[tensor])
    model.write_bytes(onnx.ModelProto(ir_version=10, graph=graph).SerializeToString())
    (model.parent / "w.bin").write_bytes(b"12345678")
    assert run()[1] == 1
    assert run()[1] == 1
    (model.parent / "w.bin").write_bytes(b"12345679")
    assert run()[1] == 2


def test_a_compiler_that_refuses_or_crashes_leaves_nothing(stand_in):
    model, run = stand_in
    model.write_text("refuse")
    assert "node 'a': no" in run(code=REFUSED)[0].stderr
    model.write_text("crash")
    assert "was ended by signal 11" in run(code=INTERNAL)[0].stderr
    assert list((model.parent / "cache").iterdir()) == []


def test_without_a_compiler_an_onnx_model_is_refused(tmp_path):
    own = tmp_path / "fsc-run"
    shutil.copy(BUILD / "bin" / "fsc-run", own)
    (tmp_path / "m.onnx").write_text("model")
    result = subprocess.run([own, tmp_path / "m.onnx"], capture_output=True, text=True)
    assert result.returncode == REFUSED
    assert "expected fsc-compile at" in result.stderr


def write_lists(folder: Path, factor: float = 1) -> Path:
    """Inputs and outputs of list.so, which puts the first element of s at the end."""
    folder.mkdir()
    s = [np.float32([[1, 2]]), np.float32([[3, 4], [5, 6]])]
    words = [np.array(["one", ""], object), np.array("ä", object)]
    key_type, value_type = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    values = numpy_helper.from_list([np.float32(0.5), np.float32(0.25)], dtype=onnx.SequenceProto.TENSOR)
    map_proto = onnx.MapProto(key_type=key_type, keys=[7, -7], values=values)
    # Of the keys of an output the order is of no matter.
    values = numpy_helper.from_list([np.float32(0.25 * factor), np.float32(0.5)], dtype=onnx.SequenceProto.TENSOR)
    protos = {
        "input_0": numpy_helper.from_list(s, dtype=onnx.SequenceProto.TENSOR),
        "input_1": numpy_helper.from_optional(words, dtype=onnx.OptionalProto.SEQUENCE),
        "input_2": map_proto,
        "output_0": numpy_helper.from_list(s[::-1], dtype=onnx.SequenceProto.TENSOR),
        "output_1": numpy_helper.from_optional(words, dtype=onnx.OptionalProto.SEQUENCE),
        "output_2": onnx.MapProto(key_type=key_type, keys=[-7, 7], values=values),
        "output_3": numpy_helper.from_array(np.int64(2)),
    }
    assert value_type == map_proto.values.tensor_values[0].data_type
    for name, proto in protos.items():
        (folder / f"{name}.pb").write_bytes(proto.SerializeToString())
    return folder


def test_lists_are_read_compared_and_written(tmp_path):
    data = write_lists(tmp_path / "right")
    text = fsc_run(FAKES / "list.so", "--data", data, "--output-dir", tmp_path / "out", "--output-format=pb").stdout
    assert "input 's': sequence of 2 from" in text and "output 'm': right" in text
    turned = onnx.SequenceProto.FromString((tmp_path / "out/output_0.pb").read_bytes())
    assert [array.tolist() for array in numpy_helper.to_list(turned)] == [[[3, 4], [5, 6]], [[1, 2]]]
    words = onnx.OptionalProto.FromString((tmp_path / "out/output_1.pb").read_bytes())
    assert words.name == "o" and len(words.sequence_value.tensor_values) == 2
    # What was written is read again.
    for i in range(3):
        (data / f"output_{i}.pb").write_bytes((tmp_path / f"out/output_{i}.pb").read_bytes())
    fsc_run(FAKES / "list.so", "--data", data)


def test_lists_that_differ_or_cannot_be_files(tmp_path):
    wrong = write_lists(tmp_path / "wrong", factor=2)
    assert "output 'm': differs" in fsc_run(FAKES / "list.so", "--data", wrong, code=DIFFERS).stdout
    message = fsc_run(FAKES / "list.so", code=USAGE).stderr
    assert "input 's' is a sequence: give it a .pb file" in message and "s: sequence of float32 [?, 2]" in message
    assert "o: optional of sequence of string of any shape" in message and "m: map from int64 [?] to float32 [?]" in message
    message = fsc_run(FAKES / "list.so", "--data", wrong, "--output-dir", tmp_path, code=REFUSED).stderr
    assert "output 'turned' is a sequence, which no .npy file holds: add --output-format=pb" in message
    (wrong / "input_0.pb").write_bytes(b"\xff")
    assert "expected a serialized onnx.SequenceProto" in fsc_run(FAKES / "list.so", "--data", wrong, code=REFUSED).stderr
