//===- Limits.h - How much a model may ask for ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_LIMITS_H
#define FSC_COMPILER_LIMITS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace fsc {

struct Limits {
#define FSC_LIMIT(name, value, most, what) int64_t name = value; /* what */
#include "compiler/Limits.def"

  /// Sets a limit by its name. Fails, naming what is accepted, if there is none or the value is out of range.
  llvm::Error set(llvm::StringRef name, int64_t value);
};

/// What is fixed, because something else cannot do more.
constexpr int64_t maxRank = 64;                            // NumPy's
constexpr int64_t maxTensorBytes = int64_t(1) << 46;       // sizes of several tensors together stay in range
constexpr int64_t maxParsedBytes = (int64_t(1) << 31) - 1; // protobuf's, of a model without its raw data

} // namespace fsc

#endif // FSC_COMPILER_LIMITS_H
