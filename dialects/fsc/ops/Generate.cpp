//===- Generate.cpp - ConstantOfShape, Range, EyeLike, OneHot, Size -------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Generator.h"
#include "dialects/fsc/ops/Movement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Size
//===----------------------------------------------------------------------===//

LogicalResult SizeOp::inferShapes(ShapeBuilder &, SmallVectorImpl<Shape> &results) {
  results.emplace_back();
  return success();
}

Type SizeOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }

std::optional<Shape> SizeOp::inferContent(ShapeBuilder &shapes, unsigned) {
  return Shape{shapes.product(shapes.dims(getData()))};
}

LogicalResult SizeOp::lowerToLinalg(LinalgBuilder &b) {
  Value size = b.index(1);
  for (Value dim : b.dims(0))
    size = b.mul(size, dim);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value>) { return b.fromIndex(size, b.b.getI64Type()); }));
  return success();
}

//===----------------------------------------------------------------------===//
// ConstantOfShape
//===----------------------------------------------------------------------===//

LogicalResult ConstantOfShapeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  std::optional<Shape> sizes = shapes.content(getInput());
  // constant_of_shape.C1: the rank of the result is known.
  if (!sizes || getInput().getType().getRank() != 1)
    return emitOpError() << "expected a shape operand of rank 1 and known size, got " << getInput().getType();
  // constant_of_shape.C2: the value is one integer or float.
  if (getValue() && (getValue()->getNumElements() != 1 || (!readIntegers(*getValue()) && !readFloats(*getValue()))))
    return emitOpError("expected a value of one number");
  for (Dim size : *sizes)
    // constant_of_shape.C3: sizes are not negative.
    if (size.isKnown() && size.get() < 0)
      return emitOpError() << "expected sizes of at least 0, got " << size.get();
  results.push_back(*sizes);
  return success();
}

Type ConstantOfShapeOp::inferElementType(unsigned) {
  return getValue() ? getValue()->getElementType() : Float32Type::get(getContext());
}

std::optional<Shape> ConstantOfShapeOp::inferContent(ShapeBuilder &, unsigned) {
  auto type = cast<RankedTensorType>(getType());
  auto values = getValue() ? readIntegers(*getValue()) : std::nullopt;
  if (!values || type.getRank() > 1 || !type.hasStaticShape())
    return std::nullopt;
  return Shape(type.getNumElements(), Dim(values->front()));
}

LogicalResult ConstantOfShapeOp::lowerToLinalg(LinalgBuilder &b) {
  Scalar value = b.constant(0, inferElementType(0));
  if (getValue()) {
    if (auto integers = readIntegers(*getValue()))
      value = value.likeInt(integers->front());
    else if (auto floats = readFloats(*getValue()))
      value = value.like(floats->front());
  }
  b.setResult(0, b.generate(0, [&](ArrayRef<Value>) { return value; }));
  return success();
}

//===----------------------------------------------------------------------===//
// Range
//===----------------------------------------------------------------------===//

namespace {

/// max(ceil((limit - start) / delta), 0) of float operands known at compile time, or nothing.
std::optional<int64_t> knownFloatCount(RangeOp op) {
  SmallVector<double> values;
  for (Value operand : op->getOperands()) {
    ElementsAttr constant = getConstant(operand);
    auto floats = constant ? readFloats(constant) : std::nullopt;
    if (!floats || floats->size() != 1)
      return std::nullopt;
    values.push_back(floats->front());
  }
  double count = std::ceil((values[1] - values[0]) / values[2]);
  return count > 0 ? int64_t(std::min(count, 0x1p53)) : 0;
}

/// The same, computed at run time.
Dim floatCount(RangeOp op, ShapeBuilder &shapes) {
  if (std::optional<int64_t> known = knownFloatCount(op))
    return Dim(*known);
  OpBuilder *b = shapes.getBuilder();
  if (!b)
    return Dim::unknown(shapes);
  Location loc = shapes.getLoc();
  SmallVector<Value> values;
  for (Value operand : op->getOperands()) {
    int64_t rank = cast<RankedTensorType>(operand.getType()).getRank();
    SmallVector<Value> first(rank, arith::ConstantIndexOp::create(*b, loc, 0));
    Value element = tensor::ExtractOp::create(*b, loc, shapes.lookup(operand), first);
    values.push_back(fsc::cast(Scalar(*b, loc, element, element.getType()), b->getF64Type()).getValue());
  }
  Value distance = arith::SubFOp::create(*b, loc, values[1], values[0]);
  Value count = arith::DivFOp::create(*b, loc, distance, values[2]);
  // Bounded, so that the conversion is defined; NaN becomes 0.
  auto bound = [&](double value) -> Value { return arith::ConstantOp::create(*b, loc, b->getF64FloatAttr(value)); };
  count = arith::MaxNumFOp::create(*b, loc, count, bound(0));
  count = arith::MinNumFOp::create(*b, loc, count, bound(0x1p53));
  Value whole = arith::FPToSIOp::create(*b, loc, b->getI64Type(), count);
  Value back = arith::SIToFPOp::create(*b, loc, b->getF64Type(), whole);
  Value more = arith::CmpFOp::create(*b, loc, arith::CmpFPredicate::OLT, back, count);
  whole = arith::AddIOp::create(*b, loc, whole, arith::ExtUIOp::create(*b, loc, b->getI64Type(), more));
  return Dim(shapes, arith::IndexCastOp::create(*b, loc, b->getIndexType(), whole).getResult());
}

} // namespace

