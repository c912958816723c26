//===- Evaluator.h - Running constant parts of a graph ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EVALUATE_EVALUATOR_H
#define FSC_COMPILER_EVALUATE_EVALUATOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace fsc {

/// Compiles a graph without inputs for this machine, by the reference lowering, runs it in this process, and returns
/// its results. Fails, with a diagnostic, if the graph cannot be compiled or its run ends with an error.
mlir::FailureOr<llvm::SmallVector<mlir::ElementsAttr>> evaluate(mlir::ModuleOp graph);

/// The pass `fsc-fold-constants`: computes all ops that have only constants for operands, in one batch.
std::unique_ptr<mlir::Pass> createFoldConstants();
void registerFoldConstants();

} // namespace fsc

#endif // FSC_COMPILER_EVALUATE_EVALUATOR_H
