//===- Fourier.cpp - DFT and STFT -----------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sums straight from the definition, in f64. Angles are reduced to one turn by
// integer arithmetic, so that long transforms stay exact. The inverse of a whole
// spectrum is a routine, which says why.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Fourier.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

#include <numbers>

using namespace mlir;

namespace fsc {

namespace {

/// cos and sin of 2 pi (k n mod length) / length.
std::pair<Scalar, Scalar> turn(LinalgBuilder &b, Value k, Value n, Value length) {
  Type f64 = b.b.getF64Type();
  Scalar part = b.fromIndex(b.rem(b.mul(k, n), length), f64) / b.fromIndex(length, f64);
  Scalar angle = part * part.like(2 * std::numbers::pi);
  return {fsc::cos(angle), fsc::sin(angle)};
}

/// The real (part 0) or imaginary (part 1) part of (re + i im) (cos ± i sin).
Scalar rotate(LinalgBuilder &b, Value part, Scalar re, Scalar im, std::pair<Scalar, Scalar> by, bool forward) {
  auto [cosine, sine] = by;
  if (!forward)
    sine = -sine;
  return b.choose(b.equal(part, b.index(0)), re * cosine + im * sine, im * cosine - re * sine);
}

} // namespace

//===----------------------------------------------------------------------===//
// DFT
//===----------------------------------------------------------------------===//

namespace {

struct Transform {
  Dim axis, length;
  SmallVector<Dim> sizes; // of the operand, without the last dim
};

FailureOr<Transform> readTransform(DFTOp op, ShapeBuilder &shapes) {
  Shape x = shapes.dims(op.getInput());
  int64_t rank = x.size();
  // dft.C1: the last dim has real numbers, or real and imaginary parts, of floats.
  if (!isa<FloatType>(op.getInput().getType().getElementType()) || rank < 2 ||
      !(x.back().isKnown(1) || x.back().isKnown(2)))
    return op.emitOpError() << "expected floats in a last dim of 1 or 2, got " << op.getInput().getType();
  std::optional<Dim> axis = op.getAxis() ? shapes.number(op.getAxis()) : Dim(-2);
  // dft.C2: the axis is one number, in range, and not that of real and imaginary parts.
  if (!axis || (axis->isKnown() && normalizeAxis(axis->get(), rank).value_or(rank - 1) == rank - 1))
    return op.emitOpError() << "expected an axis before the last of " << rank;
  Dim counted = selectNegative(*axis, *axis + Dim(rank), *axis);
  Dim size = x[0];
  for (int64_t dim = 1; dim + 1 < rank; ++dim)
    size = selectEqual(counted, Dim(dim), x[dim], size);
  std::optional<Dim> length = op.getInverse() && op.getOnesided() ? (size - Dim(1)) * Dim(2) : size;
  if (op.getDftLength())
    length = shapes.number(op.getDftLength());
  // dft.C3: dft_length is one positive number.
  if (!length || (op.getDftLength() && length->isKnown() && length->get() < 1))
    return op.emitOpError() << "expected one positive dft_length, got " << op.getDftLength().getType();
  return Transform{counted, max(*length, Dim(op.getDftLength() ? 1 : 0)),
                   SmallVector<Dim>(ArrayRef<Dim>(x).drop_back())};
}

} // namespace

LogicalResult DFTOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Transform> transform = readTransform(*this, shapes);
  if (failed(transform))
    return failure();
  Dim bins = transform->length;
  if (getOnesided() && !getInverse())
    bins = floorDiv(bins, Dim(2)) + Dim(1);
  results.emplace_back();
  for (auto [dim, size] : llvm::enumerate(transform->sizes))
    results.back().push_back(selectEqual(transform->axis, Dim(int64_t(dim)), bins, size));
  results.back().push_back(Dim(getInverse() && getOnesided() ? 1 : 2));
  return success();
}

StringRef DFTOp::getRoutine() { return getInverse() && !getOnesided() ? onnx.name : StringRef(); }

