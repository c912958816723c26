# ===- test_tools.py - Tests of the test tools themselves -*- Python -*-================ #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""What the tools of this folder and of test/e2e claim, checked without fsc."""

import math
import stat
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import compiler  # noqa: E402
import judge  # noqa: E402
import process  # noqa: E402
import seed_weights  # noqa: E402
from cases import Case  # noqa: E402
from compare import relative_error  # noqa: E402

LIMITS = judge.Limits(seconds=20)
FIRST_WEIGHTS = ["0x1.2b22440000000p-6", "0x1.0784d00000000p-7"]


def test_error_is_relative_to_the_largest_expected_value():
    assert relative_error(np.float32([1, 101]), np.float32([0, 100]))[0] == pytest.approx(0.01)


def test_nan_in_another_place_is_infinitely_wrong():
    assert relative_error(np.float32([np.nan, 1]), np.float32([1, np.nan]))[0] == math.inf
    assert relative_error(np.float32([np.nan, 1]), np.float32([np.nan, 1]))[0] == 0


def test_infinities_must_have_the_same_sign():
    assert relative_error(np.float32([np.inf]), np.float32([-np.inf]))[0] == math.inf


def test_shape_type_and_integers_must_be_the_same():
    assert relative_error(np.zeros((1, 2)), np.zeros(2))[0] == math.inf
    assert relative_error(np.zeros(2, np.float32), np.zeros(2))[0] == math.inf
    assert relative_error(np.int64([1, 2]), np.int64([1, 3]))[0] == math.inf
    assert relative_error(np.array([True]), np.array([True]))[0] == 0


def test_seeded_weights_are_the_same_on_every_machine():
    model = seed_weights.seed_weights(onnx.load(seed_weights.light_models()["squeezenet"]))
    weight = next(t for t in model.graph.initializer if t.name == "conv10_w_0")
    values = onnx.numpy_helper.to_array(weight).ravel()
    assert [v.hex() for v in values[:2].tolist()] == FIRST_WEIGHTS
    other = seed_weights.seed_weights(onnx.load(seed_weights.light_models()["squeezenet"]), seed=1)
    assert other != model


def test_a_seeded_model_has_only_its_real_inputs_and_is_valid():
    model = seed_weights.seed_weights(onnx.load(seed_weights.light_models()["shufflenet"]))
    onnx.checker.check_model(model, full_check=True)
    assert [v.name for v in model.graph.input] == ["gpu_0/data_0"]
    assert not any(n.op_type == "ConstantOfShape" for n in model.graph.node)


def test_a_program_that_hangs_is_ended_with_its_children():
    result = process.run(["sh", "-c", "sleep 60 & wait"], timeout=0.5)
    assert result.timed_out and result.seconds < 10 and "no end" in result.reason()


def test_a_signal_is_named():
    assert process.run(["sh", "-c", "kill -SEGV $$"]).reason().startswith("SIGSEGV")


# The judge, on programs that behave in every way a compiler can.

COMPILES = 'while [ "$1" != -o ]; do shift; done; echo artefact > "$2"'
WRITES = """#!{python}
import sys, numpy as np
folder = sys.argv[sys.argv.index("--output-dir") + 1]
x = np.load(folder + "/input_0.npy")
np.save(folder + "/output_0.npy", x * np.float32({factor}))
"""


def verdict_of(
    tmp_path: Path, monkeypatch, compile_script: str, run_script: str = "#!/bin/sh\n", threads: tuple = (0,)
) -> judge.Verdict:
    (tmp_path / "bin").mkdir()
    for name, text in {"fsc-compile": f"#!/bin/sh\n{compile_script}\n", "fsc-run": run_script}.items():
        path = tmp_path / "bin" / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(compiler, "BUILD", tmp_path)
    monkeypatch.setattr(compiler, "COMPILER", tmp_path / "bin" / "fsc-compile")
    x = np.float32([1, 2])
    case = Case("case", {"x": x}, [2 * x])
    return judge.judge_cases(judge.Fsc([], threads), Path("m.onnx"), [case], 1e-4, tmp_path, LIMITS)


@pytest.mark.parametrize(
    ("compile_script", "word"),
    [
        ("echo \"error: node 'a' (Foo): no such op\" >&2; exit 3", "refused"),
        ("exit 3", "WRONG"),  # without a reason
        ("exit 0", "WRONG"),  # without an artefact
        ("exit 1", "WRONG"),
        ("exit 4", "CRASH"),
        ("kill -ABRT $$", "CRASH"),
    ],
)
def test_a_compiler_that_makes_nothing_is_judged_by_how_it_ended(tmp_path, monkeypatch, compile_script, word):
    assert verdict_of(tmp_path, monkeypatch, compile_script).word == word


@pytest.mark.parametrize(
    ("run_script", "word"),
    [
        (WRITES.format(python=sys.executable, factor=2), "right"),
        (WRITES.format(python=sys.executable, factor=2.01), "WRONG"),
        ("#!/bin/sh\nexit 0\n", "WRONG"),  # no outputs
        ("#!/bin/sh\nexit 3\n", "WRONG"),  # refuses a recorded input
        ("#!/bin/sh\nkill -SEGV $$\n", "CRASH"),
    ],
)
def test_a_run_is_judged_by_its_outputs_and_how_it_ended(tmp_path, monkeypatch, run_script, word):
    assert verdict_of(tmp_path, monkeypatch, COMPILES, run_script).word == word


@pytest.mark.parametrize(("threads", "word"), [((1,), "right"), ((1, 2), "WRONG")])
def test_a_model_is_right_if_it_is_with_every_number_of_threads(tmp_path, monkeypatch, threads, word):
    factor = '(3 if sys.argv[sys.argv.index("--threads") + 1] == "2" else 2)'
    script = WRITES.format(python=sys.executable, factor=factor)
    assert verdict_of(tmp_path, monkeypatch, COMPILES, script, threads).word == word
