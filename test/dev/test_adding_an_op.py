# ===- test_adding_an_op.py - docs/AddingAnOp.md, followed to the letter -*- Python -*-= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""Does what the page says in a copy of the tree, counts the files touched, builds it and runs the two new operators."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/AddingAnOp.md").read_text()
ELEMENTWISE = PAGE[PAGE.index("## An elementwise operator") : PAGE.index("## A structured operator")]
STRUCTURED = PAGE[PAGE.index("## A structured operator") : PAGE.index("## Further knowledge")]
CPP, TEST = "dialects/fsc/ops/ArrayFeatureExtractor.cpp", "test/ops/array-feature-extractor.mlir"


def block(section: str, language: str) -> str:
    return re.search(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL).group(1)


def sh(tree: Path, command: str) -> str:
    result = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=tree, capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    assert result.returncode == 0, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return result.stdout


def touched(tree: Path) -> set[str]:
    """The files changed since the last call."""
    lines = sh(tree, "git status --porcelain --untracked-files=all").splitlines()
    sh(tree, "git add -A && git -c user.name=test -c user.email=test commit -qm step")
    return {line[3:] for line in lines}


def copy_of_the_tree(tree: Path) -> None:
    files = sh(ROOT, "git ls-files -z --cached --others --exclude-standard").split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    for folder in (".venv", ".deps"):
        (tree / folder).symlink_to(ROOT / folder)
    (tree / ".gitignore").write_text((tree / ".gitignore").read_text() + "\n/.venv\n/.deps\n")
    sh(tree, "git init -q")
    touched(tree)


def add_elementwise(tree: Path) -> None:
    sh(tree, block(ELEMENTWISE, "sh"))
    assert touched(tree) == {"dialects/fsc/ops/Elementwise.td", "test/ops/binarizer.mlir"}
    assert block(ELEMENTWISE, "tablegen") in (tree / "dialects/fsc/ops/Elementwise.td").read_text()
    assert block(ELEMENTWISE, "mlir") in (tree / "test/ops/binarizer.mlir").read_text()


def add_structured(tree: Path) -> None:
    sh(tree, block(STRUCTURED, "sh"))
    family = tree / "dialects/fsc/ops/Indexing.td"
    definition = block(STRUCTURED, "tablegen")
    summary = re.compile(r'let summary = "(.*)";')
    # The page says that the summary wants a better sentence; the rest is the generator's.
    made = family.read_text()
    at = made.index("def Fsc_ArrayFeatureExtractorOp")
    family.write_text(made[:at] + summary.sub(summary.search(definition).group(0), made[at:], count=1))
    assert definition in family.read_text()
    source = (tree / CPP).read_text()
    (tree / CPP).write_text(source[: source.index("#include")] + block(STRUCTURED, "cpp"))
    (tree / TEST).write_text(block(STRUCTURED, "mlir"))
    assert touched(tree) == {"dialects/fsc/ops/Indexing.td", CPP, TEST}


GRAPH = """
func.func @main(%x: tensor<?x4xf32> {fsc.name = "x"}, %y: tensor<1x3xi64> {fsc.name = "y"}) -> (tensor<?x3xf32> {fsc.name = "z"}) {
  %b = fsc.binarizer(%x) {threshold = 1.5 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %z = fsc.array_feature_extractor(%b, %y) : (tensor<?x4xf32>, tensor<1x3xi64>) -> tensor<?x3xf32>
  return %z : tensor<?x3xf32>
}
"""


def run_graph(tree: Path, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The expected and the computed output of a graph with both operators."""
    x, y = np.float32([[0, 1, 2, 3], [3, 2, 1, 0]]), np.int64([[3, 0, 0]])
    (folder / "graph.mlir").write_text(GRAPH)
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    sh(tree, f"build/bin/fsc-compile {folder}/graph.mlir --start-from=import -o {folder}/graph.so --quiet")
    sh(tree, f"build/bin/fsc-run {folder}/graph.so --input x={folder}/x.npy --input y={folder}/y.npy --output-dir {folder}")
    return (x > 1.5).astype(np.float32)[:, y[0]], np.load(folder / "output_0.npy")


@pytest.mark.skipif("asan" in os.environ.get("FSC_BUILD", ""), reason="the copy is built without sanitizers")
def test_following_the_page_touches_two_and_three_files_and_works(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    copy_of_the_tree(tree)
    add_elementwise(tree)
    add_structured(tree)
    sh(tree, ".venv/bin/cmake --preset dev && .venv/bin/cmake --build build --target fsc-opt fsc-compile fsc-run")
    summary = sh(tree, ".venv/bin/lit -v --filter 'binarizer|array-feature-extractor' build/test")
    assert re.search(r"Passed *: *2 ", summary)
    expected, got = run_graph(tree, tmp_path)
    np.testing.assert_array_equal(got, expected)
