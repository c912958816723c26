# ===- document.py - docs/Conformance.md -*- Python -*-======================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""docs/Conformance.md: a table of the operators, and every test that is not right with the reason."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import onnx
import suite
from pool import Verdict

PATH = suite.ROOT / "docs" / "Conformance.md"
ROW = re.compile(r"^\| `([^`]+/test_[^`]+)` \| (right|wrong|refused) \|")
INTRODUCTION = """\
# Conformance

ONNX's own backend tests (`onnx.backend.test`, onnx {version}, data and assertions as ONNX ships them), run by
`./dev conformance`, which also writes this page (`--update`). A test is *right* when ONNX's assertion holds, *refused*
when fsc does not compile the model and says why, *wrong* in every other case.

| tests | right | wrong | refused | of |
|---|--:|--:|--:|--:|
{sections}

## Operators

The tests of the section `node`, by the operator they are about.

| operator | right | wrong | refused | of |
|---|--:|--:|--:|--:|
{operators}

## Tests that are not right

{others}
"""


def read(names: list[str], path: Path = PATH, row: re.Pattern = ROW) -> dict[str, str]:
    """The verdict on each name as the committed page has it, in rows that `row` matches; empty where there is no page."""
    if not path.exists():
        return {}
    verdicts = dict.fromkeys(names, "right")
    for line in path.read_text().splitlines():
        if match := row.match(line):
            verdicts[match[1]] = match[2]
    return verdicts


def table(verdicts: dict[str, Verdict], group_of: dict[str, str], order: list[str]) -> str:
    counts: dict[str, Counter] = defaultdict(Counter)
    for name, verdict in verdicts.items():
        if name in group_of:
            counts[group_of[name]][verdict.word] += 1
    rows = []
    for group in order:
        count = counts[group]
        rows.append(f"| {group} | {count['right']} | {count['wrong']} | {count['refused']} | {count.total()} |")
    return "\n".join(rows)


def cell(text: str) -> str:
    """Text as the cell of a table."""
    text = text if len(text) <= 200 else text[:197] + "..."
    return re.sub(r"([|<>*_`\[\]])", r"\\\1", text)


def write(tests: suite.Suite, verdicts: dict[str, Verdict]) -> None:
    operators = tests.operators()
    sections = {name: name.split("/")[0] for name in verdicts}
    total = dict.fromkeys(verdicts, "**all**")
    rows = [f"| `{name}` | {verdicts[name].word} | {cell(verdicts[name].reason)} |"
            for name in tests.names if verdicts[name].word != "right"]
    others = "\n".join(["| test | | reason |", "|---|---|---|", *rows]) if rows else "None."
    PATH.write_text(INTRODUCTION.format(
        version=onnx.__version__,
        sections=table(verdicts, sections, list(suite.SECTIONS.values())) + "\n" + table(verdicts, total, ["**all**"]),
        operators=table(verdicts, operators, sorted(set(operators.values()), key=lambda o: ("." in o, o))),
        others=others))