LogicalResult RangeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Type type = getStart().getType().getElementType();
  for (Value operand : getOperands()) {
    auto operandType = cast<RankedTensorType>(operand.getType());
    // range.C1: operands are single numbers of one type.
    if (!operandType.hasStaticShape() || operandType.getNumElements() != 1 || operandType.getRank() > 1 ||
        operandType.getElementType() != type || type.isInteger(1))
      return emitOpError() << "expected numbers of one type, got " << getOperandTypes();
  }
  if (isa<FloatType>(type)) {
    results.push_back({floatCount(*this, shapes)});
    return success();
  }
  Dim start = (*shapes.content(getStart()))[0], limit = (*shapes.content(getLimit()))[0];
  Dim delta = (*shapes.content(getDelta()))[0];
  // range.C2: delta is not 0.
  if (delta.isKnown(0))
    return emitOpError("expected a delta other than 0");
  results.push_back({max(ceilDiv(limit - start, delta), Dim(0))});
  return success();
}

std::optional<Shape> RangeOp::inferContent(ShapeBuilder &shapes, unsigned) {
  auto type = cast<RankedTensorType>(getType());
  std::optional<Shape> start = shapes.content(getStart()), delta = shapes.content(getDelta());
  if (!start || !delta || !type.hasStaticShape())
    return std::nullopt;
  Shape result;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    result.push_back((*start)[0] + Dim(i) * (*delta)[0]);
  return result;
}

LogicalResult RangeOp::lowerToLinalg(LinalgBuilder &b) {
  // Floats are computed in f64, so that a long range is exact to the end.
  Type type = b.elementType(0);
  Type compute = isa<FloatType>(type) ? Type(b.b.getF64Type()) : type;
  auto number = [&](unsigned index) {
    SmallVector<Value> first(b.rank(index), b.index(0));
    return fsc::cast(b.load(index, first), compute);
  };
  Scalar start = number(0), delta = number(2);
  b.check((delta != delta.like(0)).getValue(), "Range: delta is 0");
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    return fsc::cast(start + b.fromIndex(at[0], compute) * delta, computeType(type));
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// EyeLike
//===----------------------------------------------------------------------===//

LogicalResult EyeLikeOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // eye_like.C1: the operand is a matrix.
  if (getInput().getType().getRank() != 2)
    return emitOpError() << "expected a matrix, got " << getInput().getType();
  // eye_like.C2: dtype is a type that tensors can have.
  if (!inferElementType(0) || isa<StringType>(inferElementType(0)))
    return emitOpError() << "expected a supported dtype, got " << int64_t(*getDtype());
  results.push_back(shapes.dims(getInput()));
  return success();
}

Type EyeLikeOp::inferElementType(unsigned) {
  return getDtype() ? typeOfOnnxElement(getContext(), *getDtype()) : getInput().getType().getElementType();
}

