//===- ConvTranspose.cpp - ConvTranspose, Col2Im, MaxUnpool ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Convolution.h"
#include "dialects/fsc/ops/Indexing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

/// How a transposed convolution spreads over its output.
struct Spread {
  Window window;
  SmallVector<int64_t> outputPadding;
  SmallVector<int64_t> outputShape; // empty if it follows
  bool same = false;
  bool sameUpper = false;

  Dim outputSize(size_t axis, Dim input) const {
    if (!outputShape.empty())
      return Dim(outputShape[axis]);
    Dim stride(window.strides[axis]);
    if (same)
      return input * stride;
    int64_t more = outputPadding[axis] + window.extent(axis) - window.padsBegin[axis] - window.padsEnd[axis];
    return (input - Dim(1)) * stride + Dim(more);
  }

  /// What is cut off in front; may be negative.
  Dim padBegin(size_t axis, Dim input) const {
    if (outputShape.empty() && !same)
      return Dim(window.padsBegin[axis]);
    Dim stride(window.strides[axis]);
    Dim total = (input - Dim(1)) * stride + Dim(outputPadding[axis] + window.extent(axis)) - outputSize(axis, input);
    if (outputShape.empty())
      total = Dim(outputPadding[axis] + window.extent(axis) - window.strides[axis]);
    Dim half = floorDiv(total, Dim(2));
    return sameUpper ? half : total - half;
  }
};

FailureOr<Spread> readSpread(ConvTransposeOp op) {
  RankedTensorType wType = op.getW().getType();
  SmallVector<int64_t> kernel(wType.getShape().drop_front(2));
  if (op.getKernelShape())
    kernel = SmallVector<int64_t>(*op.getKernelShape());
  // conv_transpose.C1: the filter's sizes are known, and those of kernel_shape.
  bool legal = kernel.size() + 2 == size_t(wType.getRank());
  for (size_t axis = 0; legal && axis < kernel.size(); ++axis)
    legal = !ShapedType::isDynamic(kernel[axis]) &&
            (wType.isDynamicDim(2 + axis) || wType.getDimSize(2 + axis) == kernel[axis]);
  if (!legal)
    return op.emitOpError() << "expected a filter of known spatial sizes, and the same kernel_shape, got " << wType;
  StringRef autoPad = op.getAutoPad();
  if (!llvm::is_contained({"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER", ""}, autoPad))
    return op.emitOpError() << "expected auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER, got '" << autoPad << "'";
  Spread spread;
  spread.same = autoPad.starts_with("SAME");
  spread.sameUpper = autoPad == "SAME_UPPER";
  bool explicitPads = autoPad == "NOTSET" || autoPad.empty();
  FailureOr<Window> window = readWindow(op, kernel, "NOTSET", explicitPads ? op.getPads() : std::nullopt,
                                        op.getStrides(), op.getDilations(), false);
  if (failed(window))
    return failure();
  spread.window = *window;
  spread.outputPadding.assign(kernel.size(), 0);
  if (op.getOutputPadding())
    spread.outputPadding = SmallVector<int64_t>(*op.getOutputPadding());
  if (op.getOutputShape())
    spread.outputShape = SmallVector<int64_t>(*op.getOutputShape());
  // conv_transpose.C2: output_padding and output_shape have a number for each spatial dim.
  constexpr int64_t limit = int64_t(1) << 30;
  auto isLegal = [&](ArrayRef<int64_t> values) {
    return values.size() == kernel.size() && llvm::all_of(values, [&](int64_t v) { return v >= 0 && v <= limit; });
  };
  if (!isLegal(spread.outputPadding) || (!spread.outputShape.empty() && !isLegal(spread.outputShape)))
    return op.emitOpError() << "expected " << kernel.size() << " sizes in output_padding and output_shape";
  return spread;
}

} // namespace

//===----------------------------------------------------------------------===//
// ConvTranspose
//===----------------------------------------------------------------------===//

