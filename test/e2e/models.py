# ===- models.py - fsc on real, odd and malformed models -*- Python -*-================= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Compiles and runs every model of ../shared/models and says what came of it, one line each.

    models     each with the outputs recorded beside it, all sizes that there are
    seeded     ONNX's light models with seeded weights, against ONNX Runtime, error <= 1e-4
    rejected   malformed files: refused, or the answer of another implementation
    tricky     odd but legal files: the same

test/e2e/models.json lists the models that are right; one that no longer is, is an error.
Exit code 1 where anything is wrong, crashes, hangs or was right before.

    models.py --filter 'mnist|yunet'     some of them
    models.py --all                      every model at -O0 and -O2: the whole table
    models.py --options=-O0              by the reference lowering
    models.py --threads 4                with 4 threads, instead of with 1 and with 2
    models.py --update                   writes models.json anew
    models.py --engine ort               ONNX Runtime in fsc's place: tests this test
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import compiler  # noqa: E402
import onnx  # noqa: E402
import seed_weights  # noqa: E402
from cases import DEFAULT_BAR, MUST_NAME, bar, cases, model_file  # noqa: E402
from judge import Fsc, Limits, StandIn, Verdict, judge_cases, judge_odd, judge_seeded  # noqa: E402

EXPECTED = Path(__file__).with_name("models.json")
SEEDED_BAR = 1e-4
ODD_FOLDERS = {"rejected": "rejected", "tricky": "tricky-valid"}
Judge = Callable[[Path], Verdict]  # takes an empty folder to work in


def real_model(engine, limits: Limits, folder: Path, work: Path) -> Verdict:
    return judge_cases(engine, model_file(folder), list(cases(folder)), bar(folder.name), work, limits)


def odd_model(engine, limits: Limits, path: Path, legal: bool, work: Path) -> Verdict:
    return judge_odd(engine, path, DEFAULT_BAR, MUST_NAME.get(path.stem, ""), legal, work, limits)


def seeded_model(engine, limits: Limits, name: str, source: Path, work: Path) -> Verdict:
    path = work / "model.onnx"
    # In a process of its own: the weights of vgg19 alone are 575 MB.
    subprocess.run([sys.executable, seed_weights.__file__, source, path], check=True, stdout=subprocess.DEVNULL)
    inputs = seed_weights.seeded_input(onnx.load(source))
    return judge_seeded(engine, path, inputs, SEEDED_BAR, work, limits)


def gather(section: str, engine, limits: Limits) -> dict[str, Judge]:
    """The judges of one section by name. Empty where ../shared/models is not there."""
    if section == "seeded":
        light = seed_weights.light_models()
        return {f"seeded/{n}": partial(seeded_model, engine, limits, n, p) for n, p in light.items()}
    if not compiler.MODELS.is_dir():
        return {}
    if section == "models":
        odd = set(ODD_FOLDERS.values())
        folders = sorted(p for p in compiler.MODELS.iterdir() if p.is_dir() and p.name not in odd)
        return {p.name: partial(real_model, engine, limits, p) for p in folders}
    paths = sorted((compiler.MODELS / ODD_FOLDERS[section]).glob("*.onnx"))
    return {f"{section}/{p.stem}": partial(odd_model, engine, limits, p, section == "tricky") for p in paths}


def run_one(name: str, judge: Judge, base: Path) -> Verdict:
    work = base / re.sub(r"\W", "_", name)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        return judge(work)
    except Exception as error:  # a fault of this test must not hide the other models
        return Verdict("WRONG", f"this test failed: {type(error).__name__}: {error}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run_all(judges: dict[str, Judge], jobs: int, base: Path) -> dict[str, Verdict]:
    """Judges in parallel; lines come in the order of the names."""
    verdicts = {}
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda item: run_one(*item, base), judges.items())
        for name, verdict in zip(judges, results):
            verdicts[name] = verdict
            print(f"{verdict.word:8s} {name}  {verdict.detail[:200]}", flush=True)
    return verdicts


def summary(section: str, verdicts: dict[str, Verdict]) -> str:
    count = Counter("wrong" if v.bad else v.word for v in verdicts.values())
    text = f"{section}: {count['right']} right, {count['wrong']} wrong, {count['refused']} refused, of {len(verdicts)}"
    if section == "tricky":
        text += f" (and {count['accepted']} accepted without another's answer)"
    if section == "seeded" and count["right"]:
        text += f"; largest error {max(v.error for v in verdicts.values() if v.word == 'right'):.1e}"
    return text


