//===- Product.h - Operands of a matrix product --------------- -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPS_PRODUCT_H
#define FSC_DIALECTS_FSC_OPS_PRODUCT_H

#include "dialects/fsc/LinalgBuilder.h"

namespace fsc {

/// The shape of numpy.matmul's result. Fails with a diagnostic on op.
mlir::FailureOr<Shape> inferProduct(mlir::Operation *op, ShapeBuilder &shapes, Shape a, Shape b);

/// Two operands of a lowering as numpy.matmul sees them.
class Product {
public:
  using Indices = llvm::ArrayRef<mlir::Value>;

  Product(LinalgBuilder &b, unsigned left, unsigned right);

  /// Folds over the summed dim of result element `at`: `step` gets the places of both operands.
  Scalar fold(Indices at, Scalar init, llvm::function_ref<Scalar(Scalar, Indices, Indices)> step) const;
  /// The row and column of result element `at`; null for a vector operand, which has none.
  mlir::Value row(Indices at) const;
  mlir::Value column(Indices at) const;
  Indices batch(Indices at) const;

private:
  llvm::SmallVector<mlir::Value> batchPlace(unsigned operand, Indices at) const;

  LinalgBuilder &b;
  unsigned left, right;
  int64_t leftRank, rightRank;
};

/// The element of a scale or zero point for result element `at` of a product: there is one of it, one for each row (or,
/// with `byColumn`, each column) or one for each matrix and row.
Scalar loadProductParameter(LinalgBuilder &b, const Product &product, unsigned operand, llvm::ArrayRef<mlir::Value> at,
                            bool byColumn);

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPS_PRODUCT_H
