//===- Order.cpp - ArgMax, ArgMin, Hardmax, TopK --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Indexing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace fsc {

namespace {

/// Whether x comes before y in an order where the largest (or smallest) element is first. NaN counts as larger than all
/// others, or as smaller too if `nanFirst`.
Scalar comesBefore(Scalar x, Scalar y, bool largest, bool nanFirst) {
  Scalar before = largest ? x > y : x < y;
  if (!x.isFloat())
    return before;
  if (largest || nanFirst)
    return before | (isNaN(x) & ~isNaN(y));
  return before | (isNaN(y) & ~isNaN(x));
}

/// The index of the first (or last) of the largest (or smallest) elements along an axis of operand 0. `placeOf(i)` is
/// the place of element i.
Value bestIndex(LinalgBuilder &b, Value size, bool largest, bool last,
                llvm::function_ref<SmallVector<Value>(Value)> placeOf) {
  Scalar first = b.load(0, placeOf(b.index(0)));
  Scalar start = b.fromIndex(b.index(0), b.b.getI64Type());
  SmallVector<Scalar> best = b.loop(b.index(1), size, {first, start}, [&](Value i, ArrayRef<Scalar> state) {
    Scalar x = b.load(0, placeOf(i));
    Scalar taken = last ? ~comesBefore(state[0], x, largest, true) : comesBefore(x, state[0], largest, true);
    return SmallVector<Scalar>{select(taken, x, state[0]), select(taken, b.fromIndex(i, b.b.getI64Type()), state[1])};
  });
  return b.toIndex(best[1]);
}

//===----------------------------------------------------------------------===//
// ArgMax and ArgMin
//===----------------------------------------------------------------------===//

template <typename Op> LogicalResult inferArg(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(op.getData());
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), data.size());
  // arg.C1: the axis is in range.
  if (!axis)
    return op.emitOpError() << "expected axis in [" << -int64_t(data.size()) << ", " << data.size() << "), got "
                            << int64_t(op.getAxis());
  // arg.C2: there is an element.
  if (data[*axis].isKnown(0))
    return op.emitOpError() << "expected an element along axis " << *axis;
  if (op.getKeepdims())
    data[*axis] = Dim(1);
  else
    data.erase(data.begin() + *axis);
  results.push_back(data);
  return success();
}

template <typename Op> LogicalResult lowerArg(Op op, LinalgBuilder &b, bool largest) {
  int64_t axis = *normalizeAxis(op.getAxis(), b.rank(0));
  Value size = b.dim(0, axis);
  if (b.operandType(0).isDynamicDim(axis))
    b.check(b.less(b.index(0), size), "ArgMax or ArgMin: there is no element");
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    auto placeOf = [&](Value i) {
      SmallVector<Value> place(at);
      if (op.getKeepdims())
        place[axis] = i;
      else
        place.insert(place.begin() + axis, i);
      return place;
    };
    return b.fromIndex(bestIndex(b, size, largest, op.getSelectLastIndex(), placeOf), b.b.getI64Type());
  }));
  return success();
}

} // namespace

LogicalResult ArgMaxOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferArg(*this, shapes, results);
}
LogicalResult ArgMinOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferArg(*this, shapes, results);
}
Type ArgMaxOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }
Type ArgMinOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }
LogicalResult ArgMaxOp::lowerToLinalg(LinalgBuilder &b) { return lowerArg(*this, b, true); }
LogicalResult ArgMinOp::lowerToLinalg(LinalgBuilder &b) { return lowerArg(*this, b, false); }

//===----------------------------------------------------------------------===//
// Hardmax
//===----------------------------------------------------------------------===//

LogicalResult HardmaxOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getInput());
  // hardmax.C1: the axis is in range.
  if (!normalizeAxis(getAxis(), data.size()))
    return emitOpError() << "expected axis in [" << -int64_t(data.size()) << ", " << data.size() << "), got "
                         << int64_t(getAxis());
  results.push_back(data);
  return success();
}

LogicalResult HardmaxOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  Value size = b.dim(0, axis);
  Scalar zero = b.constant(0, b.elementType(0)), one = b.constant(1, b.elementType(0));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value best = bestIndex(b, size, true, false, [&](Value i) {
      SmallVector<Value> place(at);
      place[axis] = i;
      return place;
    });
    return b.choose(b.equal(best, at[axis]), one, zero);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// TopK
//===----------------------------------------------------------------------===//

LogicalResult TopKOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getX());
  std::optional<int64_t> axis = normalizeAxis(getAxis(), data.size());
  // top_k.C1: the axis is in range.
  if (!axis)
    return emitOpError() << "expected axis in [" << -int64_t(data.size()) << ", " << data.size() << "), got "
                         << int64_t(getAxis());
  std::optional<Dim> k = shapes.number(getK());
  // top_k.C2: k is one integer.
  if (!k || !getK().getType().getElementType().isInteger())
    return emitOpError() << "expected one integer k, got " << getK().getType();
  // top_k.C3: there are k elements.
  if (k->isKnown() && (k->get() < 0 || (data[*axis].isKnown() && k->get() > data[*axis].get())))
    return emitOpError() << "expected k in [0, " << data[*axis].getStatic() << "], got " << k->get();
  data[*axis] = max(*k, Dim(0));
  results.assign(2, data);
  return success();
}

