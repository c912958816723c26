//===- Scalar.cpp - Element arithmetic for op definitions -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/Scalar.h"

#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/NarrowTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace fsc {

Type computeType(Type type) {
  if (auto floatType = dyn_cast<FloatType>(type); floatType && floatType.getWidth() < 32)
    return Float32Type::get(type.getContext());
  if (auto integer = dyn_cast<IntegerType>(type); integer && isNarrowType(type))
    return IntegerType::get(type.getContext(), 8, integer.getSignedness());
  return type;
}

Type sumType(Type type) {
  Type compute = computeType(type);
  return compute.isF32() ? Float64Type::get(type.getContext()) : compute;
}

Scalar asSum(Scalar a) { return cast(a, sumType(a.getType())); }

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static Type signless(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerType::get(type.getContext(), integer.getWidth());
  if (isa<StringType>(type) || isListType(type))
    return IntegerType::get(type.getContext(), 64);
  if (isa<ComplexType>(type))
    return IntegerType::get(type.getContext(), elementBits(type));
  return type;
}

/// An attribute of the element type as a constant of the shape of `scalar`.
static Scalar constant(const Scalar &scalar, TypedAttr attr) {
  if (auto vector = dyn_cast<VectorType>(scalar.getValue().getType()))
    attr = DenseElementsAttr::get(vector.clone(attr.getType()), ArrayRef<Attribute>(attr));
  return scalar.with(arith::ConstantOp::create(scalar.getBuilder(), scalar.getLoc(), attr));
}

Scalar Scalar::like(double number) const {
  if (isNarrowType(type))
    return narrow(widen(*this).like(number), type);
  if (auto floatType = dyn_cast<FloatType>(type))
    return constant(*this, FloatAttr::get(floatType, number));
  return likeInt(int64_t(number));
}

Scalar Scalar::likeInt(int64_t number) const {
  if (isNarrowType(type))
    return narrow(widen(*this).likeInt(number), type);
  if (isFloat())
    return like(double(number));
  auto integer = cast<IntegerType>(signless(type));
  return constant(*this, IntegerAttr::get(integer, APInt(64, uint64_t(number), true).sextOrTrunc(integer.getWidth())));
}

Scalar Scalar::lowest() const {
  if (auto floatType = dyn_cast<FloatType>(type))
    return constant(*this, FloatAttr::get(floatType, APFloat::getLargest(floatType.getFloatSemantics(), true)));
  auto integer = cast<IntegerType>(signless(type));
  APInt value = isUnsigned() ? APInt::getZero(integer.getWidth()) : APInt::getSignedMinValue(integer.getWidth());
  return constant(*this, IntegerAttr::get(integer, value));
}

Scalar Scalar::highest() const {
  if (auto floatType = dyn_cast<FloatType>(type))
    return constant(*this, FloatAttr::get(floatType, APFloat::getLargest(floatType.getFloatSemantics())));
  auto integer = cast<IntegerType>(signless(type));
  APInt value = isUnsigned() ? APInt::getMaxValue(integer.getWidth()) : APInt::getSignedMaxValue(integer.getWidth());
  return constant(*this, IntegerAttr::get(integer, value));
}

Scalar Scalar::infinity(bool negative) const {
  if (auto floatType = dyn_cast<FloatType>(type))
    return constant(*this, FloatAttr::get(floatType, APFloat::getInf(floatType.getFloatSemantics(), negative)));
  return negative ? lowest() : highest();
}

