"""The documentation's links and code blocks.

A fenced block whose info string ends in `run` is run, in the order of the page, all blocks of a page in one
folder of their own:

    ```sh run              a shell script, under `set -eu`; the built tools are on PATH, $FSC_ROOT is the source tree
    ```python run          a program; it can import the built package fsc
    ```c run, ```cpp run   a program, linked with libfsc-runtime
    ```text file=NAME      (any language) is written to NAME for the blocks after it

A block may need what an earlier one made. A block that ends with a status other than 0 is an error of the page.
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(\S+)[ \t]+([^\n`]+)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
LIMIT = 300  # seconds


def anchor(heading: str) -> str:
    """As hosting sites make it: lower case, words joined by hyphens, punctuation dropped."""
    text = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(text: str) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)}


def broken_links(root: Path, pages: list[str]) -> list[str]:
    problems = []
    for page in pages:
        text = (root / page).read_text()
        prose = FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)
        for match in LINK.finditer(prose):
            target, _, fragment = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            where = f"{page}:{prose.count(chr(10), 0, match.start()) + 1}"
            path = (root / page).parent / target if target else root / page
            if not path.exists():
                problems.append(f"{where}: link to '{target}', which does not exist")
            elif fragment and path.suffix == ".md" and fragment not in anchors(path.read_text()):
                problems.append(f"{where}: link to '{match.group(1)}', which has no such heading")
    return problems


def command_for(root: Path, build: Path, language: str, code: str, folder: Path, number: int) -> list[str] | None:
    compilers = {"c": ["clang-22", "-std=c99"], "cpp": ["clang++-22", "-std=c++20"]}
    if language in ("sh", "bash"):
        return ["bash", "-euo", "pipefail", "-c", code]
    if language == "python":
        return [str(root / ".venv/bin/python"), "-c", code]
    if language in compilers:
        source, program = folder / f"block{number}.{language}", folder / f"block{number}"
        source.write_text(code)
        library = build / "lib"
        compile_it = [*compilers[language], "-Wall", "-Werror", str(source), "-o", str(program), f"-I{root}/runtime/include"]
        compile_it += [f"-L{library}", "-lfsc-runtime", f"-Wl,-rpath,{library}"]
        return ["bash", "-c", '"${@:2}" && exec "$1"', "bash", str(program), *compile_it]
    return None


def run_blocks(root: Path, build: Path, pages: list[str]) -> list[str]:
    problems = []
    for page in pages:
        text = (root / page).read_text()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            environment = dict(os.environ, FSC_ROOT=str(root), PYTHONPATH=str(build / "python"), XDG_CACHE_HOME=str(folder / "cache"))
            environment["PATH"] = f"{build / 'bin'}:{root / '.venv/bin'}:{environment['PATH']}"
            for number, match in enumerate(BLOCK.finditer(text)):
                language, info, code = match.groups()
                where = f"{page}:{text.count(chr(10), 0, match.start()) + 1}"
                if info.startswith("file="):
                    (folder / info.removeprefix("file=").strip()).write_text(code)
                if info.strip() != "run":
                    continue
                command = command_for(root, build, language, code, folder, number)
                if not command:
                    problems.append(f"{where}: expected sh, python, c or cpp in a block that runs, got '{language}'")
                    continue
                try:
                    result = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                            text=True, errors="replace", timeout=LIMIT)
                except subprocess.TimeoutExpired:
                    problems.append(f"{where}: the block runs for more than {LIMIT} s")
                    break
                if result.returncode:
                    output = (result.stdout + result.stderr).strip().splitlines()[-6:]
                    problems.append(f"{where}: the block ended with status {result.returncode}: " + " | ".join(output))
                    break
    return problems