LogicalResult ConvTransposeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX()), w = shapes.dims(getW());
  // conv_transpose.C3: x and w have one rank, at least 3.
  if (x.size() < 3 || w.size() != x.size())
    return emitOpError() << "expected operands of one rank, at least 3, got " << getX().getType() << " and "
                         << getW().getType();
  FailureOr<Spread> spread = readSpread(*this);
  if (failed(spread))
    return failure();
  int64_t group = getGroup();
  // conv_transpose.C4: there is a filter for each channel, and the groups divide the channels.
  if (group < 1 || differ(x[1], w[0]) || (x[1].isKnown() && x[1].get() % group != 0))
    return emitOpError() << "expected a filter for each channel, in " << group << " groups, got " << getX().getType()
                         << " and " << getW().getType();
  Dim channels = w[1] * Dim(group);
  // conv_transpose.C5: one bias per output channel.
  if (getB()) {
    Shape bias = shapes.dims(getB());
    if (bias.size() != 1 || differ(bias[0], channels))
      return emitOpError() << "expected a bias with one element per output channel, got " << getB().getType();
  }
  Shape y = {x[0], channels};
  for (size_t axis = 0; axis < spread->window.rank(); ++axis) {
    Dim size = spread->outputSize(axis, x[2 + axis]);
    // conv_transpose.C6: the padding leaves an output.
    if (size.isKnown() && size.get() < 0)
      return emitOpError() << "expected an output along spatial dim " << axis << ", got size " << size.get();
    y.push_back(max(size, Dim(0)));
  }
  results.push_back(y);
  return success();
}

FailureOr<SmallVector<ConvTransposeOp::Cut>> ConvTransposeOp::getCuts() {
  FailureOr<Spread> spread = readSpread(*this);
  if (failed(spread))
    return failure();
  ShapeBuilder shapes(getLoc());
  Shape x = shapes.dims(getX());
  SmallVector<Cut> cuts;
  for (size_t axis = 0; axis < spread->window.rank(); ++axis) {
    int64_t stride = spread->window.strides[axis];
    Cut cut{stride, spread->window.dilations[axis], 0, 0};
    // Only an output shape makes the padding depend on the operand's size.
    if (!x[2 + axis].isKnown() && !spread->outputShape.empty())
      return failure();
    Dim size = x[2 + axis].isKnown() ? x[2 + axis] : Dim(1);
    cut.before = spread->padBegin(axis, size).get();
    cut.after =
        (size.get() - 1) * stride + spread->window.extent(axis) - cut.before - spread->outputSize(axis, size).get();
    cuts.push_back(cut);
  }
  return cuts;
}

double ConvTransposeOp::countFlops() {
  double taps = 2 * detail::countElements(getX());
  for (int64_t size : getW().getType().getShape().drop_front(1))
    taps *= double(std::max<int64_t>(size, 1));
  return taps;
}

LogicalResult ConvTransposeOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Spread> spread = readSpread(*this);
  if (failed(spread))
    return failure();
  const Window &window = spread->window;
  ShapeBuilder shapes = b.shapes();
  Shape xDims = shapes.dims(getX());
  SmallVector<Value> x = b.dims(0), pads;
  Value perGroup = b.dim(1, 1), channels = b.floorDiv(x[1], b.index(getGroup())), zero = b.index(0);
  for (size_t axis = 0; axis < window.rank(); ++axis)
    pads.push_back(shapes.materialize(spread->padBegin(axis, xDims[2 + axis])));
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value group = b.floorDiv(at[1], perGroup), filter = b.rem(at[1], perGroup);
    Value firstChannel = b.mul(group, channels);
    // Element p of the uncut output gets x[(p - k * dilation) / stride] * w[k] for each k where the division leaves no
    // rest. Without dilation these are k = rest + j * stride and x[quotient - j], for p = quotient * stride + rest.
    SmallVector<Value> sizes = {channels}, uncut, quotients, rests;
    for (size_t axis = 0; axis < window.rank(); ++axis) {
      Value stride = b.index(window.strides[axis]), kernel = b.index(window.kernel[axis]);
      uncut.push_back(b.add(at[2 + axis], pads[axis]));
      quotients.push_back(b.b.createOrFold<arith::FloorDivSIOp>(b.loc, uncut.back(), stride));
      rests.push_back(b.sub(uncut.back(), b.mul(quotients.back(), stride)));
      Value taps = b.floorDiv(b.add(b.sub(kernel, rests.back()), b.index(window.strides[axis] - 1)), stride);
      sizes.push_back(window.dilations[axis] == 1 ? taps : kernel);
    }
    Scalar init = getB() ? b.load(2, at[1]) : b.constant(0, type);
    return b.loops(sizes, init, [&](ArrayRef<Value> k, Scalar sum) {
      Value channel = b.add(firstChannel, k[0]), inside;
      SmallVector<Value> place = {at[0], channel}, tap = {channel, filter};
      for (size_t axis = 0; axis < window.rank(); ++axis) {
        Value stride = b.index(window.strides[axis]), j = k[1 + axis], here;
        if (window.dilations[axis] == 1) {
          tap.push_back(b.add(rests[axis], b.mul(j, stride)));
          place.push_back(b.sub(quotients[axis], j));
          here = b.inRange(place.back(), zero, x[2 + axis]);
        } else {
          Value position = b.sub(uncut[axis], b.mul(j, b.index(window.dilations[axis])));
          tap.push_back(j);
          place.push_back(b.floorDiv(position, stride));
          here = b.both(b.inRange(position, zero, b.mul(x[2 + axis], stride)), b.equal(b.rem(position, stride), zero));
        }
        inside = inside ? b.both(inside, here) : here;
      }
      return b.ifElse(inside, [&] { return sum + b.load(0, place) * b.load(1, tap); }, [&] { return sum; });
    });
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Col2Im
//===----------------------------------------------------------------------===//

