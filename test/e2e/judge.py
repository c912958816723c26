# ===- judge.py - Compiles and runs one model in child processes and judges it -*- Python -*- #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Compiles a model, runs it on given inputs and compares, each step in a child that may crash or hang.

A verdict is one of

    right      every output is within the bar
    refused    fsc-compile said no (exit code 3) and why
    accepted   it compiled and ran, and nobody else could say what the answer is
    WRONG      another answer, a refusal without a reason, or a tool that failed
    CRASH      a signal, an internal error (exit code 4), or no end in time
"""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import compiler
import oracle
import process
from cases import Case
from compare import relative_error

TOOLS = Path(compiler.__file__).resolve().parent
REFUSED, INTERNAL = 3, 4


@dataclass
class Verdict:
    word: str
    detail: str
    error: float = 0.0  # the largest relative error seen
    said: str = ""  # all that fsc-compile said, where it refused

    @property
    def bad(self) -> bool:
        return self.word in ("WRONG", "CRASH")


@dataclass
class Limits:
    seconds: float = 300
    memory: int | None = None


class Fsc:
    """The built fsc-compile and fsc-run."""

    def __init__(self, options: list[str], threads: Sequence[int] = (0,)):
        self.options = options
        self.threads = threads

    def compile(self, model: Path, artefact: Path, limits: Limits) -> process.Result:
        command = [compiler.COMPILER, model, "-o", artefact, "--quiet", *self.options]
        return process.run(command, limits.seconds, limits.memory)

    def run(self, artefact: Path, folder: Path, limits: Limits, threads: int = 0) -> process.Result:
        """Inputs are folder/input_<i>.npy; outputs become folder/output_<i>.npy."""
        command = [compiler.BUILD / "bin" / "fsc-run", artefact, "--output-dir", folder]
        if threads:
            command += ["--threads", str(threads)]
        for i, name in enumerate(oracle.read_inputs(folder)):
            command += ["--input", f"{name}={folder / f'input_{i}.npy'}"]
        return process.run(command, limits.seconds, limits.memory)


class StandIn:
    """ONNX Runtime in fsc's place, to test the test."""

    threads = (0,)

    def compile(self, model: Path, artefact: Path, limits: Limits) -> process.Result:
        artefact.write_text(str(model))
        return ask(model, artefact.parent, limits, "--check")

    def run(self, artefact: Path, folder: Path, limits: Limits, threads: int = 0) -> process.Result:
        own = folder / "stand-in"
        oracle.write_inputs(own, oracle.read_inputs(folder))
        result = ask(Path(artefact.read_text()), own, limits)
        for path in own.glob("expected_*.npy"):
            path.replace(folder / path.name.replace("expected", "output"))
        return result


def ask(model: Path, folder: Path, limits: Limits, *options: str) -> process.Result:
    """Another implementation's answer, to folder/expected_<i>.npy."""
    command = [sys.executable, TOOLS / "oracle.py", model, folder, *options]
    return process.run(command, limits.seconds, limits.memory)


def failure(stage: str, result: process.Result) -> Verdict:
    crashed = result.timed_out or result.code < 0 or result.code == INTERNAL
    return Verdict("CRASH" if crashed else "WRONG", f"{stage}: {result.reason()}")


def compile_or_refuse(engine, model: Path, artefact: Path, limits: Limits) -> Verdict | None:
    """None where there is an artefact now."""
    result = engine.compile(model, artefact, limits)
    if result.code == REFUSED and not result.timed_out:
        if not (result.err + result.out).strip():
            return Verdict("WRONG", "refused without a reason")
        return Verdict("refused", result.reason(), said=result.err + result.out)
    if result.code != 0 or result.timed_out:
        return failure("compile", result)
    return None if artefact.exists() else Verdict("WRONG", "compile: exit code 0 and no artefact")