LogicalResult DFTOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<Transform> transform = readTransform(*this, shapes);
  if (failed(transform))
    return failure();
  Value zero = b.index(0), one = b.index(1), two = b.index(2), axis = shapes.materialize(transform->axis);
  Value length = b.maximum(shapes.materialize(transform->length), one);
  int64_t dims = transform->sizes.size();
  bool isComplex = b.operandType(0).getDimSize(dims) == 2, toReal = getInverse() && getOnesided();
  Type f64 = b.b.getF64Type(), type = computeType(b.elementType(0));
  if (!transform->axis.isKnown())
    b.check(b.inRange(axis, zero, b.index(dims)), "DFT: the axis is out of range");
  auto along = [&](ArrayRef<Value> values) {
    Value result = values[0];
    for (int64_t dim = 1; dim < dims; ++dim)
      result = b.pick(b.equal(axis, b.index(dim)), values[dim], result);
    return result;
  };
  // Of one side of a spectrum, the elements up to the middle count.
  Value terms = b.minimum(along(b.dims(0)), toReal ? b.add(b.floorDiv(length, two), one) : length);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value k = along(at);
    Scalar sum = b.loop(zero, terms, b.constant(0, f64), [&](Value n, Scalar state) {
      SmallVector<Value> place(at);
      // As in `along`: what is no other axis is the first.
      Value other = arith::ConstantIntOp::create(b.b, b.loc, 0, 1);
      for (int64_t dim = 1; dim < dims; ++dim) {
        Value here = b.equal(axis, b.index(dim));
        place[dim] = b.pick(here, n, at[dim]);
        other = b.b.createOrFold<arith::OrIOp>(b.loc, other, here);
      }
      place[0] = b.pick(other, at[0], n);
      place.back() = zero;
      Scalar re = fsc::cast(b.load(0, place), f64), im = re.like(0);
      place.back() = one;
      if (isComplex)
        im = fsc::cast(b.load(0, place), f64);
      Scalar term = rotate(b, at.back(), re, im, turn(b, k, n, length), !getInverse());
      if (toReal) {
        // The other side mirrors all elements but the first and, of an even number, the middle one.
        Value mirror = b.sub(length, n);
        term = b.choose(b.both(b.less(zero, n), b.less(n, mirror)), term + term, term);
      }
      return state + term;
    });
    return fsc::cast(getInverse() ? sum / b.fromIndex(length, f64) : sum, type);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// STFT
//===----------------------------------------------------------------------===//

namespace {

struct Frames {
  Dim step, length;
};

FailureOr<Frames> readFrames(STFTOp op, ShapeBuilder &shapes) {
  Shape signal = shapes.dims(op.getSignal());
  std::optional<Dim> step = shapes.number(op.getFrameStep()), length = signal.size() == 3 ? signal[1] : Dim(1);
  if (op.getWindow())
    length = shapes.dims(op.getWindow())[0];
  if (op.getFrameLength())
    length = shapes.number(op.getFrameLength());
  // stft.C1: frame_step and frame_length are positive numbers.
  if (!step || !length || (step->isKnown() && step->get() < 1) || (length->isKnown() && length->get() < 1))
    return op.emitOpError("expected one positive frame_step and frame_length");
  return Frames{max(*step, Dim(1)), max(*length, Dim(1))};
}

} // namespace

LogicalResult STFTOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape signal = shapes.dims(getSignal());
  // stft.C2: the signal is [batch, time] or [batch, time, 1 or 2] of floats, the window a list; only real signals have
  // one side.
  bool isReal = signal.size() == 2 || (signal.size() == 3 && signal[2].isKnown(1));
  bool isComplex = signal.size() == 3 && signal[2].isKnown(2);
  if (!isa<FloatType>(getSignal().getType().getElementType()) || !(isReal || (isComplex && !getOnesided())) ||
      (getWindow() && getWindow().getType().getRank() != 1))
    return emitOpError() << "expected a batch of signals, real ones where onesided is set, got " << getOperandTypes();
  FailureOr<Frames> frames = readFrames(*this, shapes);
  if (failed(frames))
    return failure();
  Dim count = max(floorDiv(signal[1] - frames->length, frames->step) + Dim(1), Dim(0));
  Dim bins = getOnesided() ? floorDiv(frames->length, Dim(2)) + Dim(1) : frames->length;
  results.push_back({signal[0], count, bins, Dim(2)});
  return success();
}

LogicalResult STFTOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<Frames> frames = readFrames(*this, shapes);
  if (failed(frames))
    return failure();
  Value step = shapes.materialize(frames->step), length = shapes.materialize(frames->length), terms = length;
  if (getWindow())
    terms = b.minimum(terms, b.dim(b.indexOf(getWindow()), 0));
  bool hasParts = b.rank(0) == 3, isComplex = hasParts && b.operandType(0).getDimSize(2) == 2;
  Type f64 = b.b.getF64Type(), type = computeType(b.elementType(0));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value first = b.mul(at[1], step);
    Scalar sum = b.loop(b.index(0), terms, b.constant(0, f64), [&](Value n, Scalar state) {
      Value time = b.add(first, n);
      SmallVector<Value> place = {at[0], time};
      if (hasParts)
        place.push_back(b.index(0));
      Scalar re = fsc::cast(b.load(0, place), f64), im = re.like(0);
      if (isComplex)
        im = fsc::cast(b.load(0, {at[0], time, b.index(1)}), f64);
      if (getWindow()) {
        Scalar weight = fsc::cast(b.load(b.indexOf(getWindow()), n), f64);
        re = re * weight, im = im * weight;
      }
      return state + rotate(b, at[3], re, im, turn(b, at[2], n, length), true);
    });
    return fsc::cast(sum, type);
  }));
  return success();
}

} // namespace fsc
