//===- OpTable.h - The fsc ops that are ONNX operators ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table is what each family of ops says of its own (OpFamily.h).
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_OPTABLE_H
#define FSC_COMPILER_IMPORT_ONNX_OPTABLE_H

#include "dialects/fsc/OpFamily.h"

namespace fsc {

/// The op whose form an operator of version `version` has: the newest one that is not newer, else the oldest; null if
/// there is none.
const OpEntry *findOp(llvm::StringRef name, llvm::StringRef domain, int version);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_OPTABLE_H