namespace {

/// The window of a Col2Im, its kernel sizes set to 1: they are in `block`.
struct Columns {
  Window window;
  Shape image, block, counts;
};

FailureOr<Columns> readColumns(Col2ImOp op, ShapeBuilder &shapes) {
  std::optional<Shape> image = shapes.content(op.getImageShape()), block = shapes.content(op.getBlockShape());
  // col2_im.C1: image and block have one known rank.
  if (!image || !block || image->size() != block->size() || image->empty())
    return op.emitOpError() << "expected image_shape and block_shape of one known length, got "
                            << op.getImageShape().getType() << " and " << op.getBlockShape().getType();
  SmallVector<int64_t> ones(image->size(), 1);
  FailureOr<Window> window = readWindow(op, ones, "NOTSET", op.getPads(), op.getStrides(), op.getDilations(), false);
  if (failed(window))
    return failure();
  Columns columns{*window, *image, *block, {}};
  for (size_t axis = 0; axis < image->size(); ++axis) {
    Dim extent = ((*block)[axis] - Dim(1)) * Dim(window->dilations[axis]) + Dim(1);
    Dim room = (*image)[axis] + Dim(window->padsBegin[axis] + window->padsEnd[axis]) - extent;
    columns.counts.push_back(max(floorDiv(room, Dim(window->strides[axis])) + Dim(1), Dim(0)));
    // col2_im.C2: sizes are positive.
    if (((*image)[axis].isKnown() && (*image)[axis].get() < 0) ||
        ((*block)[axis].isKnown() && (*block)[axis].get() < 1))
      return op.emitOpError("expected an image_shape and block_shape of positive sizes");
  }
  return columns;
}

} // namespace

LogicalResult Col2ImOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getInput());
  FailureOr<Columns> columns = readColumns(*this, shapes);
  if (failed(columns))
    return failure();
  Dim taps = shapes.product(columns->block), blocks = shapes.product(columns->counts);
  // col2_im.C3: the operand is [N, C * taps, blocks].
  if (x.size() != 3 || differ(x[2], blocks) || (x[1].isKnown() && taps.isKnown() && x[1].get() % taps.get() != 0))
    return emitOpError() << "expected an operand of a batch of " << taps.getStatic() << " elements for each of "
                         << blocks.getStatic() << " blocks, got " << getInput().getType();
  Shape y = {x[0], floorDiv(x[1], taps)};
  for (Dim size : columns->image)
    y.push_back(max(size, Dim(0)));
  results.push_back(y);
  return success();
}

LogicalResult Col2ImOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<Columns> columns = readColumns(*this, shapes);
  if (failed(columns))
    return failure();
  const Window &window = columns->window;
  Dim allTaps = shapes.product(columns->block), allBlocks = shapes.product(columns->counts);
  SmallVector<Value> block = shapes.materialize(columns->block), counts = shapes.materialize(columns->counts);
  Value taps = shapes.materialize(allTaps), zero = b.index(0);
  Value legal = b.both(b.equal(b.dim(0, 2), shapes.materialize(allBlocks)), b.less(zero, taps));
  if (!allTaps.isKnown() || !allBlocks.isKnown() || !getInput().getType().hasStaticShape())
    b.check(legal, "Col2Im: the operand does not have the elements of the blocks");
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    return b.loops(block, b.constant(0, type), [&](ArrayRef<Value> k, Scalar sum) {
      Value inside = legal, tap = zero, column = zero;
      for (size_t axis = 0; axis < window.rank(); ++axis) {
        Value stride = b.index(window.strides[axis]);
        Value position = b.sub(b.add(at[2 + axis], b.index(window.padsBegin[axis])),
                               b.mul(k[axis], b.index(window.dilations[axis])));
        inside = b.both(inside, b.inRange(position, zero, b.mul(counts[axis], stride)));
        inside = b.both(inside, b.equal(b.rem(position, stride), zero));
        tap = b.add(b.mul(tap, block[axis]), k[axis]);
        column = b.add(b.mul(column, counts[axis]), b.floorDiv(position, stride));
      }
      SmallVector<Value> place = {at[0], b.add(b.mul(at[1], taps), tap), column};
      return b.ifElse(inside, [&] { return sum + b.load(0, place); }, [&] { return sum; });
    });
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// MaxUnpool
//===----------------------------------------------------------------------===//

