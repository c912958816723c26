//===- Forest.h - Decision trees as tables -------------------- -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPS_FOREST_H
#define FSC_DIALECTS_FSC_OPS_FOREST_H

#include "dialects/fsc/LinalgBuilder.h"

namespace fsc {

/// Decision trees. A node compares a feature with a value and goes on to one of two nodes; a leaf goes on to itself and
/// has weights, each for a target.
struct Forest {
  enum Mode : int32_t { leq, lt, gte, gt, eq, neq, leaf };

  llvm::SmallVector<int32_t> features, modes, ifTrue, ifFalse, missing;
  llvm::SmallVector<double> values;
  llvm::SmallVector<int32_t> roots;
  llvm::SmallVector<int32_t> weightsBegin, weightsEnd; // of each node
  llvm::SmallVector<int32_t> targets;
  llvm::SmallVector<double> weights;
  int64_t numTargets = 0;
  int64_t depth = 0; // steps from a root to the deepest leaf

  size_t size() const { return modes.size(); }
  /// Adds a node that goes to itself; gives its index.
  int32_t addNode(int32_t feature, Mode mode, double value, bool missingIsTrue);
  /// Checks indices and that paths end, and finds the depth. Fails with a diagnostic on op.
  mlir::LogicalResult finish(mlir::Operation *op);
};

enum class Aggregate { average, sum, min, max };

/// Emits the evaluation of a forest on the rows of operand 0.
class ForestLowering {
public:
  ForestLowering(LinalgBuilder &b, const Forest &forest);

  /// What the leaves that row `row` reaches give for `target`.
  Scalar score(mlir::Value row, mlir::Value target, Aggregate aggregate);
  /// The type that is computed in: the rows' own, or f32 for integers.
  mlir::Type getCompute() const { return compute; }
  mlir::Value table(llvm::ArrayRef<double> numbers);

private:
  mlir::Value table(llvm::ArrayRef<int32_t> integers);
  Scalar get(mlir::Value integers, mlir::Value index) { return b.load(integers, b.b.getI32Type(), index); }
  Scalar findLeaf(mlir::Value row, mlir::Value tree);
  Scalar isTrue(Scalar mode, Scalar x, Scalar value);

  LinalgBuilder &b;
  const Forest &forest;
  mlir::Type compute;
  mlir::Value features, modes, ifTrue, ifFalse, missing, values, roots, begins, ends, targets, weights;
};

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPS_FOREST_H
