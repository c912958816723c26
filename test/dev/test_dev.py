# ===- test_dev.py - What ./dev, its checks and its generators say -*- Python -*-======= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""The checks find what they are for; the generators' op has the form that ONNX gives it."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
sys.path.insert(0, str(ROOT / "tools/dev"))
sys.dont_write_bytecode = True
import doc_blocks  # noqa: E402


def load(name: str):
    """A program of tools/dev as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "tools/dev" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


def dev(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_help_names_every_command():
    text = dev("--help").stdout
    for command in "setup build demo test models conformance bench check package new-op new-pass".split():
        assert f" {command} " in text, command


@pytest.mark.parametrize("command", "setup build demo test check package".split())
def test_every_command_has_its_own_help(command):
    result = dev(command, "--help")
    assert result.returncode == 0
    assert f"usage: ./dev {command}" in result.stdout


@pytest.mark.parametrize("arguments", [("frobnicate",), ("build", "-j", "many"), ("build", "--preset=fast")])
def test_a_wrong_argument_is_a_usage_error(arguments):
    result = dev(*arguments)
    assert result.returncode == 2
    assert "expected" in result.stderr


def page(folder: Path, text: str) -> Path:
    (folder / "page.md").write_text(text)
    return folder


def test_a_link_to_nowhere_is_found(tmp_path):
    text = "# A page\n[right](page.md) [also](#a-page)\n[gone](other.md)\n[no heading](page.md#b)\n```\n[code](x)\n```\n"
    problems = doc_blocks.broken_links(page(tmp_path, text), ["page.md"])
    assert [problem.split(":")[1] for problem in problems] == ["3", "4"]


def test_a_block_that_fails_is_found(tmp_path):
    text = "```sh run\nexit 3\n```\n"
    (problem,) = doc_blocks.run_blocks(page(tmp_path, text), BUILD, ["page.md"])
    assert "page.md:1: the block ended with status 3" in problem


def test_a_block_sees_what_earlier_ones_wrote(tmp_path):
    text = "```text file=a.txt\nhello\n```\nthen\n```sh run\ngrep hello a.txt\n```\n"
    assert doc_blocks.run_blocks(page(tmp_path, text), BUILD, ["page.md"]) == []


def test_a_block_not_marked_is_not_run(tmp_path):
    assert doc_blocks.run_blocks(page(tmp_path, "```sh\nexit 3\n```\n"), BUILD, ["page.md"]) == []


def test_a_new_op_has_the_first_opset_of_the_newest_form():
    new_op = load("new-op")
    from onnx import defs

    assert new_op.onnx_name(defs.get_schema("CumSum")) == 'Onnx<"CumSum", 11>'
    assert new_op.snake("GatherND") == "gather_nd"
    assert new_op.snake("IsNaN") == "is_nan"
    assert "DefaultValuedAttr<I64Attr, \"0\">:$exclusive" in new_op.structured(defs.get_schema("CumSum"))


def test_a_new_elementwise_op_is_one_line_without_attributes():
    new_op = load("new-op")
    from onnx import defs

    definition, _ = new_op.elementwise(defs.get_schema("Softplus"), "a")
    assert definition == 'def Fsc_SoftplusOp : Fsc_Unary<"softplus", Onnx<"Softplus", 1>, "a">;\n'


def test_verdicts_are_counted(tmp_path):
    suites = load("test")
    script = tmp_path / "run.py"
    script.write_text("print('conformance: 7 right, 2 wrong, 3 refused, of 12'); raise SystemExit(1)")
    (tmp_path / "logs").mkdir()
    options = type("Options", (), {"build": tmp_path})
    count = suites.run_verdicts(options, "conformance", str(script))
    assert (count.passed, count.failed, count.skipped) == (7, 2, 3)


def test_a_suite_without_a_verdict_fails(tmp_path):
    suites = load("test")
    script = tmp_path / "run.py"
    script.write_text("raise SystemExit(0)")
    (tmp_path / "logs").mkdir()
    options = type("Options", (), {"build": tmp_path})
    assert suites.run_verdicts(options, "models", str(script)).failed == 1
