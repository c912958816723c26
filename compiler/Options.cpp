//===- Options.cpp - What a user may ask of a compilation -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Options.h"

#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace fsc {

std::optional<DimRange> parseDimRange(StringRef text) {
  DimRange range;
  auto [low, high] = text.split("..");
  bool isOne = !text.contains("..");
  auto read = [](StringRef number, int64_t &value) { return !number.getAsInteger(10, value) && value >= 0; };
  if ((isOne || !low.empty()) && !read(low, range.least))
    return std::nullopt;
  if (isOne)
    range.most = range.least;
  else if (!high.empty() && !read(high, range.most))
    return std::nullopt;
  bool saysNothing = !isOne && low.empty() && high.empty();
  return saysNothing || range.isEmpty() ? std::nullopt : std::optional(range);
}

std::string printDimRange(DimRange range) {
  return (Twine(range.least) + ".." + (range.most == INT64_MAX ? "" : Twine(range.most))).str();
}

} // namespace fsc
