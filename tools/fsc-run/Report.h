//===- Report.h - What fsc-run tells ----------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_FSC_RUN_REPORT_H
#define FSC_TOOLS_FSC_RUN_REPORT_H

#include "tools/fsc-run/Execution.h"

#include <string>
#include <vector>

namespace fsc::tools {

/// All that is known about a call of fsc-run.
struct Report {
  const Options &options;
  const Module &module;
  std::string artifact;
  bool compiled = false, cached = false;
  double compileSeconds = 0, loadMilliseconds = 0;
  int threads = 0;
  std::vector<Case> cases;
  std::vector<Execution> executions; // of each case

  bool ok() const;
};

std::string reportAsText(const Report &report);
std::string reportAsJson(const Report &report);

} // namespace fsc::tools

#endif // FSC_TOOLS_FSC_RUN_REPORT_H
