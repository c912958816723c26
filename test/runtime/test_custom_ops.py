# ===- test_custom_ops.py - Operators of users' libraries -*- Python -*-======= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Operators that a shared library defines (CustomOps.c), from the model to the results."""

import os
import re
import subprocess
from pathlib import Path

import fsc
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
CC = ["clang-22", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{ROOT}/runtime/include"]


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("custom") / "libtest.so"
    subprocess.run([*CC, Path(__file__).with_name("CustomOps.c"), "-o", path], check=True)
    return str(path)


def value(name, dtype=TensorProto.FLOAT, shape=None):
    return helper.make_tensor_value_info(name, dtype, shape)


def model(nodes, inputs, outputs, initializers=(), version=1):
    graph = helper.make_graph(nodes, "custom", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("test", version)])


def node(op, inputs=("x",), outputs=("y",), **attributes):
    return helper.make_node(op, list(inputs), list(outputs), name=f"the_{op}", domain="test", **attributes)


def one(op, dtype=TensorProto.FLOAT, shape=(3,)):
    return model([node(op)], [value("x", dtype, shape)], [value("y", dtype)])


X = np.array([1, -2, 3], np.float32)


@pytest.mark.parametrize("shape", [(3,), ("n",), (None,)])
def test_static_symbolic_and_unknown_sizes(library, shape):
    nodes = [node("Scale", factor=3.0), helper.make_node("Add", ["y", "x"], ["z"])]
    module = fsc.compile(model(nodes, [value("x", shape=shape)], [value("z")]), custom_ops=[library])
    assert module.run({"x": X})["z"].tolist() == [4, -8, 12]


def test_optional_operands(library):
    scalar = helper.make_tensor("bias", TensorProto.FLOAT, [], [10])
    m = model([node("Scale", ("x", "", "bias"))], [value("x", shape=(3,))], [value("y")], [scalar])
    assert fsc.compile(m, custom_ops=[library]).run({"x": X})["y"].tolist() == [12, 6, 16]


def test_several_results_of_sizes_that_data_decides(library):
    nodes = [node("Positive", outputs=("y", "n")), helper.make_node("Mul", ["y", "y"], ["z"])]
    m = model(nodes, [value("x", shape=("n",))], [value("z"), value("n", TensorProto.INT64)])
    outputs = fsc.compile(m, custom_ops=[library]).run({"x": X})
    assert outputs["z"].tolist() == [1, 9] and outputs["n"] == 2
    empty = fsc.compile(m, custom_ops=[library]).run({"x": -np.abs(X)})
    assert empty["z"].shape == (0,) and empty["n"] == 0


def test_results_that_nothing_reads(library):
    m = model([node("Positive", outputs=("", "n"))], [value("x", shape=(3,))], [value("n", TensorProto.INT64)])
    assert fsc.compile(m, custom_ops=[library]).run({"x": X})["n"] == 2


def test_strings(library):
    m = model([node("Shout", end="?!")], [value("x", TensorProto.STRING, (2,))], [value("y", TensorProto.STRING)])
    assert fsc.compile(m, custom_ops=[library]).run({"x": np.array(["a", ""])})["y"].tolist() == ["a?!", "?!"]


def test_shapes_from_constants(library):
    m = model([node("Fill", ("length",), value=5)], [], [value("y", TensorProto.INT64)], [helper.make_tensor("length", TensorProto.INT64, [], [3])])
    module = fsc.compile(m, custom_ops=[library])
    assert module.outputs[0].shape == (3,) and module.run({})["y"].tolist() == [5, 5, 5]


def test_newest_form_that_the_model_knows(library):
    for version, form in [(1, 1), (2, 1), (3, 3), (7, 3)]:
        m = model([node("Form", ())], [], [value("y", TensorProto.INT64)], version=version)
        assert fsc.compile(m, custom_ops=[library]).run({})["y"] == form


def test_in_branches_and_loops(library):
    def branch(name, op):
        return helper.make_graph([node(op, outputs=(f"{name}_y", f"{name}_n"))] if op == "Positive" else [node(op, outputs=(f"{name}_y",))],
                                 name, [], [value(f"{name}_y")])

    choose = helper.make_node("If", ["c"], ["y"], then_branch=branch("then", "Positive"), else_branch=branch("else", "Scale"))
    m = model([choose], [value("c", TensorProto.BOOL, ()), value("x", shape=(3,))], [value("y")])
    module = fsc.compile(m, custom_ops=[library])
    assert module.run({"c": np.array(True), "x": X})["y"].tolist() == [1, 3]
    assert module.run({"c": np.array(False), "x": X})["y"].tolist() == [2, -4, 6]

    body = helper.make_graph([helper.make_node("Identity", ["on"], ["still"]), node("Scale", ("s",), ("t",))], "body",
                             [value("i", TensorProto.INT64, ()), value("on", TensorProto.BOOL, ()), value("s", shape=(3,))],
                             [value("still", TensorProto.BOOL), value("t")])
    m = model([helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)], [value("n", TensorProto.INT64, ()), value("x", shape=(3,))], [value("y")])
    outputs = fsc.compile(m, custom_ops=[library]).run({"n": np.array(5), "x": X})
    assert outputs["y"].tolist() == [32, -64, 96]


@pytest.mark.parametrize("op, reason", [
    ("FailsInRun", "the moon is full"),
    ("FailsSilently", "the custom operator failed without a reason"),
    ("MakesNothing", "the custom operator did not make output 0"),
    ("MakesMore", "expected result 0 of size 3 in dim 0, got 4"),
    ("MakesLess", "the custom operator gives output 0 a negative size"),
    ("MakesTwice", "the custom operator makes output 0 twice"),
    ("ReadsStrings", "the custom operator asks for a string that is not there"),
])  # fmt: skip
def test_a_kernel_that_fails_ends_the_run_with_the_node(library, op, reason):
    module = fsc.compile(one(op), custom_ops=[library])
    with pytest.raises(fsc.InputError, match=re.escape(f"node 'the_{op}' (test.{op}, opset 1): {reason}")):
        module.run({"x": X})


