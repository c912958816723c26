# ===- codes.py - The codes of diagnostics and their pages -*- Python -*-=========== #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Whether compiler/Diagnostics.def and docs/diagnostics say the same: each code has a page, each page a code, and an example that
runs and prints the code (doc_blocks.py checks what it prints, so that the page is the code's test); and whether the page about
limits lists those of compiler/Limits.def."""

import re
import sys
from pathlib import Path

ENTRY = re.compile(r'^FSC_DIAGNOSTIC\(\s*(\w+),\s*([EW]),\s*(\d+),\s*"(.*?)"', re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```\w+ output\n(.*?)^```", re.MULTILINE | re.DOTALL)


def titles(root: Path) -> dict[str, str]:
    table = (root / "compiler/Diagnostics.def").read_text()
    return {f"FSC-{letter}{number}": re.sub(r'"\s*"', "", title) for _, letter, number, title in ENTRY.findall(table)}


def problems(root: Path) -> list[str]:
    found, known = [], titles(root)
    pages = {path.stem: path for path in (root / "docs/diagnostics").glob("FSC-*.md")}
    found += [f"compiler/Diagnostics.def: {code} has no page docs/diagnostics/{code}.md" for code in sorted(known.keys() - pages.keys())]
    found += [f"docs/diagnostics/{code}.md: no such code in compiler/Diagnostics.def" for code in sorted(pages.keys() - known.keys())]
    for code in sorted(known.keys() & pages.keys()):
        text, place = pages[code].read_text(), f"docs/diagnostics/{code}.md"
        if not text.startswith(f"# {code}: {known[code]}\n"):
            found.append(f"{place}:1: expected the heading '# {code}: {known[code]}'")
        if not any(f": {code}: " in example for example in EXAMPLE.findall(text)):
            found.append(f"{place}: expected a block of output with '{code}'")
    limits = (root / "docs/diagnostics/FSC-E301.md").read_text()
    for name, value, what in re.findall(r'^FSC_LIMIT\((\w+), (\d+), \d+, "(.*?)"\)', (root / "compiler/Limits.def").read_text(), re.MULTILINE):
        row = f"| {name} | {int(value):,} | {what} |"
        if row not in limits:
            found.append(f"docs/diagnostics/FSC-E301.md: expected the row '{row}' of compiler/Limits.def")
    index = (root / "docs/Diagnostics.md").read_text()
    found += [f"docs/Diagnostics.md: expected a link to {code}" for code in known if f"(diagnostics/{code}.md)" not in index]
    return found


if __name__ == "__main__":
    said = problems(Path(__file__).resolve().parents[2])
    print("\n".join(said))
    sys.exit(1 if said else 0)