def regressions(verdicts: dict[str, Verdict], update: bool) -> list[str]:
    """Models of models.json that are no longer right; with `update` writes the file instead."""
    right = sorted(name for name, v in verdicts.items() if v.word == "right")
    if update:
        EXPECTED.write_text(json.dumps({"right": right}, indent=2) + "\n")
        return []
    before = json.loads(EXPECTED.read_text())["right"] if EXPECTED.exists() else []
    new = [name for name in right if name not in before]
    if new:
        print(f"newly right, not in {EXPECTED.name} (--update adds them): {', '.join(new)}")
    return [name for name in before if name in verdicts and name not in right]


def run_section(section: str, engine, limits: Limits, args) -> dict[str, Verdict]:
    judges = gather(section, engine, limits)
    judges = {name: judge for name, judge in judges.items() if re.search(args.filter, name)}
    return run_all(judges, args.jobs, compiler.BUILD / "models")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="", metavar="REGEX", help="only models whose name matches")
    parser.add_argument("--sections", default="models,seeded,rejected,tricky", help="which of the four (default all)")
    parser.add_argument("--options", default="", help="options for fsc-compile, as --options=-O0")
    parser.add_argument("--threads", default="1,2", help="threads of a run, one run for each number (default 1,2)")
    parser.add_argument("--all", action="store_true", help="the section models at -O0 too")
    parser.add_argument("--jobs", type=int, default=2, help="models at a time (default 2)")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for each compile or run (default 300)")
    parser.add_argument("--memory", type=float, default=12, metavar="GIB", help="address space of a child; 0: no limit")
    parser.add_argument("--update", action="store_true", help="write models.json anew")
    parser.add_argument("--engine", choices=["fsc", "ort"], default="fsc")
    args = parser.parse_args()
    sections = args.sections.split(",")
    if unknown := set(sections) - {"models", "seeded", *ODD_FOLDERS}:
        parser.error(f"unknown section: {', '.join(sorted(unknown))}")
    if not re.fullmatch(r"[1-9]\d*(,[1-9]\d*)*", args.threads):
        parser.error(f"--threads: expected numbers like 1,2, got '{args.threads}'")
    if args.all and (args.options or args.engine != "fsc"):
        parser.error("--all needs fsc, and says itself which options it has")
    threads = [int(number) for number in args.threads.split(",")]
    if args.update and (args.filter or args.options or args.engine != "fsc" or "models" not in sections):
        parser.error("--update needs all models, fsc's default options and fsc")
    if args.engine == "fsc" and not compiler.COMPILER.exists():
        print(f"models: error: no compiler at '{compiler.COMPILER}'; './dev build' makes it", file=sys.stderr)
        return 1
    engine = StandIn() if args.engine == "ort" else Fsc(args.options.split(), threads)
    limits = Limits(args.timeout, int(args.memory * (1 << 30)) or None)
    if not compiler.MODELS.is_dir():
        print(f"skipped: no folder '{compiler.MODELS}', so only the seeded models are run")

    plain = {}
    if args.all:
        print("at -O0, by the reference lowering:")
        plain = run_section("models", Fsc(["-O0"], threads), limits, args)
        print("at -O2:")
    results = {}
    for section in ["seeded", *ODD_FOLDERS, "models"]:  # the models last: their summary is the last line
        results[section] = run_section(section, engine, limits, args) if section in sections else {}
    lost = regressions(results["models"], args.update) if args.engine == "fsc" else []
    for name in lost:
        print(f"was right, now {results['models'][name].word}: {name}")
    for name in regressions(plain, update=False):
        print(f"right at -O2, now {plain[name].word} at -O0: {name}")
        lost.append(name)
    if plain:
        print(summary("models at -O0", plain))
    for section, verdicts in results.items():
        if verdicts or section == "models":
            print(summary(section, verdicts))
    bad = any(v.bad for verdicts in [plain, *results.values()] for v in verdicts.values())
    return 1 if bad or lost else 0


if __name__ == "__main__":
    sys.exit(main())
