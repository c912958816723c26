# ===- bench.py - fsc beside its peers, interleaved in one run -*- Python -*-=========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Times fsc beside ONNX Runtime and other installed engines on whole models.

All engines of a model run interleaved, each in a pinned process of its own (see
test/tools/race.py); a figure is the median over turns of each turn's median, and every output is
compared with ONNX Runtime's. Compare within one run only: another machine has other times.

    bench.py                                    the default models, 1 and 2 threads
    bench.py --filter resnet --threads 1        one model
    bench.py --models my.onnx --engines fsc,ort
    bench.py --self-check                       one engine three times must get one time
    bench.py --json history.jsonl               appends one line for each model, threads, engine

Exit code 1 where an engine fails, outputs differ, --max-ratio is exceeded or the self-check fails.
"""

import argparse
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import compiler  # noqa: E402
import race  # noqa: E402
import seed_weights  # noqa: E402
from compare import relative_error  # noqa: E402

WORK = compiler.BUILD / "bench"
SEEDED = ("resnet50", "squeezenet", "densenet121")
SHARED = ("ultraface-rfb-320", "vittrack")
OUTPUTS_DIFFER = 1e-3  # far above float32 rounding in these models, far below a wrong answer
SAME_TIME = 0.05  # the self-check's bar: largest over smallest, less one


def find_model(name: str) -> Path | None:
    """The file for a name: a path, a light model (seeded here), or a model of ../shared/models."""
    if name.endswith(".onnx"):
        return Path(name) if Path(name).exists() else None
    if name in seed_weights.light_models():
        path = WORK / f"{name}-seeded.onnx"
        source = Path(seed_weights.__file__)
        if not path.exists() or path.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([sys.executable, source, name, path], check=True, stdout=subprocess.DEVNULL)
        return path
    path = compiler.MODELS / name / "model.onnx"
    return path if path.exists() else None


def machine() -> dict[str, str]:
    info = Path("/proc/cpuinfo").read_text()
    cpu = re.search(r"model name\s*: (.*)", info)
    family = re.search(r"cpu family\s*: (\d+)[\s\S]*?model\s*: (\d+)", info)
    describe = ["git", "-C", compiler.ROOT, "describe", "--always", "--dirty"]
    git = subprocess.run(describe, capture_output=True, text=True)
    return {
        "cpu": (cpu.group(1) if cpu else platform.machine())
        + (f" (family {family.group(1)}, model {family.group(2)})" if family else ""),
        "cores": str(len(os.sched_getaffinity(0))),
        "kernel": platform.release(),
        "fsc": git.stdout.strip() or "unknown",
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
    }


def installed(engine: str) -> bool:
    if engine.startswith("fsc"):
        return compiler.COMPILER.exists()
    package = race.ENGINES[engine][2]
    return importlib.util.find_spec(package) is not None


def choose_engines(args: argparse.Namespace) -> list[str]:
    if args.engines:
        engines = args.engines.split(",")
        for engine in engines:
            if engine not in race.ENGINES:
                raise SystemExit(f"bench: engine '{engine}': expected one of {', '.join(race.ENGINES)}")
            if not installed(engine):
                raise SystemExit(f"bench: engine '{engine}' is not installed")
    else:
        engines = [e for e in race.ENGINES if installed(e)]
        missing = [e for e in race.ENGINES if e not in engines]
        if missing:
            print(f"not installed, left out: {', '.join(missing)}")
    if args.self_check:
        engines = [f"{engines[0]}#{i}" for i in (1, 2, 3)]
    return engines


def row(name: str, threads: int, engine: str, timing: race.Timing, reference: race.Timing, artefact) -> dict:
    errors = [relative_error(a, b)[0] for a, b in zip(timing.outputs, reference.outputs, strict=True)]
    made = {"compile_s": round(artefact.seconds, 2), "compile_peak_mb": round(artefact.peak_bytes / 1e6),
            "artefact_mb": round(artefact.bytes / 1e6, 2)} if artefact else {}
    return {"model": name, "threads": threads, "engine": engine, "ms": round(timing.ms, 4),
            "ratio": round(timing.ms / reference.ms, 4), "error": max(errors, default=0.0), "runs": timing.runs,
            "load_ms": round(timing.load_ms, 2), "first_ms": round(timing.first_ms, 2),
            "peak_mb": round(timing.peak_bytes / 1e6)} | made


def run_model(name: str, path: Path, threads: int, engines: list[str], args: argparse.Namespace) -> tuple[list, list]:
    """The rows of one model and thread count, and what went wrong. The reference is ort, or the first engine."""
    rows, failures, files, artefact = [], [], {}, None
    for engine in engines:
        files[engine] = path
        if engine.startswith("fsc"):
            try:
                artefact = compiler.compile_model(path, tuple(args.options.split()))
                files[engine] = artefact.path
            except compiler.CompileError as error:
                failures.append(f"{name}: {error}")
                del files[engine]
    import onnx

    inputs = seed_weights.seeded_input(onnx.load(path, load_external_data=False))
    timings = race.race(files, inputs, threads, WORK / "run", args.rounds, args.budget)
    for engine, timing in timings.items():
        if isinstance(timing, race.EngineError):
            failures.append(f"{name}, {threads} threads: {timing}")
    good = {e: t for e, t in timings.items() if isinstance(t, race.Timing)}
    if good:
        reference = good.get("ort", next(iter(good.values())))
        for engine, timing in good.items():
            made = artefact if engine.startswith("fsc") else None
            rows.append(row(name, threads, engine, timing, reference, made))
            bar = OUTPUTS_DIFFER if engine != "openvino-default" else 1.0  # bf16 rounds
            if not rows[-1]["error"] <= bar:
                failures.append(f"{name}, {threads} threads, {engine}: outputs differ, error {rows[-1]['error']:.1e}")
    return rows, failures


def show(r: dict) -> None:
    made = f"{r['compile_s']:8.1f} {r['compile_peak_mb']:9d} {r['artefact_mb']:8.1f}" if "compile_s" in r else ""
    print(f"{r['model']:18s} {r['threads']:2d}  {r['engine']:16s} {r['ms']:9.3f} {r['ratio']:7.2f} {r['error']:9.1e} "
          f"{r['load_ms']:8.1f} {r['first_ms']:8.1f} {r['peak_mb']:8d} {made}", flush=True)


def summarize(rows: list[dict], args: argparse.Namespace) -> list[str]:
    """Prints the ratios of fsc to ort, or the self-check's verdict; returns what is over its bar."""
    over = []
    if args.self_check:
        for name, threads in dict.fromkeys((r["model"], r["threads"]) for r in rows):
            times = [r["ms"] for r in rows if (r["model"], r["threads"]) == (name, threads)]
            spread = max(times) / min(times) - 1
            print(f"self-check: {name}, {threads} threads: {spread:.1%} apart")
            if spread > SAME_TIME:
                over.append(f"self-check: {name}, {threads} threads: {spread:.1%} apart, bar {SAME_TIME:.0%}")
        return over
    ratios = [r for r in rows if r["engine"] == "fsc"]
    if ratios and any(r["engine"] == "ort" for r in rows):
        product = 1.0
        for r in ratios:
            product *= r["ratio"]
            if args.max_ratio and r["ratio"] > args.max_ratio:
                over.append(f"{r['model']}, {r['threads']} threads: {r['ratio']:.2f}x ort, bar {args.max_ratio:.2f}x")
        worst = max(ratios, key=lambda r: r["ratio"])
        print(f"fsc / ort: geometric mean {product ** (1 / len(ratios)):.2f}x, "
              f"worst {worst['ratio']:.2f}x ({worst['model']}, {worst['threads']} threads)")
    return over


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", help=f"comma-separated .onnx files or names (default {','.join(SEEDED + SHARED)})")
    parser.add_argument("--filter", metavar="REGEX", help="only models whose name matches")
    parser.add_argument("--engines", help="comma-separated (default: all that are installed)")
    parser.add_argument("--threads", default="1,2", help="comma-separated thread counts (default 1,2)")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each engine (default 7)")
    parser.add_argument("--budget", type=float, default=0.4, help="seconds of a turn (default 0.4)")
    parser.add_argument("--options", default="", help="options for fsc-compile, as --options=-O0")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append the rows, one JSON object a line")
    parser.add_argument("--max-ratio", type=float, metavar="R", help="fail where fsc takes more than R times ort")
    parser.add_argument("--self-check", action="store_true", help="list the first engine three times")
    args = parser.parse_args()
    facts = machine()
    print("machine: " + ", ".join(f"{k} {v}" for k, v in facts.items()))
    engines = choose_engines(args)
    if not engines:
        raise SystemExit("bench: no engine is installed")
    names = args.models.split(",") if args.models else list(SEEDED + SHARED)
    names = [n for n in names if re.search(args.filter or "", n)]
    if not names:
        raise SystemExit(f"bench: no model matches '{args.filter}'")
    print(f"{'model':18s} {'th':>2s}  {'engine':16s} {'ms':>9s} {'/ ort':>7s} {'error':>9s} {'load ms':>8s} "
          f"{'first ms':>8s} {'run MB':>8s} {'compile s':>8s} {'peak MB':>8s} {'file MB':>8s}")
    rows, failures = [], []
    for name in names:
        path = find_model(name)
        if path is None:
            print(f"{name:18s} skipped: no such file, and none in ../shared/models")
            continue
        label = path.stem if name.endswith(".onnx") else name
        for threads in map(int, args.threads.split(",")):
            new, wrong = run_model(label, path, threads, engines, args)
            for r in new:
                show(r)
            rows, failures = rows + new, failures + wrong
    if args.json:
        with open(args.json, "a") as file:
            file.writelines(json.dumps(facts | r) + "\n" for r in rows)
    failures += summarize(rows, args)
    for failure in failures:
        print(f"bench: error: {failure}", file=sys.stderr)
    return 1 if failures or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
