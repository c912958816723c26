//===- ContribHooks.h - Hooks for ONNX Runtime's operators ------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One table of hooks for each file with hooks for operators of ONNX Runtime.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CONTRIBHOOKS_H
#define FSC_COMPILER_IMPORT_ONNX_CONTRIBHOOKS_H

#include "compiler/import/onnx/NodeBuilder.h"

namespace fsc {

llvm::ArrayRef<ContribEntry> contribHooks();
llvm::ArrayRef<ContribEntry> attentionHooks();
llvm::ArrayRef<ContribEntry> expertHooks();
llvm::ArrayRef<ContribEntry> productHooks();
llvm::ArrayRef<ContribEntry> movementHooks();
llvm::ArrayRef<ContribEntry> quantizedHooks();
llvm::ArrayRef<ContribEntry> quantizedProductHooks();
llvm::ArrayRef<ContribEntry> channelsLastHooks();
/// Of the domain com.microsoft.nchwc.
llvm::ArrayRef<ContribEntry> blockedHooks();
/// Of ONNX's own domain, which never had them or has them no longer.
llvm::ArrayRef<ContribEntry> experimentalHooks();

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CONTRIBHOOKS_H
