//===- Reduce.cpp - Reductions over axes ----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Reduction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc::detail {

namespace {

/// Which axes are reduced.
struct ReducedAxes {
  SmallVector<bool> reduced; // if they are known at compile time
  bool known = true;
  int64_t listed = 0; // how many axes the operand lists, where they are not known
};

FailureOr<ReducedAxes> readAxes(Operation *op, Value data, Value axes, bool noopIfEmpty) {
  int64_t rank = cast<RankedTensorType>(data.getType()).getRank();
  SmallVector<int64_t> listed;
  if (axes) {
    auto type = cast<RankedTensorType>(axes.getType());
    ShapeBuilder inference(op->getLoc());
    std::optional<SmallVector<int64_t>> known = inference.constants(axes);
    // reduce.C1: it is known how many axes there are, and not all are listed twice.
    if (!known && (type.getRank() != 1 || !type.hasStaticShape() || type.getNumElements() > rank))
      return op->emitOpError() << "expected axes of which the number is known, at most " << rank << ", got " << type;
    if (!known)
      return ReducedAxes{{}, false, type.getNumElements()};
    listed = *known;
  }
  ReducedAxes result{SmallVector<bool>(rank, listed.empty() && !noopIfEmpty), true, 0};
  for (int64_t axis : listed) {
    std::optional<int64_t> normal = normalizeAxis(axis, rank);
    // reduce.C2: axes are in range.
    if (!normal)
      return op->emitOpError() << "expected axes in [" << -rank << ", " << rank << "), got " << axis;
    result.reduced[*normal] = true;
  }
  return result;
}

/// The sizes of the result where the axes, different ones, are known only at run time.
Shape inferAtRunTime(ShapeBuilder &shapes, const Shape &data, const Shape &axes, bool keepDims) {
  int64_t rank = data.size();
  SmallVector<Dim> reduced; // 1 or 0
  for (int64_t i = 0; i < rank; ++i) {
    Dim flag(0);
    for (Dim axis : axes)
      flag = selectEqual(axis, Dim(i), Dim(1), selectEqual(axis, Dim(i - rank), Dim(1), flag));
    reduced.push_back(flag);
  }
  Shape result;
  if (keepDims) {
    for (auto [dim, flag] : llvm::zip(data, reduced))
      result.push_back(selectEqual(flag, Dim(1), Dim(1), dim));
    return result;
  }
  // The kept dim number p is the one before which there are p kept ones.
  for (int64_t p = 0; p < rank - int64_t(axes.size()); ++p) {
    Dim kept(0), size(1);
    for (auto [dim, flag] : llvm::zip(data, reduced)) {
      size = selectEqual(flag, Dim(0), selectEqual(kept, Dim(p), dim, size), size);
      kept = kept + Dim(1) - flag;
    }
    result.push_back(size);
  }
  return result;
}

/// The places of the operand that a result element stands for, where the axes are known only at run time.
class RunTimePlaces {
public:
  RunTimePlaces(LinalgBuilder &b, int64_t listed, bool keepDims) : b(b), keepDims(keepDims) {
    int64_t rank = b.rank(0);
    auto equals = [&](Value x, int64_t y) -> Value {
      return arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::eq, x, b.index(y));
    };
    for (int64_t i = 0; i < rank; ++i) {
      Value flag = arith::ConstantIntOp::create(b.b, b.loc, 0, 1);
      for (int64_t j = 0; j < listed; ++j) {
        Value axis = b.toIndex(b.load(1, b.index(j)));
        flag = arith::OrIOp::create(b.b, b.loc, flag, equals(axis, i));
        flag = arith::OrIOp::create(b.b, b.loc, flag, equals(axis, i - rank));
      }
      reduced.push_back(flag);
      sizes.push_back(choose(flag, b.dim(0, i), b.index(1)));
    }
  }

  /// For each dim its size, where it is reduced, or 1.
  ArrayRef<Value> getSizes() const { return sizes; }

  SmallVector<Value> locate(ArrayRef<Value> at, ArrayRef<Value> k) {
    SmallVector<Value> place;
    Value kept = b.index(0);
    for (size_t i = 0; i < sizes.size(); ++i) {
      Value own = keepDims ? at[i] : b.index(0);
      for (size_t p = 0; !keepDims && p < at.size(); ++p)
        own = choose(arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::eq, kept, b.index(p)), at[p], own);
      kept = b.add(kept, choose(reduced[i], b.index(0), b.index(1)));
      // A result of other sizes than the axes imply must not read beyond the operand.
      own = b.minimum(own, b.sub(b.dim(0, i), b.index(1)));
      place.push_back(choose(reduced[i], k[i], own));
    }
    return place;
  }

