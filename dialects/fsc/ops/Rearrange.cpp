//===- Rearrange.cpp - Transpose, Concat, Gather, Shape -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Movement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

/// The dims [first, last) that start and end select, clamped as in Python.
static std::pair<int64_t, int64_t> selectedDims(ShapeOp op) {
  int64_t rank = op.getData().getType().getRank();
  auto clamp = [&](int64_t value) { return std::clamp<int64_t>(value < 0 ? value + rank : value, 0, rank); };
  int64_t first = clamp(op.getStart()), last = op.getEnd() ? clamp(*op.getEnd()) : rank;
  return {first, std::max(first, last)};
}

LogicalResult ShapeOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  auto [first, last] = selectedDims(*this);
  results.push_back({Dim(last - first)});
  return success();
}

Type ShapeOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }

std::optional<Shape> ShapeOp::inferContent(ShapeBuilder &shapes, unsigned) {
  auto [first, last] = selectedDims(*this);
  Shape dims = shapes.dims(getData());
  return Shape(dims.begin() + first, dims.begin() + last);
}

LogicalResult ShapeOp::lowerToLinalg(LinalgBuilder &b) {
  auto [first, last] = selectedDims(*this);
  b.setResult(0, b.generate(0, [&, first = first, last = last](ArrayRef<Value> at) {
    Value size = b.index(0);
    for (int64_t axis = last; axis-- > first;) {
      Value here = arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::eq, at[0], b.index(axis - first));
      size = arith::SelectOp::create(b.b, b.loc, here, b.dim(0, axis), size);
    }
    return b.fromIndex(size, b.b.getI64Type());
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Transpose
//===----------------------------------------------------------------------===//

SmallVector<int64_t> TransposeOp::getPermutation() {
  if (getPerm())
    return SmallVector<int64_t>(*getPerm());
  int64_t rank = getData().getType().getRank();
  SmallVector<int64_t> reversed;
  for (int64_t axis = rank; axis-- > 0;)
    reversed.push_back(axis);
  return reversed;
}

LogicalResult TransposeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), result;
  SmallVector<int64_t> permutation = getPermutation();
  // transpose.C1: perm lists every dim once.
  SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  bool legal = sorted.size() == data.size();
  for (auto [axis, value] : llvm::enumerate(sorted))
    legal &= value == int64_t(axis);
  if (!legal)
    return emitOpError() << "expected perm to list each of " << data.size() << " dims once";
  for (int64_t axis : permutation)
    result.push_back(data[axis]);
  results.push_back(result);
  return success();
}

LogicalResult TransposeOp::lowerToLinalg(LinalgBuilder &b) {
  SmallVector<int64_t> permutation = getPermutation();
  SmallVector<AffineExpr> exprs(permutation.size());
  for (auto [axis, source] : llvm::enumerate(permutation))
    exprs[source] = b.b.getAffineDimExpr(axis);
  AffineMap map = AffineMap::get(permutation.size(), 0, exprs, b.b.getContext());
  Type type = b.elementType(0);
  b.setResult(0, b.map(b.destination(0), type, b.operand(0), type, map, [](ArrayRef<Scalar> args) { return args[0]; }));
  return success();
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // concat.C1: there is at least one operand.
  if (getOperands().empty())
    return emitOpError("expected at least one operand");
  Shape result = shapes.dims(getOperand(0));
  std::optional<int64_t> axis = normalizeAxis(getAxis(), result.size());
  // concat.C2: the axis is in range.
  if (!axis)
    return emitOpError() << "expected axis in [" << -int64_t(result.size()) << ", " << result.size() << "), got "
                         << int64_t(getAxis());
  for (Value operand : getOperands().drop_front()) {
    Shape shape = shapes.dims(operand);
    // concat.C3: operands agree in all other dims and in the element type.
    bool same = shape.size() == result.size() && cast<ShapedType>(operand.getType()).getElementType() ==
                                                     cast<ShapedType>(getOperand(0).getType()).getElementType();
    for (size_t i = 0; same && i < shape.size(); ++i) {
      if (int64_t(i) == *axis)
        result[i] = result[i] + shape[i];
      else if (same = !differ(result[i], shape[i]); same && shape[i].isKnown())
        result[i] = shape[i];
    }
    if (!same)
      return emitOpError() << "expected operands that differ only along axis " << *axis << ", got "
                           << getOperandTypes();
  }
  results.push_back(result);
  return success();
}

std::optional<Shape> ConcatOp::inferContent(ShapeBuilder &shapes, unsigned) {
  Shape result;
  for (Value operand : getOperands()) {
    std::optional<Shape> content = shapes.content(operand);
    if (!content)
      return std::nullopt;
    result.append(content->begin(), content->end());
  }
  return result;
}

LogicalResult ConcatOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  SmallVector<Value> starts = {b.index(0)};
  for (unsigned i = 0; i < b.getNumOperands(); ++i)
    starts.push_back(b.add(starts.back(), b.dim(i, axis)));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    std::function<Scalar(unsigned)> from = [&](unsigned i) -> Scalar {
      SmallVector<Value> place(at);
      place[axis] = b.sub(at[axis], starts[i]);
      if (i + 1 == b.getNumOperands())
        return b.load(i, place);
      Value here = arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::slt, at[axis], starts[i + 1]);
      return b.ifElse(here, [&] { return b.load(i, place); }, [&] { return from(i + 1); });
    };
    return from(0);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Gather
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), indices = shapes.dims(getIndices());
  std::optional<int64_t> axis = normalizeAxis(getAxis(), data.size());
  // gather.C1: the axis is in range.
  if (!axis)
    return emitOpError() << "expected axis in [" << -int64_t(data.size()) << ", " << data.size() << "), got "
                         << int64_t(getAxis());
  // gather.C2: indices are integers.
  if (!getIndices().getType().getElementType().isInteger())
    return emitOpError() << "expected integer indices, got " << getIndices().getType();
  Shape result(data.begin(), data.begin() + *axis);
  result.append(indices.begin(), indices.end());
  result.append(data.begin() + *axis + 1, data.end());
  results.push_back(result);
  return success();
}

std::optional<Shape> GatherOp::inferContent(ShapeBuilder &shapes, unsigned) {
  std::optional<Shape> data = shapes.content(getData());
  std::optional<SmallVector<int64_t>> indices = shapes.constants(getIndices());
  if (!data || !indices || getData().getType().getRank() != 1)
    return std::nullopt;
  Shape result;
  for (int64_t index : *indices) {
    std::optional<int64_t> normal = normalizeAxis(index, data->size());
    if (!normal)
      return std::nullopt;
    result.push_back((*data)[*normal]);
  }
  return result;
}

LogicalResult GatherOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0)), indicesRank = b.rank(1);
  Value size = b.dim(0, axis);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value index = b.toIndex(b.load(1, at.slice(axis, indicesRank)));
    SmallVector<Value> place(at.take_front(axis));
    place.push_back(b.checkIndex(index, size, "Gather: an index is out of range"));
    llvm::append_range(place, at.drop_front(axis + indicesRank));
    return b.load(0, place);
  }));
  return success();
}

} // namespace fsc
