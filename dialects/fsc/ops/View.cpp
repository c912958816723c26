//===- View.cpp - Reshape and its kin -------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Movement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace fsc {

namespace detail {

/// The reference lowering of a view, where one has to be computed: element by element, by flat index.
LogicalResult lowerView(LinalgBuilder &b) {
  SmallVector<Value> from = b.dims(0), to = b.resultDims(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value flat = b.index(0);
    for (auto [index, size] : llvm::zip(at, to))
      flat = b.add(b.mul(flat, size), index);
    SmallVector<Value> place(from.size());
    for (size_t axis = from.size(); axis-- > 0;) {
      place[axis] = axis == 0 ? flat : b.rem(flat, from[axis]);
      flat = b.floorDiv(flat, from[axis]);
    }
    return b.load(0, place);
  }));
  return success();
}

} // namespace detail

/// Whether a size may turn out negative at run time: it does not where it is made of sizes of tensors. Values that
/// `known` has were asked before; arithmetic on very many is taken to be anything.
static bool mayBeNegative(Value size, llvm::SmallDenseMap<Value, bool, 16> &known) {
  constexpr unsigned mostValues = 128;
  APInt constant;
  if (matchPattern(size, m_ConstantInt(&constant)))
    return constant.isNegative();
  Operation *op = size.getDefiningOp();
  if (!op || isa<tensor::DimOp>(op))
    return !op;
  if (auto asked = known.find(size); asked != known.end())
    return asked->second;
  if (known.size() >= mostValues)
    return true;
  known[size] = true;
  auto mayBe = [&](Value value) { return mayBeNegative(value, known); };
  bool result = true;
  if (auto select = dyn_cast<arith::SelectOp>(op))
    result = mayBe(select.getTrueValue()) || mayBe(select.getFalseValue());
  else if (isa<arith::AddIOp, arith::MulIOp, arith::DivSIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::MinSIOp>(
               op))
    result = llvm::any_of(op->getOperands(), mayBe);
  else if (isa<arith::MaxSIOp>(op))
    result = llvm::all_of(op->getOperands(), mayBe);
  return known[size] = result;
}

static bool mayBeNegative(Value size) {
  llvm::SmallDenseMap<Value, bool, 16> known;
  return mayBeNegative(size, known);
}

/// Gives a size that is -1 at run time what the other sizes leave of `total`.
static void inferAtRunTime(Shape &sizes, Dim total) {
  Shape others(sizes);
  SmallVector<size_t> places;
  for (auto [axis, size] : llvm::enumerate(sizes))
    if (!size.isKnown() && size.getValue() && mayBeNegative(size.getValue())) {
      others[axis] = selectEqual(size, Dim(-1), Dim(1), size);
      places.push_back(axis);
    }
  if (places.empty())
    return;
  Dim rest(1);
  for (Dim size : others)
    rest = rest * size;
  Dim inferred = floorDiv(total, rest);
  for (size_t axis : places)
    sizes[axis] = selectEqual(sizes[axis], Dim(-1), inferred, sizes[axis]);
}

LogicalResult ReshapeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData());
  std::optional<Shape> wanted = shapes.content(getShape());
  // reshape.C1: the rank of the result is known.
  if (!wanted || getShape().getType().getRank() != 1)
    return emitOpError() << "expected a shape operand of rank 1 and known size, got " << getShape().getType();
  Shape result;
  int64_t inferred = -1;
  Dim rest(1);
  for (auto [axis, size] : llvm::enumerate(*wanted)) {
    // 0 copies the operand's size, unless allowzero is set; -1 takes what is left.
    if (size.isKnown(-1)) {
      // reshape.C2: at most one size is inferred.
      if (inferred >= 0)
        return emitOpError("expected at most one -1 in the shape");
      inferred = axis;
      result.push_back(Dim(1));
      continue;
    }
    // reshape.C3: sizes are not below -1, and 0 has a dim to copy.
    if (size.isKnown() && size.get() < -1)
      return emitOpError() << "expected sizes of at least -1, got " << size.get();
    if (!getAllowzero() && axis >= data.size() && size.isKnown(0))
      return emitOpError() << "expected a size other than 0 at place " << axis << " beyond the operand's rank";
    bool copies = !getAllowzero() && axis < data.size();
    Dim value = copies ? selectEqual(size, Dim(0), data[axis], size) : size;
    result.push_back(value);
    rest = rest * value;
  }
  Dim total = shapes.product(data);
  if (inferred >= 0) {
    result[inferred] = floorDiv(total, rest);
    // Cancelling what both sides share keeps sizes known that a product with an unknown size would hide.
    Shape left(data), right(result);
    right[inferred] = Dim(1);
    bool cancels = true;
    Dim numerator(1), denominator(1);
    for (Dim &dim : right) {
      if (dim.isKnown()) {
        denominator = denominator * dim;
        continue;
      }
      auto *same = llvm::find_if(left, [&](const Dim &other) { return !other.isKnown() && other == dim; });
      if (same == left.end())
        cancels = false;
      else
        left.erase(same);
    }
    for (const Dim &dim : left) {
      cancels &= dim.isKnown();
      if (dim.isKnown())
        numerator = numerator * dim;
    }
    if (cancels && denominator.get() != 0)
      result[inferred] = floorDiv(numerator, denominator);
  }
  if (inferred < 0)
    inferAtRunTime(result, total);
  // reshape.C4: the number of elements stays.
  Dim count = shapes.product(result);
  if (total.isKnown() && count.isKnown() && total.get() != count.get())
    return emitOpError() << "expected a shape of " << total.get() << " elements, got " << count.get();
  // A size that only the other sizes leave open follows from them.
  results.push_back(result);
  return success();
}

