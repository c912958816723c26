# ===- versions.py - Every version of every operator on fsc -*- Python -*-===== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Every version of every operator: each pair (operator, since-version) that ONNX's definitions have, from opset 7 on, has
cases, of which version_cases/ makes most from ONNX's node tests.

    right     all cases of the pair are
    wrong     one gives another answer than the oracle, or ends in an internal error, a crash, not in time
    refused   none is wrong, and fsc would not compile one and said why
    missing   there is no case, or nobody knows what a case is to give
"""

import argparse
import re
import time
import warnings
from collections import Counter

import suite
import version_document
from pool import Pool, Verdict
from version_cases import choose, oracles
from version_cases.seed import all_seeds

WORDS = ("right", "wrong", "refused", "missing")


def run_case(case: choose.Case, opt_level: int) -> Verdict:
    try:
        prepared = suite.fsc.backend.prepare(case.model.proto, threads=suite.THREADS, opt_level=opt_level)
        outputs = list(prepared.run(case.model.inputs))
    except Exception as error:
        return suite.judge(error)
    if case.seed.check:
        problem = case.seed.check(outputs)
    elif len(outputs) != len(case.expected):
        problem = f"expected {len(case.expected)} outputs, got {len(outputs)}"
    else:
        problem = next((d for pair in zip(outputs, case.expected) if (d := oracles.difference(*pair))), "")
    return Verdict("wrong", problem) if problem else Verdict("right")


class Versions:
    """All pairs. `names` are [DOMAIN.]OPERATOR-SINCE."""

    def __init__(self, seeds: list, schemas: list, opt_level: int = 2):
        self.chooser = choose.Chooser(seeds, schemas)
        self.pairs = {str(pair): pair for pair in choose.pairs_of(schemas)}
        self.names = list(self.pairs)
        self.opt_level = opt_level

    def cases(self, name: str) -> tuple[list[choose.Case], list[str]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.chooser.cases(self.pairs[name])

    def run(self, name: str) -> Verdict:
        cases, reasons = self.cases(name)
        if not cases:
            return Verdict("missing", "; ".join(reasons[-2:]) or "no seed is about this operator")
        verdicts = [(case, run_case(case, self.opt_level)) for case in cases]
        note = ", ".join(sorted({case.oracle for case, _ in verdicts}))
        for word in ("wrong", "refused"):
            for case, verdict in verdicts:
                if verdict.word == word:
                    return Verdict(word, f"{case.kind} {case.seed.name}: {verdict.reason}")
        return Verdict("right", f"{len(cases)} by {note}")


def run(table: Versions, names: list[str], args: argparse.Namespace, before: dict[str, str]) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    start = reported = time.monotonic()
    with Pool(table.run, args.jobs, args.timeout) as pool:
        for name, verdict in pool.map(names, args.max_time):
            verdicts[name] = verdict
            if verdict.word != "right" and (verdict.word != "refused" or before.get(name) != "refused"):
                print(f"{verdict.word:<8} {name}: {verdict.reason}", flush=True)
            if time.monotonic() - reported > 20:
                reported = time.monotonic()
                print(f"{len(verdicts)} of {len(names)} after {reported - start:.0f} s", flush=True)
    print(f"{time.monotonic() - start:.0f} s")
    return verdicts


def main(args: argparse.Namespace) -> int:
    schemas = choose.all_schemas()
    seeds = all_seeds()
    table = Versions(seeds, schemas, args.opt_level)
    names = [name for name in table.names if re.search(args.filter, name)]
    if args.list:
        for name in names:
            cases, _ = table.cases(name)
            print(f"{name}: " + ", ".join(f"{case.kind} {case.seed.name} by {case.oracle}" for case in cases))
        return 0
    before = version_document.read(table.names)
    verdicts = run(table, names, args, before)
    if args.update:
        version_document.write(table.pairs, verdicts)
        print(f"wrote {version_document.PATH.relative_to(suite.ROOT)}")
    return summarize(names, verdicts, before, args.update)


def summarize(names: list[str], verdicts: dict[str, Verdict], before: dict[str, str], update: bool) -> int:
    """Prints what is to be known and gives the exit code."""
    lost = [name for name, verdict in verdicts.items() if before.get(name) == "right" and verdict.word != "right"]
    won = [name for name, verdict in verdicts.items() if verdict.word == "right" and before.get(name) not in (None, "right")]
    late = len(names) - len(verdicts)
    if late:
        print(f"{late} pairs had no turn")
    if lost:
        print(f"{len(lost)} pairs that were right are not: {', '.join(lost[:20])}{', ...' if len(lost) > 20 else ''}")
    if won and not update:
        print(f"{len(won)} pairs are right that were not: --update says so in docs/Versions.md")
    count = Counter(verdict.word for verdict in verdicts.values())
    print("versions: " + ", ".join(f"{count[word]} {word}" for word in WORDS) + f", of {len(verdicts)}")
    return 1 if count["wrong"] or count["missing"] or late or (lost and not update) else 0
