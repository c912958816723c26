//===- Link.h - lld inside this process -------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_LINK_H
#define FSC_COMPILER_EMIT_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace fsc::emit {

/// Links `inputs` into the shared object `output`, which exports nothing but what has default visibility in them.
llvm::Error linkSharedObject(llvm::ArrayRef<std::string> inputs, llvm::StringRef output, unsigned threads);

/// Merges `inputs` into the relocatable object `output`.
llvm::Error linkRelocatable(llvm::ArrayRef<std::string> inputs, llvm::StringRef output, unsigned threads);

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_LINK_H
