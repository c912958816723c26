//===- InputRows.h - Where the rows of the first operand are ----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Row r of a product is a row of a matrix, or the window around pixel r of a
// convolution's result. Either way it is a sequence of runs, stretches of
// memory that are multiplied with consecutive rows of the packed weights.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_TILING_INPUTROWS_H
#define FSC_PASSES_TILING_INPUTROWS_H

#include "passes/tiling/Epilogue.h"

#include <memory>

namespace fsc {

class InputRows {
public:
  using Values = IndexBuilder::Values;
  /// addresses: of each row's run, as buffers; weightRow: the row of the weights that the run begins with.
  using RunFn = llvm::function_ref<Values(mlir::ValueRange addresses, mlir::Value weightRow, mlir::Value length,
                                          mlir::ValueRange state)>;
  virtual ~InputRows() = default;
  /// Folds `body` over all runs of the rows [first, first + count).
  virtual Values forEachRun(mlir::Value first, int64_t count, mlir::ValueRange state, RunFn body) = 0;
};

/// The rows of operand 0 of `op`, fsc.conv or fsc.matmul, in one batch.
std::unique_ptr<InputRows> makeInputRows(IndexBuilder &builder, mlir::Operation *op, const KernelBuffers &buffers,
                                         mlir::Value batch, int64_t lanes);

/// Where the matrix of `batch` begins in an operand of fsc.matmul, whose leading dims are broadcast.
mlir::Value batchOffset(IndexBuilder &builder, mlir::Operation *op, unsigned operand, const KernelBuffers &buffers,
                        mlir::Value batch);

} // namespace fsc

#endif // FSC_PASSES_TILING_INPUTROWS_H
