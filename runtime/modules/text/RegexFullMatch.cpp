//===- RegexFullMatch.cpp - Strings that match a regular expression -------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RE2 takes time linear in the string for every expression. Its memory for one is
// bounded, so an expression that would need more is refused.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <re2/re2.h>

using namespace fsc::runtime;

FSC_ROUTINE(RegexFullMatch) {
  Array x = call.input(0);
  std::string_view text = call.text("pattern", "");
  re2::RE2 pattern(re2::StringPiece(text.data(), text.size()), re2::RE2::Quiet);
  if (!pattern.ok())
    call.fail("expected a pattern by the syntax of RE2, got '%.*s': %s", int(std::min<size_t>(text.size(), 200)),
              text.data(), pattern.error().c_str());
  uint8_t *y = call.result<uint8_t>(0, x.dims());
  for (int64_t i = 0, count = x.elements(); i < count; ++i) {
    std::string_view string = call.string(x.data<int64_t>()[i]);
    y[i] = re2::RE2::FullMatch(re2::StringPiece(string.data(), string.size()), pattern);
  }
}
