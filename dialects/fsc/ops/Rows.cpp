//===- Rows.cpp - Passes over the rows of a tensor ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Rows.h"

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace fsc {

SmallVector<int64_t> axesFrom(int64_t axis, int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(axis, rank)); }

Rows::Rows(LinalgBuilder &b, ArrayRef<int64_t> axes)
    : b(b), axes(axes), type(b.elementType(0)), compute(computeType(type)), sums(sumType(type)),
      all(b.b.getMultiDimIdentityMap(b.rank(0))) {
  int64_t rank = b.rank(0);
  SmallVector<AffineExpr> exprs;
  Value elements = b.index(1);
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (llvm::is_contained(axes, axis)) {
      elements = b.mul(elements, b.dim(0, axis));
      continue;
    }
    sizes.push_back(b.dim(0, axis));
    exprs.push_back(b.b.getAffineDimExpr(axis));
  }
  row = AffineMap::get(rank, 0, exprs, b.b.getContext());
  count = b.fromIndex(elements, sums);
}

Value Rows::sum(Value tensor, Type elementType, llvm::function_ref<Scalar(Scalar)> term) {
  Value zero = b.fill(b.empty(sizes, sums), b.constant(0, sums));
  return b.reduce(
      tensor, elementType, axes, zero, [&](Scalar total, Scalar a) { return total + cast(term(a), sums); }, sums);
}

Value Rows::statistic(Value from, llvm::function_ref<Scalar(Scalar, Scalar)> element) {
  AffineMap identity = b.b.getMultiDimIdentityMap(sizes.size());
  return b.map(b.empty(sizes, compute), compute, from, sums, identity,
               [&](ArrayRef<Scalar> args) { return cast(element(args[0], count), compute); });
}

Value Rows::combine(Value statistic, llvm::function_ref<Scalar(Scalar, Scalar)> element) {
  return b.map(b.empty(b.dims(0), compute), compute, {b.operand(0), statistic}, {type, compute}, {all, row},
               [&](ArrayRef<Scalar> args) { return element(args[0], args[1]); });
}

Value Rows::center(Value *mean) {
  Value total = sum(b.operand(0), type, [](Scalar a) { return a; });
  Value means = statistic(total, [](Scalar s, Scalar n) { return s / n; });
  if (mean)
    *mean = means;
  return combine(means, [](Scalar a, Scalar m) { return a - m; });
}

Value Rows::inverseDeviation(Value centered, double epsilon) {
  Value squares = sum(centered, compute, [](Scalar a) { return a * a; });
  return statistic(squares, [&](Scalar s, Scalar n) { return s.like(1) / fsc::sqrt(s / n + s.like(epsilon)); });
}

Value Rows::finish(unsigned index, Value tensor, Value statistic, ArrayRef<unsigned> more,
                   llvm::function_ref<Scalar(ArrayRef<Scalar>)> element) {
  return finish(index, tensor, compute, statistic, more, element);
}

Value Rows::finishOperand(unsigned index, Value statistic, ArrayRef<unsigned> more,
                          llvm::function_ref<Scalar(ArrayRef<Scalar>)> element) {
  return finish(index, b.operand(0), type, statistic, more, element);
}

Value Rows::finish(unsigned index, Value tensor, Type tensorType, Value statistic, ArrayRef<unsigned> more,
                   llvm::function_ref<Scalar(ArrayRef<Scalar>)> element) {
  SmallVector<Value> inputs = {tensor, statistic};
  SmallVector<Type> types = {tensorType, compute};
  SmallVector<AffineMap> maps = {all, row};
  SmallVector<unsigned> loaded;
  for (unsigned operand : more) {
    std::optional<AffineMap> map = detail::broadcastMap(b.operandType(operand), b.resultType(index));
    if (!map) {
      loaded.push_back(operand);
      continue;
    }
    inputs.push_back(b.operand(operand));
    types.push_back(b.elementType(operand));
    maps.push_back(*map);
  }
  return b.map(b.destination(index), b.resultType(index).getElementType(), inputs, types, maps,
               [&](ArrayRef<Scalar> args) {
                 SmallVector<Value> at;
                 if (!loaded.empty())
                   for (int64_t axis = 0; axis < b.rank(0); ++axis)
                     at.push_back(linalg::IndexOp::create(b.b, b.loc, axis));
                 // In the order of `more`, whichever way an operand is read.
                 SmallVector<Scalar> ordered(args.take_front(2));
                 ArrayRef<Scalar> mapped = args.drop_front(2);
                 for (unsigned operand : more) {
                   bool isLoaded = llvm::is_contained(loaded, operand);
                   Scalar value = isLoaded ? b.loadBroadcast(operand, at) : mapped.front();
                   mapped = isLoaded ? mapped : mapped.drop_front();
                   ordered.push_back(cast(value, compute));
                 }
                 return element(ordered);
               });
}

Value Rows::finishAlong(int64_t axis, unsigned index, Value tensor, Value statistic, ArrayRef<unsigned> more,
                        llvm::function_ref<Scalar(ArrayRef<Scalar>)> element) {
  SmallVector<Value> inputs = {tensor, statistic};
  SmallVector<Type> types = {compute, compute};
  SmallVector<AffineMap> maps = {all, row};
  for (unsigned operand : more) {
    inputs.push_back(b.operand(operand));
    types.push_back(b.elementType(operand));
    maps.push_back(AffineMap::get(b.rank(0), 0, b.b.getAffineDimExpr(axis)));
  }
  return b.map(b.destination(index), b.resultType(index).getElementType(), inputs, types, maps,
               [&](ArrayRef<Scalar> args) {
                 SmallVector<Scalar> same = llvm::map_to_vector(args, [&](Scalar a) { return cast(a, compute); });
                 return element(same);
               });
}

Value Rows::expand(unsigned index, Value statistic) {
  return b.map(b.destination(index), b.resultType(index).getElementType(), statistic, compute, row,
               [](ArrayRef<Scalar> args) { return args[0]; });
}

} // namespace fsc
