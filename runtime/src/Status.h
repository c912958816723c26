//===- Status.h - A failure with a message ----------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ side of fsc_status: owned, movable, and impossible to drop unnoticed.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_STATUS_H
#define FSC_RUNTIME_SRC_STATUS_H

#include "runtime/include/fsc/fsc.h"

#include <utility>

namespace fsc::runtime {

class [[nodiscard]] Status {
public:
  Status() = default;
  explicit Status(fsc_status raw) : raw(raw) {}
  Status(Status &&other) noexcept : raw(std::exchange(other.raw, nullptr)) {}
  Status &operator=(Status &&other) noexcept {
    std::swap(raw, other.raw);
    return *this;
  }
  ~Status() { fsc_status_destroy(raw); }

  /// True if this is a failure.
  explicit operator bool() const { return raw != nullptr; }
  fsc_code code() const { return fsc_status_code(raw); }
  const char *message() const { return fsc_status_message(raw); }

  /// Hands the failure to the caller of the C interface.
  fsc_status release() { return std::exchange(raw, nullptr); }

private:
  fsc_status raw = nullptr;
};

inline Status success() { return Status(); }

/// A failure with a message formatted as by printf. Never fails itself: without
/// memory it is the out-of-memory status.
[[gnu::format(printf, 2, 3)]] Status failure(fsc_code code, const char *format, ...);

/// The status for a failed allocation. Allocates nothing.
Status outOfMemory();

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_STATUS_H