def test_a_kernel_that_throws(tmp_path):
    (tmp_path / "throws.cpp").write_text("""
#include <fsc/custom_op.h>
#include <stdexcept>
static int infer(fsc_custom_node *node) {
  return fsc_custom_set_type(node, 0, FSC_FLOAT32, node->inputs[0].rank, node->inputs[0].dims);
}
static int run(fsc_custom_node *) { throw std::runtime_error("bang"); }
static const fsc_custom_op ops[] = {{"test", "Throws", 1, infer, run}};
FSC_CUSTOM_OPS(ops)
""")
    library = tmp_path / "throws.so"
    flags = ["-std=c++17", "-pedantic", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{ROOT}/runtime/include"]
    subprocess.run(["clang++-22", *flags, tmp_path / "throws.cpp", "-o", library], check=True)
    with pytest.raises(fsc.InputError, match="node 'the_Throws' .*: the custom operator's library threw an exception: bang"):
        fsc.compile(one("Throws"), custom_ops=[library]).run({"x": X})


def test_a_kernel_that_takes_too_much_memory(library):
    with pytest.raises(fsc.OutOfMemoryError):
        fsc.compile(one("TakesAll"), custom_ops=[library]).run({"x": X})


@pytest.mark.parametrize("op, reason", [
    ("FailsInInfer", "the moon is full"),
    ("InfersNothing", "'libtest.so' gives no type for output 0"),
    ("InfersNoType", "the custom operator gives output 0 an illegal type"),
    ("InfersNoOutput", "the custom operator gives output 9 an illegal type"),
    ("RunsInInfer", "the custom operator makes an output outside of run"),
    ("New", "expected version 9 of the domain 'test' or newer, since which 'libtest.so' has New, got 1"),
    ("Unheard", "operator Unheard of domain 'test' is not supported"),
])  # fmt: skip
def test_what_the_compiler_refuses(library, op, reason):
    with pytest.raises(fsc.ModelError, match=re.escape(f"node 'the_{op}' (test.{op}, opset 1): {reason}")):
        fsc.compile(one(op), custom_ops=[library])


def test_the_compiler_names_the_option():
    with pytest.raises(fsc.ModelError, match="give a library that defines it with --custom-ops"):
        fsc.compile(one("Scale"))


def test_the_library_is_named_where_it_is_missing(library, tmp_path):
    path = tmp_path / "model.so"
    fsc.compile(one("Scale"), path, custom_ops=[library])
    with pytest.raises(fsc.NotFoundError, match=r"node 'the_Scale' .* needs the custom operator 'test::Scale@1', .* 'libtest.so'"):
        fsc.load(path)
    assert fsc.load(path, custom_ops=[library]).run({"x": X})["y"].tolist() == [2, -4, 6]


def test_libraries_that_are_none(library, tmp_path):
    (tmp_path / "empty.c").write_text("int nothing;\n")
    (tmp_path / "old.c").write_text('#include <fsc/custom_op.h>\nFSC_CUSTOM_EXPORT const fsc_custom_library fsc_custom_ops;\n'
                                    "const fsc_custom_library fsc_custom_ops = {FSC_CUSTOM_OP_MAGIC, 0, sizeof(fsc_custom_op), 0, 0};\n")
    (tmp_path / "holes.c").write_text('#include <fsc/custom_op.h>\nstatic const fsc_custom_op ops[] = {{"d", "N", 1, 0, 0}};\nFSC_CUSTOM_OPS(ops)\n')
    for name, reason in [("empty", "does not export 'fsc_custom_ops'"), ("old", "by version 0 of fsc/custom_op.h, expected version 1"),
                         ("holes", "without a domain, a name or one of its functions"), ("missing", "cannot load the library of custom operators")]:
        path = tmp_path / f"{name}.so"
        if name != "missing":
            subprocess.run(["clang-22", "-shared", "-fPIC", f"-I{ROOT}/runtime/include", tmp_path / f"{name}.c", "-o", path], check=True)
        with pytest.raises(fsc.ModelError, match=re.escape(reason)):
            fsc.compile(one("Scale"), custom_ops=[path])
    with pytest.raises(fsc.ArgumentError, match="expected a list of libraries"):
        fsc.compile(one("Scale"), custom_ops=library)


def test_the_tools(library, tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(one("Scale"), path)
    np.save(tmp_path / "x.npy", X)
    compiler, runner = BUILD / "bin/fsc-compile", BUILD / "bin/fsc-run"
    for kind in ("so", "exe"):
        artefact = tmp_path / f"model.{kind}"
        subprocess.run([compiler, path, f"--custom-ops={library}", f"--emit={kind}", "-o", artefact, "--quiet"], check=True)
        command = [runner, artefact] if kind == "so" else [artefact]
        arguments = ["--input", tmp_path / "x.npy", "--output-dir", tmp_path / kind]
        result = subprocess.run([*command, *arguments], capture_output=True, text=True)
        assert result.returncode == 3 and "'libtest.so': give that library with --custom-ops" in result.stderr
        subprocess.run([*command, *arguments, "--custom-ops", library], check=True, capture_output=True)
        (output,) = (tmp_path / kind).rglob("output_0.npy")
        assert np.load(output).tolist() == [2, -4, 6]
    subprocess.run([runner, path, "--custom-ops", library, "--no-cache", "--quiet"], check=True)