Scalar Scalar::withBool(Value other) const {
  return Scalar(*builder, *loc, other, IntegerType::get(type.getContext(), 1));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

namespace {

template <typename FloatOp, typename SignedOp, typename UnsignedOp = SignedOp> Scalar binary(Scalar a, Scalar b) {
  OpBuilder &builder = a.getBuilder();
  Location loc = a.getLoc();
  if (a.isFloat())
    return a.with(FloatOp::create(builder, loc, a.getValue(), b.getValue()));
  if (a.isUnsigned())
    return a.with(UnsignedOp::create(builder, loc, a.getValue(), b.getValue()));
  return a.with(SignedOp::create(builder, loc, a.getValue(), b.getValue()));
}

template <typename Op> Scalar unary(Scalar a) { return a.with(Op::create(a.getBuilder(), a.getLoc(), a.getValue())); }

Scalar compare(Scalar a, Scalar b, arith::CmpFPredicate ifFloat, arith::CmpIPredicate ifSigned,
               arith::CmpIPredicate ifUnsigned) {
  OpBuilder &builder = a.getBuilder();
  Location loc = a.getLoc();
  if (a.isFloat())
    return a.withBool(arith::CmpFOp::create(builder, loc, ifFloat, a.getValue(), b.getValue()));
  return a.withBool(
      arith::CmpIOp::create(builder, loc, a.isUnsigned() ? ifUnsigned : ifSigned, a.getValue(), b.getValue()));
}

/// The divisor with 0 (and the -1 of lowest / -1) replaced by 1, and whether it was replaced.
std::pair<Scalar, Scalar> safeDivisor(Scalar a, Scalar b) {
  Scalar bad = b == b.likeInt(0);
  if (!a.isUnsigned())
    bad = bad | ((b == b.likeInt(-1)) & (a == a.lowest()));
  return {select(bad, b.likeInt(1), b), bad};
}

} // namespace

Scalar operator+(Scalar a, Scalar b) { return binary<arith::AddFOp, arith::AddIOp>(a, b); }
Scalar operator-(Scalar a, Scalar b) { return binary<arith::SubFOp, arith::SubIOp>(a, b); }
Scalar operator*(Scalar a, Scalar b) { return binary<arith::MulFOp, arith::MulIOp>(a, b); }

Scalar operator/(Scalar a, Scalar b) {
  if (a.isFloat())
    return a.with(arith::DivFOp::create(a.getBuilder(), a.getLoc(), a.getValue(), b.getValue()));
  auto [divisor, bad] = safeDivisor(a, b);
  Scalar quotient = binary<arith::DivFOp, arith::DivSIOp, arith::DivUIOp>(a, divisor);
  // lowest / -1 wraps to lowest, x / 0 gives 0.
  return select(b == b.likeInt(0), b.likeInt(0), quotient);
}

Scalar operator-(Scalar a) {
  if (a.isFloat())
    return unary<arith::NegFOp>(a);
  return a.likeInt(0) - a;
}

Scalar operator<(Scalar a, Scalar b) {
  return compare(a, b, arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt, arith::CmpIPredicate::ult);
}
Scalar operator<=(Scalar a, Scalar b) {
  return compare(a, b, arith::CmpFPredicate::OLE, arith::CmpIPredicate::sle, arith::CmpIPredicate::ule);
}
Scalar operator>(Scalar a, Scalar b) { return b < a; }
Scalar operator>=(Scalar a, Scalar b) { return b <= a; }
Scalar operator==(Scalar a, Scalar b) {
  return compare(a, b, arith::CmpFPredicate::OEQ, arith::CmpIPredicate::eq, arith::CmpIPredicate::eq);
}
Scalar operator!=(Scalar a, Scalar b) {
  return compare(a, b, arith::CmpFPredicate::UNE, arith::CmpIPredicate::ne, arith::CmpIPredicate::ne);
}

Scalar operator&(Scalar a, Scalar b) {
  return a.with(arith::AndIOp::create(a.getBuilder(), a.getLoc(), a.getValue(), b.getValue()));
}
Scalar operator|(Scalar a, Scalar b) {
  return a.with(arith::OrIOp::create(a.getBuilder(), a.getLoc(), a.getValue(), b.getValue()));
}
Scalar operator^(Scalar a, Scalar b) {
  return a.with(arith::XOrIOp::create(a.getBuilder(), a.getLoc(), a.getValue(), b.getValue()));
}
Scalar operator~(Scalar a) { return a ^ a.likeInt(-1); }

/// Whether no bit of an element of a's type would stay in it: also for an amount below 0.
static Scalar shiftsAllOut(Scalar a, Scalar amount) {
  return amount < amount.likeInt(0) | amount >= amount.likeInt(a.getType().getIntOrFloatBitWidth());
}

Scalar shiftLeft(Scalar a, Scalar b) {
  Scalar tooFar = shiftsAllOut(a, b);
  Scalar amount = select(tooFar, b.likeInt(0), b);
  Scalar shifted = a.with(arith::ShLIOp::create(a.getBuilder(), a.getLoc(), a.getValue(), amount.getValue()));
  return select(tooFar, a.likeInt(0), shifted);
}

Scalar shiftRight(Scalar a, Scalar b) {
  int64_t width = a.getType().getIntOrFloatBitWidth();
  Scalar tooFar = shiftsAllOut(a, b);
  Scalar amount = select(tooFar, b.likeInt(a.isUnsigned() ? 0 : width - 1), b);
  Scalar shifted = binary<arith::AddFOp, arith::ShRSIOp, arith::ShRUIOp>(a, amount);
  return a.isUnsigned() ? select(tooFar, a.likeInt(0), shifted) : shifted;
}

Scalar max(Scalar a, Scalar b) { return binary<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(a, b); }
Scalar min(Scalar a, Scalar b) { return binary<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(a, b); }

Scalar fmod(Scalar a, Scalar b) {
  if (a.isFloat())
    return a.with(arith::RemFOp::create(a.getBuilder(), a.getLoc(), a.getValue(), b.getValue()));
  auto [divisor, bad] = safeDivisor(a, b);
  Scalar remainder = binary<arith::RemFOp, arith::RemSIOp, arith::RemUIOp>(a, divisor);
  return select(bad, a.likeInt(0), remainder);
}

Scalar mod(Scalar a, Scalar b) {
  Scalar remainder = fmod(a, b);
  if (a.isUnsigned())
    return remainder;
  Scalar zero = a.like(0);
  Scalar differs = (remainder < zero) ^ (b < zero);
  return select((remainder != zero) & differs, remainder + b, remainder);
}

Scalar select(Scalar condition, Scalar a, Scalar b) {
  return a.with(arith::SelectOp::create(a.getBuilder(), a.getLoc(), condition.getValue(), a.getValue(), b.getValue()));
}

Scalar abs(Scalar a) {
  if (a.isFloat())
    return unary<math::AbsFOp>(a);
  if (a.isUnsigned())
    return a;
  return unary<math::AbsIOp>(a);
}

Scalar isNaN(Scalar a) {
  a = widen(a);
  if (!a.isFloat())
    return a != a;
  return a.withBool(
      arith::CmpFOp::create(a.getBuilder(), a.getLoc(), arith::CmpFPredicate::UNO, a.getValue(), a.getValue()));
}

Scalar pow(Scalar a, Scalar b) {
  if (a.isFloat())
    return a.with(math::PowFOp::create(a.getBuilder(), a.getLoc(), a.getValue(), b.getValue()));
  // Integers by way of f64: exact up to 2^53, as in ONNX's reference.
  Type f64 = Float64Type::get(a.getType().getContext());
  return cast(pow(cast(a, f64), cast(b, f64)), a.getType());
}

Scalar powMixed(Scalar a, Scalar b) {
  // A wider exponent is not narrowed first.
  bool isWider = b.isFloat() && b.getType().isF64() && !a.getType().isF64();
  if (a.isFloat() && !isWider)
    return pow(a, cast(b, a.getType()));
  if (b.isFloat()) {
    Type f64 = Float64Type::get(a.getType().getContext());
    return cast(pow(cast(a, f64), cast(b, f64)), a.getType());
  }
  return pow(a, cast(b, a.getType()));
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

static Value castFloatToInteger(OpBuilder &builder, Location loc, Scalar a, IntegerType to, Type shaped) {
  // Unsigned types narrower than 64 bits go through i64, so that negative numbers wrap as in C on
  // x86-64 instead of being undefined.
  if (to.isUnsigned() && to.getWidth() < 64) {
    Type wide = builder.getI64Type();
    if (auto vector = dyn_cast<VectorType>(shaped))
      wide = vector.clone(wide);
    Value value = arith::FPToSIOp::create(builder, loc, wide, a.getValue());
    return arith::TruncIOp::create(builder, loc, shaped, value);
  }
  if (to.isUnsigned())
    return arith::FPToUIOp::create(builder, loc, shaped, a.getValue());
  if (to.getWidth() < 32) {
    Type wide = builder.getI32Type();
    if (auto vector = dyn_cast<VectorType>(shaped))
      wide = vector.clone(wide);
    Value value = arith::FPToSIOp::create(builder, loc, wide, a.getValue());
    return arith::TruncIOp::create(builder, loc, shaped, value);
  }
  return arith::FPToSIOp::create(builder, loc, shaped, a.getValue());
}

Scalar cast(Scalar a, Type type) {
  if (a.getType() == type)
    return a;
  if (isNarrowType(type))
    return narrow(a, type);
  a = widen(a);
  if (a.getType() == type)
    return a;
  OpBuilder &builder = a.getBuilder();
  Location loc = a.getLoc();
  if (isListType(type)) // a list is a number, however much its type says of it
    return Scalar(builder, loc, a.getValue(), type);
  if (type.isInteger(1))
    return a != a.likeInt(0);
  Type shaped = signless(type);
  if (auto vector = dyn_cast<VectorType>(a.getValue().getType()))
    shaped = vector.clone(shaped);
  auto result = [&](Value value) { return Scalar(builder, loc, value, type); };

  if (auto to = dyn_cast<FloatType>(type)) {
    if (!a.isFloat()) {
      if (a.isUnsigned())
        return result(arith::UIToFPOp::create(builder, loc, shaped, a.getValue()));
      return result(arith::SIToFPOp::create(builder, loc, shaped, a.getValue()));
    }
    unsigned fromWidth = a.getType().getIntOrFloatBitWidth();
    if (fromWidth < to.getWidth())
      return result(arith::ExtFOp::create(builder, loc, shaped, a.getValue()));
    if (fromWidth > to.getWidth())
      return result(arith::TruncFOp::create(builder, loc, shaped, a.getValue()));
    // f16 and bf16 have one width and neither holds the other.
    return cast(cast(a, builder.getF32Type()), type);
  }
  auto to = llvm::cast<IntegerType>(type);
  if (a.isFloat())
    return result(castFloatToInteger(builder, loc, a, to, shaped));
  unsigned fromWidth = a.getType().getIntOrFloatBitWidth();
  if (fromWidth < to.getWidth()) {
    if (a.isUnsigned())
      return result(arith::ExtUIOp::create(builder, loc, shaped, a.getValue()));
    return result(arith::ExtSIOp::create(builder, loc, shaped, a.getValue()));
  }
  if (fromWidth > to.getWidth())
    return result(arith::TruncIOp::create(builder, loc, shaped, a.getValue()));
  return result(a.getValue());
}

Scalar roundToOdd(Scalar a) {
  OpBuilder &builder = a.getBuilder();
  Location loc = a.getLoc();
  Type i32 = builder.getI32Type(), shaped = i32;
  if (auto vector = dyn_cast<VectorType>(a.getValue().getType()))
    shaped = vector.clone(i32);
  Scalar nearest = cast(a, builder.getF32Type());
  Scalar back = cast(nearest, a.getType());
  Scalar bits(builder, loc, arith::BitcastOp::create(builder, loc, shaped, nearest.getValue()), i32);
  // Towards 0, of which the magnitude's bits are one less; then odd.
  Scalar towardsZero = select(abs(a) < abs(back), bits - bits.likeInt(1), bits);
  Scalar odd = towardsZero | bits.likeInt(1);
  Scalar isExact = (a == back) | isNaN(a);
  Value result =
      arith::BitcastOp::create(builder, loc, nearest.getValue().getType(), select(isExact, bits, odd).getValue());
  return nearest.with(result);
}

Scalar castElement(Scalar a, Type type, Narrowing narrowing) {
  if (isNarrowType(type))
    return narrow(a, type, narrowing);
  if (a.getType().isF64() && isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32)
    return roundToOdd(a);
  return cast(a, computeType(type));
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// A function of floats; that of an integer is what the function of it as f64 is as an integer again.
template <typename Op> static Scalar unaryFloat(Scalar a) {
  if (a.isFloat())
    return unary<Op>(a);
  return cast(unary<Op>(cast(a, a.getBuilder().getF64Type())), a.getType());
}

Scalar exp(Scalar a) { return unaryFloat<math::ExpOp>(a); }
Scalar log(Scalar a) { return unaryFloat<math::LogOp>(a); }
Scalar log1p(Scalar a) { return unaryFloat<math::Log1pOp>(a); }
Scalar expm1(Scalar a) { return unaryFloat<math::ExpM1Op>(a); }
Scalar sqrt(Scalar a) { return unaryFloat<math::SqrtOp>(a); }
Scalar sin(Scalar a) { return unaryFloat<math::SinOp>(a); }
Scalar cos(Scalar a) { return unaryFloat<math::CosOp>(a); }
Scalar tan(Scalar a) { return unaryFloat<math::TanOp>(a); }
Scalar asin(Scalar a) { return unaryFloat<math::AsinOp>(a); }
Scalar acos(Scalar a) { return unaryFloat<math::AcosOp>(a); }
Scalar atan(Scalar a) { return unaryFloat<math::AtanOp>(a); }
Scalar sinh(Scalar a) { return unaryFloat<math::SinhOp>(a); }
Scalar cosh(Scalar a) { return unaryFloat<math::CoshOp>(a); }
Scalar tanh(Scalar a) { return unaryFloat<math::TanhOp>(a); }
Scalar asinh(Scalar a) { return unaryFloat<math::AsinhOp>(a); }
Scalar acosh(Scalar a) { return unaryFloat<math::AcoshOp>(a); }
Scalar atanh(Scalar a) { return unaryFloat<math::AtanhOp>(a); }
Scalar erf(Scalar a) { return unaryFloat<math::ErfOp>(a); }
Scalar floor(Scalar a) { return a.isFloat() ? unary<math::FloorOp>(a) : a; }
Scalar ceil(Scalar a) { return a.isFloat() ? unary<math::CeilOp>(a) : a; }
Scalar roundEven(Scalar a) { return a.isFloat() ? unary<math::RoundEvenOp>(a) : a; }
Scalar trunc(Scalar a) { return a.isFloat() ? unary<math::TruncOp>(a) : a; }

Scalar sigmoid(Scalar a) { return a.like(1) / (a.like(1) + exp(-a)); }

Scalar geluErf(Scalar a) { return a.like(0.5) * a * (a.like(1) + erf(a * a.like(0.70710678118654752440))); }

Scalar geluTanh(Scalar a) {
  // sqrt(2 / pi) (a + 0.044715 a^3)
  Scalar inner = a.like(0.79788456080286535588) * (a + a.like(0.044715) * a * a * a);
  return a.like(0.5) * a * (a.like(1) + tanh(inner));
}

} // namespace fsc
