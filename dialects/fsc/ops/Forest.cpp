//===- Forest.cpp - Decision trees as tables ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Forest.h"

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

int32_t Forest::addNode(int32_t feature, Mode mode, double value, bool missingIsTrue) {
  auto index = int32_t(size());
  features.push_back(feature);
  modes.push_back(mode);
  values.push_back(value);
  missing.push_back(missingIsTrue);
  ifTrue.push_back(index);
  ifFalse.push_back(index);
  weightsBegin.push_back(0);
  weightsEnd.push_back(0);
  return index;
}

LogicalResult Forest::finish(Operation *op) {
  auto count = int32_t(size());
  auto isNode = [&](int32_t index) { return index >= 0 && index < count; };
  SmallVector<int32_t> parents(count, 0), level(count, 0), ready;
  for (int32_t node = 0; node < count; ++node) {
    // tree_ensemble.C1: nodes exist, and features and targets are counted from 0.
    if (!isNode(ifTrue[node]) || !isNode(ifFalse[node]) || features[node] < 0)
      return op->emitOpError() << "expected branches to nodes of the tree at node " << node;
    if (modes[node] == leaf)
      continue;
    ++parents[ifTrue[node]];
    ++parents[ifFalse[node]];
  }
  for (int32_t root : roots)
    if (!isNode(root))
      return op->emitOpError("expected roots that are nodes");
  for (int32_t target : targets)
    if (target < 0 || target >= numTargets)
      return op->emitOpError() << "expected targets in [0, " << numTargets << "), got " << target;
  // Nodes in an order in which each comes after all that lead to it; there is none if a path does not end.
  for (int32_t node = 0; node < count; ++node)
    if (parents[node] == 0)
      ready.push_back(node);
  for (size_t next = 0; next < ready.size(); ++next) {
    int32_t node = ready[next];
    if (modes[node] == leaf)
      continue;
    for (int32_t child : {ifTrue[node], ifFalse[node]}) {
      level[child] = std::max(level[child], level[node] + 1);
      if (--parents[child] == 0)
        ready.push_back(child);
    }
  }
  // tree_ensemble.C2: every path ends at a leaf.
  if (int32_t(ready.size()) != count)
    return op->emitOpError("expected trees whose paths end");
  for (int32_t steps : level)
    depth = std::max<int64_t>(depth, steps);
  return success();
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

Value ForestLowering::table(ArrayRef<int32_t> integers) {
  // An empty table still has an address to be loaded from.
  SmallVector<int32_t> padded(integers);
  if (padded.empty())
    padded.push_back(0);
  auto type = RankedTensorType::get(int64_t(padded.size()), b.b.getI32Type());
  return arith::ConstantOp::create(b.b, b.loc, DenseElementsAttr::get(type, ArrayRef<int32_t>(padded)));
}

Value ForestLowering::table(ArrayRef<double> numbers) {
  SmallVector<Attribute> elements;
  for (double number : numbers)
    elements.push_back(b.b.getFloatAttr(compute, number));
  if (elements.empty())
    elements.push_back(b.b.getFloatAttr(compute, 0));
  auto type = RankedTensorType::get(int64_t(elements.size()), compute);
  return arith::ConstantOp::create(b.b, b.loc, DenseElementsAttr::get(type, elements));
}

ForestLowering::ForestLowering(LinalgBuilder &b, const Forest &forest) : b(b), forest(forest) {
  Type type = computeType(b.elementType(0));
  compute = isa<FloatType>(type) ? type : b.b.getF32Type();
  features = table(forest.features);
  modes = table(forest.modes);
  ifTrue = table(forest.ifTrue);
  ifFalse = table(forest.ifFalse);
  missing = table(forest.missing);
  values = table(forest.values);
  roots = table(forest.roots);
  begins = table(forest.weightsBegin);
  ends = table(forest.weightsEnd);
  targets = table(forest.targets);
  weights = table(forest.weights);
}

Scalar ForestLowering::isTrue(Scalar mode, Scalar x, Scalar value) {
  Scalar result;
  auto consider = [&](Forest::Mode which, llvm::function_ref<Scalar()> compare) {
    if (!llvm::is_contained(forest.modes, int32_t(which)))
      return;
    result = result ? select(mode == mode.likeInt(which), compare(), result) : compare();
  };
  consider(Forest::leq, [&] { return x <= value; });
  consider(Forest::lt, [&] { return x < value; });
  consider(Forest::gte, [&] { return x >= value; });
  consider(Forest::gt, [&] { return x > value; });
  consider(Forest::eq, [&] { return x == value; });
  consider(Forest::neq, [&] { return x != value; });
  return result ? result : x == x;
}

/// The leaf that a row reaches in a tree: as many steps as the deepest path has, as leaves go on to themselves.
Scalar ForestLowering::findLeaf(Value row, Value tree) {
  Value last = b.sub(b.dim(0, 1), b.index(1));
  return b.loop(b.index(0), b.index(forest.depth), get(roots, tree), [&](Value, Scalar node) {
    Value index = b.toIndex(node);
    Value feature = b.minimum(b.toIndex(get(features, index)), last);
    Scalar x = cast(b.load(0, {row, feature}), compute);
    Scalar truth = isTrue(get(modes, index), x, b.load(values, compute, index));
    if (llvm::is_contained(forest.missing, 1)) {
      Scalar tracked = get(missing, index);
      truth = truth | (isNaN(x) & (tracked != tracked.likeInt(0)));
    }
    return select(truth, get(ifTrue, index), get(ifFalse, index));
  });
}

Scalar ForestLowering::score(Value row, Value target, Aggregate aggregate) {
  Scalar start = b.constant(0, compute);
  if (aggregate == Aggregate::min)
    start = start.highest();
  if (aggregate == Aggregate::max)
    start = start.lowest();
  Scalar wanted = b.fromIndex(target, b.b.getI32Type());
  Value trees = b.index(int64_t(forest.roots.size()));
  Scalar total = b.loop(b.index(0), trees, start, [&](Value tree, Scalar sum) {
    Value leaf = b.toIndex(findLeaf(row, tree));
    return b.loop(b.toIndex(get(begins, leaf)), b.toIndex(get(ends, leaf)), sum, [&](Value i, Scalar partial) {
      Scalar weight = b.load(weights, compute, i), next;
      if (aggregate == Aggregate::min)
        next = fsc::min(partial, weight);
      else if (aggregate == Aggregate::max)
        next = fsc::max(partial, weight);
      else
        next = partial + weight;
      return select(get(targets, i) == wanted, next, partial);
    });
  });
  return aggregate == Aggregate::average ? total / total.like(double(forest.roots.size())) : total;
}

} // namespace fsc
