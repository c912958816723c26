//===- Blocks.cpp - Blocks, sequences, triangles, and ops that keep all elements ===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Movement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// DepthToSpace and SpaceToDepth
//===----------------------------------------------------------------------===//

namespace {

template <typename Op>
LogicalResult inferBlocks(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results, bool toSpace) {
  Shape x = shapes.dims(op.getInput());
  int64_t size = op.getBlocksize();
  // blocks.C1: the operand is a batch of images, and blocks have elements.
  if (x.size() != 4 || size < 1 || size > (int64_t(1) << 20))
    return op.emitOpError() << "expected an operand of rank 4 and a positive blocksize, got " << op.getInput().getType()
                            << " and " << size;
  // blocks.C2: the mode is one that ONNX has.
  if (op.getMode() != "DCR" && op.getMode() != "CRD")
    return op.emitOpError() << "expected mode DCR or CRD, got '" << op.getMode() << "'";
  Dim block(size), area(size * size);
  // blocks.C3: what is divided divides.
  auto divides = [](Dim dim, Dim by) { return !dim.isKnown() || dim.get() % by.get() == 0; };
  if (toSpace ? !divides(x[1], area) : !divides(x[2], block) || !divides(x[3], block))
    return op.emitOpError() << "expected " << (toSpace ? "channels" : "spatial sizes") << " that blocks of " << size
                            << " divide, got " << op.getInput().getType();
  if (toSpace)
    results.push_back({x[0], floorDiv(x[1], area), x[2] * block, x[3] * block});
  else
    results.push_back({x[0], x[1] * area, floorDiv(x[2], block), floorDiv(x[3], block)});
  return success();
}

/// The channel of the deep tensor for channel `c` (of `channels`) of the wide one, and place (i, j) of a block.
Value deepChannel(LinalgBuilder &b, bool columnFirst, Value c, Value channels, Value i, Value j, Value block) {
  if (columnFirst)
    return b.add(b.mul(b.add(b.mul(c, block), i), block), j);
  return b.add(b.mul(b.add(b.mul(i, block), j), channels), c);
}

} // namespace

LogicalResult DepthToSpaceOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferBlocks(*this, shapes, results, true);
}

LogicalResult DepthToSpaceOp::lowerToLinalg(LinalgBuilder &b) {
  Value block = b.index(getBlocksize()), channels = b.resultDims(0)[1];
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value c = deepChannel(b, getMode() == "CRD", at[1], channels, b.rem(at[2], block), b.rem(at[3], block), block);
    return b.load(0, {at[0], c, b.floorDiv(at[2], block), b.floorDiv(at[3], block)});
  }));
  return success();
}

LogicalResult SpaceToDepthOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  return inferBlocks(*this, shapes, results, false);
}

LogicalResult SpaceToDepthOp::lowerToLinalg(LinalgBuilder &b) {
  Value block = b.index(getBlocksize()), channels = b.dim(0, 1);
  bool columnFirst = getMode() == "CRD";
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    // (c, i, j) from c * block² + i * block + j, or (i, j, c) from (i * block + j) * channels + c.
    Value rest = at[1], c = Value(), j = Value();
    if (columnFirst) {
      j = b.rem(rest, block), rest = b.floorDiv(rest, block);
      c = b.floorDiv(rest, block), rest = b.rem(rest, block);
    } else {
      c = b.rem(rest, channels), rest = b.floorDiv(rest, channels);
      j = b.rem(rest, block), rest = b.floorDiv(rest, block);
    }
    return b.load(0, {at[0], c, b.add(b.mul(at[2], block), rest), b.add(b.mul(at[3], block), j)});
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// ReverseSequence
//===----------------------------------------------------------------------===//

LogicalResult ReverseSequenceOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getInput()), lengths = shapes.dims(getSequenceLens());
  std::optional<int64_t> batch = normalizeAxis(getBatchAxis(), data.size()),
                         time = normalizeAxis(getTimeAxis(), data.size());
  // reverse_sequence.C1: the axes are in range and differ.
  if (!batch || !time || *batch == *time)
    return emitOpError() << "expected different axes below rank " << data.size() << ", got batch_axis "
                         << int64_t(getBatchAxis()) << " and time_axis " << int64_t(getTimeAxis());
  // reverse_sequence.C2: there is an integer length for each batch entry.
  if (lengths.size() != 1 || !getSequenceLens().getType().getElementType().isInteger() ||
      differ(lengths[0], data[*batch]))
    return emitOpError() << "expected an integer length for each batch entry, got " << getSequenceLens().getType();
  results.push_back(data);
  return success();
}

