//===- Limits.cpp - How much a model may ask for --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Limits.h"

#include "compiler/Diagnostics.h"

namespace fsc {

namespace {

struct Entry {
  llvm::StringLiteral name;
  int64_t Limits::*member;
  int64_t most;
};

constexpr Entry table[] = {
#define FSC_LIMIT(name, value, most, what) {#name, &Limits::name, most},
#include "compiler/Limits.def"
};

} // namespace

llvm::Error Limits::set(llvm::StringRef name, int64_t value) {
  std::string known;
  for (const Entry &entry : table) {
    known += (known.empty() ? "" : ", ") + entry.name.str();
    if (entry.name != name)
      continue;
    if (value < 1 || value > entry.most)
      return codedError(Code::badOption, "limit '" + name + "': expected 1 to " + llvm::Twine(entry.most) + ", got " +
                                             llvm::Twine(value));
    this->*entry.member = value;
    return llvm::Error::success();
  }
  return codedError(Code::badOption, "expected a limit of " + known + ", got '" + name + "'");
}

} // namespace fsc
