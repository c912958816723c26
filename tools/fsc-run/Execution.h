//===- Execution.h - Running and timing a case ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_FSC_RUN_EXECUTION_H
#define FSC_TOOLS_FSC_RUN_EXECUTION_H

#include "runtime/include/fsc/fsc.hpp"
#include "tools/common/Compare.h"
#include "tools/fsc-run/Cases.h"

#include <optional>
#include <vector>

namespace fsc::tools {

/// What came of a case.
struct Execution {
  double firstMilliseconds = 0;     // of the very first run
  std::vector<double> milliseconds; // of each timed run
  std::vector<Array> outputs;       // of the last run
  std::vector<std::optional<Comparison>> comparisons;
  std::vector<fsc_kernel_time> kernelTimes; // with --profile
  int profiledRuns = 0;

  bool ok() const;
};

Execution execute(const Options &options, const Module &module, Session &session, const Case &testCase);

/// The percentile `percent` of sorted numbers: the nearest rank.
double percentile(const std::vector<double> &sorted, double percent);

} // namespace fsc::tools

#endif // FSC_TOOLS_FSC_RUN_EXECUTION_H
