//===- Quantization.cpp - QuantizeLinear and DequantizeLinear -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Quantization.h"

#include "dialects/fsc/ops/Quantize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

bool isQuantizedType(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && (integer.getWidth() == 8 || integer.getWidth() == 16);
}

Scalar quantize(Scalar value, Scalar zero, Type type) {
  Scalar shifted = roundEven(value) + cast(zero, value.getType());
  auto integer = cast<IntegerType>(type);
  bool isUnsigned = integer.isUnsigned();
  double low = isUnsigned ? 0 : -std::ldexp(1.0, integer.getWidth() - 1);
  double high = std::ldexp(1.0, integer.getWidth() - (isUnsigned ? 0 : 1)) - 1;
  // Comparisons with NaN are false, so that it becomes the lowest.
  Scalar atLeast = select(shifted > shifted.like(low), shifted, shifted.like(low));
  return cast(select(atLeast < atLeast.like(high), atLeast, atLeast.like(high)), type);
}

Scalar quantizeFloat(Scalar value, Scalar zero, Type type, bool saturate) {
  // A zero point of 0 leaves even -0 as it is.
  Scalar offset = cast(zero, value.getType());
  Scalar shifted = select(offset == offset.like(0), value, value + offset);
  return narrow(shifted, type, {saturate, Narrowing::up});
}

Scalar lessZero(Scalar element, Scalar zero) {
  Type wide = element.getBuilder().getI32Type();
  Scalar value = cast(element, wide);
  return zero ? value - cast(zero, wide) : value;
}

/// `index`, or 0 where dim `axis` of operand `operand` has one element.
static Value broadcastIndex(LinalgBuilder &b, unsigned operand, int64_t axis, Value index) {
  int64_t size = b.operandType(operand).getDimSize(axis);
  if (size == 1)
    return b.index(0);
  if (!ShapedType::isDynamic(size))
    return index;
  Value isOne = arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::eq, b.dim(operand, axis), b.index(1));
  return arith::SelectOp::create(b.b, b.loc, isOne, b.index(0), index);
}

Scalar loadParameter(LinalgBuilder &b, unsigned operand, Value index) {
  if (b.rank(operand) == 0)
    return b.load(operand, {});
  return b.load(operand, broadcastIndex(b, operand, 0, index));
}

bool isParameterAlong(ShapeBuilder &shapes, Value parameter, Dim size) {
  Shape shape = shapes.dims(parameter);
  if (shape.size() > 1)
    return false;
  return shape.empty() || !shape[0].isKnown() || shape[0].get() == 1 || !size.isKnown() || shape[0].get() == size.get();
}

namespace {

/// Checks that parameter `parameter` is given for the tensor, for an axis or for blocks of an axis.
template <typename Op> LogicalResult verifyGranularity(Op op, ShapeBuilder &shapes, const Shape &x, Value parameter) {
  Shape shape = shapes.dims(parameter);
  bool isSingle = llvm::all_of(shape, [](Dim dim) { return dim.isKnown(1); });
  if (isSingle)
    return success();
  int64_t rank = x.size(), block = op.getBlockSize();
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), rank);
  // quantize_linear.C1: the axis is in range.
  if (!axis)
    return op.emitOpError() << "expected axis in [" << -rank << ", " << rank << "), got " << int64_t(op.getAxis());
  auto agree = [](Dim a, Dim b) { return !a.isKnown() || !b.isKnown() || a.get() == b.get(); };
  bool legal = block >= 0;
  if (block == 0) {
    legal = shape.size() == 1 && (shape[0].isKnown(1) || agree(shape[0], x[*axis]));
  } else if (legal) {
    legal = shape.size() == x.size();
    for (int64_t i = 0; legal && i < rank; ++i)
      legal = agree(shape[i], i == *axis ? ceilDiv(x[i], Dim(block)) : x[i]);
  }
  // quantize_linear.C2: parameters are given for the tensor, an axis, or blocks.
  if (!legal)
    return op.emitOpError() << "expected one parameter, one for each index of axis " << *axis
                            << ", or one for each block of block_size, got " << parameter.getType();
  return success();
}

template <typename Op> LogicalResult inferQuantization(Op op, ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(op.getX());
  for (Value parameter : op->getOperands().drop_front())
    if (failed(verifyGranularity(op, shapes, x, parameter)))
      return failure();
  results.push_back(x);
  return success();
}

