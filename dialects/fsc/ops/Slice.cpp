//===- Slice.cpp - Slice and Split ----------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Movement.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

namespace {

/// What is taken along one dim: elements start + i * step for i < size.
struct Cut {
  Dim start, step, size;
};

/// The cut from start to end of a dim of `size` elements, where negative numbers count from the end and what is out of
/// range is clamped.
Cut cutOf(Dim size, Dim start, Dim end, Dim step) {
  auto wrap = [&](Dim at) { return selectNegative(at, at + size, at); };
  auto clamp = [](Dim at, Dim low, Dim high) { return min(max(at, low), high); };
  Dim forwardStart = start.isKnown(0) ? Dim(0) : clamp(wrap(start), Dim(0), size);
  Dim forwardEnd = end.isKnown(INT64_MAX) ? size : clamp(wrap(end), Dim(0), size);
  Dim first = forwardStart, last = forwardEnd;
  if (!step.isKnown() || step.get() < 0) {
    Dim lastIndex = size - Dim(1);
    first = selectNegative(step, clamp(wrap(start), Dim(0), lastIndex), forwardStart);
    last = selectNegative(step, clamp(wrap(end), Dim(-1), lastIndex), forwardEnd);
  }
  return {first, step, max(ceilDiv(last - first, step), Dim(0))};
}

/// One cut for each dim of the operand.
FailureOr<SmallVector<Cut>> readCuts(SliceOp op, ShapeBuilder &shapes) {
  Shape data = shapes.dims(op.getData());
  int64_t rank = data.size();
  std::optional<Shape> starts = shapes.content(op.getStarts()), ends = shapes.content(op.getEnds());
  // slice.C1: starts and ends are lists of one known length.
  if (!starts || !ends || starts->size() != ends->size())
    return op.emitOpError() << "expected starts and ends of one known length, got " << op.getStarts().getType()
                            << " and " << op.getEnds().getType();
  Shape axes, steps(starts->size(), Dim(1));
  if (op.getAxes()) {
    std::optional<Shape> given = shapes.content(op.getAxes());
    axes = given ? *given : Shape();
  } else {
    for (size_t i = 0; i < starts->size(); ++i)
      axes.push_back(Dim(int64_t(i)));
  }
  if (op.getSteps()) {
    std::optional<Shape> given = shapes.content(op.getSteps());
    steps = given ? *given : Shape();
  }
  // slice.C2: there is an axis and a step for each start.
  if (axes.size() != starts->size() || steps.size() != starts->size())
    return op.emitOpError() << "expected " << starts->size() << " axes and steps, got " << axes.size() << " and "
                            << steps.size();
  SmallVector<Cut> cuts;
  for (Dim size : data)
    cuts.push_back({Dim(0), Dim(1), size});
  SmallVector<bool> seen(rank, false);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    // slice.C3: steps are not 0.
    if (steps[i].isKnown(0))
      return op.emitOpError("expected steps other than 0");
    std::optional<int64_t> normal = axis.isKnown() ? normalizeAxis(axis.get(), rank) : std::nullopt;
    // slice.C4: axes are in range, and each is listed once.
    if (axis.isKnown() && (!normal || seen[*normal]))
      return op.emitOpError() << "expected different axes in [" << -rank << ", " << rank << "), got " << axis.get();
    if (normal) {
      seen[*normal] = true;
      cuts[*normal] = cutOf(data[*normal], (*starts)[i], (*ends)[i], steps[i]);
      continue;
    }
    // An axis that is not known may be any.
    Dim counted = selectNegative(axis, axis + Dim(rank), axis);
    for (int64_t dim = 0; dim < rank; ++dim) {
      Cut cut = cutOf(data[dim], (*starts)[i], (*ends)[i], steps[i]), &old = cuts[dim];
      old = {selectEqual(counted, Dim(dim), cut.start, old.start), selectEqual(counted, Dim(dim), cut.step, old.step),
             selectEqual(counted, Dim(dim), cut.size, old.size)};
    }
  }
  return cuts;
}

} // namespace

LogicalResult SliceOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<SmallVector<Cut>> cuts = readCuts(*this, shapes);
  if (failed(cuts))
    return failure();
  results.emplace_back();
  for (const Cut &cut : *cuts)
    results.back().push_back(cut.size);
  return success();
}

std::optional<Shape> SliceOp::inferContent(ShapeBuilder &shapes, unsigned) {
  if (getData().getType().getRank() != 1)
    return std::nullopt;
  ShapeBuilder inference(getLoc());
  FailureOr<SmallVector<Cut>> cuts = readCuts(*this, inference);
  std::optional<Shape> data = shapes.content(getData());
  if (failed(cuts) || !data)
    return std::nullopt;
  Cut cut = cuts->front();
  if (!cut.start.isKnown() || !cut.step.isKnown() || !cut.size.isKnown())
    return std::nullopt;
  Shape result;
  for (int64_t i = 0; i < cut.size.get(); ++i)
    result.push_back((*data)[cut.start.get() + i * cut.step.get()]);
  return result;
}

