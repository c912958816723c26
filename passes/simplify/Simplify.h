//===- Simplify.h - Shapes, constants, dead code ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_SIMPLIFY_SIMPLIFY_H
#define FSC_PASSES_SIMPLIFY_SIMPLIFY_H

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace fsc {

/// The two halves of the simplify phase, over the graph's function; constants are folded between them.
void addShapePasses(mlir::OpPassManager &function);
void addRewritePasses(mlir::OpPassManager &function);

/// Floats of any width as a constant of `type`.
mlir::Value makeFloats(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                       llvm::ArrayRef<double> values);

#define GEN_PASS_DECL
#include "passes/simplify/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/simplify/Passes.h.inc"

} // namespace fsc

#endif // FSC_PASSES_SIMPLIFY_SIMPLIFY_H
