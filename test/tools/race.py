# ===- race.py - Times engines in turns, each in a process of its own -*- Python -*-==== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Times several inference engines on one model, fairly.

Each engine lives in a process of its own, pinned to the cores it may use (the same ones
for all), loaded and warmed up before the first turn. The engines then take turns; the
others sleep meanwhile, and a pause between turns lets spinning threads go to sleep. An engine's
figure is the median over the turns of each turn's median, so that a slow moment of the
machine hits every engine, and none for good.

    race(model, inputs, ["fsc", "ort"], threads=2) -> {"fsc": Timing, "ort": Timing}

An engine is a function (model, threads, options) -> (inputs -> outputs); adding one is adding
it to ENGINES. The same engine may be listed several times, as in "ort#1", "ort#2".
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np

PAUSE = 0.2  # seconds; longer than the spinning of any engine's threads
WARM_RUNS = 3
MIN_RUNS = 5
REPLY_LIMIT = 300  # seconds after which a silent engine is ended
Runner = Callable[[dict[str, np.ndarray]], list[np.ndarray]]


def fsc_engine(model: Path, threads: int, options: tuple[str, ...]) -> Runner:
    """`model` is an artefact here: compiling is not part of a race."""
    import compiler

    module = compiler.import_fsc().load(str(model), threads=threads)
    return lambda feeds: list(module.run(feeds).values())


def ort_engine(model: Path, threads: int, options: tuple[str, ...]) -> Runner:
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])
    return lambda feeds: session.run(None, feeds)


def openvino_engine(model: Path, threads: int, options: tuple[str, ...]) -> Runner:
    """Held to float32; with option "default" it may choose bf16, as it does out of the box."""
    import openvino

    config = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    if "default" not in options:
        config["INFERENCE_PRECISION_HINT"] = "f32"
    compiled = openvino.Core().compile_model(str(model), "CPU", config)
    request = compiled.create_infer_request()

    def run(feeds):
        results = request.infer(feeds, share_inputs=True, share_outputs=True)
        return [results[i] for i in range(len(compiled.outputs))]

    return run


# Name: (function, options, the package that must be installed).
ENGINES = {
    "fsc": (fsc_engine, (), None),
    "ort": (ort_engine, (), "onnxruntime"),
    "openvino": (openvino_engine, (), "openvino"),
    "openvino-default": (openvino_engine, ("default",), "openvino"),
}


class EngineError(RuntimeError):
    """An engine could not load or run the model; the text says why."""


@dataclass
class Timing:
    load_ms: float  # from the file to ready
    first_ms: float  # the first run
    peak_bytes: int  # of the engine's whole process
    outputs: list[np.ndarray]
    turns_ms: list[float] = field(default_factory=list)  # the median of each turn
    runs: int = 0

    @property
    def ms(self) -> float:
        return float(np.median(self.turns_ms))


def cores(count: int) -> list[int]:
    """`count` of the cores this process may use, one hardware thread of each first."""
    usable = sorted(os.sched_getaffinity(0))
    firsts = []
    for core in usable:
        siblings = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
        text = siblings.read_text().strip() if siblings.exists() else str(core)
        if text not in [t for t, _ in firsts]:
            firsts.append((text, core))
    ordered = [core for _, core in firsts] + [c for c in usable if c not in [core for _, core in firsts]]
    if count > len(ordered):
        raise EngineError(f"{count} threads asked for, {len(ordered)} cores usable")
    return ordered[:count]


class Worker:
    """One engine in its process, as seen by the race."""

    def __init__(self, engine: str, model: Path, inputs: Path, outputs: Path, threads: int):
        self.engine = engine
        command = [sys.executable, __file__, engine.partition("#")[0], model, inputs, outputs, str(threads)]
        self.child = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, env=os.environ | {"OMP_NUM_THREADS": str(threads)})
        first = self.reply()
        arrays = np.load(outputs)
        self.timing = Timing(**first, outputs=[arrays[name] for name in arrays])

    def reply(self) -> dict:
        watchdog = threading.Timer(REPLY_LIMIT, self.child.kill)
        watchdog.start()
        line = self.child.stdout.readline()
        watchdog.cancel()
        answer = json.loads(line) if line else {"error": f"its process died or hung, exit code {self.child.wait()}"}
        if "error" in answer:
            self.close()
            raise EngineError(f"{self.engine}: {answer['error']}")
        return answer

    def turn(self, budget: float) -> None:
        self.child.stdin.write(f"{budget}\n")
        self.child.stdin.flush()
        answer = self.reply()
        self.timing.turns_ms.append(answer["median_ms"])
        self.timing.runs += answer["runs"]
        self.timing.peak_bytes = answer["peak_bytes"]

    def close(self) -> None:
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()


def race(models: dict[str, Path], inputs: dict[str, np.ndarray], threads: int, folder: Path, rounds: int = 5,
         budget: float = 0.4) -> dict[str, Timing | EngineError]:
    """Times the engines named by `models`, each on its own file; `folder` takes scratch files."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "inputs.npz", *inputs.values(), names=np.array(list(inputs)))
    workers, results = {}, {}
    for engine, model in models.items():
        try:
            workers[engine] = Worker(engine, model, folder / "inputs.npz", folder / f"{engine}.npz", threads)
        except EngineError as error:
            results[engine] = error
    for _ in range(rounds):
        for engine in list(workers):
            time.sleep(PAUSE)
            try:
                workers[engine].turn(budget)
            except EngineError as error:
                results[engine] = error
                del workers[engine]
    for engine, worker in workers.items():
        worker.close()
        results[engine] = worker.timing
    return {engine: results[engine] for engine in models}


def peak() -> int:
    """Of this process alone: what getrusage says begins with the parent's."""
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def serve(args: argparse.Namespace, pipe) -> None:
    """The worker's side: load, run once, then one turn for each line of standard input."""
    os.sched_setaffinity(0, cores(args.threads))
    archive = np.load(args.inputs)
    feeds = {str(name): archive[f"arr_{i}"] for i, name in enumerate(archive["names"])}
    function, options, _ = ENGINES[args.engine]
    start = time.perf_counter()
    run = function(args.model, args.threads, options)
    loaded = time.perf_counter()
    outputs = run(feeds)
    ran = time.perf_counter()
    np.savez(args.outputs, *[np.asarray(o) for o in outputs])
    for _ in range(WARM_RUNS):
        run(feeds)
    first = {"load_ms": 1e3 * (loaded - start), "first_ms": 1e3 * (ran - loaded), "peak_bytes": peak()}
    print(json.dumps(first), file=pipe, flush=True)
    for line in sys.stdin:
        times, end = [], time.perf_counter() + float(line)
        while len(times) < MIN_RUNS or time.perf_counter() < end:
            start = time.perf_counter()
            run(feeds)
            times.append(time.perf_counter() - start)
        turn = {"median_ms": 1e3 * float(np.median(times)), "runs": len(times), "peak_bytes": peak()}
        print(json.dumps(turn), file=pipe, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="One engine's process; race() starts it.")
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("model", type=Path)
    parser.add_argument("inputs", type=Path)
    parser.add_argument("outputs", type=Path)
    parser.add_argument("threads", type=int)
    args = parser.parse_args()
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not reach the pipe
    try:
        serve(args, pipe)
    except Exception as error:
        text = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        print(json.dumps({"error": text}), file=pipe, flush=True)


if __name__ == "__main__":
    main()
