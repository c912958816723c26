//===- Attached.h - The model that is appended to this program --*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_FSC_RUN_ATTACHED_H
#define FSC_TOOLS_FSC_RUN_ATTACHED_H

#include <string>

namespace fsc::tools {

/// Where the artefact that follows this program's own bytes (runtime/abi/Executable.h) can be loaded from, or "" if
/// none does. The path is good as long as the process lives. Throws Refusal.
std::string attachedModel();

} // namespace fsc::tools

#endif // FSC_TOOLS_FSC_RUN_ATTACHED_H
