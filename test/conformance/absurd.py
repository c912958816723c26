# ===- absurd.py - Operators with attributes that make no sense -*- Python -*-=== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Gives every operator numbers that no model means: an axis of 2^63 - 1, a kernel of -2^63, pads of 2^40.

For each operator that ONNX has a node test of, each of its attributes, and each of its inputs of a few integers, is given such
numbers. What comes of it must be

    refused    by the compiler, or by the run, with a reason
    right      what ONNX's reference evaluator computes
    accepted   the reference evaluator refuses it or cannot do it

in at most SECONDS of CPU and BYTES of memory. Anything else, a crash, a hang or an internal error above all, is wrong.

    absurd.py [--filter REGEX] [--every N] [--jobs N]
"""

import argparse
import collections
import os
import re
import resource
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
from onnx import AttributeProto, helper, numpy_helper
from onnx.backend.test.loader import load_model_tests

from pool import Pool, Verdict

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
sys.path.insert(0, str(BUILD / "python"))
import fsc  # noqa: E402

SECONDS, BYTES = 2.0, 1 << 30
LOWEST, HIGHEST = -(2**63), 2**63 - 1
INTEGERS = [LOWEST, HIGHEST, 2**31, -(2**31) - 1, 2**40 + 3, 63, -64, 7, -1, 0]
FLOATS = [float("nan"), float("inf"), float("-inf"), 3e38, -1.0]
# Their results are drawn.
RANDOM = {"Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
# What the reference evaluator computes otherwise than ONNX's text says, and why.
DEVIATIONS = {"LeakyRelu/alpha": "it multiplies what is above 0 by 0 alpha, which is NaN where alpha is infinite"}


def lists(length: int) -> list[list[int]]:
    """Lists in place of one of `length` integers."""
    length = length or 2
    same = [[value] * length for value in INTEGERS]
    return [*same, *([1] * (length - 1) + [value] for value in (LOWEST, HIGHEST, 2**31, -1)), [], [1] * (length + 70)]


class Seed:
    """A node test of one node."""

    def __init__(self, test):
        self.model = test.model if test.model is not None else onnx.load(Path(test.model_dir) / "model.onnx")
        self.data = test.data_sets

    @property
    def node(self) -> onnx.NodeProto:
        return self.model.graph.node[0]

    def inputs(self) -> list:
        """Of the first set of data."""
        return list(self.data[0][0])

    def schema(self) -> onnx.defs.OpSchema:
        domain = "" if self.node.domain == "ai.onnx" else self.node.domain
        versions = {opset.domain: opset.version for opset in self.model.opset_import}
        return onnx.defs.get_schema(self.node.op_type, versions.get(domain, 1), domain)

    def changes(self) -> list[tuple[str, int]]:
        """The names of what can be changed, each with the number of ways."""
        found = []
        for name, attribute in self.schema().attributes.items():
            kind = int(attribute.type.value)
            if kind == AttributeProto.INT:
                found.append((name, len(INTEGERS)))
            elif kind == AttributeProto.INTS:
                found.append((name, len(lists(2))))
            elif kind == AttributeProto.FLOAT:
                found.append((name, len(FLOATS)))
        for i, value in enumerate(self.inputs()):
            integral = isinstance(value, np.ndarray) and value.dtype in (np.int64, np.int32) and value.ndim <= 1
            if integral and 0 < value.size <= 16 and self.node.input[i]:
                found.append((f"input{i}", len(INTEGERS)))
        return found

    def change(self, name: str, way: int) -> tuple[onnx.ModelProto, list]:
        """The model with one thing changed, and its inputs."""
        model, inputs = onnx.ModelProto(), self.inputs()
        model.CopyFrom(self.model)
        node = model.graph.node[0]
        if re.fullmatch(r"input\d+", name):
            index = int(name.removeprefix("input"))
            names = [value.name for value in model.graph.input]
            old = inputs.pop(index)
            low, high = np.iinfo(old.dtype).min, np.iinfo(old.dtype).max
            value = np.full_like(old, min(max(INTEGERS[way], low), high))
            model.graph.initializer.append(numpy_helper.from_array(value, names[index]))
            del model.graph.input[index]
            return model, inputs
        schema = self.schema()
        old = next((attribute for attribute in node.attribute if attribute.name == name), None)
        kind = int(schema.attributes[name].type.value)
        if old:
            node.attribute.remove(old)
        if kind == AttributeProto.INTS:
            node.attribute.append(helper.make_attribute(name, lists(len(old.ints) if old else 2)[way], attr_type=AttributeProto.INTS))
        else:
            node.attribute.append(helper.make_attribute(name, (FLOATS if kind == AttributeProto.FLOAT else INTEGERS)[way]))
        return model, inputs


def seeds() -> dict[str, Seed]:
    """The smallest test of each operator."""
    found: dict[str, Seed] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tests = load_model_tests(kind="node")
    for test in sorted(tests, key=lambda test: (test.model.ByteSize(), test.name)):
        node = test.model.graph.node
        plain = test.data_sets and all(isinstance(value, np.ndarray) and value.dtype.isbuiltin for value in test.data_sets[0][0])
        if not plain or len(node) != 1 or len(test.model.graph.input) != sum(bool(name) for name in node[0].input):
            continue
        if all(node[0].input):
            found.setdefault((node[0].domain + "." if node[0].domain not in ("", "ai.onnx") else "") + node[0].op_type, Seed(test))
    return found


def peak() -> int:
    return next(int(line.split()[1]) << 10 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))


def expected(model: onnx.ModelProto, inputs: list) -> list | None:
    """What the reference evaluator says; nothing if it refuses or takes too long."""

    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(5)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluator = onnx.reference.ReferenceEvaluator(model)
            return evaluator.run(None, dict(zip([value.name for value in model.graph.input], inputs)))
    except Exception:  # whatever it throws is its refusal
        return None
    finally:
        signal.alarm(0)


def same(got: np.ndarray | list, wanted) -> bool:
    if isinstance(got, list):
        return isinstance(wanted, list) and len(got) == len(wanted) and all(same(a, b) for a, b in zip(got, wanted))
    wanted = np.asarray(wanted)
    if got.shape != wanted.shape:
        return False
    if got.dtype.kind not in "fiub" or wanted.dtype.kind not in "fiub":
        return True
    with np.errstate(all="ignore"):
        return np.allclose(got.astype(np.float64), wanted.astype(np.float64), rtol=1e-3, atol=1e-4, equal_nan=True)


def attempt(model: onnx.ModelProto, inputs: list) -> Verdict:
    try:
        module = fsc.compile(model, compile_threads=1, threads=1)
        got = list(module.run(dict(zip([value.name for value in model.graph.input], inputs))).values())
    except fsc.ModelError as error:
        return Verdict("refused", str(error)) if str(error) else Verdict("wrong", "refused without a reason")
    except (fsc.InputError, fsc.OutOfMemoryError) as error:
        return Verdict("refused", str(error))
    except Exception as error:
        return Verdict("wrong", f"{type(error).__name__}: {error}")
    wanted = expected(model, inputs)
    if wanted is None or model.graph.node[0].op_type in RANDOM:
        return Verdict("accepted")
    if len(got) == len(wanted) and all(same(a, b) for a, b in zip(got, wanted) if b is not None):
        return Verdict("right")
    return Verdict("wrong", f"shapes {[a.shape for a in got]}, reference {[np.asarray(b).shape for b in wanted]}")


class Absurd:
    def __init__(self):
        self.seeds = seeds()
        self.names = [f"{op}/{name}/{way}" for op, seed in sorted(self.seeds.items()) for name, ways in seed.changes()
                      for way in range(ways)]

    def run(self, case: str) -> Verdict:
        op, name, way = case.rsplit("/", 2)
        model, inputs = self.seeds[op].change(name, int(way))
        Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
        before, start = peak(), time.process_time()
        limit = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES * 8, limit[1]))
        verdict = attempt(model, inputs)
        if verdict.word == "wrong" and f"{op}/{name}" in DEVIATIONS and verdict.reason.startswith("shapes"):
            verdict = Verdict("accepted", DEVIATIONS[f"{op}/{name}"])
        resource.setrlimit(resource.RLIMIT_AS, limit)
        seconds, grown = time.process_time() - start, peak() - before
        if verdict.word != "wrong" and verdict.word != "accepted" and (seconds > SECONDS + 5 or grown > BYTES):
            return Verdict("wrong", f"{verdict.word} after {seconds:.1f} s of CPU and {grown >> 20} MiB")
        return verdict


def run_all(pattern: str = "", every: int = 1, jobs: int = 2, verbose: bool = False) -> collections.Counter:
    """The number of cases by verdict; prints each that is wrong."""
    suite = Absurd()
    names = [name for name in suite.names if re.search(pattern, name)][::every]
    counts: collections.Counter = collections.Counter()
    with Pool(suite.run, jobs, timeout=60) as pool:
        for name, verdict in pool.map(names, None):
            counts[verdict.word] += 1
            if verdict.word == "wrong" or verbose:
                print(f"{verdict.word:<8} {name}: {verdict.reason}", flush=True)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(prog="absurd.py")
    parser.add_argument("--filter", default="")
    parser.add_argument("--every", type=int, default=1, help="take every Nth case")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    counts = run_all(options.filter, options.every, options.jobs, options.verbose)
    print(f"absurd: {counts['right']} right, {counts['wrong']} wrong, {counts['refused']} refused, {counts['accepted']} accepted, "
          f"of {counts.total()}")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
