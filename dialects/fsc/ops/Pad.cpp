//===- Pad.cpp - Expand, Tile, Pad, CenterCropPad -------------------------===//
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
// Expand
//===----------------------------------------------------------------------===//

LogicalResult ExpandOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  std::optional<Shape> wanted = shapes.content(getShape());
  // expand.C1: the rank of the shape is known.
  if (!wanted || getShape().getType().getRank() != 1)
    return emitOpError() << "expected a shape operand of rank 1 and known size, got " << getShape().getType();
  // expand.C2: operand and shape broadcast.
  FailureOr<Shape> result = shapes.broadcast(shapes.dims(getInput()), *wanted);
  if (failed(result))
    return emitOpError() << "expected a shape that " << getInput().getType() << " broadcasts with";
  results.push_back(*result);
  return success();
}

std::optional<Shape> ExpandOp::inferContent(ShapeBuilder &shapes, unsigned) {
  auto type = cast<RankedTensorType>(getType());
  std::optional<Shape> data = shapes.content(getInput());
  if (!data || type.getRank() > 1 || !type.hasStaticShape())
    return std::nullopt;
  return data->size() == 1 ? Shape(type.getNumElements(), (*data)[0]) : *data;
}

LogicalResult ExpandOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  std::optional<Shape> wanted = shapes.content(getShape());
  SmallVector<Value> sizes = b.resultDims(0);
  int64_t offset = sizes.size() - wanted->size();
  for (auto [axis, dim] : llvm::enumerate(*wanted)) {
    if (dim.isKnown(1) || (dim.isKnown() && !cast<RankedTensorType>(getType()).isDynamicDim(offset + axis)))
      continue;
    Value size = shapes.materialize(dim), one = b.equal(size, b.index(1));
    b.check(b.pick(one, one, b.equal(size, sizes[offset + axis])),
            "Expand: the operand does not broadcast with the shape");
  }
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) { return b.loadBroadcast(0, at); }));
  return success();
}

//===----------------------------------------------------------------------===//
// Tile
//===----------------------------------------------------------------------===//

LogicalResult TileOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getInput());
  std::optional<Shape> repeats = shapes.content(getRepeats());
  // tile.C1: there is a number of repeats for each dim.
  if (!repeats || repeats->size() != data.size())
    return emitOpError() << "expected " << data.size() << " repeats, got " << getRepeats().getType();
  for (auto [dim, repeat] : llvm::zip(data, *repeats)) {
    // tile.C2: repeats are not negative.
    if (repeat.isKnown() && repeat.get() < 0)
      return emitOpError() << "expected repeats of at least 0, got " << repeat.get();
    dim = dim * repeat;
  }
  results.push_back(data);
  return success();
}

std::optional<Shape> TileOp::inferContent(ShapeBuilder &shapes, unsigned) {
  std::optional<Shape> data = shapes.content(getInput());
  std::optional<SmallVector<int64_t>> repeats = shapes.constants(getRepeats());
  if (!data || !repeats || repeats->size() > 1)
    return std::nullopt;
  Shape result;
  for (int64_t i = 0; i < (repeats->empty() ? 1 : repeats->front()) && result.size() <= 64; ++i)
    result.append(data->begin(), data->end());
  return result;
}

