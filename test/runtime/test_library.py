# ===- test_library.py - What the runtime library and its headers promise -*- Python -*-= #
#
# Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------------=== #
"""What the runtime library and its headers promise to those who link them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FSC_BUILD", ROOT / "build"))
LIBRARY = BUILD / "lib" / "libfsc-runtime.so"
SYSTEM = {"libc.so.6", "libm.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
PROGRAM = """
#include "fsc/fsc.hpp"
int main(int, char **argv) {
  fsc::Module module(argv[1]);
  fsc::Session session(module, 1);
  float x[3] = {1, 2, 3}, mask[1] = {2};
  auto outputs = session.run({fsc::tensor(x, {1, 3}), fsc::tensor(mask, {1})});
  return outputs[0].as<float>()[2] == 8 ? 0 : 1;
}
"""


def test_is_small(tmp_path):
    """As it is shipped: without the line tables that a build for development has."""
    shipped = tmp_path / "libfsc-runtime.so"
    subprocess.run(["strip", "-s", "-o", shipped, LIBRARY], check=True)
    assert shipped.stat().st_size < 1 << 20


def test_needs_the_c_library_alone():
    text = subprocess.run(["readelf", "-dW", LIBRARY], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
    assert needed and needed <= SYSTEM


def test_shows_its_interface_alone():
    text = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1] for line in text.splitlines()}
    declared = set(re.findall(r"^FSC_API [^;(]*\b(fsc_\w+)\(", (ROOT / "runtime/include/fsc/fsc.h").read_text(), re.MULTILINE))
    assert names == declared


@pytest.mark.parametrize("compiler", ["g++", "clang++-22"])
def test_works_with_every_compiler_from_cpp17_on(tmp_path, compiler):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    (tmp_path / "main.cpp").write_text(PROGRAM)
    command = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/runtime/include", tmp_path / "main.cpp"]
    command += [f"-L{LIBRARY.parent}", "-lfsc-runtime", f"-Wl,-rpath,{LIBRARY.parent}", "-o", tmp_path / "main"]
    subprocess.run(command, check=True)
    subprocess.run([tmp_path / "main", BUILD / "test/runtime/dynamic.so"], check=True)


@pytest.mark.parametrize("compiler", ["gcc", "clang-22"])
def test_the_c_header_is_c99(tmp_path, compiler):
    if not shutil.which(compiler):
        pytest.skip(f"{compiler} is not installed")
    (tmp_path / "main.c").write_text('#include "fsc/fsc.h"\nint main(void) { return fsc_status_code(0) != FSC_OK; }\n')
    command = [compiler, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/runtime/include"]
    subprocess.run([*command, "-c", tmp_path / "main.c", "-o", tmp_path / "main.o"], check=True)


def test_a_status_cannot_be_dropped(tmp_path):
    (tmp_path / "main.c").write_text('#include "fsc/fsc.h"\nint main(void) { fsc_module *m; fsc_module_load("", &m); }\n')
    command = ["clang-22", "-std=c99", "-Werror", f"-I{ROOT}/runtime/include", "-fsyntax-only", tmp_path / "main.c"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode != 0 and "unused-result" in result.stderr