LogicalResult ReverseSequenceOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t batch = *normalizeAxis(getBatchAxis(), b.rank(0)), time = *normalizeAxis(getTimeAxis(), b.rank(0));
  Value size = b.dim(0, time), entries = b.dim(1, 0), zero = b.index(0);
  bool known = !b.operandType(0).isDynamicDim(batch) && !b.operandType(1).isDynamicDim(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value entry = known ? at[batch] : b.checkIndex(at[batch], entries, "ReverseSequence: a length is missing");
    Value length = b.toIndex(b.load(1, entry));
    b.check(b.inRange(length, zero, b.add(size, b.index(1))), "ReverseSequence: a length is out of range");
    length = b.minimum(length, size);
    SmallVector<Value> place(at);
    Value mirrored = b.sub(b.sub(length, at[time]), b.index(1));
    place[time] = b.pick(b.less(at[time], length), mirrored, at[time]);
    return b.load(0, place);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Trilu
//===----------------------------------------------------------------------===//

LogicalResult TriluOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // trilu.C1: the operand has matrices.
  if (getInput().getType().getRank() < 2)
    return emitOpError() << "expected an operand of rank at least 2, got " << getInput().getType();
  // trilu.C2: k is one integer.
  if (getK() && (!shapes.number(getK()) || !getK().getType().getElementType().isInteger()))
    return emitOpError() << "expected one integer k, got " << getK().getType();
  results.push_back(shapes.dims(getInput()));
  return success();
}

LogicalResult TriluOp::lowerToLinalg(LinalgBuilder &b) {
  Value k = b.index(0);
  if (getK()) {
    SmallVector<Value> first(b.rank(1), k);
    k = b.toIndex(b.load(1, first));
  }
  Scalar zero = b.constant(0, b.elementType(0));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value diagonal = b.sub(at.back(), at[at.size() - 2]);
    Value inside = getUpper() ? b.less(diagonal, k) : b.less(k, diagonal);
    return b.choose(inside, zero, b.load(0, at));
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

/// Whether it is known that all elements stay: training_mode is false or ratio is 0.
static bool dropsNothing(DropoutOp op) {
  ShapeBuilder shapes(op.getLoc());
  std::optional<SmallVector<int64_t>> training = SmallVector<int64_t>{0};
  if (op.getTrainingMode())
    training = shapes.constants(op.getTrainingMode());
  if (training && llvm::all_of(*training, [](int64_t value) { return value == 0; }))
    return true;
  ElementsAttr ratio = op.getRatio() ? getConstant(op.getRatio()) : ElementsAttr();
  auto ratios = ratio ? readFloats(ratio) : std::nullopt;
  return ratios && ratios->size() == 1 && ratios->front() == 0;
}

LogicalResult DropoutOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // dropout.C1: ratio and training_mode are one number each.
  for (Value number : {getRatio(), getTrainingMode()})
    if (number && cast<RankedTensorType>(number.getType()).getRank() != 0 && !shapes.number(number))
      return emitOpError() << "expected one number, got " << number.getType();
  // dropout.C2: the results are the elements and the mask.
  if (getNumResults() < 1 || getNumResults() > 2)
    return emitOpError() << "expected one or two results, got " << getNumResults();
  results.assign(getNumResults(), shapes.dims(getData()));
  return success();
}

StringRef DropoutOp::getRoutine() { return dropsNothing(*this) ? StringRef() : "Dropout"; }

void DropoutOp::getEffects(SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  if (!dropsNothing(*this))
    detail::addDrawEffects(*this, effects);
}

Type DropoutOp::inferElementType(unsigned result) {
  return result == 0 ? getData().getType().getElementType() : IntegerType::get(getContext(), 1);
}

bool DropoutOp::isView() { return getNumResults() == 1 && dropsNothing(*this); }

std::optional<Shape> DropoutOp::inferContent(ShapeBuilder &shapes, unsigned result) {
  return result == 0 && dropsNothing(*this) ? shapes.content(getData()) : std::nullopt;
}

LogicalResult DropoutOp::lowerToLinalg(LinalgBuilder &b) {
  b.setResult(0, b.copyOperand(0, 0));
  if (getNumResults() == 2) {
    Scalar yes = b.constant(1, b.b.getI1Type());
    b.setResult(1, b.generate(1, [&](ArrayRef<Value>) { return yes; }));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// BitCast
//===----------------------------------------------------------------------===//

LogicalResult BitCastOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Type from = getInput().getType().getElementType(), to = inferElementType(0);
  // bit_cast.C1: the types are of one width; a string has no bits.
  if (!to || isa<StringType>(to) || isa<StringType>(from) || elementBits(from) != elementBits(to))
    return emitOpError() << "expected a type of the width of " << from << ", got " << int64_t(getTo());
  results.push_back(shapes.dims(getInput()));
  return success();
}

Type BitCastOp::inferElementType(unsigned) { return typeOfOnnxElement(getContext(), getTo()); }

LogicalResult BitCastOp::lowerToLinalg(LinalgBuilder &b) {
  Type to = inferElementType(0), storage = storageType(to);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value bits = tensor::ExtractOp::create(b.b, b.loc, b.operand(0), at);
    if (bits.getType() != storage)
      bits = arith::BitcastOp::create(b.b, b.loc, storage, bits);
    // Narrow floats stay what they are: a way through f32 would change NaNs.
    return to.isInteger(1) ? b.fromStorage(bits, to) : Scalar(b.b, b.loc, bits, to);
  }));
  return success();
}

} // namespace fsc
