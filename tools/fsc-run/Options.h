//===- Options.h - The command line of fsc-run ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_FSC_RUN_OPTIONS_H
#define FSC_TOOLS_FSC_RUN_OPTIONS_H

#include "tools/common/Compare.h"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace fsc::tools {

/// A wrong command line: exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// --input: from a file, or random from a seed.
struct InputOption {
  std::string name; // empty: for whichever input it fits
  std::string path; // empty: random
  uint64_t seed = 0;
};

struct Options {
  std::string model;
  std::vector<InputOption> inputs;
  std::string data;
  std::map<std::string, int64_t> dims; // by symbol, or "input.axis"
  Tolerance tolerance;
  std::string outputFolder;
  bool outputAsProto = false;
  int repeat = 1;
  std::optional<int> warmup; // default: 1 where repeated, else 0
  int threads = 0;
  bool profile = false;
  bool json = false;
  std::string jsonFile; // empty: standard output
  bool quiet = false;
  std::vector<std::string> customOps; // paths of libraries
  std::string compiler;
  std::vector<std::string> compileArguments;
  std::string cacheFolder;
  bool useCache = true;
  bool help = false, version = false;
};

/// Throws UsageError.
Options parseOptions(const std::vector<std::string> &arguments);

extern const char helpText[];

} // namespace fsc::tools

#endif // FSC_TOOLS_FSC_RUN_OPTIONS_H
