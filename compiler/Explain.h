//===- Explain.h - The pages about diagnostics ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EXPLAIN_H
#define FSC_COMPILER_EXPLAIN_H

#include "compiler/Codes.h"

namespace fsc {

/// The text of docs/diagnostics about a code, as Markdown.
std::string_view explain(Code code);

} // namespace fsc

#endif // FSC_COMPILER_EXPLAIN_H