LogicalResult TileOp::lowerToLinalg(LinalgBuilder &b) {
  SmallVector<Value> sizes = b.dims(0);
  auto resultType = cast<RankedTensorType>(getType());
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place(at);
    for (auto [axis, size] : llvm::enumerate(getInput().getType().getShape())) {
      if (size == 1)
        place[axis] = b.index(0);
      else if (ShapedType::isDynamic(size) || size != resultType.getDimSize(axis))
        place[axis] = b.rem(at[axis], sizes[axis]);
    }
    return b.load(0, place);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Pad
//===----------------------------------------------------------------------===//

namespace {

/// The padding before and after each dim of the operand.
FailureOr<SmallVector<std::pair<Dim, Dim>>> readPads(PadOp op, ShapeBuilder &shapes) {
  int64_t rank = op.getData().getType().getRank();
  Shape axes;
  if (op.getAxes()) {
    std::optional<Shape> given = shapes.content(op.getAxes());
    // pad.C1: the number of axes is known.
    if (!given)
      return op.emitOpError() << "expected axes of known number, got " << op.getAxes().getType();
    axes = *given;
  } else {
    for (int64_t axis = 0; axis < rank; ++axis)
      axes.push_back(Dim(axis));
  }
  std::optional<Shape> pads = shapes.content(op.getPads());
  // pad.C2: there are two pads for each axis.
  if (!pads || pads->size() != 2 * axes.size())
    return op.emitOpError() << "expected " << 2 * axes.size() << " pads, got " << op.getPads().getType();
  SmallVector<std::pair<Dim, Dim>> result(rank, {Dim(0), Dim(0)});
  SmallVector<bool> seen(rank, false);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    Dim before = (*pads)[i], after = (*pads)[axes.size() + i];
    std::optional<int64_t> normal = axis.isKnown() ? normalizeAxis(axis.get(), rank) : std::nullopt;
    // pad.C3: axes are in range, and each is listed once.
    if (axis.isKnown() && (!normal || seen[*normal]))
      return op.emitOpError() << "expected different axes in [" << -rank << ", " << rank << "), got " << axis.get();
    if (normal) {
      seen[*normal] = true;
      result[*normal] = {before, after};
      continue;
    }
    // An axis that is not known may be any.
    Dim counted = selectNegative(axis, axis + Dim(rank), axis);
    for (int64_t dim = 0; dim < rank; ++dim)
      result[dim] = {selectEqual(counted, Dim(dim), before, result[dim].first),
                     selectEqual(counted, Dim(dim), after, result[dim].second)};
  }
  return result;
}

/// The index of the element that is at `index` of the padded dim: `index` counts from the first of `size` elements.
Value padIndex(LinalgBuilder &b, StringRef mode, Value index, Value size) {
  Value zero = b.index(0), one = b.index(1);
  auto floorMod = [&](Value x, Value y) {
    Value rest = b.b.createOrFold<arith::RemSIOp>(b.loc, x, y);
    return b.pick(b.less(rest, zero), b.add(rest, y), rest);
  };
  if (mode == "edge")
    return b.maximum(b.minimum(index, b.sub(size, one)), zero);
  if (mode == "wrap")
    return floorMod(index, b.maximum(size, one));
  // Reflection has the period 2 (size - 1); a single element is all there is.
  Value period = b.maximum(b.mul(b.sub(size, one), b.index(2)), one);
  Value place = floorMod(index, period);
  return b.pick(b.less(place, size), place, b.sub(period, place));
}

} // namespace

LogicalResult PadOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // pad.C4: the mode is one that ONNX has.
  if (!llvm::is_contained({"constant", "edge", "reflect", "wrap"}, getMode()))
    return emitOpError() << "expected mode constant, edge, reflect or wrap, got '" << getMode() << "'";
  FailureOr<SmallVector<std::pair<Dim, Dim>>> pads = readPads(*this, shapes);
  if (failed(pads))
    return failure();
  Shape result = shapes.dims(getData());
  for (auto [axis, pad] : llvm::enumerate(*pads)) {
    auto [before, after] = pad;
    bool pads = !before.isKnown(0) || !after.isKnown(0);
    // pad.C5: there is an element to repeat.
    if (pads && getMode() != "constant" && result[axis].isKnown(0))
      return emitOpError() << "expected an element along axis " << axis << " to pad with";
    Dim size = result[axis] + before + after;
    // pad.C6: not more is removed than is there.
    if (size.isKnown() && size.get() < 0)
      return emitOpError() << "expected pads that leave at least 0 elements along axis " << axis << ", got "
                           << size.get();
    result[axis] = pads ? max(size, Dim(0)) : size;
  }
  results.push_back(result);
  return success();
}

