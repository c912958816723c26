# ===- version_document.py - docs/Versions.md -*- Python -*-=================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""docs/Versions.md: for each operator its versions with a mark, and every pair that is not right with the reason."""

import re
from collections import Counter, defaultdict

import document
import onnx
import suite
from document import cell
from pool import Verdict
from version_cases.choose import DOMAINS, FIRST_OPSET, Pair

PATH = suite.ROOT / "docs" / "Versions.md"
ROW = re.compile(r"^\| `([\w.]+-\d+)` \| (right|wrong|refused|missing) \|")
MARKS = {"right": "{}", "refused": "({})", "wrong": "**{}!**", "missing": "**{}?**"}
INTRODUCTION = """\
# Versions

Every version of every operator of ONNX {version} from opset {first} on, with the one in force there, and all of ai.onnx.ml, run by
`./dev conformance --versions`, which also writes this page (`--update`). A version is that since which the operator is
what it is. The table of them is ONNX's own list of definitions, so that none can be forgotten; versions that only say
that an operator is no more are left out.

A version is *right*, and stands as its number, if all its cases are: what is written by hand for it, ONNX's node test of the operator that
says most and the one that says least, brought into the form that the operator has in that version, and one of an element type
that the version before did not allow. What they are to give is for ONNX Runtime to say, else for ONNX's reference evaluator, else for what ONNX recorded.
It stands (in brackets) if fsc *refuses* a case and says why, **with !** if an answer is *wrong*, and
**with ?** if a case is *missing*. The last three are listed below with the reason.

| versions | right | wrong | refused | missing | of |
|---|--:|--:|--:|--:|--:|
{counts}

| operator | versions |
|---|---|
{operators}

## Versions that are not right

{others}
"""


def read(names: list[str]) -> dict[str, str]:
    """The verdict on each pair as the committed page has it; empty where there is no page."""
    return document.read(names, PATH, ROW)


def count_row(title: str, verdicts: list[Verdict]) -> str:
    count = Counter(verdict.word for verdict in verdicts)
    return f"| {title} | {count['right']} | {count['wrong']} | {count['refused']} | {count['missing']} | {len(verdicts)} |"


def write(pairs: dict[str, Pair], verdicts: dict[str, Verdict]) -> None:
    versions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, pair in pairs.items():
        versions[pair.operator].append(MARKS[verdicts[name].word].format(pair.since))
    operators = [f"| {domain + '.' if domain else ''}{op} | {' '.join(marks)} |" for (domain, op), marks in versions.items()]
    counts = [count_row(domain or "ONNX's own", [verdicts[name] for name, pair in pairs.items() if pair.domain == domain])
              for domain in DOMAINS]
    rows = [f"| `{name}` | {verdicts[name].word} | {cell(verdicts[name].reason)} |"
            for name in pairs if verdicts[name].word != "right"]
    PATH.write_text(INTRODUCTION.format(
        version=onnx.__version__, first=FIRST_OPSET,
        counts="\n".join([*counts, count_row("**all**", list(verdicts.values()))]),
        operators="\n".join(operators),
        others="\n".join(["| version | | reason |", "|---|---|---|", *rows]) if rows else "None."))
