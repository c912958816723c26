# ===- process.py - Runs programs that may crash, hang or eat memory -*- Python -*-=== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runs a program with a time limit and a memory limit and says how it ended."""

import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass
class Result:
    """How a program ended. `code` is its exit status, or minus the signal that ended it."""

    code: int
    out: str
    err: str
    seconds: float
    peak_bytes: int
    timed_out: bool = False

    def reason(self) -> str:
        """One line for a person: what went wrong first."""
        if self.timed_out:
            return f"no end after {self.seconds:.0f} s"
        lines = [line.strip() for line in (self.err + "\n" + self.out).splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower()] or lines or ["no message"]
        if self.code < 0:
            return f"{signal.Signals(-self.code).name}: {telling[0]}"
        return telling[0] if self.code == 3 else f"exit code {self.code}: {telling[0]}"


def limit_memory(limit: int | None) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def run(command: list[str | Path], timeout: float = 300, memory: int | None = None, **popen) -> Result:
    """Runs `command` in a process group of its own, which a timeout ends as a whole.

    `peak_bytes` is the child's own, but never less than what this process held when it
    started the child: Linux counts that too.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        child = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 start_new_session=True, preexec_fn=lambda: limit_memory(memory), **popen)
        expired = threading.Event()

        def end() -> None:
            expired.set()
            os.killpg(child.pid, signal.SIGKILL)

        timer = threading.Timer(timeout, end)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read(1 << 20).decode(errors="replace"))
        return Result(child.returncode, *texts, seconds, usage.ru_maxrss * 1024, expired.is_set())
