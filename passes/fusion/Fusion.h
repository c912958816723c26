//===- Fusion.h - Making and merging kernels --------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_FUSION_FUSION_H
#define FSC_PASSES_FUSION_FUSION_H

#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace fsc {

/// Constants up to this many elements live inside the kernels that use them, where they fold into the code.
constexpr int64_t maxInlineElements = 16;

/// Moves `op` into a kernel that writes to `destinations`, one for each result, and replaces it.
KernelOp wrapInKernel(mlir::OpBuilder &builder, FscOpInterface op, mlir::ValueRange destinations);

/// Merges `producer`, all of whose uses are in `consumer`, into `consumer`.
KernelOp mergeKernels(KernelOp producer, KernelOp consumer);

#define GEN_PASS_DECL
#include "passes/fusion/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/fusion/Passes.h.inc"

} // namespace fsc

#endif // FSC_PASSES_FUSION_FUSION_H
