//===- Files.h - Reading and writing whole files ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_FILES_H
#define FSC_TOOLS_COMMON_FILES_H

#include <string>
#include <string_view>

namespace fsc::tools {

/// The bytes of a regular file. Throws Refusal.
std::string readFile(const std::string &path);

/// Writes a file anew. Throws Refusal.
void writeFile(const std::string &path, std::string_view contents);

bool endsWith(std::string_view text, std::string_view end);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_FILES_H
