//===- Libraries.h - The functions that an artefact may take from outside -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_LIBRARIES_H
#define FSC_COMPILER_EMIT_LIBRARIES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace fsc::emit {

/// The shared library ("libm.so.6") from which compiled code may take function `name`; nothing if it may not.
std::optional<llvm::StringRef> libraryOf(llvm::StringRef name);

/// True for what the code generator calls where the machine has no instruction, and we define: conversions to and from
/// half and bfloat16, integer powers.
bool isBuiltin(llvm::StringRef name);

/// A module that defines those of our builtins that are in `names`.
llvm::Expected<std::unique_ptr<llvm::Module>> buildBuiltins(const std::set<std::string> &names,
                                                            llvm::LLVMContext &context);

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_LIBRARIES_H
