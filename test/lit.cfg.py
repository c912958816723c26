# The lit suite: `./dev test lit`, or `.venv/bin/lit build/test --filter NAME` for some.
# A test may use fsc-opt, fsc-compile, fsc-run and fsc-bench, FileCheck, not, split-file and the other LLVM tools by their names, and
#   %python  the interpreter with numpy, onnx and onnxruntime     %s %t %T  the test, a temporary file, its folder
#   %root    the source tree                                      %build    the build tree
# Features: x86-64-v3 and x86-64-v4 (this machine runs such code), asan.
import os
import platform

import lit.formats

config.name = "fsc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "bench", "conformance", "dev", "e2e", "python", "runtime", "tools", "unit"]
config.test_source_root = os.path.join(config.fsc_source, "test")
config.test_exec_root = os.path.join(config.fsc_build, "test")

build_bin = os.path.join(config.fsc_build, "bin")
python = os.path.join(config.fsc_source, ".venv", "bin", "python")
config.environment["PATH"] = os.pathsep.join([build_bin, config.llvm_bin, os.environ["PATH"]])
config.environment["PYTHONPATH"] = os.path.join(config.fsc_build, "python")
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
# What a tool caches goes into the build tree, so that a test never sees the user's cache.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")

config.substitutions.append(("%python", python))
config.substitutions.append(("%root", config.fsc_source))
config.substitutions.append(("%build", config.fsc_build))

# The x86-64 levels by the flags that tell them apart.
LEVELS = {"x86-64-v3": {"avx2", "fma", "bmi2", "f16c"}, "x86-64-v4": {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"}}
if platform.machine() == "x86_64":
    with open("/proc/cpuinfo") as cpuinfo:
        flags = next((set(line.split()) for line in cpuinfo if line.startswith("flags")), set())
    for level, needed in LEVELS.items():
        if needed <= flags:
            config.available_features.add(level)
if config.sanitize:
    config.available_features.add("asan")
    # LLVM itself is not instrumented: what crosses into it cannot be followed, and what it keeps for good is not ours.
    config.environment["ASAN_OPTIONS"] = "detect_container_overflow=0:detect_leaks=0:abort_on_error=1"
    config.environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"

config.maxIndividualTestTime = 300
