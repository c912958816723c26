# ===- compiler.py - Calls the built fsc-compile, with a cache -*- Python -*-========= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Calls the built fsc-compile and keeps what it made, keyed by model, options and compiler."""

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import process

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
COMPILER = BUILD / "bin" / "fsc-compile"
CACHE = BUILD / "cache"
MODELS = ROOT.parent / "shared" / "models"


class CompileError(RuntimeError):
    """fsc-compile did not make an artefact; the text says why."""


@dataclass
class Artefact:
    path: Path
    seconds: float  # of compiling, when it was compiled
    peak_bytes: int  # of the compiler
    bytes: int
    cached: bool


def import_fsc():
    """The Python package of this build tree."""
    package = str(BUILD / "python")
    if package not in sys.path:
        sys.path.insert(0, package)
    import fsc

    return fsc


def digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_digest(model: Path) -> str:
    """Of the model and of the files beside it whose names begin with its name: its external data."""
    files = sorted(p for p in model.parent.iterdir() if p.is_file() and p.name.startswith(model.name))
    return "".join(digest(p) for p in files)


def compile_model(model: Path, options: tuple[str, ...] = (), timeout: float = 600) -> Artefact:
    """Compiles `model`, or finds it in the cache. Raises CompileError."""
    if not COMPILER.exists():
        raise CompileError(f"no compiler at '{COMPILER}'; './dev build' makes it")
    key = hashlib.sha256("\n".join([model_digest(model), digest(COMPILER), *options]).encode()).hexdigest()[:16]
    artefact = CACHE / f"{model.stem}-{key}.so"
    record = artefact.with_suffix(".json")
    if artefact.exists() and record.exists():
        return Artefact(**(json.loads(record.read_text()) | {"path": artefact, "cached": True}))
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob(f"{model.stem}-????????????????.*"):
        if old.stat().st_mtime < COMPILER.stat().st_mtime:  # made by a compiler that is gone
            old.unlink()
    part = artefact.with_suffix(".part.so")
    result = process.run([COMPILER, model, "-o", part, "--quiet", *options], timeout)
    if result.code != 0 or result.timed_out:
        part.unlink(missing_ok=True)
        raise CompileError(f"fsc-compile '{model.name}': {result.reason()}")
    part.replace(artefact)
    made = Artefact(artefact, result.seconds, result.peak_bytes, artefact.stat().st_size, False)
    record.write_text(json.dumps(asdict(made) | {"path": artefact.name}) + "\n")
    return made
