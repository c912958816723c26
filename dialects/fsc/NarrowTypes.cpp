//===- NarrowTypes.cpp - Elements that are bits until converted -----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One piece of integer arithmetic converts every format that has a sign,
// exponent and mantissa; what is particular to a format is what LLVM's
// description of it says. float8e8m0, an exponent alone, has its own.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/NarrowTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

using namespace mlir;

namespace fsc {

bool isNarrowType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() == 2 || integer.getWidth() == 4;
  auto floating = dyn_cast<FloatType>(type);
  return floating && floating.getWidth() <= 8;
}

bool isExponentType(Type type) {
  auto floating = dyn_cast<FloatType>(type);
  return floating && !APFloat::semanticsHasSignedRepr(floating.getFloatSemantics());
}

unsigned elementBits(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * complex.getElementType().getIntOrFloatBitWidth();
  return type.isInteger(1) ? 8 : type.getIntOrFloatBitWidth();
}

std::optional<Narrowing::Round> parseRoundMode(StringRef mode) {
  if (mode == "up")
    return Narrowing::up;
  if (mode == "down")
    return Narrowing::down;
  if (mode == "nearest")
    return Narrowing::nearest;
  return std::nullopt;
}

LogicalResult detail::verifyRoundMode(Operation *op, StringRef mode) {
  if (parseRoundMode(mode))
    return success();
  return op->emitOpError() << "expected round_mode 'up', 'down' or 'nearest', got '" << mode << "'";
}

LogicalResult detail::verifyNarrowTypes(Operation *op, TypeRange results) {
  if (op->hasTrait<NarrowTypes>())
    return success();
  for (TypeRange types : {TypeRange(op->getOperandTypes()), results})
    for (Type type : types)
      if (Type element = getElementTypeOrSelf(type); isNarrowType(element) || isa<ComplexType>(element))
        return op->emitOpError() << "expected elements that can be computed with, got " << element
                                 << (isa<ComplexType>(element) ? ", which can only be moved"
                                                               : ", which can only be moved and converted");
  return success();
}

namespace {

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

constexpr int f32Mantissa = 23, f32Bias = 127;
constexpr int64_t f32Infinity = 0x7f800000, f32QuietNaN = 0x7fc00000;

/// `type`, of the vector shape that `a` has.
Type shapedLike(Scalar a, Type type) {
  auto vector = dyn_cast<VectorType>(a.getValue().getType());
  return vector ? Type(vector.clone(type)) : type;
}

Type wordType(Scalar a) { return a.getBuilder().getIntegerType(32, /*isSigned=*/false); }

Scalar asBits(Scalar a) {
  Type i32 = shapedLike(a, a.getBuilder().getI32Type());
  return Scalar(a.getBuilder(), a.getLoc(), arith::BitcastOp::create(a.getBuilder(), a.getLoc(), i32, a.getValue()),
                wordType(a));
}

Scalar asFloat(Scalar bits) {
  Type f32 = bits.getBuilder().getF32Type();
  return Scalar(bits.getBuilder(), bits.getLoc(),
                arith::BitcastOp::create(bits.getBuilder(), bits.getLoc(), shapedLike(bits, f32), bits.getValue()),
                f32);
}

/// Shifts by a constant that is smaller than the width.
Scalar shl(Scalar a, int amount) {
  return a.with(
      arith::ShLIOp::create(a.getBuilder(), a.getLoc(), a.getValue(), a.likeInt(amount).getValue()).getResult());
}
Scalar shr(Scalar a, int amount) {
  return a.with(
      arith::ShRUIOp::create(a.getBuilder(), a.getLoc(), a.getValue(), a.likeInt(amount).getValue()).getResult());
}

/// The bits of a narrow scalar as a 32-bit number, and back.
Scalar toWord(Scalar a) {
  Type i32 = shapedLike(a, a.getBuilder().getI32Type());
  return Scalar(a.getBuilder(), a.getLoc(), arith::ExtUIOp::create(a.getBuilder(), a.getLoc(), i32, a.getValue()),
                wordType(a));
}
Scalar fromWord(Scalar word, Type type) {
  Type i8 = shapedLike(word, word.getBuilder().getI8Type());
  return Scalar(word.getBuilder(), word.getLoc(),
                arith::TruncIOp::create(word.getBuilder(), word.getLoc(), i8, word.getValue()), type);
}

//===----------------------------------------------------------------------===//
// Floats with sign, exponent and mantissa
//===----------------------------------------------------------------------===//

/// A format, as far as its numbers matter here. Bit patterns are those of positive numbers.
struct Format {
  explicit Format(FloatType type) : width(int(type.getWidth())) {
    const llvm::fltSemantics &semantics = type.getFloatSemantics();
    mantissa = int(APFloat::semanticsPrecision(semantics)) - 1;
    minExponent = APFloat::semanticsMinExponent(semantics);
    hasInfinity = APFloat::semanticsHasInf(semantics);
    hasNaN = APFloat::semanticsHasNaN(semantics);
    hasSignedZero = APFloat::getZero(semantics, /*Negative=*/true).isNegative();
    largest = bitsOf(APFloat::getLargest(semantics));
    infinity = hasInfinity ? bitsOf(APFloat::getInf(semantics)) : 0;
    nan = hasNaN ? bitsOf(APFloat::getQNaN(semantics)) : 0;
  }

