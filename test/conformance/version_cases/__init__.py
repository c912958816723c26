# ===- __init__.py - Models of every version of every operator -*- Python -*-== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Models of every version of every operator, from few that are written for one version.

    seed.py        a model with inputs, about one operator: ONNX's node tests, and what other files here write by hand
    rewrite.py     a seed as another version of its operator has it
    choose.py      the cases of a pair (operator, version): which seeds, rewritten how
    oracles.py     what the outputs are to be
"""
