//===- Cumulative.cpp - CumSum and CumProd --------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Indexing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

template <typename Op> LogicalResult inferCumulative(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  int64_t rank = op.getX().getType().getRank();
  std::optional<Dim> axis = shapes.number(op.getAxis());
  // cumulative.C1: the axis is one integer, and in range.
  if (!axis || !op.getAxis().getType().getElementType().isInteger())
    return op.emitOpError() << "expected one integer axis, got " << op.getAxis().getType();
  if (axis->isKnown() && !normalizeAxis(axis->get(), rank))
    return op.emitOpError() << "expected axis in [" << -rank << ", " << rank << "), got " << axis->get();
  results.push_back(shapes.dims(op.getX()));
  return success();
}

using Combine = llvm::function_ref<Scalar(Scalar, Scalar)>;

/// Along a known axis: one pass, which keeps the sum so far.
void lowerKnown(LinalgBuilder &b, int64_t axis, bool exclusive, bool reverse, Scalar init, Combine combine) {
  Type type = b.elementType(0);
  SmallVector<Value> rows = b.dims(0);
  Value size = rows[axis], last = b.sub(size, b.index(1));
  rows.erase(rows.begin() + axis);
  b.setResult(0, b.update(b.destination(0), rows, [&](ArrayRef<Value> row, Value tensor) {
    return b.fold(b.index(0), size, {tensor, init.getValue()}, [&](Value i, ValueRange state) {
      SmallVector<Value> place(row);
      place.insert(place.begin() + axis, reverse ? b.sub(last, i) : i);
      Scalar before = init.with(state[1]), after = combine(before, b.load(0, place));
      return SmallVector<Value>{b.store(exclusive ? before : after, type, state[0], place), after.getValue()};
    })[0];
  }));
}

/// Along an axis known only at run time: each element sums its own predecessors.
void lowerUnknown(LinalgBuilder &b, bool exclusive, bool reverse, Scalar init, Combine combine) {
  SmallVector<Value> sizes = b.dims(0);
  Value zero = b.index(0), one = b.index(1), rank = b.index(b.rank(0));
  SmallVector<Value> first(b.rank(1), zero);
  Value axis = b.checkIndex(b.toIndex(b.load(1, first)), rank, "CumSum or CumProd: the axis is out of range");
  auto along = [&](ArrayRef<Value> values) {
    Value result = values[0];
    for (auto [i, value] : llvm::enumerate(values))
      result = b.pick(b.equal(axis, b.index(i)), value, result);
    return result;
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value here = along(at), low = zero, high = exclusive ? here : b.add(here, one);
    if (reverse) {
      low = exclusive ? b.add(here, one) : here;
      high = along(sizes);
    }
    return b.loop(low, high, init, [&](Value i, Scalar state) {
      SmallVector<Value> place(at);
      for (auto [dim, index] : llvm::enumerate(place))
        index = b.pick(b.equal(axis, b.index(dim)), i, index);
      return combine(state, b.load(0, place));
    });
  }));
}

template <typename Op> LogicalResult lowerCumulative(Op op, LinalgBuilder &b, double init, Combine combine) {
  Scalar start = b.constant(init, b.elementType(0));
  if (b.rank(0) == 0) {
    b.setResult(0, b.generate(0, [&](ArrayRef<Value>) { return op.getExclusive() ? start : b.load(0, {}); }));
    return success();
  }
  ShapeBuilder inference(op.getLoc());
  if (auto axis = inference.constants(op.getAxis()))
    lowerKnown(b, *normalizeAxis(axis->front(), b.rank(0)), op.getExclusive(), op.getReverse(), start, combine);
  else
    lowerUnknown(b, op.getExclusive(), op.getReverse(), start, combine);
  return success();
}

} // namespace

LogicalResult CumSumOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferCumulative(*this, shapes, results);
}
LogicalResult CumProdOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferCumulative(*this, shapes, results);
}
LogicalResult CumSumOp::lowerToLinalg(LinalgBuilder &b) {
  return lowerCumulative(*this, b, 0, [](Scalar x, Scalar y) { return x + y; });
}
LogicalResult CumProdOp::lowerToLinalg(LinalgBuilder &b) {
  return lowerCumulative(*this, b, 1, [](Scalar x, Scalar y) { return x * y; });
}

} // namespace fsc