/// The parameter for element `at`.
template <typename Op> Scalar loadAt(Op op, LinalgBuilder &b, unsigned operand, ArrayRef<Value> at) {
  RankedTensorType type = b.operandType(operand);
  if (type.hasStaticShape() && type.getNumElements() == 1)
    return b.load(operand, SmallVector<Value>(type.getRank(), b.index(0)));
  int64_t axis = *normalizeAxis(op.getAxis(), at.size());
  if (op.getBlockSize() == 0)
    return loadParameter(b, operand, at[axis]);
  SmallVector<Value> place(at);
  place[axis] = b.floorDiv(at[axis], b.index(op.getBlockSize()));
  return b.load(operand, place);
}

} // namespace

//===----------------------------------------------------------------------===//
// QuantizeLinear
//===----------------------------------------------------------------------===//

Anchor QuantizeLinearOp::getAnchor() { return Anchor::pointwise; }

Type QuantizeLinearOp::inferElementType(unsigned) {
  if (getZeroPoint())
    return getZeroPoint().getType().getElementType();
  return typeOfOnnxElement(getContext(), getOutputDtype() ? int64_t(getOutputDtype()) : 2);
}

LogicalResult QuantizeLinearOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Type type = inferElementType(0);
  // quantize_linear.C3: the result is of integers of at most 16 bits or floats of at most 8, of one type if it is given
  // twice.
  if (!type || !(isQuantizedType(type) || (isNarrowType(type) && !isExponentType(type))) ||
      (getOutputDtype() && typeOfOnnxElement(getContext(), getOutputDtype()) != type))
    return emitOpError("expected a result of 2 to 16 bit integers or 4 or 8 bit floats, of the zero point's type");
  // quantize_linear.C4: the division is of floats.
  Type precision = getPrecision() ? typeOfOnnxElement(getContext(), getPrecision()) : Float32Type::get(getContext());
  if (!isa_and_nonnull<FloatType>(precision) || isNarrowType(precision))
    return emitOpError() << "expected precision of a float type, got " << int64_t(getPrecision());
  return inferQuantization(*this, shapes, results);
}

LogicalResult QuantizeLinearOp::lowerToLinalg(LinalgBuilder &b) {
  Type f32 = b.b.getF32Type(), from = b.elementType(0), to = b.resultType(0).getElementType();
  // The quotient has the precision of the operands' common type, or the one asked for.
  Type rounded = from == b.elementType(1) && isa<FloatType>(from) ? from : f32;
  if (getPrecision())
    rounded = typeOfOnnxElement(getContext(), getPrecision());
  Type compute = computeType(rounded);
  auto narrow = [&](Scalar value) { return cast(cast(cast(value, compute), rounded), compute); };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar quotient = narrow(narrow(b.load(0, at)) / narrow(loadAt(*this, b, 1, at)));
    Scalar zero = getZeroPoint() ? loadAt(*this, b, 2, at) : quotient.like(0);
    return isa<FloatType>(to) ? quantizeFloat(quotient, zero, to, getSaturate()) : quantize(quotient, zero, to);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// DequantizeLinear
//===----------------------------------------------------------------------===//

Anchor DequantizeLinearOp::getAnchor() { return Anchor::pointwise; }

Type DequantizeLinearOp::inferElementType(unsigned) {
  if (getOutputDtype())
    return typeOfOnnxElement(getContext(), getOutputDtype());
  return getScale().getType().getElementType();
}

LogicalResult DequantizeLinearOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // dequantize_linear.C1: the result is of floats of 16 bits or more.
  Type type = inferElementType(0), from = getX().getType().getElementType();
  if (!isa_and_nonnull<FloatType>(type) || isNarrowType(type))
    return emitOpError() << "expected a result of floats of 16 bits or more, got " << type;
  // dequantize_linear.C2: the operand is of integers of at most 32 bits or floats of at most 8, the zero point's type.
  auto integer = dyn_cast<IntegerType>(from);
  bool isKnown = integer ? integer.getWidth() <= 32 && !from.isInteger(1) : isNarrowType(from) && !isExponentType(from);
  if (!isKnown || (getZeroPoint() && getZeroPoint().getType().getElementType() != from))
    return emitOpError()
           << "expected an operand of 2 to 32 bit integers or 4 or 8 bit floats, of the zero point's type,"
           << " got " << getX().getType();
  return inferQuantization(*this, shapes, results);
}

LogicalResult DequantizeLinearOp::lowerToLinalg(LinalgBuilder &b) {
  Type compute = computeType(b.resultType(0).getElementType());
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar x = widen(b.load(0, at)), zero = getZeroPoint() ? loadAt(*this, b, 2, at) : Scalar();
    Scalar difference = !x.isFloat() ? lessZero(x, zero) : zero ? x - widen(zero) : x;
    return cast(difference, compute) * cast(loadAt(*this, b, 1, at), compute);
  }));
  return success();
}

} // namespace fsc
