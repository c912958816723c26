# ===- pool.py - Worker processes that may die -*- Python -*-================== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Runs tests in forked workers, one test at a time in each. A worker that crashes or hangs costs that test alone."""

import multiprocessing
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait


@dataclass
class Verdict:
    word: str  # right, wrong, refused
    reason: str = ""
    seconds: float = 0.0


class Worker:
    """A forked process that runs one test after the other."""

    def __init__(self, run: Callable[[str], Verdict]):
        context = multiprocessing.get_context("fork")
        self.log = tempfile.TemporaryFile()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=Worker.serve, args=(run, theirs, self.connection, self.log.fileno()))
        self.process.start()
        theirs.close()
        self.name: str | None = None
        self.start = 0.0

    @staticmethod
    def serve(run: Callable[[str], Verdict], connection: Connection, parents: Connection, log: int) -> None:
        parents.close()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            while (name := connection.recv()) is not None:
                connection.send(run(name))
        except (EOFError, KeyboardInterrupt):
            pass

    def give(self, name: str) -> None:
        self.log.truncate(0)
        self.log.seek(0)
        self.name, self.start = name, time.monotonic()
        self.connection.send(name)

    def take(self) -> Verdict:
        """The verdict that the worker has sent; if it died instead, how."""
        try:
            verdict = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            verdict = Verdict("wrong", self.death())
        verdict.seconds = time.monotonic() - self.start
        self.name = None
        return verdict

    def death(self) -> str:
        code = self.process.exitcode
        how = signal.Signals(-code).name if code and code < 0 else f"exit code {code}"
        self.log.seek(0)
        lines = self.log.read(1 << 20).decode(errors="replace").splitlines()
        telling = [line.strip() for line in lines if "ssertion" in line or "rror" in line]
        return f"crashed with {how}" + (f": {telling[0]}" if telling else "")

    def end(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.connection.close()
        self.log.close()


class Pool:
    def __init__(self, run: Callable[[str], Verdict], jobs: int, timeout: float):
        self.run, self.timeout = run, timeout
        self.workers = [Worker(run) for _ in range(jobs)]

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_) -> None:
        for worker in self.workers:
            worker.end()

    def replace(self, worker: Worker) -> Worker:
        worker.end()
        fresh = Worker(self.run)
        self.workers[self.workers.index(worker)] = fresh
        return fresh

    def map(self, names: list[str], max_time: float | None) -> Iterator[tuple[str, Verdict]]:
        """The verdicts as they come. No test begins later than `max_time` seconds from now."""
        waiting = list(reversed(names))
        start = time.monotonic()

        def next_for(worker: Worker) -> None:
            if waiting and (max_time is None or time.monotonic() - start < max_time):
                worker.give(waiting.pop())

        for worker in self.workers:
            next_for(worker)
        while busy := [worker for worker in self.workers if worker.name is not None]:
            ready = wait([worker.connection for worker in busy], timeout=1)
            for worker in busy:
                name = worker.name
                if worker.connection in ready:
                    verdict = worker.take()
                elif time.monotonic() - worker.start > self.timeout:
                    verdict = Verdict("wrong", f"no end after {self.timeout:.0f} s", self.timeout)
                    worker.process.kill()
                    worker.process.join()
                else:
                    continue
                if worker.process.exitcode is not None or not worker.process.is_alive():
                    worker = self.replace(worker)
                next_for(worker)
                yield name, verdict
