//===- Epilogue.h - A kernel's elementwise ops on vectors -------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A template computes vectors of its anchor's result along the last dim. What
// is left of the kernel, elementwise ops on that result and on other operands, is
// evaluated here on each vector before it is stored.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_TILING_EPILOGUE_H
#define FSC_PASSES_TILING_EPILOGUE_H

#include "passes/tiling/IndexBuilder.h"
#include "passes/tiling/Tiling.h"

namespace fsc {

/// Where a vector of the result is.
struct VectorPlace {
  mlir::Value row;    // index of all dims but the last
  mlir::Value column; // of the first lane
  mlir::Value mask;   // null: all lanes
};

/// The function's tensors as buffers: adds a buffer for each argument, and says which it is.
class KernelBuffers {
public:
  explicit KernelBuffers(mlir::func::FuncOp function);

  /// The buffer, as it is and as one of rank 1.
  mlir::Value get(mlir::Value tensor) const { return whole.lookup(tensor); }
  mlir::Value flat(mlir::Value tensor) const { return flattened.lookup(tensor); }
  mlir::Value output() const { return result; }
  mlir::Value flatOutput() const { return flatResult; }
  /// Removes the tensors. Code on buffers has been put in front of the old body.
  void finish();

  /// Where code is to be put, and the builder that does.
  mlir::OpBuilder builder;

private:
  mlir::func::FuncOp function;
  unsigned numTensors;
  mlir::Value result, flatResult;
  mlir::IRMapping whole, flattened;
  llvm::SmallVector<mlir::Operation *> old;
};

class Epilogue {
public:
  /// `sizes` are those of the result.
  Epilogue(IndexBuilder &builder, mlir::Block &body, mlir::Value anchor, const KernelBuffers &buffers,
           mlir::ValueRange sizes, int64_t lanes);

  /// The kernel's result where `anchor` has the given vector.
  mlir::Value apply(mlir::Value vector, const VectorPlace &place);
  /// About how many instructions `apply` makes: a function such as exp counts as many.
  int64_t countInstructions();
  /// A vector of an operand, broadcast to the result.
  mlir::Value loadOperand(mlir::Value operand, const VectorPlace &place);

private:
  Scalar evaluate(mlir::Value value, const VectorPlace &place);
  mlir::Value constantVector(mlir::ElementsAttr elements, const VectorPlace &place);
  /// The index among the operand's rows that is broadcast to the row of `place`.
  mlir::Value operandRow(mlir::Value operand, const VectorPlace &place);

  IndexBuilder &ib;
  mlir::Block &body;
  mlir::Value anchor;
  const KernelBuffers &buffers;
  llvm::SmallVector<mlir::Value> sizes;
  int64_t lanes;
  mlir::RankedTensorType type;               // of the result
  llvm::DenseMap<mlir::Value, Scalar> known; // at the place that is evaluated
};

} // namespace fsc

#endif // FSC_PASSES_TILING_EPILOGUE_H
