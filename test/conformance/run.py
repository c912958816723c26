# ===- run.py - ONNX's own backend tests on fsc -*- Python -*-================= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runs ONNX's own backend tests, data and assertions as ONNX ships them, against fsc.backend.

    right     the test passed
    refused   fsc would not compile the model and said why
    wrong     another answer, an internal error, a crash, no end in time

docs/Conformance.md, made by --update, lists what is not right and why. A test that is right there
and no longer is, is an error. Exit code 1 where anything is wrong, or was right before.

    run.py --filter 'conv|pool'    some of them
    run.py --list                  their names
    run.py --versions              instead, every version of every operator: docs/Versions.md
"""

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]
import document  # noqa: E402
import suite  # noqa: E402
from pool import Pool, Verdict  # noqa: E402


def show(name: str, verdict: Verdict, before: str | None) -> None:
    if verdict.word == "wrong":
        print(f"wrong    {name}: {verdict.reason}", flush=True)
    elif before == "right" and verdict.word != "right":
        print(f"{verdict.word:<8} {name}, which was right: {verdict.reason}", flush=True)


def run(tests: suite.Suite, names: list[str], args: argparse.Namespace, before: dict) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    start = reported = time.monotonic()
    with Pool(tests.run, args.jobs, args.timeout) as pool:
        for name, verdict in pool.map(names, args.max_time):
            verdicts[name] = verdict
            show(name, verdict, before.get(name))
            if time.monotonic() - reported > 20:
                reported = time.monotonic()
                print(f"{len(verdicts)} of {len(names)} after {reported - start:.0f} s", flush=True)
    slowest = sorted(verdicts, key=lambda name: -verdicts[name].seconds)[:5]
    print(f"{time.monotonic() - start:.0f} s; slowest: "
          + ", ".join(f"{name} {verdicts[name].seconds:.1f} s" for name in slowest))
    return verdicts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="", metavar="REGEX", help="only tests whose names match")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--versions", action="store_true", help="run the versions of operators instead of ONNX's tests")
    parser.add_argument("--update", action="store_true", help="write docs/Conformance.md, or docs/Versions.md")
    parser.add_argument("--jobs", type=int, default=suite.processors(), help="processes to test with")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="for one test (default: 300)")
    parser.add_argument("--max-time", type=float, metavar="SECONDS", help="begin no further test after this long")
    parser.add_argument("--opt-level", type=int, default=2, choices=[0, 2], help="0: the reference lowering")
    args = parser.parse_args()
    if args.jobs < 1:
        parser.error(f"expected at least 1 job, got {args.jobs}")
    if args.update and (args.filter or args.max_time or args.opt_level != 2):
        parser.error("--update takes the verdicts of all tests as they are")
    if args.versions:
        import versions

        return versions.main(args)
    tests = suite.Suite(args.opt_level)
    names = [name for name in tests.names if re.search(args.filter, name)]
    if args.list:
        print("\n".join(names))
        return 0
    before = document.read(tests.names)
    verdicts = run(tests, names, args, before)
    if args.update:
        document.write(tests, verdicts)
        print(f"wrote {document.PATH.relative_to(suite.ROOT)}")

    missing = len(names) - len(verdicts)
    lost = [name for name, verdict in verdicts.items() if before.get(name) == "right" and verdict.word != "right"]
    won = [name for name, verdict in verdicts.items() if verdict.word == "right" and before.get(name) not in (None, "right")]
    if missing:
        print(f"{missing} tests had no turn within {args.max_time:.0f} s")
    if lost:
        print(f"{len(lost)} tests that were right are not: {', '.join(lost[:20])}{', ...' if len(lost) > 20 else ''}")
    if won and not args.update:
        print(f"{len(won)} tests are right that were not: --update says so in docs/Conformance.md")
    count = Counter(verdict.word for verdict in verdicts.values())
    print(f"conformance: {count['right']} right, {count['wrong']} wrong, {count['refused']} refused, of {len(verdicts)}")
    return 1 if count["wrong"] or (lost and not args.update) or missing else 0


if __name__ == "__main__":
    sys.exit(main())