private:
  Value choose(Value condition, Value x, Value y) { return b.b.createOrFold<arith::SelectOp>(b.loc, condition, x, y); }

  LinalgBuilder &b;
  bool keepDims;
  SmallVector<Value> reduced, sizes;
};

} // namespace

LogicalResult inferReduction(Operation *op, Value data, Value axes, bool keepDims, bool noopIfEmpty,
                             ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<ReducedAxes> which = readAxes(op, data, axes, noopIfEmpty);
  if (failed(which))
    return failure();
  if (!which->known) {
    std::optional<Shape> content = shapes.content(axes);
    if (!content)
      return op->emitOpError() << "expected axes of integers, got " << axes.getType();
    results.push_back(inferAtRunTime(shapes, shapes.dims(data), *content, keepDims));
    return success();
  }
  Shape shape;
  for (auto [dim, isReduced] : llvm::zip(shapes.dims(data), which->reduced)) {
    if (!isReduced)
      shape.push_back(dim);
    else if (keepDims)
      shape.push_back(Dim(1));
  }
  results.push_back(shape);
  return success();
}

LogicalResult lowerReduction(Operation *op, Value axes, bool keepDims, bool noopIfEmpty, LinalgBuilder &b,
                             llvm::function_ref<Scalar(FoldFn, Value)> element) {
  FailureOr<ReducedAxes> which = readAxes(op, op->getOperand(0), axes, noopIfEmpty);
  if (failed(which))
    return failure();
  SmallVector<Value> sizes;
  std::optional<RunTimePlaces> places;
  if (which->known) {
    for (auto [axis, isReduced] : llvm::enumerate(which->reduced))
      if (isReduced)
        sizes.push_back(b.dim(0, axis));
  } else {
    places.emplace(b, which->listed, keepDims);
    llvm::append_range(sizes, places->getSizes());
  }
  Value count = b.index(1);
  for (Value size : sizes)
    count = b.mul(count, size);
  auto locate = [&](ArrayRef<Value> at, ArrayRef<Value> k) {
    if (places)
      return places->locate(at, k);
    SmallVector<Value> place;
    unsigned nextKept = 0, nextReduced = 0;
    for (bool isReduced : which->reduced) {
      place.push_back(isReduced ? k[nextReduced++] : at[nextKept]);
      if (!isReduced || keepDims)
        ++nextKept;
    }
    return place;
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    auto fold = [&](Scalar init, llvm::function_ref<Scalar(Scalar, Scalar)> step) {
      return b.loops(sizes, init, [&](ArrayRef<Value> k, Scalar state) {
        return step(state, cast(b.load(0, locate(at, k)), state.getType()));
      });
    };
    return element(fold, count);
  }));
  return success();
}

LogicalResult lowerReduction(Operation *op, Value data, Value axes, bool keepDims, bool noopIfEmpty, LinalgBuilder &b,
                             llvm::function_ref<Scalar(Scalar)> start, llvm::function_ref<Scalar(Scalar, Scalar)> step,
                             llvm::function_ref<Scalar(Scalar, Scalar)> last) {
  Type type = b.elementType(0);
  return lowerReduction(op, axes, keepDims, noopIfEmpty, b, [&](FoldFn fold, Value count) {
    Scalar state = fold(start(b.constant(0, type)), step);
    return cast(last(state, b.fromIndex(count, state.getType())), computeType(type));
  });
}

} // namespace fsc::detail

namespace fsc {

Anchor ReduceLogSumExpOp::getAnchor() { return Anchor::reduction; }
double ReduceLogSumExpOp::countFlops() { return 20 * detail::countElements(getData()); }

LogicalResult ReduceLogSumExpOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // reduce_log_sum_exp.C1: elements are floats.
  if (!isa<FloatType>(getData().getType().getElementType()))
    return emitOpError() << "expected float elements, got " << getData().getType();
  return detail::inferReduction(*this, getData(), getAxes(), getKeepdims(), getNoopWithEmptyAxes(), shapes, results);
}

LogicalResult ReduceLogSumExpOp::lowerToLinalg(LinalgBuilder &b) {
  return detail::lowerReduction(
      *this, getAxes(), getKeepdims(), getNoopWithEmptyAxes(), b, [&](detail::FoldFn fold, Value) {
        Scalar zero = b.constant(0, b.elementType(0));
        Scalar largest = fold(zero.infinity(true), [](Scalar r, Scalar a) { return fsc::max(r, a); });
        // An infinite maximum would make every difference NaN.
        Scalar isFinite = fsc::abs(largest) < zero.infinity();
        Scalar shift = select(isFinite, largest, zero);
        Scalar sum = fold(asSum(zero), [&](Scalar r, Scalar a) {
          return r + cast(fsc::exp(cast(a, shift.getType()) - shift), r.getType());
        });
        return fsc::log(cast(sum, shift.getType())) + shift;
      });
}

} // namespace fsc
