# ===- suite.py - ONNX's backend tests by name -*- Python -*-================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""ONNX's backend tests by name, and the verdict on one."""

import os
import re
import sys
import unittest
import warnings
from pathlib import Path

from pool import Verdict

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
# The light models' data are made on first use, here instead of in the home folder.
os.environ["ONNX_MODELS"] = str(BUILD / "cache" / "onnx-models")
if str(BUILD / "python") not in sys.path:
    sys.path.insert(0, str(BUILD / "python"))

import fsc  # noqa: E402
import fsc.backend  # noqa: E402

import numpy as np  # noqa: E402
import onnx.backend.test  # noqa: E402
from onnx.backend.test.loader import load_model_tests  # noqa: E402

SECTIONS = {
    "NodeModel": "node",
    "SimpleModel": "simple",
    "PyTorchConvertedModel": "pytorch-converted",
    "PyTorchOperatorModel": "pytorch-operator",
    "RealModel": "light",
}
THREADS = 2  # so that kernels are split


def processors() -> int:
    return len(os.sched_getaffinity(0))


class Result(unittest.TestResult):
    """Keeps the exception that ended a test."""

    def __init__(self):
        super().__init__()
        self.exception: BaseException | None = None

    def addError(self, test, err):
        self.exception = err[1]

    addFailure = addError

    def addSkip(self, test, reason):
        self.exception = unittest.SkipTest(reason)


def first_line(text: str) -> str:
    """The first error that a message tells of, without the node that has it, on one line."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error: ")] or lines or ["no message"]
    line = re.sub(r"^error: (?:FSC-E\d+: )?(node '.*?' \((\S+), opset \d+\): )?", lambda m: f"{m[2]}: " if m[2] else "", errors[0])
    return line.replace(str(ROOT), "")


def difference(error: AssertionError) -> str:
    lines = [" ".join(line.split()) for line in str(error).splitlines()]
    telling = [line for line in lines if line and not re.match(r"(ACTUAL|DESIRED|\[|array)", line)]
    return "; ".join(telling[:4])


# Their expected outputs are one draw of a generator that ONNX does not name. Here they must have the type, the shape and values
# of 0 and 1; test/numeric/routines.py checks the distribution.
DRAWS = re.compile(r"node/test_bernoulli(_double|_seed)?(_expanded)?")


def is_draw(name: str, exception: BaseException | None) -> bool:
    if not DRAWS.fullmatch(name) or not isinstance(exception, AssertionError):
        return False
    # Types and shapes are compared before values.
    return "Mismatched elements" in str(exception) and "Max absolute difference among violations: 1." in str(exception)


def judge(exception: BaseException | None) -> Verdict:
    if exception is None:
        return Verdict("right")
    if isinstance(exception, fsc.ModelError):
        return Verdict("refused", first_line(str(exception)))
    if isinstance(exception, AssertionError):
        return Verdict("wrong", difference(exception))
    if isinstance(exception, fsc.InternalError):
        return Verdict("wrong", "internal error: " + first_line(str(exception)))
    return Verdict("wrong", f"{type(exception).__name__}: {first_line(str(exception))}")


class BackendTest(onnx.backend.test.BackendTest):
    """ONNX's, whose comparison of sequences takes the length of an element, which a scalar has not."""

    @classmethod
    def assert_similar_outputs(cls, ref_outputs, outputs, rtol, atol, model_dir=None):
        if isinstance(ref_outputs, np.ndarray) and ref_outputs.ndim == 0:
            ref_outputs, outputs = [ref_outputs], [outputs]
        super().assert_similar_outputs(ref_outputs, outputs, rtol, atol, model_dir=model_dir)


class Suite:
    """All tests. `names` are SECTION/TEST, in a stable order."""

    def __init__(self, opt_level: int = 2):
        class Backend(fsc.backend.Backend):
            @classmethod
            def prepare(cls, model, device="CPU", **kwargs):
                return super().prepare(model, device, threads=THREADS, opt_level=opt_level)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, about the numbers that ONNX's tests are made of
            runner = BackendTest(Backend, __name__)
        self.cases: dict[str, tuple[type[unittest.TestCase], str]] = {}
        for group, case in runner.test_cases.items():
            section = SECTIONS[group.removeprefix("OnnxBackend").removesuffix("Test")]
            for test in unittest.defaultTestLoader.getTestCaseNames(case):
                if test.endswith("_cpu"):
                    self.cases[f"{section}/{test.removesuffix('_cpu')}"] = (case, test)
        self.names = sorted(self.cases, key=lambda name: (list(SECTIONS.values()).index(name.split("/")[0]), name))

    def operators(self) -> dict[str, str]:
        """The operator that each test of the section `node` is about. An expanded test is about that of its original."""
        first = {}
        for test in load_model_tests(kind="node"):
            node = test.model.graph.node[0]
            domain = "" if node.domain in ("", "ai.onnx") else node.domain + "."
            first[test.name] = domain + node.op_type
        return {f"node/{name}": first.get(re.sub(r"_expanded.*", "", name), operator) for name, operator in first.items()}

    def run(self, name: str) -> Verdict:
        case, test = self.cases[name]
        result = Result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case(test).run(result)
        return Verdict("right") if is_draw(name, result.exception) else judge(result.exception)
