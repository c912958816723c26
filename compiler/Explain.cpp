//===- Explain.cpp - The pages about diagnostics --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Explain.h"

#include <algorithm>
#include <iterator>

namespace fsc {

namespace {

struct Page {
  std::string_view id, text;
};

constexpr Page pages[] = {
#define FSC_PAGE(id, text) {id, text},
#include "DiagnosticPages.inc"
};

constexpr std::string_view findPage(std::string_view id) {
  for (const Page &page : pages)
    if (page.id == id)
      return page.text;
  return {};
}

static_assert(std::ranges::none_of(allCodes, [](const CodeInfo &info) { return findPage(info.id).empty(); }),
              "a code of compiler/Diagnostics.def has no page in docs/diagnostics");
static_assert(std::size(pages) == std::size(allCodes), "a page in docs/diagnostics is about no code");

} // namespace

std::string_view explain(Code code) { return findPage(getInfo(code).id); }

} // namespace fsc