LogicalResult EyeLikeOp::lowerToLinalg(LinalgBuilder &b) {
  Scalar zero = b.constant(0, inferElementType(0)), one = zero.likeInt(1);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    return b.choose(b.equal(b.sub(at[1], at[0]), b.index(getK())), one, zero);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// OneHot
//===----------------------------------------------------------------------===//

LogicalResult OneHotOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape result = shapes.dims(getIndices());
  std::optional<int64_t> axis = normalizeAxis(getAxis(), result.size() + 1);
  // one_hot.C1: the axis is in range.
  if (!axis)
    return emitOpError() << "expected axis in [" << -int64_t(result.size()) - 1 << ", " << result.size() << "], got "
                         << int64_t(getAxis());
  std::optional<Dim> depth = shapes.number(getDepth());
  // one_hot.C2: depth is one number, values are two.
  RankedTensorType values = getValues().getType();
  if (!depth || values.getRank() != 1 || (!values.isDynamicDim(0) && values.getDimSize(0) != 2))
    return emitOpError() << "expected one depth and two values, got " << getDepth().getType() << " and " << values;
  result.insert(result.begin() + *axis, max(*depth, Dim(0)));
  results.push_back(result);
  return success();
}

Type OneHotOp::inferElementType(unsigned) { return getValues().getType().getElementType(); }

LogicalResult OneHotOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0) + 1);
  Value depth = b.resultDims(0)[axis];
  Scalar off = b.load(2, b.index(0)), on = b.load(2, b.index(1));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place(at);
    place.erase(place.begin() + axis);
    Value index = b.toIndex(b.load(0, place));
    index = b.pick(b.less(index, b.index(0)), b.add(index, depth), index);
    return b.choose(b.equal(index, at[axis]), on, off);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// MelWeightMatrix
//===----------------------------------------------------------------------===//

LogicalResult MelWeightMatrixOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  for (Value operand : getOperands()) {
    auto type = cast<RankedTensorType>(operand.getType());
    // mel_weight_matrix.C1: operands are single numbers.
    if (!type.hasStaticShape() || type.getNumElements() != 1)
      return emitOpError() << "expected single numbers, got " << getOperandTypes();
  }
  // mel_weight_matrix.C2: output_datatype is a type that tensors can have.
  if (!inferElementType(0) || isa<StringType>(inferElementType(0)))
    return emitOpError() << "expected a supported output_datatype, got " << int64_t(getOutputDatatype());
  std::optional<Dim> bins = shapes.number(getNumMelBins()), length = shapes.number(getDftLength());
  results.push_back({floorDiv(*length, Dim(2)) + Dim(1), *bins});
  return success();
}

Type MelWeightMatrixOp::inferElementType(unsigned) { return typeOfOnnxElement(getContext(), getOutputDatatype()); }

LogicalResult MelWeightMatrixOp::lowerToLinalg(LinalgBuilder &b) {
  Type f64 = b.b.getF64Type();
  auto number = [&](unsigned index) {
    SmallVector<Value> first(b.rank(index), b.index(0));
    return fsc::cast(b.load(index, first), f64);
  };
  Scalar bins = number(0), length = number(1), rate = number(2), one = bins.like(1), zero = bins.like(0);
  // The scale of Stevens, Volkmann and Newman: mel = 2595 log10(1 + hertz / 700).
  Scalar perLog = bins.like(2595 / std::log(10.0));
  auto mel = [&](Scalar hertz) { return perLog * fsc::log1p(hertz / hertz.like(700)); };
  Scalar low = mel(number(3)), step = (mel(number(4)) - low) / (bins + bins.like(2));
  auto frequencyBin = [&](Scalar i) {
    Scalar hertz = bins.like(700) * fsc::expm1((i * step + low) / perLog);
    return fsc::floor((length + one) * hertz / rate);
  };
  Type type = computeType(inferElementType(0));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar j = b.fromIndex(at[0], f64), i = b.fromIndex(at[1], f64);
    Scalar left = frequencyBin(i), center = frequencyBin(i + one), right = frequencyBin(i + one + one);
    Scalar rising = select((j >= left) & (j <= center), (j - left) / (center - left), zero);
    rising = select(center == left, select(j == center, one, zero), rising);
    Scalar weight = select((j >= center) & (j < right), (right - j) / (right - center), rising);
    return fsc::cast(weight, type);
  }));
  return success();
}

} // namespace fsc
