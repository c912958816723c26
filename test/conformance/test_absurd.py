# ===- test_absurd.py - A sample of the numbers that make no sense -*- Python -*-======= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Operators with numbers that make no sense are refused, or give what ONNX's reference evaluator gives."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import absurd  # noqa: E402
from suite import processors  # noqa: E402


def test_no_number_crashes_hangs_or_gives_another_answer():
    # Every one of them takes minutes: absurd.py runs all. 23 is prime, so that the sample has every kind of number.
    counts = absurd.run_all(every=23, jobs=processors())
    assert counts.total() > 80
    assert counts["wrong"] == 0
    assert counts["right"] > 10 and counts["refused"] > 10
