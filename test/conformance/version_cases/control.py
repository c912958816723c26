# ===- control.py - Seeds of control flow, sequences, optionals -*- Python -*-== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Seeds of control flow, sequences and optionals: what ONNX's node tests have not, or have for new opsets alone."""

import numpy as np

from .seed import Seed, node_seed, text_seed

A, B, C = np.float32([[1, 2], [3, 4]]), np.float32([[5, -6], [7, 8]]), np.float32([[0.5, 1], [2, 4]])

IF = """
branches (bool c, float[2, 2] x) => (float[2, 2] y) {
  y = If (c) <then_branch = yes () => (float[2, 2] t) { t = Add(x, x) }, else_branch = no () => (float[2, 2] e) { e = Mul(x, x) }>
}"""
LOOP = """
sums (int64 n, bool go, float[2] x) => (float[2] last, float[k, 2] all) {
  last, all = Loop (n, go, x) <body = step (int64 i, bool c, float[2] s) => (bool next, float[2] t, float[2] u) {
    next = Identity(c)
    t = Add(s, x)
    u = Mul(s, t)
  }>
}"""
SCAN_8 = """
batches (float[2, 3] start, float[2, 4, 3] x) => (float[2, 3] last, float[2, 4, 3] all) {
  last, all = Scan (, start, x) <num_scan_inputs = 1, directions = [0], body = step (float[3] s, float[3] e) => (float[3] t, float[3] u) {
    t = Add(s, e)
    u = Mul(t, e)
  }>
}"""
SCAN = """
steps (float[3] start, float[4, 3] x, float[3, 4] z) => (float[3] last, float[4, 3] all, float[3, 4] back) {
  last, all, back = Scan (start, x, z) <num_scan_inputs = 2, scan_input_axes = [0, 1], scan_input_directions = [0, 1],
                                        scan_output_axes = [0, 1], scan_output_directions = [1, 0],
                                        body = step (float[3] s, float[3] e, float[3] f) => (float[3] t, float[3] u, float[3] v) {
    t = Add(s, e)
    u = Mul(t, f)
    v = Sub(e, f)
  }>
}"""
SEQUENCE_LOOP = """
collects (int64 n, bool go, seq(float[2]) none, float[2] x) => (seq(float[2]) all) {
  all = Loop (n, go, none) <body = step (int64 i, bool c, seq(float[2]) s) => (bool next, seq(float[2]) t) {
    next = Identity(c)
    t = SequenceInsert(s, x)
  }>
}"""
SEQUENCE_IF = """
chooses (bool c, float[2] x) => (seq(float[2]) y) {
  y = If (c) <then_branch = yes () => (seq(float[2]) t) { t = SequenceConstruct(x, x) },
              else_branch = no () => (seq(float[2]) e) { e = SequenceConstruct(x) }>
}"""


def control_flow() -> list[Seed]:
    x, run, go = np.float32([1, 2]), np.array(3, np.int64), np.array(True)
    steps = np.arange(12, dtype=np.float32)
    return [
        text_seed("If", IF, [np.array(True), A]),
        text_seed("If", IF, [np.array(False), A], name="If-else"),
        text_seed("If", SEQUENCE_IF, [np.array(False), x], versions=(13, 99)),
        text_seed("Loop", LOOP, [run, go, x]),
        text_seed("Loop", LOOP, [np.array(0, np.int64), go, x], name="Loop-no-trips"),
        text_seed("Loop", SEQUENCE_LOOP, [run, go, [x], x], versions=(13, 99)),
        text_seed("Scan", SCAN_8, [np.float32([[1, 2, 3], [0, 1, 0]]), np.stack([steps, -steps]).reshape(2, 4, 3)], versions=(8, 8)),
        text_seed("Scan", SCAN, [np.float32([1, 2, 3]), steps.reshape(4, 3), steps.reshape(3, 4)], versions=(9, 99)),
    ]


def sequences() -> list[Seed]:
    def i64(value: int) -> np.ndarray:
        return np.array(value, np.int64)

    return [
        node_seed("SequenceConstruct", 11, [A, B, C]),
        text_seed("SequenceEmpty", "none () => (seq(float) y) { y = SequenceEmpty() }", []),
        text_seed("SequenceEmpty", "filled (int64[2] x) => (seq(int64[2]) y) { e = SequenceEmpty <dtype = 7> ()  y = SequenceInsert(e, x) }",
                  [np.int64([1, 2])]),
        node_seed("SequenceAt", 11, [[A, B, C], i64(-1)]),
        node_seed("SequenceErase", 11, [[A, B, C], i64(1)]),
        node_seed("SequenceErase", 11, [[A, B, C], None][:1], name="SequenceErase-last"),
        node_seed("SequenceLength", 11, [[A, B, C]]),
        node_seed("ConcatFromSequence", 11, [[A, B, C]], axis=1),
        node_seed("ConcatFromSequence", 11, [[A, B, C]], axis=-1, new_axis=1, name="ConcatFromSequence-new-axis"),
        node_seed("SplitToSequence", 11, [np.concatenate([A, B]), np.int64([1, 3])], axis=0),
    ]


def optionals() -> list[Seed]:
    return [
        node_seed("Optional", 15, [A]),
        text_seed("Optional", "wraps (float[2, 2] x) => (float[2, 2] y) { o = Optional(x)  y = OptionalGetElement(o) }", [A]),
        text_seed("OptionalGetElement", "unwraps (float[2, 2] x) => (float[2, 2] y) { o = Optional(x)  y = OptionalGetElement(o) }", [A]),
        text_seed("OptionalHasElement", "asks (float[2, 2] x) => (bool y) { o = Optional(x)  y = OptionalHasElement(o) }", [A]),
    ]


def seeds() -> list[Seed]:
    return [*control_flow(), *sequences(), *optionals()]