def compare(folder: Path, expected: list, bar: float, label: str) -> Verdict:
    got = oracle.read_outputs(folder, "output")
    if len(got) != len(expected):
        return Verdict("WRONG", f"{label}: expected {len(expected)} outputs, got {len(got)}")
    worst = 0.0
    for i, (a, b) in enumerate(zip(got, expected)):
        error, why = relative_error(a, b)
        if not error <= bar:
            return Verdict("WRONG", f"{label}, output {i}: {why or f'error {error:.1e}, bar {bar:.0e}'}", error)
        worst = max(worst, error)
    return Verdict("right", f"error {worst:.1e}", worst)


def judge_cases(engine, model: Path, cases: list[Case], bar: float, work: Path, limits: Limits) -> Verdict:
    """A model with recorded answers: right where every case is, with every number of threads."""
    artefact = work / "model.so"
    if (verdict := compile_or_refuse(engine, model, artefact, limits)) is not None:
        return verdict
    if not cases:
        return Verdict("WRONG", "compiled, but there is no recorded answer")
    worst = 0.0
    for case in cases:
        folder = work / case.name
        oracle.write_inputs(folder, case.inputs)
        for threads in engine.threads:
            label = f"{case.name}, {threads} threads" if threads else case.name
            result = engine.run(artefact, folder, limits, threads)
            if result.code != 0 or result.timed_out:
                return failure(f"run of {label}", result)
            verdict = compare(folder, case.expected, bar, label)
            if verdict.bad:
                return verdict
            worst = max(worst, verdict.error)
            for path in folder.glob("output_*.npy"):
                path.unlink()
        shutil.rmtree(folder)
    shapes = {tuple(array.shape for array in case.inputs.values()) for case in cases}
    sizes = f", {len(shapes)} sizes" if len(shapes) > 1 else ""
    return Verdict("right", f"error {worst:.1e}, {len(cases)} cases{sizes}", worst)


def judge_odd(engine, model: Path, bar: float, must_name: str, legal: bool, work: Path, limits: Limits) -> Verdict:
    """A malformed or odd model: refused, or the answer of another implementation on seeded inputs.

    Where no other implementation has an answer, a legal model need only run, or be refused at
    run time; one that is not legal should not have been compiled.
    """
    artefact = work / "model.so"
    if (verdict := compile_or_refuse(engine, model, artefact, limits)) is not None:
        if verdict.word == "refused" and must_name not in verdict.said:
            return Verdict("WRONG", f"the reason does not name '{must_name}': {verdict.detail}")
        return verdict
    for other in ("ort", "reference"):
        folder = work / other
        folder.mkdir()
        if ask(model, folder, limits, "--random", "0", "--engine", other).code == 0:
            result = engine.run(artefact, folder, limits)
            if result.code == REFUSED and other == "reference":  # ort refused these inputs too
                return Verdict("refused", f"run: {result.reason()}")
            if result.code != 0 or result.timed_out:
                return failure("run", result)
            return compare(folder, oracle.read_outputs(folder, "expected"), bar, f"against {other}")
    if not legal:
        return Verdict("WRONG", "compiled, and no other implementation has an answer")
    if (work / "ort" / "names.json").exists():
        result = engine.run(artefact, work / "ort", limits)
        if result.timed_out or result.code < 0 or result.code == INTERNAL:
            return failure("run", result)
    return Verdict("accepted", "compiled; no other implementation has an answer")


def judge_seeded(engine, model: Path, inputs: dict, bar: float, work: Path, limits: Limits) -> Verdict:
    """A whole network with seeded weights against ONNX Runtime."""
    oracle.write_inputs(work / "data", inputs)
    answer = ask(model, work / "data", limits)
    if answer.code != 0:
        return Verdict("WRONG", f"onnxruntime: {answer.reason()}")
    expected = oracle.read_outputs(work / "data", "expected")
    return judge_cases(engine, model, [Case("seeded", inputs, expected)], bar, work, limits)
