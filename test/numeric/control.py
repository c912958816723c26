# ===- control.py - Control flow against ONNX Runtime -*- Python -*-=================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runs small models with branches, loops and scans and compares with ONNX Runtime.

    control.py                 all of them
    control.py loop_zero_trips some
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import onnxruntime

F, I, B = np.float32, np.int64, np.bool_
HEADER = '<ir_version: 8, opset_import: ["" : 15]>\n'
CONFIGURATIONS = {"-O0": 1, "-O2": 2}  # with how many threads


def vector(*values: float) -> np.ndarray:
    return np.array(values, F)


# Each case: the model's text, and the inputs of each run, in order.
CASES = {
    "if_of_static_sizes": (
        """m (bool c, float[3] x) => (float[3] y, float[3] z) {
             y, z = If (c) <then_branch = t () => (float[3] a, float[3] b) { a = Relu(x)  b = Add(a, x) },
                            else_branch = e () => (float[3] a, float[3] b) { b = Neg(x)  a = Identity(b) }>
           }""",
        [[B(True), vector(-1, 2, 3)], [B(False), vector(-1, 2, 3)]],
    ),
    "if_of_sizes_that_differ": (
        """m (bool c, float[n] x) => (float[k] y) {
             one = Constant<value_ints = [1]>()
             two = Constant<value_ints = [2]>()
             a = If (c) <then_branch = t () => (float[p] u) { u = Concat<axis = 0>(x, x) },
                         else_branch = e () => (float[q] v) { v = Slice(x, one, two) }>
             y = Concat<axis = 0>(a, x)
           }""",
        [[B(True), vector(1, 2, 3)], [B(False), vector(1, 2, 3)], [B(True), vector(4)]],
    ),
    "if_that_returns_what_is_around_it": (
        """m (bool c, float[n] x, float[n] w) => (float[n] y) {
             a = If (c) <then_branch = t () => (float[n] u) { u = Identity(x) },
                         else_branch = e () => (float[n] v) { v = Identity(w) }>
             y = Mul(a, x)
           }""",
        [[B(True), vector(1, 2), vector(3, 4)], [B(False), vector(1, 2), vector(3, 4)]],
    ),
    "if_on_sizes": (
        """m (float[n] x) => (float[k] y) {
             s = Shape(x)
             four = Constant<value_ints = [4]>()
             zero = Constant<value_ints = [0]>()
             c = Less(s, four)
             y = If (c) <then_branch = t () => (float[p] u) { u = Concat<axis = 0>(x, x) },
                         else_branch = e () => (float[q] v) { v = Slice(x, zero, four) }>
           }""",
        [[vector(1, 2, 3)], [vector(1, 2, 3, 4, 5)]],
    ),
    "loop_with_state_and_elements": (
        """m (int64 n, float[2] x) => (float[2] y, float[k, 2] all) {
             t = Constant<value = bool {1}>()
             y, all = Loop (n, t, x) <body = b (int64 i, bool c, float[2] s) => (bool d, float[2] r, float[2] e) {
               d = Identity(c)  f = Cast<to = 1>(i)  r = Add(s, f)  e = Mul(r, x) }>
           }""",
        [[I(5), vector(1, 2)], [I(0), vector(1, 2)], [I(-3), vector(1, 2)], [I(1), vector(0, 9)]],
    ),
    "loop_of_a_known_number": (
        """m (float[2] x) => (float[2] y, float[4, 2] all) {
             n = Constant<value_int = 4>()
             y, all = Loop (n, , x) <body = b (int64 i, bool c, float[2] s) => (bool d, float[2] r, float[2] e) {
               d = Identity(c)  r = Add(s, s)  e = Identity(s) }>
           }""",
        [[vector(1, 2)]],
    ),
    "loop_that_ends_early": (
        """m (int64 n, float x) => (float y, float[k] all) {
             t = Constant<value = bool {1}>()
             limit = Constant<value_float = 100.0>()
             y, all = Loop (n, t, x) <body = b (int64 i, bool c, float s) => (bool d, float r, float e) {
               r = Add(s, s)  e = Identity(r)  d = Less(r, limit) }>
           }""",
        [[I(50), F(1)], [I(3), F(1)], [I(50), F(200)], [I(0), F(1)]],
    ),
    "loop_without_a_number": (
        """m (bool go, float x) => (float y, float[k] all) {
             limit = Constant<value_float = 1000.0>()
             y, all = Loop (, go, x) <body = b (int64 i, bool c, float s) => (bool d, float r, float e) {
               r = Add(s, s)  e = Identity(s)  d = Less(r, limit) }>
           }""",
        [[B(True), F(1)], [B(False), F(1)]],
    ),
    "loop_that_grows_what_it_carries": (
        """m (int64 n, float[k] x) => (float[j] y) {
             t = Constant<value = bool {1}>()
             y = Loop (n, t, x) <body = b (int64 i, bool c, float[p] s) => (bool d, float[q] r) {
               d = Identity(c)  r = Concat<axis = 0>(s, x) }>
           }""",
        [[I(4), vector(1, 2)], [I(0), vector(1, 2)]],
    ),
    "loop_that_swaps": (
        """m (int64 n, float[2] x, float[2] w) => (float[2] y, float[2] z, float[k, 2] e) {
             t = Constant<value = bool {1}>()
             y, z, e = Loop (n, t, x, w) <body = b (int64 i, bool c, float[2] p, float[2] q)
                 => (bool d, float[2] r, float[2] s, float[2] e) {
               d = Identity(c)  r = Identity(q)  s = Identity(p)  e = Identity(p) }>
           }""",
        [[I(3), vector(1, 2), vector(3, 4)], [I(2), vector(1, 2), vector(3, 4)]],
    ),
    "loop_that_swaps_dynamic_sizes": (
        """m (int64 n, float[a] x, float[b] w) => (float[c] y, float[d] z, float[e] kept) {
             t = Constant<value = bool {1}>()
             y, z, kept = Loop (n, t, x, w, x) <body = b (int64 i, bool c, float[f] p, float[g] q, float[h] k)
                 => (bool d, float[f2] r, float[g2] s, float[h2] l) {
               d = Identity(c)  r = Identity(q)  s = Identity(p)  l = Identity(k) }>
           }""",
        [[I(3), vector(1, 2, 5), vector(3, 4)], [I(2), vector(1), vector(3, 4)]],
    ),
    "loop_with_elements_of_dynamic_size": (
        """m (int64 n, float[k] x) => (float[j, l] all) {
             t = Constant<value = bool {1}>()
             all = Loop (n, t) <body = b (int64 i, bool c) => (bool d, float[q] e) {
               d = Identity(c)  f = Cast<to = 1>(i)  e = Mul(x, f) }>
           }""",
        [[I(9), vector(1, 2, 3)], [I(1), vector(7)]],
    ),
    "loop_of_a_known_number_with_elements_of_dynamic_size": (
        """m (float[k] x) => (float[3, k] all) {
             n = Constant<value_int = 3>()
             t = Constant<value = bool {1}>()
             all = Loop (n, t) <body = b (int64 i, bool c) => (bool d, float[q] e) {
               d = Identity(c)  f = Cast<to = 1>(i)  e = Add(x, f) }>
           }""",
        [[vector(1, 2, 3)], [vector()]],
    ),
    "loop_that_yields_what_is_around_it": (
        """m (int64 n, float[2] x) => (float[2] y, float[k, 2] all, float[j, 2] again) {
             t = Constant<value = bool {1}>()
             y, all, again = Loop (n, t, x) <body = b (int64 i, bool c, float[2] s)
                 => (bool d, float[2] r, float[2] e, float[2] f) {
               d = Identity(c)  r = Add(s, x)  e = Identity(x)  f = Identity(r) }>
           }""",
        [[I(3), vector(1, 2)]],
    ),
    "loop_in_if_in_loop": (
        """m (int64 n, float[2] x) => (float[2] y, float[k, 2] all) {
             t = Constant<value = bool {1}>()
             two = Constant<value_int = 2>()
             zero = Constant<value_int = 0>()
             y, all = Loop (n, t, x) <body = b (int64 i, bool c, float[2] s) => (bool d, float[2] r, float[2] e) {
               d = Identity(c)
               m = Mod(i, two)
               odd = Equal(m, zero)
               r = If (odd) <
                 then_branch = tb () => (float[2] u) {
                   u = Loop (i, t, s) <body = ib (int64 j, bool ic, float[2] is) => (bool id, float[2] ir) {
                     id = Identity(ic)  fj = Cast<to = 1>(j)  fi = Cast<to = 1>(i)  g = Add(is, fj)  ir = Add(g, fi) }>
                 },
                 else_branch = eb () => (float[2] v) { v = Mul(s, x) }>
               e = Add(r, x)
             }>
           }""",
        [[I(6), vector(1, 2)], [I(0), vector(1, 2)]],
    ),
    "scan_of_axes_and_directions": (
        """m (float[2] s, float[2, n] x, float[n, 2] w) => (float[2] t, float[2, k] y, float[j, 2] z) {
             t, y, z = Scan (s, x, w) <num_scan_inputs = 2, scan_input_axes = [1, 0], scan_input_directions = [1, 0],
                 scan_output_axes = [1, -2], scan_output_directions = [0, 1],
                 body = b (float[2] p, float[2] u, float[2] v) => (float[2] q, float[2] a, float[2] c) {
                   q = Add(p, u)  a = Mul(q, v)  c = Sub(u, v) }>
           }""",
        [[vector(1, 2), np.arange(6, dtype=F).reshape(2, 3), np.arange(6, dtype=F).reshape(3, 2)]],
    ),
    "scan_of_batches": (
        """<ir_version: 4, opset_import: ["" : 8]>
           m (float[b, 2] s, float[b, n, 2] x) => (float[b, 2] t, float[b, n, 2] y) {
             t, y = Scan ( , s, x) <num_scan_inputs = 1, directions = [1],
                 body = b (float[2] p, float[2] u) => (float[2] q, float[2] a) { q = Add(p, u)  a = Mul(q, u) }>
           }""",
        [[np.ones((2, 2), F), np.arange(12, dtype=F).reshape(2, 3, 2)]],
    ),
    "scan_of_integers_and_bools": (
        """m (int64 s, int64[n] x) => (int64 t, bool[k] y) {
             t, y = Scan (s, x) <num_scan_inputs = 1, body = b (int64 p, int64 u) => (int64 q, bool a) {
               q = Add(p, u)  a = Greater(u, p) }>
           }""",
        [[I(0), np.array([1, 5, 2, 9], I)]],
    ),
}