  static int64_t bitsOf(const APFloat &number) { return int64_t(number.bitcastToAPInt().getZExtValue()); }
  int bias() const { return 1 - minExponent; }

  int width, mantissa, minExponent;
  bool hasInfinity, hasNaN, hasSignedZero;
  int64_t largest, infinity, nan;
};

/// A magnitude's bits with the sign bit; a zero without where the format has no other zero.
Scalar withSign(const Format &format, Scalar magnitude, Scalar sign) {
  Scalar result = magnitude | sign;
  return format.hasSignedZero ? result : select(magnitude == magnitude.likeInt(0), magnitude, result);
}

/// The f32 `a` in the format, rounded to the nearest, halves to the even one.
Scalar encode(Scalar a, FloatType type, bool saturate) {
  Format format(type);
  Scalar bits = asBits(a), magnitude = bits & bits.likeInt(0x7fffffff);
  Scalar sign = shl(shr(bits, 31), format.width - 1);
  // Normal results: exponents have another bias, the mantissa is cut after half a unit in its last place is added,
  // less one where the result would be odd.
  int dropped = f32Mantissa - format.mantissa;
  Scalar odd = shr(magnitude, dropped) & bits.likeInt(1);
  Scalar rebiased = magnitude - bits.likeInt(int64_t(f32Bias - format.bias()) << f32Mantissa);
  Scalar normal = shr(rebiased + odd + bits.likeInt((int64_t(1) << (dropped - 1)) - 1), dropped);
  // Subnormal results: the sum with a power of two whose unit in the last place is theirs is rounded to it.
  int64_t shifter = int64_t(format.minExponent + dropped + f32Bias) << f32Mantissa;
  Scalar subnormal = asBits(asFloat(magnitude) + asFloat(bits.likeInt(shifter))) - bits.likeInt(shifter);
  int64_t smallestNormal = int64_t(format.minExponent + f32Bias) << f32Mantissa;
  Scalar rounded = select(magnitude < bits.likeInt(smallestNormal), subnormal, normal);
  int64_t beyond = saturate || !format.hasNaN ? format.largest : format.hasInfinity ? format.infinity : format.nan;
  Scalar result = select(rounded > bits.likeInt(format.largest), bits.likeInt(beyond), rounded);
  // Without NaN it is undefined what one becomes: here 0.
  result = select(magnitude > bits.likeInt(f32Infinity), bits.likeInt(format.nan), result);
  return fromWord(withSign(format, result, sign), type);
}

/// The f32 that a scalar of the format is.
Scalar decode(Scalar a, FloatType type) {
  Format format(type);
  Scalar bits = toWord(a), magnitude = bits & bits.likeInt((int64_t(1) << (format.width - 1)) - 1);
  Scalar sign = shl(shr(bits, format.width - 1), 31);
  // Exponent and mantissa read as those of an f32 give a number that is too small by the difference of the biases.
  Scalar small = asFloat(shl(magnitude, f32Mantissa - format.mantissa));
  Scalar result = asBits(small * small.like(std::ldexp(1.0, f32Bias - format.bias())));
  if (format.hasInfinity)
    result = select(magnitude == bits.likeInt(format.infinity), bits.likeInt(f32Infinity), result);
  if (format.hasNaN) {
    int64_t lastNumber = format.hasInfinity ? format.infinity : format.largest;
    Scalar isNaN = format.hasSignedZero ? magnitude > bits.likeInt(lastNumber) : bits == bits.likeInt(format.nan);
    result = select(isNaN, bits.likeInt(f32QuietNaN), result);
  }
  return asFloat(result | sign);
}

//===----------------------------------------------------------------------===//
// float8e8m0: 2^(bits - 127), and NaN
//===----------------------------------------------------------------------===//

constexpr int64_t exponentMax = 254, exponentNaN = 255;

/// The magnitude of the f32 `a` as a power of two. What is below the smallest or above the largest one becomes that,
/// or NaN if it is not to saturate.
Scalar encodeExponent(Scalar a, Type type, Narrowing narrowing) {
  Scalar word = asBits(a), magnitude = word & word.likeInt(0x7fffffff);
  Scalar bits(a.getBuilder(), a.getLoc(), magnitude.getValue(), a.getBuilder().getI32Type());
  // Subnormal numbers from 2^-128 on, shifted to where the exponent that they would have is found above the mantissa.
  constexpr int64_t one = int64_t(1) << f32Mantissa;
  Scalar once = shl(bits, 1) - bits.likeInt(one), twice = shl(bits, 2) - bits.likeInt(2 * one);
  Scalar aligned = select(bits < bits.likeInt(one / 2), twice, once);
  aligned = select(bits < bits.likeInt(one), aligned, bits);
  int64_t added = narrowing.round == Narrowing::up ? one - 1 : narrowing.round == Narrowing::nearest ? one / 2 : 0;
  Scalar sum = aligned + bits.likeInt(added);
  Scalar exponent =
      sum.with(arith::ShRSIOp::create(a.getBuilder(), a.getLoc(), sum.getValue(), sum.likeInt(f32Mantissa).getValue())
                   .getResult());
  int64_t below = narrowing.saturate ? 0 : exponentNaN, above = narrowing.saturate ? exponentMax : exponentNaN;
  Scalar result = select(exponent < bits.likeInt(0), bits.likeInt(below), exponent);
  result = select(exponent > bits.likeInt(exponentMax), bits.likeInt(above), result);
  // The sum may have overflowed here.
  result = select(bits >= bits.likeInt(f32Infinity), bits.likeInt(above), result);
  return fromWord(select(isNaN(a), bits.likeInt(exponentNaN), result), type);
}

Scalar decodeExponent(Scalar a) {
  Scalar bits = toWord(a);
  constexpr int64_t smallest = 0x00400000; // 2^-127, a subnormal number
  Scalar result = select(bits == bits.likeInt(0), bits.likeInt(smallest), shl(bits, f32Mantissa));
  return asFloat(select(bits == bits.likeInt(exponentNaN), bits.likeInt(f32QuietNaN), result));
}

/// Any wide scalar as an f32 that rounds to a narrow float as the scalar itself would.
Scalar roundableF32(Scalar a) {
  OpBuilder &builder = a.getBuilder();
  bool isExact = a.isFloat() ? !a.getType().isF64() : a.getType().getIntOrFloatBitWidth() < 32;
  return isExact ? cast(a, builder.getF32Type()) : roundToOdd(cast(a, builder.getF64Type()));
}

} // namespace

Scalar widen(Scalar a) {
  if (!isNarrowType(a.getType()))
    return a;
  if (auto floating = dyn_cast<FloatType>(a.getType()))
    return isExponentType(floating) ? decodeExponent(a) : decode(a, floating);
  Scalar value(a.getBuilder(), a.getLoc(), a.getValue(), computeType(a.getType()));
  if (value.isUnsigned())
    return value;
  Scalar sign = value.likeInt(int64_t(1) << (a.getType().getIntOrFloatBitWidth() - 1));
  return (value ^ sign) - sign;
}

Scalar narrow(Scalar a, Type type, Narrowing narrowing) {
  // Of one type as well: an infinity is saturated.
  if (auto floating = dyn_cast<FloatType>(type)) {
    Scalar wide = roundableF32(widen(a));
    return isExponentType(floating) ? encodeExponent(wide, type, narrowing)
                                    : encode(wide, floating, narrowing.saturate);
  }
  Scalar wide = cast(widen(a), computeType(type));
  Scalar bits = wide & wide.likeInt((int64_t(1) << type.getIntOrFloatBitWidth()) - 1);
  return Scalar(a.getBuilder(), a.getLoc(), bits.getValue(), type);
}

} // namespace fsc
