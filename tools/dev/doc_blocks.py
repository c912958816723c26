"""The documentation's links and code blocks.

A fenced block whose info string ends in `run` is run, in the order of the page, all blocks of a page in one
folder of their own:

    ```sh run              a shell script, under `set -eu`; the built tools are on PATH, $FSC_ROOT is the source tree
    ```sh fails=3          the same, which must end with status 3
    ```text output         (any language) is all that the block before it printed, to both of its streams
    ```python run          a program; it can import the built package fsc
    ```c run, ```cpp run   a program, linked with libfsc-runtime
    ```text file=NAME      (any language) is written to NAME for the blocks after it
    ```onnx file=NAME      a model in ONNX's text form, written to NAME as a model

A block may need what an earlier one made. A block that ends with another status than it should is an error of the page.

    doc_blocks.py --build=BUILD PAGE...            runs the pages' blocks
    doc_blocks.py --build=BUILD --update PAGE...   and writes what they print into their blocks of output
"""

import argparse
import os
import re
import subprocess
import sys
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


def write_model(root: Path, text: str, path: Path) -> None:
    code = "import onnx.parser, sys; open(sys.argv[1], 'wb').write(onnx.parser.parse_model(sys.stdin.read()).SerializeToString())"
    subprocess.run([str(root / ".venv/bin/python"), "-c", code, str(path)], input=text, text=True, check=True)


class Page:
    """One page's blocks, in their folder."""

    def __init__(self, root: Path, build: Path, page: str, folder: Path):
        self.root, self.build, self.page, self.folder = root, build, page, folder
        self.text = (root / page).read_text()
        self.printed = ""  # by the last block that ran
        self.environment = dict(os.environ, FSC_ROOT=str(root), PYTHONPATH=str(build / "python"), XDG_CACHE_HOME=str(folder / "cache"))
        self.environment["PATH"] = f"{build / 'bin'}:{root / '.venv/bin'}:{self.environment['PATH']}"

    def run(self) -> list[str]:
        for number, match in enumerate(BLOCK.finditer(self.text)):
            problem = self.run_block(number, match[1], match[2].strip(), match[3])
            if problem:
                return [f"{self.page}:{self.text.count(chr(10), 0, match.start()) + 1}: {problem}"]
        return []

    def run_block(self, number: int, language: str, info: str, code: str) -> str | None:
        if info.startswith("file="):
            path = self.folder / info.removeprefix("file=")
            if language == "onnx":
                write_model(self.root, code, path)
            else:
                path.write_text(code)
        if info == "output" and code.strip() != self.printed.strip():
            return f"the block before it printed something else: {self.printed.strip()}"
        status = 0 if info == "run" else int(info.removeprefix("fails=")) if info.startswith("fails=") else None
        if status is None:
            return None
        command = command_for(self.root, self.build, language, code, self.folder, number)
        if not command:
            return f"expected sh, python, c or cpp in a block that runs, got '{language}'"
        try:
            result = subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return f"the block runs for more than {LIMIT} s"
        self.printed = result.stdout
        if result.returncode != status:
            last = " | ".join(result.stdout.strip().splitlines()[-6:])
            return f"the block ended with status {result.returncode}, not {status}: {last}"
        return None


class Updated(Page):
    """Takes each block of output as what was printed."""

    def run(self) -> list[str]:
        number = 0

        def block(match: re.Match) -> str:
            nonlocal number
            number += 1
            if match[2].strip() == "output":
                return f"```{match[1]} {match[2]}\n{self.printed.strip()}\n```"
            problem = self.run_block(number, match[1], match[2].strip(), match[3])
            if problem:
                raise SystemExit(f"{self.page}: {problem}")
            return match[0]

        (self.root / self.page).write_text(BLOCK.sub(block, self.text))
        return []


def run_blocks(root: Path, build: Path, pages: list[str], kind: type[Page] = Page) -> list[str]:
    problems = []
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            problems += kind(root, build, page, Path(folder)).run()
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(prog="doc_blocks.py")
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("pages", nargs="+", type=Path)
    options = parser.parse_args()
    root = Path(__file__).resolve().parents[2]
    pages = [str(page.resolve().relative_to(root)) for page in options.pages]
    problems = run_blocks(root, options.build.resolve(), pages, Updated if options.update else Page)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
