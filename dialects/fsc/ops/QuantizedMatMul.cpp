//===- QuantizedMatMul.cpp - MatMulInteger and QLinearMatMul --------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Product.h"
#include "dialects/fsc/ops/Quantization.h"
#include "dialects/fsc/ops/Quantize.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

FailureOr<Shape> inferProduct(Operation *op, ShapeBuilder &shapes, Shape a, Shape b) {
  // matmul.C1: operands have at least one dim.
  if (a.empty() || b.empty())
    return op->emitOpError("expected operands of rank at least 1");
  bool aVector = a.size() == 1, bVector = b.size() == 1;
  if (aVector)
    a.insert(a.begin(), Dim(1));
  if (bVector)
    b.push_back(Dim(1));
  Dim k = a.back(), otherK = b[b.size() - 2];
  // matmul.C3: the summed dims agree.
  if (differ(k, otherK))
    return op->emitOpError() << "expected equal inner sizes, got " << k.get() << " and " << otherK.get();
  // matmul.C4: leading dims broadcast.
  FailureOr<Shape> batch = shapes.broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (failed(batch))
    return op->emitOpError("expected operands whose batch dims broadcast");
  Shape y = *batch;
  if (!aVector)
    y.push_back(a[a.size() - 2]);
  if (!bVector)
    y.push_back(b.back());
  return y;
}

//===----------------------------------------------------------------------===//
// Product
//===----------------------------------------------------------------------===//

Product::Product(LinalgBuilder &b, unsigned left, unsigned right)
    : b(b), left(left), right(right), leftRank(b.rank(left)), rightRank(b.rank(right)) {}

ArrayRef<Value> Product::batch(Indices at) const {
  return at.drop_back((leftRank == 1 ? 0 : 1) + (rightRank == 1 ? 0 : 1));
}
Value Product::row(Indices at) const { return leftRank == 1 ? Value() : at[batch(at).size()]; }
Value Product::column(Indices at) const { return rightRank == 1 ? Value() : at.back(); }

SmallVector<Value> Product::batchPlace(unsigned operand, Indices at) const {
  Indices outer = batch(at);
  int64_t dims = std::max<int64_t>(b.rank(operand) - 2, 0);
  SmallVector<Value> place;
  for (int64_t axis = 0; axis < dims; ++axis) {
    int64_t size = b.operandType(operand).getDimSize(axis);
    Value index = size == 1 ? b.index(0) : outer[outer.size() - dims + axis];
    // A dim that may be broadcast has size 1 or the result's.
    place.push_back(ShapedType::isDynamic(size) ? b.minimum(index, b.sub(b.dim(operand, axis), b.index(1))) : index);
  }
  return place;
}

Scalar Product::fold(Indices at, Scalar init, llvm::function_ref<Scalar(Scalar, Indices, Indices)> step) const {
  SmallVector<Value> leftPlace = batchPlace(left, at), rightPlace = batchPlace(right, at);
  return b.loop(b.index(0), b.dim(left, leftRank - 1), init, [&](Value k, Scalar state) {
    SmallVector<Value> leftAt(leftPlace), rightAt(rightPlace);
    if (Value index = row(at))
      leftAt.push_back(index);
    leftAt.push_back(k);
    rightAt.push_back(k);
    if (Value index = column(at))
      rightAt.push_back(index);
    return step(state, leftAt, rightAt);
  });
}

Scalar loadProductParameter(LinalgBuilder &b, const Product &product, unsigned operand, ArrayRef<Value> at,
                            bool byColumn) {
  int64_t rank = b.rank(operand);
  Value row = product.row(at), column = product.column(at);
  if (rank < 2) {
    Value index = byColumn ? column : row;
    return loadParameter(b, operand, index ? index : b.index(0));
  }
  // [batch…, rows, 1] or [batch…, 1, columns], any size being 1 where all share the parameter.
  SmallVector<Value> whole(product.batch(at));
  whole.push_back(row ? row : b.index(0));
  whole.push_back(column ? column : b.index(0));
  return b.loadBroadcast(operand, whole);
}

namespace {

/// Checks a scale or zero point of an operand with `size` rows (or columns).
LogicalResult verifyParameter(Operation *op, ShapeBuilder &shapes, Value parameter, Dim size) {
  // matmul_integer.C1: parameters are given for the tensor, or for each row of a or column of b.
  if (cast<ShapedType>(parameter.getType()).getRank() < 2 && !isParameterAlong(shapes, parameter, size))
    return op->emitOpError() << "expected one parameter, or one for each row or column, got " << parameter.getType();
  return success();
}

LogicalResult verifyQuantized(Operation *op, Value operand, Value zeroPoint) {
  Type type = cast<ShapedType>(operand.getType()).getElementType();
  // matmul_integer.C2: operands are of 8 bit integers, of their zero points' types.
  if (!type.isInteger(8) || (zeroPoint && cast<ShapedType>(zeroPoint.getType()).getElementType() != type))
    return op->emitOpError() << "expected operands of 8 bit integers and of their zero points' types, got "
                             << operand.getType();
  return success();
}

/// What a product of quantized numbers may be of: integers or floats of 8 bits.
bool isQuantized8(Type type) { return type.getIntOrFloatBitWidth() == 8 && !isExponentType(type); }

/// The size of the rows of a, or the columns of b.
Dim rowsOf(const Shape &a) { return a.size() < 2 ? Dim(1) : a[a.size() - 2]; }
Dim columnsOf(const Shape &b) { return b.size() < 2 ? Dim(1) : b.back(); }

} // namespace