LogicalResult PadOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<SmallVector<std::pair<Dim, Dim>>> pads = readPads(*this, shapes);
  if (failed(pads))
    return failure();
  bool isConstant = getMode() == "constant";
  // What is left of the operand along each dim after removal: elements [low, low + size); `before` are then added.
  struct Axis {
    Value low, size, before;
  };
  SmallVector<Axis> axes;
  for (auto [dim, pad] : llvm::zip(shapes.dims(getData()), *pads)) {
    if (pad.first.isKnown(0) && pad.second.isKnown(0)) {
      axes.emplace_back();
      continue;
    }
    Dim low = max(Dim(0) - pad.first, Dim(0)), high = dim - max(Dim(0) - pad.second, Dim(0));
    axes.push_back({shapes.materialize(low), shapes.materialize(max(high - low, Dim(0))),
                    shapes.materialize(max(pad.first, Dim(0)))});
    Dim size = dim + pad.first + pad.second;
    if (!size.isKnown())
      b.check(b.less(b.index(-1), shapes.materialize(size)), "Pad: more is removed than is there");
    if (!isConstant && !(high - low).isKnown())
      b.check(b.less(b.index(0), axes.back().size), "Pad: there is no element to pad with");
  }
  if (getAxes() && !shapes.constants(getAxes()))
    for (Dim axis : Shape(*shapes.content(getAxes())))
      b.check(b.inRange(shapes.materialize(axis), b.index(-b.rank(0)), b.index(b.rank(0))),
              "Pad: an axis is out of range");
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place(at);
    Value inside;
    for (auto [axis, range] : llvm::enumerate(axes)) {
      if (!range.low)
        continue;
      Value index = b.sub(at[axis], range.before);
      Value here = b.inRange(index, b.index(0), range.size);
      inside = inside ? b.both(inside, here) : here;
      place[axis] = b.add(isConstant ? index : padIndex(b, getMode(), index, range.size), range.low);
    }
    if (!isConstant || !inside)
      return b.load(0, place);
    return b.ifElse(
        inside, [&] { return b.load(0, place); },
        [&] {
          if (!getConstantValue())
            return b.constant(0, type);
          SmallVector<Value> first(getConstantValue().getType().getRank(), b.index(0));
          return b.load(b.indexOf(getConstantValue()), first);
        });
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// CenterCropPad
//===----------------------------------------------------------------------===//

/// The wanted size of each dim of the operand.
static FailureOr<Shape> croppedShape(CenterCropPadOp op, ShapeBuilder &shapes) {
  Shape result = shapes.dims(op.getInput());
  int64_t rank = result.size();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (op.getAxes())
    axes.assign(op.getAxes()->begin(), op.getAxes()->end());
  std::optional<Shape> wanted = shapes.content(op.getShape());
  // center_crop_pad.C1: there is a size for each axis.
  if (!wanted || wanted->size() != axes.size())
    return op.emitOpError() << "expected a shape of " << axes.size() << " sizes, got " << op.getShape().getType();
  for (auto [axis, size] : llvm::zip(axes, *wanted)) {
    std::optional<int64_t> normal = normalizeAxis(axis, rank);
    // center_crop_pad.C2: axes are in range and sizes not negative.
    if (!normal || (size.isKnown() && size.get() < 0))
      return op.emitOpError() << "expected axes in [" << -rank << ", " << rank << ") and sizes of at least 0";
    result[*normal] = size;
  }
  return result;
}

LogicalResult CenterCropPadOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> shape = croppedShape(*this, shapes);
  if (succeeded(shape))
    results.push_back(*shape);
  return shape;
}

LogicalResult CenterCropPadOp::lowerToLinalg(LinalgBuilder &b) {
  SmallVector<Value> from = b.dims(0), to = b.resultDims(0);
  Type type = b.elementType(0);
  SmallVector<std::pair<Value, Value>> shifts; // the padding and the cropping before each dim
  for (auto [source, result] : llvm::zip(from, to)) {
    auto half = [&](Value x, Value y) { return b.floorDiv(b.maximum(b.sub(x, y), b.index(0)), b.index(2)); };
    shifts.emplace_back(half(result, source), half(source, result));
  }
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place;
    Value inside;
    for (auto [axis, index] : llvm::enumerate(at)) {
      place.push_back(b.add(b.sub(index, shifts[axis].first), shifts[axis].second));
      Value here = b.inRange(place.back(), b.index(0), from[axis]);
      inside = inside ? b.both(inside, here) : here;
    }
    if (!inside)
      return b.load(0, place);
    return b.ifElse(inside, [&] { return b.load(0, place); }, [&] { return b.constant(0, type); });
  }));
  return success();
}

} // namespace fsc
