//===- Rows.h - Passes over the rows of a tensor ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normalizations fold each row of a tensor to a few statistics and then compute
// every element from itself and its row's statistics. A row is what the other dims
// leave when theirs are fixed. Statistics are tensors of the compute type with the
// other dims alone.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPS_ROWS_H
#define FSC_DIALECTS_FSC_OPS_ROWS_H

#include "dialects/fsc/LinalgBuilder.h"

namespace fsc {

class Rows {
public:
  /// Rows of operand 0, which are its dims `axes`.
  Rows(LinalgBuilder &b, llvm::ArrayRef<int64_t> axes);

  /// The sum over each row of `term` of its elements (of a tensor like the operand, with elements of `type`), of the
  /// sum type.
  mlir::Value sum(mlir::Value tensor, mlir::Type type, llvm::function_ref<Scalar(Scalar)> term);
  /// A statistic, of the compute type, from a sum and the number of elements of a row, both of the sum type.
  mlir::Value statistic(mlir::Value from, llvm::function_ref<Scalar(Scalar, Scalar)> element);
  /// A tensor like the operand, of the compute type, from the operand's element and its row's statistic.
  mlir::Value combine(mlir::Value statistic, llvm::function_ref<Scalar(Scalar, Scalar)> element);
  /// Each element of the operand less its row's mean; `mean`, if given, receives the means.
  mlir::Value center(mlir::Value *mean = nullptr);
  /// 1 / sqrt(variance + epsilon) of each row, from the centered elements.
  mlir::Value inverseDeviation(mlir::Value centered, double epsilon);

  /// Result `index` from a tensor of the compute type like it, a statistic, and the operands `more` that are broadcast
  /// to the result, aligned to its last dims.
  mlir::Value finish(unsigned index, mlir::Value tensor, mlir::Value statistic, llvm::ArrayRef<unsigned> more,
                     llvm::function_ref<Scalar(llvm::ArrayRef<Scalar>)> element);
  /// The same from operand 0's own elements.
  mlir::Value finishOperand(unsigned index, mlir::Value statistic, llvm::ArrayRef<unsigned> more,
                            llvm::function_ref<Scalar(llvm::ArrayRef<Scalar>)> element);
  /// The same with operands `more` that have one element for each index of dim `axis`.
  mlir::Value finishAlong(int64_t axis, unsigned index, mlir::Value tensor, mlir::Value statistic,
                          llvm::ArrayRef<unsigned> more, llvm::function_ref<Scalar(llvm::ArrayRef<Scalar>)> element);
  /// A statistic as result `index`, with size 1 in the place of the rows' dims.
  mlir::Value expand(unsigned index, mlir::Value statistic);

  mlir::Type getCompute() const { return compute; }

private:
  mlir::Value finish(unsigned index, mlir::Value tensor, mlir::Type tensorType, mlir::Value statistic,
                     llvm::ArrayRef<unsigned> more, llvm::function_ref<Scalar(llvm::ArrayRef<Scalar>)> element);

  LinalgBuilder &b;
  llvm::SmallVector<int64_t> axes;
  mlir::Type type, compute, sums;
  llvm::SmallVector<mlir::Value> sizes;
  mlir::AffineMap all, row;
  Scalar count;
};

/// The axes [axis, rank), as LayerNormalization counts them.
llvm::SmallVector<int64_t> axesFrom(int64_t axis, int64_t rank);

/// Whether `from` broadcasts to `to` without making it larger, as far as sizes are known.
bool broadcastsTo(const Shape &from, const Shape &to);

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPS_ROWS_H
