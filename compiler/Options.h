//===- Options.h - What a user may ask of a compilation ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_OPTIONS_H
#define FSC_COMPILER_OPTIONS_H

#include "compiler/Limits.h"
#include "compiler/emit/Emit.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fsc {

/// Whether a block of ONNX Runtime's blocked operators may have so many channels.
constexpr bool isChannelBlock(int64_t size) { return size == 8 || size == 16; }
/// The sizes that a symbolic dim may have.
struct DimRange {
  int64_t least = 0, most = INT64_MAX;

  bool contains(int64_t size) const { return least <= size && size <= most; }
  bool isEmpty() const { return least > most; }
  DimRange intersect(DimRange other) const { return {std::max(least, other.least), std::min(most, other.most)}; }
};

/// LOW..HIGH, either of which may be left out, or one size. Nothing if `text` is not that, or LOW is above HIGH.
std::optional<DimRange> parseDimRange(llvm::StringRef text);
/// The same as text, for messages.
std::string printDimRange(DimRange range);

struct CompileOptions {
  /// NAME or NAME:LEVEL, as `cpu` or `cpu:x86-64-v3`; see Target.h.
  std::string target = "cpu";
  /// 0: the reference lowering, plain loops. 2: everything.
  int optLevel = 2;
  /// Sizes given to symbolic dims, by name.
  llvm::StringMap<int64_t> bindings;
  /// Channels in a block of ONNX Runtime's blocked operators: 8, 16, or 0 for what the model tells.
  int64_t channelBlock = 0;
  /// Ranges given to symbolic dims, by name.
  llvm::StringMap<DimRange> ranges;
  /// Fallbacks and what is ignored, which are warnings, are errors.
  bool strict = false;
  WeightsMode weights = WeightsMode::embedded;
  /// Shared libraries of custom operators: runtime/include/fsc/custom_op.h.
  std::vector<std::string> customOps;
  /// Threads that the compiler may use; 0: as many as the machine has.
  unsigned threads = 0;
  Limits limits;
  /// Check the contract of each phase after it.
  bool verifyPhases = true;
};

} // namespace fsc

#endif // FSC_COMPILER_OPTIONS_H