# What must end the run, with this in the message.
FAILURES = {
    "elements that change their size": (
        """m (int64 n, float[k] x) => (float[j, l] all) {
             t = Constant<value = bool {1}>()
             u, all = Loop (n, t, x) <body = b (int64 i, bool c, float[p] s) => (bool d, float[q] r, float[q] e) {
               d = Identity(c)  r = Concat<axis = 0>(s, x)  e = Identity(r) }>
           }""",
        [I(3), vector(1, 2)],
        "the elements of a scan output are not all of one size",
    ),
    "a condition that the compiled branch needs": (
        """m (float[n, 2] x) => (float[k] y) {
             s = Shape(x)
             zero = Constant<value_int = 0>()
             one = Constant<value_int = 1>()
             axes = Constant<value_ints = [0]>()
             d = Gather(s, zero)
             c = Equal(d, one)
             a = If (c) <then_branch = t () => (float[2] u) { u = Squeeze(x, axes) },
                         else_branch = e () => (float[n, 2] v) { v = Identity(x) }>
             y = Relu(a)
           }""",
        [np.ones((3, 2), F)],
        "its branches give tensors of different ranks",
    ),
    "a number of iterations that overflows": (
        """m (int64 n, float[2] x) => (float[k, 2] all) {
             t = Constant<value = bool {1}>()
             all = Loop (n, t) <body = b (int64 i, bool c) => (bool d, float[2] e) { d = Identity(c)  e = Relu(x) }>
           }""",
        [I(1 << 61), vector(1, 2)],
        "out of memory: the buffers for inputs of these sizes need more than",
    ),
    "a number of iterations that is too large": (
        """m (int64 n, float[2] x) => (float[k, 2] all) {
             t = Constant<value = bool {1}>()
             all = Loop (n, t) <body = b (int64 i, bool c) => (bool d, float[2] e) { d = Identity(c)  e = Relu(x) }>
           }""",
        [I(1 << 58), vector(1, 2)],
        "out of memory",
    ),
    "scan inputs of different lengths": (
        """m (float[n] x, float[k] w) => (float[j] y) {
             y = Scan (x, w) <num_scan_inputs = 2, body = b (float u, float v) => (float a) { a = Add(u, v) }>
           }""",
        [vector(1, 2), vector(1, 2, 3)],
        "the scan inputs are of different lengths",
    ),
}