//===----------------------------------------------------------------------===//
// MatMulInteger
//===----------------------------------------------------------------------===//

Anchor MatMulIntegerOp::getAnchor() { return Anchor::contraction; }
Type MatMulIntegerOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 32); }

double MatMulIntegerOp::countFlops() {
  return 2 * detail::countElements(getY()) * double(std::max<int64_t>(getA().getType().getShape().back(), 1));
}

LogicalResult MatMulIntegerOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape a = shapes.dims(getA()), b = shapes.dims(getB());
  FailureOr<Shape> y = inferProduct(*this, shapes, a, b);
  if (failed(y) || failed(verifyQuantized(*this, getA(), getAZeroPoint())) ||
      failed(verifyQuantized(*this, getB(), getBZeroPoint())))
    return failure();
  if (getAZeroPoint() && failed(verifyParameter(*this, shapes, getAZeroPoint(), rowsOf(a))))
    return failure();
  if (getBZeroPoint() && failed(verifyParameter(*this, shapes, getBZeroPoint(), columnsOf(b))))
    return failure();
  results.push_back(*y);
  return success();
}

LogicalResult MatMulIntegerOp::lowerToLinalg(LinalgBuilder &b) {
  Product product(b, 0, 1);
  unsigned next = 2;
  std::optional<unsigned> aZero, bZero;
  if (getAZeroPoint())
    aZero = next++;
  if (getBZeroPoint())
    bZero = next++;
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar left = aZero ? loadProductParameter(b, product, *aZero, at, false) : Scalar();
    Scalar right = bZero ? loadProductParameter(b, product, *bZero, at, true) : Scalar();
    return product.fold(at, b.constant(0, b.b.getI32Type()), [&](Scalar sum, ArrayRef<Value> i, ArrayRef<Value> j) {
      return sum + lessZero(b.load(0, i), left) * lessZero(b.load(1, j), right);
    });
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// QLinearMatMul
//===----------------------------------------------------------------------===//

Anchor QLinearMatMulOp::getAnchor() { return Anchor::contraction; }
Type QLinearMatMulOp::inferElementType(unsigned) { return getYZeroPoint().getType().getElementType(); }

double QLinearMatMulOp::countFlops() {
  return 2 * detail::countElements(getY()) * double(std::max<int64_t>(getA().getType().getShape().back(), 1));
}

LogicalResult QLinearMatMulOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape a = shapes.dims(getA()), b = shapes.dims(getB());
  FailureOr<Shape> y = inferProduct(*this, shapes, a, b);
  if (failed(y))
    return failure();
  // qlinear_matmul.C1: operands and result are of 8 bit integers or floats, of their zero points' types.
  Type types[] = {getA().getType().getElementType(), getB().getType().getElementType(), inferElementType(0)};
  if (!llvm::all_of(types, isQuantized8) || getAZeroPoint().getType().getElementType() != types[0] ||
      getBZeroPoint().getType().getElementType() != types[1])
    return emitOpError() << "expected operands and a result of 8 bit integers or floats, of their zero points' types, "
                         << "got " << types[0] << ", " << types[1] << " and " << types[2];
  for (Value parameter : {getAScale(), getAZeroPoint(), getYScale(), getYZeroPoint()})
    if (failed(verifyParameter(*this, shapes, parameter, rowsOf(a))))
      return failure();
  for (Value parameter : {getBScale(), getBZeroPoint()})
    if (failed(verifyParameter(*this, shapes, parameter, columnsOf(b))))
      return failure();
  results.push_back(*y);
  return success();
}

LogicalResult QLinearMatMulOp::lowerToLinalg(LinalgBuilder &b) {
  Product product(b, 0, 3);
  Type f32 = b.b.getF32Type(), to = b.resultType(0).getElementType();
  bool isFloat = isa<FloatType>(b.elementType(0)) || isa<FloatType>(b.elementType(3));
  Type sumType = isFloat ? f32 : Type(b.b.getI32Type());
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    auto load = [&](unsigned operand, bool byColumn) {
      return loadProductParameter(b, product, operand, at, byColumn);
    };
    Scalar left = cast(load(2, false), sumType), right = cast(load(5, true), sumType);
    Scalar sum = product.fold(at, b.constant(0, sumType), [&](Scalar s, ArrayRef<Value> i, ArrayRef<Value> j) {
      return s + (cast(b.load(0, i), sumType) - left) * (cast(b.load(3, j), sumType) - right);
    });
    Scalar scale = cast(load(1, false), f32) * cast(load(4, true), f32) / cast(load(6, false), f32);
    Scalar y = cast(sum, f32) * scale, zero = load(7, false);
    return isa<FloatType>(to) ? quantizeFloat(y, zero, to, /*saturate=*/true) : quantize(y, zero, to);
  }));
  return success();
}

} // namespace fsc