LogicalResult SliceOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<SmallVector<Cut>> cuts = readCuts(*this, shapes);
  if (failed(cuts))
    return failure();
  SmallVector<std::pair<Value, Value>> ranges;
  for (const Cut &cut : *cuts) {
    ranges.emplace_back(shapes.materialize(cut.start), shapes.materialize(cut.step));
    if (!cut.step.isKnown()) {
      Value backward = b.less(ranges.back().second, b.index(0)), forward = b.less(b.index(0), ranges.back().second);
      b.check(b.pick(backward, backward, forward), "Slice: a step is 0");
    }
  }
  if (getAxes() && !shapes.constants(getAxes()))
    for (Dim axis : Shape(*shapes.content(getAxes())))
      b.check(b.inRange(shapes.materialize(axis), b.index(-b.rank(0)), b.index(b.rank(0))),
              "Slice: an axis is out of range");
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place;
    for (auto [index, range] : llvm::zip(at, ranges))
      place.push_back(b.add(range.first, b.mul(index, range.second)));
    return b.load(0, place);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Split
//===----------------------------------------------------------------------===//

LogicalResult SplitOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getInput());
  std::optional<int64_t> axis = normalizeAxis(getAxis(), data.size());
  // split.C1: the axis is in range.
  if (!axis)
    return emitOpError() << "expected axis in [" << -int64_t(data.size()) << ", " << data.size() << "), got "
                         << int64_t(getAxis());
  Dim size = data[*axis];
  int64_t count = getNumResults();
  // split.C2: num_outputs is the number of results.
  if (count == 0 || (getNumOutputs() && int64_t(*getNumOutputs()) != count))
    return emitOpError() << "expected " << getNumOutputs().value_or(1) << " results, got " << count;
  Shape parts;
  if (getSplit()) {
    std::optional<Shape> given = shapes.content(getSplit());
    // split.C3: there is a size for each result.
    if (!given || int64_t(given->size()) != count)
      return emitOpError() << "expected split of " << count << " sizes, got " << getSplit().getType();
    for (Dim part : *given)
      parts.push_back(max(part, Dim(0)));
  } else {
    // The last part may be smaller.
    Dim chunk = ceilDiv(size, Dim(count));
    for (int64_t i = 0; i + 1 < count; ++i)
      parts.push_back(chunk);
    Dim last = size - chunk * Dim(count - 1);
    // split.C4: every part has a size, and without num_outputs they are equal.
    if (last.isKnown() && (last.get() < 0 || (!getNumOutputs() && last.get() != chunk.get())))
      return emitOpError() << "expected a dim that divides into " << count << " parts, got size " << size.get();
    parts.push_back(max(last, Dim(0)));
  }
  // split.C5: the parts are the whole.
  Dim total(0);
  for (Dim part : parts)
    total = total + part;
  if (total.isKnown() && size.isKnown() && total.get() != size.get())
    return emitOpError() << "expected sizes that sum to " << size.get() << ", got " << total.get();
  for (Dim part : parts) {
    results.push_back(data);
    results.back()[*axis] = part;
  }
  return success();
}

std::optional<Shape> SplitOp::inferContent(ShapeBuilder &shapes, unsigned result) {
  std::optional<Shape> data = shapes.content(getInput());
  if (!data || getInput().getType().getRank() != 1)
    return std::nullopt;
  int64_t start = 0;
  for (unsigned i = 0; i <= result; ++i) {
    auto type = cast<RankedTensorType>(getResult(i).getType());
    if (!type.hasStaticShape() || start + type.getNumElements() > int64_t(data->size()))
      return std::nullopt;
    if (i == result)
      return Shape(data->begin() + start, data->begin() + start + type.getNumElements());
    start += type.getNumElements();
  }
  return std::nullopt;
}

LogicalResult SplitOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  Value size = b.dim(0, axis), start = b.index(0);
  SmallVector<Value> starts;
  for (unsigned i = 0; i < getNumResults(); ++i) {
    starts.push_back(start);
    start = b.add(start, b.resultDims(i)[axis]);
  }
  bool known = !getInput().getType().isDynamicDim(axis) && llvm::all_of(getResultTypes(), [&](Type type) {
    return !cast<RankedTensorType>(type).isDynamicDim(axis);
  });
  if (!known)
    b.check(b.equal(start, size), "Split: the sizes of the parts are not the whole");
  Value last = known ? Value() : b.maximum(b.sub(size, b.index(1)), b.index(0));
  for (unsigned i = 0; i < getNumResults(); ++i)
    b.setResult(i, b.generate(i, [&](ArrayRef<Value> at) {
      SmallVector<Value> place(at);
      place[axis] = b.add(at[axis], starts[i]);
      if (!known)
        place[axis] = b.minimum(place[axis], last);
      return b.load(0, place);
    }));
  return success();
}

} // namespace fsc