# 10,000 iterations, each with temporaries and carried values of 400 kB: what an iteration does not release is 4 GB.
LONG = """m (int64 n, float[k] x) => (float[j] y, float[l] last) {
    t = Constant<value = bool {1}>()
    zero = Constant<value_int = 0>()
    one = Constant<value_ints = [1]>()
    end = Constant<value_ints = [9223372036854775807]>()
    number = Constant<value_floats = [1.0]>()
    y, last = Loop (n, t, x) <body = b (int64 i, bool c, float[p] s) => (bool d, float[q] r, float e) {
      d = Identity(c)
      u = Concat<axis = 0>(s, number)
      h = Slice(u, one, end)
      r = Add(h, x)
      f = Gather(r, zero)
      e = Neg(f)
    }>
}"""
LONG_BYTES = 400 << 20


def parse(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(text if text.startswith("<") else HEADER + text)


def save(model: onnx.ModelProto, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def compile(build: Path, model: Path, options: list[str], artefact: Path) -> None:
    subprocess.run([build / "bin/fsc-compile", model, "-o", artefact, "--quiet", *options], check=True)


def run(build: Path, artefact: Path, inputs: dict, folder: Path, threads: int) -> tuple[int, str, int]:
    """The exit code, what it printed, and the most memory it had."""
    np.savez(folder / "inputs.npz", **inputs)
    command = [build / "bin/fsc-run", artefact, "--input", folder / "inputs.npz", "--output-dir", folder, "--quiet",
               f"--threads={threads}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, text, usage.ru_maxrss * 1024


def check(build: Path, name: str, folder: Path) -> int:
    """The number of runs that differ."""
    text, runs = CASES[name]
    model = parse(text)
    names = [value.name for value in model.graph.input]
    outputs = [value.name for value in model.graph.output]
    reference = onnxruntime.InferenceSession(model.SerializeToString())
    path = save(model, folder / "model.onnx")
    wrong = 0
    for option, threads in CONFIGURATIONS.items():
        compile(build, path, [option], folder / "model.so")
        for values in runs:
            inputs = dict(zip(names, [np.asarray(value) for value in values], strict=True))
            expected = reference.run(outputs, inputs)
            code, message, _ = run(build, folder / "model.so", inputs, folder, threads)
            got = [np.load(folder / f"output_{i}.npy") for i in range(len(outputs))] if code == 0 else []
            for output, want in zip(outputs, expected, strict=True):
                have = got.pop(0) if got else None
                if have is None or have.shape != want.shape or not np.allclose(have, want, 1e-6, 1e-6):
                    print(f"{name} {option} {values}: {output} is {have}, expected {want}\n{message}")
                    wrong += 1
    return wrong


def check_failure(build: Path, name: str, folder: Path) -> int:
    text, values, message = FAILURES[name]
    model = parse(text)
    path = save(model, folder / "model.onnx")
    compile(build, path, [], folder / "model.so")
    inputs = {value.name: np.asarray(given) for value, given in zip(model.graph.input, values, strict=True)}
    code, said, _ = run(build, folder / "model.so", inputs, folder, 1)
    if code == 0 or message not in said:
        print(f"{name}: expected a failure with '{message}', got {code}: {said}")
        return 1
    return 0


def check_memory(build: Path, folder: Path) -> int:
    """Memory must not grow with the number of iterations."""
    model = parse(LONG)
    path = save(model, folder / "model.onnx")
    wrong = 0
    for option, threads in CONFIGURATIONS.items():
        compile(build, path, [option], folder / "model.so")
        inputs = {"n": np.asarray(I(10000)), "x": np.ones(100000, F)}
        code, said, most = run(build, folder / "model.so", inputs, folder, threads)
        if code != 0 or most > LONG_BYTES:
            print(f"10,000 iterations {option}: exit code {code}, {most} bytes, expected at most {LONG_BYTES}: {said}")
            wrong += 1
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", choices=[*CASES, []], help="default: all")
    parser.add_argument("--build", type=Path, default=Path(__file__).resolve().parents[2] / "build")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wrong = sum(check(arguments.build, case, folder) for case in arguments.case or CASES)
        if not arguments.case:
            wrong += sum(check_failure(arguments.build, case, folder) for case in FAILURES)
            wrong += check_memory(arguments.build, folder)
    print(f"control: {wrong} results differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
