//===- Cases.h - What a model is run on -------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_FSC_RUN_CASES_H
#define FSC_TOOLS_FSC_RUN_CASES_H

#include "runtime/include/fsc/fsc.hpp"
#include "tools/fsc-run/Options.h"

#include <optional>
#include <string>
#include <vector>

namespace fsc::tools {

/// One set of inputs, in graph order, with the outputs expected of it where known.
struct Case {
  std::string name; // the folder's; empty if there is but one
  std::vector<Array> inputs;
  std::vector<std::string> sources; // of each input: a path, "random:0"
  std::vector<std::optional<Array>> expected;
};

/// Reads or makes the inputs that the options ask for. Throws UsageError, Refusal.
std::vector<Case> makeCases(const Options &options, const Module &module);

/// "float32 [batch, 3]".
std::string signatureText(const fsc_value &value);

} // namespace fsc::tools

#endif // FSC_TOOLS_FSC_RUN_CASES_H