Type TopKOp::inferElementType(unsigned result) {
  return result == 0 ? getX().getType().getElementType() : IntegerType::get(getContext(), 64);
}

/// Puts element x, which is number `i` of its row, into the sorted first elements of the results' row, which are at
/// most k: later ones make room one by one.
static SmallVector<Value> insertSorted(LinalgBuilder &b, Scalar x, Value i, Value k, ValueRange lists, bool largest,
                                       llvm::function_ref<SmallVector<Value>(Value)> placeOf) {
  Type type = b.elementType(0), i64 = b.b.getI64Type();
  Value zero = b.index(0), one = b.index(1);
  auto goesBefore = [&](Value list, Value position) {
    return comesBefore(x, b.load(list, type, placeOf(position)), largest, false).getValue();
  };
  Value end = b.minimum(i, b.sub(k, one));
  SmallVector<Type> types = {b.b.getIndexType(), lists[0].getType(), lists[1].getType()};
  auto loop = scf::WhileOp::create(
      b.b, b.loc, types, ValueRange{end, lists[0], lists[1]},
      [&](OpBuilder &, Location, ValueRange state) {
        Value more = scf::IfOp::create(
                         b.b, b.loc, b.less(zero, state[0]),
                         [&](OpBuilder &, Location) {
                           scf::YieldOp::create(b.b, b.loc, goesBefore(state[1], b.sub(state[0], one)));
                         },
                         [&](OpBuilder &, Location) {
                           scf::YieldOp::create(b.b, b.loc, Value(arith::ConstantIntOp::create(b.b, b.loc, 0, 1)));
                         })
                         .getResult(0);
        scf::ConditionOp::create(b.b, b.loc, more, state);
      },
      [&](OpBuilder &, Location, ValueRange state) {
        Value previous = b.sub(state[0], one);
        Value values = b.store(b.load(state[1], type, placeOf(previous)), type, state[1], placeOf(state[0]));
        Value indices = b.store(b.load(state[2], i64, placeOf(previous)), i64, state[2], placeOf(state[0]));
        scf::YieldOp::create(b.b, b.loc, ValueRange{previous, values, indices});
      });
  Value position = loop.getResult(0);
  return {b.store(x, type, loop.getResult(1), placeOf(position)),
          b.store(b.fromIndex(i, i64), i64, loop.getResult(2), placeOf(position))};
}

LogicalResult TopKOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  Type type = b.elementType(0);
  SmallVector<Value> rows = b.dims(0);
  Value size = rows[axis], k = b.resultDims(0)[axis], zero = b.index(0), one = b.index(1);
  rows.erase(rows.begin() + axis);
  if (b.operandType(0).isDynamicDim(axis) || cast<RankedTensorType>(getValues().getType()).isDynamicDim(axis))
    b.check(b.less(k, b.add(size, one)), "TopK: there are fewer than k elements");
  SmallVector<Value> first(b.rank(1), zero);
  b.check(b.less(b.index(-1), b.toIndex(b.load(1, first))), "TopK: k is negative");
  // Nothing is to be done for an empty list.
  Value count = b.pick(b.less(zero, k), size, zero);
  SmallVector<Value> row;
  std::function<SmallVector<Value>(ValueRange)> sortRows = [&](ValueRange lists) -> SmallVector<Value> {
    if (row.size() < rows.size())
      return b.fold(zero, rows[row.size()], lists, [&](Value i, ValueRange state) {
        row.push_back(i);
        SmallVector<Value> next = sortRows(state);
        row.pop_back();
        return next;
      });
    auto placeOf = [&](Value i) {
      SmallVector<Value> place(row);
      place.insert(place.begin() + axis, i);
      return place;
    };
    return b.fold(zero, count, lists, [&](Value i, ValueRange state) {
      Scalar x = b.load(0, placeOf(i));
      // A full list takes only what comes before its last element.
      Value taken = scf::IfOp::create(
                        b.b, b.loc, b.less(i, k),
                        [&](OpBuilder &, Location) {
                          scf::YieldOp::create(b.b, b.loc, Value(arith::ConstantIntOp::create(b.b, b.loc, 1, 1)));
                        },
                        [&](OpBuilder &, Location) {
                          Scalar last = b.load(state[0], type, placeOf(b.sub(k, one)));
                          scf::YieldOp::create(b.b, b.loc, comesBefore(x, last, getLargest(), false).getValue());
                        })
                        .getResult(0);
      auto insert = scf::IfOp::create(
          b.b, b.loc, taken,
          [&](OpBuilder &, Location) {
            scf::YieldOp::create(b.b, b.loc, insertSorted(b, x, i, k, state, getLargest(), placeOf));
          },
          [&](OpBuilder &, Location) { scf::YieldOp::create(b.b, b.loc, state); });
      return llvm::to_vector_of<Value>(insert.getResults());
    });
  };
  SmallVector<Value> lists = sortRows({b.destination(0), b.destination(1)});
  b.setResult(0, lists[0]);
  b.setResult(1, lists[1]);
  return success();
}

} // namespace fsc