/// The shape that the indices are about: the pool's operand's, as far as it follows from the result's.
static FailureOr<Shape> pooledShape(MaxUnpoolOp op, ShapeBuilder &shapes) {
  FailureOr<Window> window =
      readWindow(op, op.getKernelShape(), "NOTSET", op.getPads(), op.getStrides(), std::nullopt, false);
  Shape x = shapes.dims(op.getX());
  if (failed(window))
    return failure();
  // max_unpool.C1: there is a kernel size for each spatial dim.
  if (x.size() != window->rank() + 2)
    return op.emitOpError() << "expected kernel_shape of " << int64_t(x.size()) - 2 << " sizes, got " << window->rank();
  for (size_t axis = 0; axis < window->rank(); ++axis) {
    int64_t more = window->kernel[axis] - window->padsBegin[axis] - window->padsEnd[axis];
    x[2 + axis] = max((x[2 + axis] - Dim(1)) * Dim(window->strides[axis]) + Dim(more), Dim(0));
  }
  return x;
}

LogicalResult MaxUnpoolOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Shape> shape = pooledShape(*this, shapes);
  if (failed(shape))
    return failure();
  // max_unpool.C2: there is an integer index for each element.
  Shape x = shapes.dims(getX()), indices = shapes.dims(getIndices());
  bool legal = x.size() == indices.size() && getIndices().getType().getElementType().isInteger();
  for (size_t i = 0; legal && i < x.size(); ++i)
    legal = !differ(x[i], indices[i]);
  if (!legal)
    return emitOpError() << "expected an integer index for each element, got " << getOperandTypes();
  if (getOutputShape()) {
    std::optional<Shape> wanted = shapes.content(getOutputShape());
    // max_unpool.C3: output_shape has a size for each dim.
    if (!wanted || wanted->size() != x.size())
      return emitOpError() << "expected output_shape of " << x.size() << " sizes, got " << getOutputShape().getType();
    shape = *wanted;
  }
  results.push_back(*shape);
  return success();
}

LogicalResult MaxUnpoolOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<Shape> shape = pooledShape(*this, shapes);
  if (failed(shape))
    return failure();
  SmallVector<Value> pooled = shapes.materialize(*shape), sizes = b.resultDims(0), x = b.dims(0), indices = b.dims(1);
  Type type = b.elementType(0);
  Value zero = b.index(0), one = b.index(1), total = one, count = one;
  for (auto [size, wanted] : llvm::zip(pooled, sizes)) {
    total = b.mul(total, size);
    count = b.mul(count, wanted);
  }
  constexpr const char *message = "MaxUnpool: an index is out of range";
  Value legal = b.less(zero, count);
  if (!b.operandType(0).hasStaticShape() || !b.operandType(1).hasStaticShape())
    for (auto [size, other] : llvm::zip(x, indices)) {
      b.check(b.equal(size, other), "MaxUnpool: there is not an index for each element");
      legal = b.both(legal, b.equal(size, other));
    }
  Value result = b.fill(b.destination(0), b.constant(0, type));
  auto update = [&](ArrayRef<Value> at, Value tensor) {
    Value rest = b.checkIndex(b.toIndex(b.load(1, at)), total, message);
    SmallVector<Value> place(pooled.size());
    for (size_t axis = pooled.size(); axis-- > 0;) {
      Value size = b.maximum(pooled[axis], one);
      place[axis] = b.checkIndex(b.rem(rest, size), sizes[axis], message);
      rest = b.floorDiv(rest, size);
    }
    return b.store(b.load(0, at), type, tensor, place);
  };
  b.setResult(0, b.fold(zero, b.pick(legal, one, zero), result,
                        [&](Value, ValueRange state) { return SmallVector<Value>{b.update(state[0], x, update)}; })[0]);
  return success();
}

} // namespace fsc