LogicalResult FlattenOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData());
  int64_t rank = data.size(), axis = getAxis();
  // flatten.C1: the axis is in [-rank, rank].
  if (axis < -rank || axis > rank)
    return emitOpError() << "expected axis in [" << -rank << ", " << rank << "], got " << axis;
  axis = axis < 0 ? axis + rank : axis;
  ArrayRef<Dim> dims(data);
  results.push_back({shapes.product(dims.take_front(axis)), shapes.product(dims.drop_front(axis))});
  return success();
}

/// The axes that `axes` lists, as flags over `rank` dims; nothing if they are not known at compile time.
static FailureOr<std::optional<SmallVector<bool>>> listedAxes(Operation *op, ShapeBuilder &shapes, Value axes,
                                                              int64_t rank) {
  std::optional<SmallVector<int64_t>> known = shapes.constants(axes);
  if (!known)
    return std::optional<SmallVector<bool>>();
  SmallVector<bool> listed(rank, false);
  for (int64_t axis : *known) {
    std::optional<int64_t> normal = normalizeAxis(axis, rank);
    // squeeze.C2: axes are in range, and each is listed once.
    if (!normal || listed[*normal])
      return op->emitOpError() << "expected different axes in [" << -rank << ", " << rank << "), got " << axis;
    listed[*normal] = true;
  }
  return std::optional(listed);
}

/// For each of `rank` dims 1 if the axes, known only at run time, list it, else 0.
static FailureOr<Shape> flagAxes(Operation *op, ShapeBuilder &shapes, Value axes, int64_t rank) {
  std::optional<Shape> values = shapes.content(axes);
  // squeeze.C1: the number of axes is known.
  if (!values || cast<RankedTensorType>(axes.getType()).getRank() > 1)
    return op->emitOpError() << "expected axes of known number, got " << axes.getType();
  // squeeze.C5: there are no more axes than dims.
  if (int64_t(values->size()) > rank)
    return op->emitOpError() << "expected at most " << rank << " axes, got " << values->size();
  Shape flags(rank, Dim(0));
  for (int64_t axis = 0; axis < rank; ++axis)
    for (Dim value : *values)
      flags[axis] = selectEqual(value, Dim(axis), Dim(1), selectEqual(value, Dim(axis - rank), Dim(1), flags[axis]));
  return flags;
}

/// The `count` dims of `data` whose flag is 0, in order.
static Shape unflagged(ArrayRef<Dim> data, ArrayRef<Dim> flags, size_t count) {
  Shape result(count, Dim(0));
  Dim place(0);
  for (auto [dim, flag] : llvm::zip(data, flags)) {
    for (auto [index, size] : llvm::enumerate(result)) {
      Dim here = selectEqual(flag, Dim(0), dim, size);
      size = selectEqual(place, Dim(int64_t(index)), here, size);
    }
    place = place + (Dim(1) - flag);
  }
  return result;
}

LogicalResult SqueezeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), result;
  SmallVector<bool> squeezed;
  if (getAxes()) {
    FailureOr<std::optional<SmallVector<bool>>> listed = listedAxes(*this, shapes, getAxes(), data.size());
    if (failed(listed))
      return failure();
    if (!*listed) {
      FailureOr<Shape> flags = flagAxes(*this, shapes, getAxes(), data.size());
      if (failed(flags))
        return failure();
      // That the dims left out are of size 1 is checked with the number of elements.
      results.push_back(unflagged(data, *flags, data.size() - getAxes().getType().getNumElements()));
      return success();
    }
    squeezed = **listed;
  } else {
    for (Dim dim : data) {
      // squeeze.C3: without axes it must be known which sizes are 1.
      if (!dim.isKnown() && getData().getType().isDynamicDim(squeezed.size()))
        return emitOpError("expected axes, or an operand whose sizes are known");
      squeezed.push_back(dim.isKnown(1));
    }
  }
  for (auto [dim, isSqueezed] : llvm::zip(data, squeezed)) {
    // squeeze.C4: a squeezed size is 1.
    if (isSqueezed && dim.isKnown() && dim.get() != 1)
      return emitOpError() << "expected size 1 of a squeezed dim, got " << dim.get();
    if (!isSqueezed)
      result.push_back(dim);
  }
  results.push_back(result);
  return success();
}

LogicalResult UnsqueezeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), result;
  // unsqueeze.C1: the number of axes is known.
  if (!getAxes().getType().hasStaticShape())
    return emitOpError("expected axes of known number");
  int64_t added = getAxes().getType().getNumElements();
  int64_t rank = data.size() + added;
  FailureOr<std::optional<SmallVector<bool>>> listed = listedAxes(*this, shapes, getAxes(), rank);
  if (failed(listed))
    return failure();
  if (!*listed) {
    FailureOr<Shape> flags = flagAxes(*this, shapes, getAxes(), rank);
    if (failed(flags))
      return failure();
    // The result's dim at place i is the operand's one after as many as are kept before it.
    Dim place(0);
    for (Dim flag : *flags) {
      Dim size(1);
      for (auto [index, dim] : llvm::enumerate(data))
        size = selectEqual(place, Dim(int64_t(index)), dim, size);
      result.push_back(selectEqual(flag, Dim(0), size, Dim(1)));
      place = place + (Dim(1) - flag);
    }
    results.push_back(result);
    return success();
  }
  const Dim *next = data.begin();
  for (bool isAdded : **listed)
    result.push_back(isAdded ? Dim(1) : *next++);
  results.push_back(result);
  return success();
}

} // namespace fsc
