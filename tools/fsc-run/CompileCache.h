//===- CompileCache.h - An .onnx model becomes an artefact, once --*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler runs as a program of its own. What it makes is kept in a folder named
// by a hash of all that it depends on: the model's bytes, those of the files that hold its
// weights, the compiler and its options.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_FSC_RUN_COMPILECACHE_H
#define FSC_TOOLS_FSC_RUN_COMPILECACHE_H

#include "tools/fsc-run/Options.h"

#include <string>

namespace fsc::tools {

/// The compiler failed and has said why; the code is that to exit with.
struct CompilerFailure {
  int exitCode;
};

/// A compiled model on disk; removed at the end unless it is in the cache.
class CompiledModel {
public:
  CompiledModel() = default;
  CompiledModel(CompiledModel &&other) noexcept;
  CompiledModel &operator=(CompiledModel &&other) noexcept;
  ~CompiledModel();

  std::string path;    // of the artefact
  bool cached = false; // it was there already
  double seconds = 0;  // that compiling took
  std::string scratch; // folder to remove, or empty
};

/// Compiles options.model, or finds it in the cache. Throws Refusal, CompilerFailure.
CompiledModel compileModel(const Options &options);

} // namespace fsc::tools

#endif // FSC_TOOLS_FSC_RUN_COMPILECACHE_H
