# ===- lists.py - Sequences, optionals and maps -*- Python -*-================= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runs models whose values are sequences, optionals and maps and compares with ONNX Runtime, or with what is written here where
it cannot be fed such values.

    lists.py                 all of them
    lists.py append_in_loop  some
"""

import resource
import sys

import fsc
import numpy as np
import onnx
import onnx.parser
import onnxruntime

F, I, B = np.float32, np.int64, np.bool_
HEADER = '<ir_version: 8, opset_import: ["" : 18, "ai.onnx.ml" : 3]>\n'
OPTIMIZATION = (0, 2)


def vector(*values: float) -> np.ndarray:
    return np.array(values, F)


# Each case: the model's text, the inputs of each run by name, and the outputs where ONNX Runtime is not asked.
CASES = {
    "edits": (
        """m (seq(float[n]) s, float[k] x, int64 at) => (seq(float[p]) a, seq(float[q]) b, float[r] c, int64 size) {
             a = SequenceInsert(s, x, at)
             b = SequenceErase(a, at)
             last = Constant<value_int = -1>()
             c = SequenceAt(a, last)
             size = SequenceLength(a)
           }""",
        [{"s": [vector(1, 2), vector(3)], "x": vector(4, 5, 6), "at": I(at)} for at in (0, 1, -1, -2)],
    ),
    "edits_at_the_end": (
        """m (seq(int64[n]) s, int64[k] x) => (seq(int64[p]) a, seq(int64[q]) b) {
             a = SequenceInsert(s, x)
             b = SequenceErase(a)
           }""",
        [{"s": [], "x": np.arange(3)}, {"s": [np.arange(2)], "x": np.arange(0)}],
    ),
    "elements_of_different_ranks": (
        """m (float[n] x, float[a, b] y) => (float[c] u, float[d, e] v) {
             zero = Constant<value_int = 0>()
             s = SequenceConstruct(x, y)
             t = SequenceInsert(s, x, zero)
             two = Constant<value_int = 2>()
             u = SequenceAt(t, zero)
             v = SequenceAt(t, two)
           }""",
        [{"x": vector(1, 2), "y": np.ones((2, 3), F)}],
    ),
    "append_in_loop": (
        """m (int64 n, float[k] x) => (seq(float[p]) s, int64 size, float[a, b] all) {
             none = SequenceEmpty()
             yes = Constant<value = bool {1}>()
             s = Loop (n, yes, none) <body = b (int64 i, bool c, seq(float[j]) before) => (bool go, seq(float[l]) after) {
               go = Identity(c)
               f = Cast<to = 1>(i)
               y = Mul(x, f)
               after = SequenceInsert(before, y)
             }>
             size = SequenceLength(s)
             all = ConcatFromSequence<axis = 0, new_axis = 1>(s)
           }""",
        [{"n": I(n), "x": vector(1, 2)} for n in (1, 7)],
    ),
    "read_what_the_loop_appends": (
        """m (int64 n, float[k] x) => (float[j] last) {
             first = SequenceConstruct(x)
             yes = Constant<value = bool {1}>()
             back = Constant<value_int = -1>()
             s = Loop (n, yes, first) <body = b (int64 i, bool c, seq(float[j]) before) => (bool go, seq(float[l]) after) {
               go = Identity(c)
               y = SequenceAt(before, back)
               z = Add(y, y)
               after = SequenceInsert(before, z)
             }>
             last = SequenceAt(s, back)
           }""",
        [{"n": I(n), "x": vector(1, 2)} for n in (0, 1, 10)],
    ),
    "read_in_loop_what_begins_empty": (
        """m (int64 n, float[k] x) => (seq(float[p]) s, float[q] sum) {
             none = SequenceEmpty()
             yes = Constant<value = bool {1}>()
             zero = Constant<value_int = 0>()
             s, sum = Loop (n, yes, none, x) <body = b (int64 i, bool c, seq(float[j]) before, float[l] acc)
                                             => (bool go, seq(float[m]) after, float[o] total) {
               go = Identity(c)
               isFirst = Equal(i, zero)
               y = If (isFirst) <then_branch = t () => (float[r] u) { u = Neg(x) },
                                 else_branch = e () => (float[t] v) { v = SequenceAt(before, zero) }>
               total = Add(acc, y)
               after = SequenceInsert(before, acc, zero)
             }>
           }""",
        [{"n": I(n), "x": vector(1, 2)} for n in (0, 1, 4)],
    ),
    "sum_of_a_sequence": (
        """m (seq(float[k]) s, float[k] zero) => (float[k] sum) {
             n = SequenceLength(s)
             yes = Constant<value = bool {1}>()
             sum = Loop (n, yes, zero) <body = b (int64 i, bool c, float[j] before) => (bool go, float[l] after) {
               go = Identity(c)
               x = SequenceAt(s, i)
               after = Add(before, x)
             }>
           }""",
        [{"s": [vector(1, 2), vector(3, 4), vector(5, 6)], "zero": vector(0, 0)}, {"s": [], "zero": vector(7)}],
    ),
    "loops_in_loops": (
        """m (int64 n) => (seq(int64[]) s) {
             none = SequenceEmpty<dtype = 7>()
             yes = Constant<value = bool {1}>()
             s = Loop (n, yes, none) <body = b (int64 i, bool c, seq(int64[]) a) => (bool go, seq(int64[]) z) {
               go = Identity(c)
               z = Loop (i, c, a) <body = d (int64 j, bool e, seq(int64[]) f) => (bool on, seq(int64[]) h) {
                 on = Identity(e)
                 k = Mul(i, j)
                 unused = SequenceConstruct(k, k)
                 h = SequenceInsert(f, k)
               }>
             }>
           }""",
        [{"n": I(n)} for n in (0, 1, 2, 5)],
    ),
    "if_of_sequences": (
        """m (bool c, float[n] x, seq(float[k]) s) => (seq(float[p]) y, int64 size) {
             y = If (c) <then_branch = t () => (seq(float[q]) a) { a = SequenceInsert(s, x) },
                         else_branch = e () => (seq(float[r]) b) { b = SequenceEmpty() }>
             size = SequenceLength(y)
           }""",
        [{"c": B(c), "x": vector(1), "s": [vector(2, 3)]} for c in (False, True)],
    ),
    "identity_of_a_sequence": (
        "m (seq(float[k]) s) => (seq(float[k]) y, seq(float[k]) z) { y = Identity(s)  z = Identity(y) }",
        [{"s": [vector(1), vector(2, 3)]}, {"s": []}],
    ),
    "split": (
        """m (float[a, b] x, int64[k] sizes, int64 size) => (seq(float[c, d]) p, seq(float[e, f]) q, seq(float[g, h]) r, seq(float[i]) s) {
             p = SplitToSequence<axis = 1>(x, sizes)
             q = SplitToSequence<axis = -1>(x, size)
             r = SplitToSequence(x)
             s = SplitToSequence<axis = 1, keepdims = 0>(x)
           }""",
        [{"x": np.arange(12, dtype=F).reshape(3, 4), "sizes": np.int64([1, 3]), "size": I(3)},
         {"x": np.arange(4, dtype=F).reshape(1, 4), "sizes": np.int64([4]), "size": I(9)}],
    ),
    "split_of_strings": (
        """m (string[a] x) => (seq(string[b]) p, string[c] y) {
             p = SplitToSequence(x)
             y = ConcatFromSequence<axis = 0>(p)
           }""",
        [{"x": np.array(["a", "", "ä"], object)}],
    ),
    "concat": (
        """m (seq(float[a, b]) s) => (float[c, d] x, float[e, f, g] y) {
             x = ConcatFromSequence<axis = 1>(s)
             y = ConcatFromSequence<axis = -1, new_axis = 1>(s)
           }""",
        [{"s": [np.arange(6, dtype=F).reshape(2, 3), -np.arange(6, dtype=F).reshape(2, 3)]}],
    ),
    "concat_of_what_is_known": (
        """m (float[2, 3] x, float[2, 3] y) => (float[c, d] p, float[e, f, g] q) {
             s = SequenceConstruct(x, y, x)
             p = ConcatFromSequence<axis = -1>(s)
             q = ConcatFromSequence<axis = 1, new_axis = 1>(s)
           }""",
        [{"x": np.ones((2, 3), F), "y": np.arange(6, dtype=F).reshape(2, 3)}],
    ),
    "sequence_of_sizes_that_differ": (
        "m (seq(float[a, b]) s, int64 at) => (float[c, d] x) { x = SequenceAt(s, at) }",
        [{"s": [np.ones((2, 3), F), np.zeros((1, 4), F)], "at": I(at)} for at in (0, 1, -1)],
    ),
    "optional": (
        """m (optional(float[n]) o, float[k] x) => (bool has, float[p] y) {
             has = OptionalHasElement(o)
             y = If (has) <then_branch = t () => (float[q] a) { a = OptionalGetElement(o) },
                           else_branch = e () => (float[r] b) { b = Neg(x) }>
           }""",
        [{"o": vector(1, 2), "x": vector(3)}, {"o": None, "x": vector(3)}],
        [{"has": B(True), "y": vector(1, 2)}, {"has": B(False), "y": vector(-3)}],
    ),
    "optional_sequence": (
        """m (bool c, float[n] x) => (optional(seq(float[k])) o, bool has) {
             s = SequenceConstruct(x, x)
             o = If (c) <then_branch = t () => (optional(seq(float[q])) a) { a = Optional(s) },
                         else_branch = e () => (optional(seq(float[r])) b) { b = Optional<type = seq(float[n])>() }>
             has = OptionalHasElement(o)
           }""",
        [{"c": B(True), "x": vector(1)}, {"c": B(False), "x": vector(1)}],
        [{"o": [vector(1), vector(1)], "has": B(True)}, {"o": None, "has": B(False)}],
    ),
    "optionals_that_are_known": (
        """m (float[n] x, seq(float[k]) s) => (float[m] y, bool a, bool b, seq(float[l]) t) {
             o = Optional(x)
             y = OptionalGetElement(o)
             a = OptionalHasElement(x)
             b = OptionalHasElement()
             t = OptionalGetElement(s)
           }""",
        [{"x": vector(1, 2), "s": [vector(3)]}],
        [{"y": vector(1, 2), "a": B(True), "b": B(False), "t": [vector(3)]}],
    ),
    "map_over_a_sequence": (
        """m (seq(float[k]) s, float[k] x) => (seq(float[l]) y) {
             y = SequenceMap (s, x) <body = b (float[p] a, float[q] c) => (float[r] d) { e = Add(a, c)  d = Relu(e) }>
           }""",
        [{"s": [vector(1, -2), vector(3, -4)], "x": vector(1, 1)}, {"s": [], "x": vector(1)}],
        [{"y": [vector(2, 0), vector(4, 0)]}, {"y": []}],
    ),
    "zip_map": (
        """m (float[n, 3] x) => (seq(map(int64, float)) a, seq(map(string, float)) b) {
             a = ai.onnx.ml.ZipMap<classlabels_int64s = [10, -20, 30]>(x)
             b = ai.onnx.ml.ZipMap<classlabels_strings = ["no", "", "yes"]>(x)
           }""",
        [{"x": np.arange(6, dtype=F).reshape(2, 3)}, {"x": np.zeros((0, 3), F)}],
    ),
    "dict_vectorizer": (
        """m (map(string, float) a, map(int64, float) b) => (float[1, 4] x, float[1, 2] y) {
             x = ai.onnx.ml.DictVectorizer<string_vocabulary = ["a", "c", "b", "z"]>(a)
             y = ai.onnx.ml.DictVectorizer<int64_vocabulary = [-5, 5]>(b)
           }""",
        [{"a": {"a": 4.0, "c": 8.0}, "b": {5: 1.5, -5: 2.5}}, {"a": {}, "b": {5: 7.0}}],
        [{"x": F([[4, 8, 0, 0]]), "y": F([[2.5, 1.5]])}, {"x": F([[0, 0, 0, 0]]), "y": F([[0, 7]])}],
    ),
    "cast_map": (
        """m (map(int64, float) a, map(int64, string) b) => (float[1, n] x, int64[1, 4] y, string[1, m] z, float[1, k] u) {
             x = ai.onnx.ml.CastMap<cast_to = "TO_FLOAT">(a)
             y = ai.onnx.ml.CastMap<cast_to = "TO_INT64", map_form = "SPARSE", max_map = 4>(a)
             z = ai.onnx.ml.CastMap<cast_to = "TO_STRING">(b)
             u = ai.onnx.ml.CastMap<cast_to = "TO_FLOAT">(b)
           }""",
        [{"a": {3: 1.5, 1: -2.5}, "b": {7: "7.5", 2: "-1"}}],
        [{"x": F([[-2.5, 1.5]]), "y": I([[0, -2, 0, 1]]), "z": np.array([["-1", "7.5"]], object), "u": F([[-1, 7.5]])}],
    ),
}

# What ends a run, and how: the node's name and the reason.
FAILURES = {
    "at_out_of_range": ("m (seq(float[k]) s, int64 i) => (float[n] y) { [where] y = SequenceAt(s, i) }",
                        {"s": [vector(1)], "i": I(1)},
                        "node 'where' (SequenceAt, opset 18): expected a position in [-1, 0], as the sequence has 1 elements, got 1"),
    "at_in_none": ("m (seq(float[k]) s, int64 i) => (float[n] y) { [where] y = SequenceAt(s, i) }", {"s": [], "i": I(-1)},
                   "expected a position in [0, -1], as the sequence has 0 elements, got -1"),
    "insert_out_of_range": ("m (seq(float[k]) s, float[k] x, int64 i) => (seq(float[n]) y) { y = SequenceInsert(s, x, i) }",
                            {"s": [vector(1)], "x": vector(2), "i": I(2)}, "expected a position in [-1, 1]"),
    "erase_of_none": ("m (seq(float[k]) s) => (seq(float[n]) y) { y = SequenceErase(s) }", {"s": []}, "expected a position"),
    "split_of_a_wrong_sum": ("m (float[n] x, int64[k] p) => (seq(float[l]) y) { y = SplitToSequence(x, p) }",
                             {"x": vector(1, 2, 3), "p": np.int64([1, 1])}, "expected a split of sizes whose sum is 3, got 2"),
    "split_by_nothing": ("m (float[n] x, int64 p) => (seq(float[l]) y) { y = SplitToSequence(x, p) }",
                         {"x": vector(1), "p": I(0)}, "expected a split of at least 1, got 0"),
    "concat_of_none": ("m (seq(float[k]) s) => (float[n] y) { y = ConcatFromSequence<axis = 0>(s) }", {"s": []},
                       "expected a sequence of at least one element"),
    "concat_of_sizes_that_differ": ("m (seq(float[k]) s) => (float[n, l] y) { y = ConcatFromSequence<axis = 0, new_axis = 1>(s) }",
                                    {"s": [vector(1), vector(1, 2)]}, "expected elements of the same sizes but for axis 0"),
    "get_of_an_empty_optional": ("m (optional(float[k]) o) => (float[n] y) { y = OptionalGetElement(o) }", {"o": None},
                                 "expected an optional with an element, got an empty one"),
    "zip_map_of_other_columns": ("m (float[n, k] x) => (seq(map(int64, float)) y) { y = ai.onnx.ml.ZipMap<classlabels_int64s = [1, 2]>(x) }",
                                 {"x": np.zeros((1, 3), F)}, "expected 2 columns, as there are classes, got 3"),
    "cast_map_of_a_key_out_of_range": ('m (map(int64, float) x) => (float[1, 2] y) { y = ai.onnx.ml.CastMap<map_form = "SPARSE", max_map = 2>(x) }',
                                       {"x": {2: 1.0}}, "expected keys in [0, 2), got 2"),
}

# A window that slides over what a loop makes: 100 kB in each of 20,000 iterations.
WINDOW = """m (int64 n, float[k] x) => (seq(float[p]) s) {
             s0 = SequenceConstruct(x, x)
             yes = Constant<value = bool {1}>()
             zero = Constant<value_int = 0>()
             s = Loop (n, yes, s0) <body = b (int64 i, bool c, seq(float[j]) before) => (bool go, seq(float[l]) after) {
               go = Identity(c)
               y = SequenceAt(before, zero)
               longer = SequenceInsert(before, y)
               after = SequenceErase(longer, zero)
             }>
           }"""
WINDOW_BYTES = 200 << 20


def same(actual, expected) -> bool:
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(same, actual, expected))
    if isinstance(expected, dict):
        return isinstance(actual, dict) and actual.keys() == expected.keys() and all(same(actual[k], expected[k]) for k in expected)
    if expected is None or actual is None:
        return actual is expected
    actual, expected = np.asarray(actual), np.asarray(expected)
    return actual.shape == expected.shape and actual.dtype.kind == expected.dtype.kind and np.array_equal(actual, expected)


def parse(text: str) -> onnx.ModelProto:
    return onnx.parser.parse_model(HEADER + text)


def check(name: str) -> int:
    text, runs, *given = CASES[name]
    model = parse(text)
    if given:
        expected = given[0]
    else:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        names = [output.name for output in model.graph.output]
        arrays = [{key: np.asarray(value) if isinstance(value, np.generic) else value for key, value in run.items()} for run in runs]
        expected = [dict(zip(names, session.run(names, run), strict=True)) for run in arrays]
    wrong = 0
    for level in OPTIMIZATION:
        module = fsc.compile(model, opt_level=level)
        for run, results in zip(runs, expected, strict=True):
            actual = module.run(run)
            for output, value in results.items():
                if not same(actual[output], value):
                    print(f"{name} -O{level}: output '{output}' of {run}: expected {value}, got {actual[output]}")
                    wrong += 1
    return wrong


def check_failure(name: str) -> int:
    text, inputs, message = FAILURES[name]
    try:
        result = fsc.compile(parse(text)).run(inputs)
    except fsc.InputError as error:
        if message in str(error):
            return 0
        result = error
    print(f"{name}: expected '{message}', got {result}")
    return 1


def check_memory() -> int:
    """What an iteration makes and does not carry on is gone at its end."""
    module = fsc.compile(parse(WINDOW))
    x = np.ones(25000, F)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    result = module.run({"n": I(20000), "x": x})["s"]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - before
    if grown < WINDOW_BYTES and same(result, [x, x]):
        return 0
    print(f"a loop of 20,000 iterations: expected at most {WINDOW_BYTES} bytes more, got {grown}")
    return 1


def main() -> int:
    names = sys.argv[1:]
    wrong = sum(check(name) for name in names or CASES)
    if not names:
        wrong += sum(check_failure(name) for name in FAILURES)
        wrong += check_memory()
    print(f"lists: {wrong} results differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
