//===- Codes.h - The codes of all that fsc can say --------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table Diagnostics.def as C++. It needs neither LLVM nor anything to link, so
// that tools which only run models have it too.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_CODES_H
#define FSC_COMPILER_CODES_H

#include <cstddef>
#include <string_view>

namespace fsc {

enum class Code {
#define FSC_DIAGNOSTIC(name, letter, number, title, remedy) name,
#include "compiler/Diagnostics.def"
};

struct CodeInfo {
  Code code;
  std::string_view id; // "FSC-E204"
  std::string_view title;
  /// What the user can do, where nothing better is known.
  std::string_view remedy;

  constexpr bool isWarning() const { return id[4] == 'W'; }
};

inline constexpr CodeInfo allCodes[] = {
#define FSC_DIAGNOSTIC(name, letter, number, title, remedy) {Code::name, "FSC-" #letter #number, title, remedy},
#include "compiler/Diagnostics.def"
};

constexpr const CodeInfo &getInfo(Code code) { return allCodes[size_t(code)]; }

} // namespace fsc

#endif // FSC_COMPILER_CODES_H
