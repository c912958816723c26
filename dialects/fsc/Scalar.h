//===- Scalar.h - Element arithmetic for op definitions ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A Scalar is an SSA value with the ONNX element type it stands for, so that an
// op's definition can be an expression:
//
//   relu:     max(a, a.like(0))
//   sigmoid:  a.like(1) / (exp(-a) + a.like(1))
//
// Signedness comes from the element type (`ui8` is unsigned), the value itself
// is signless. A bool is an i1 value. The value may be a vector of the element
// type. f16 and bf16 never appear: arithmetic on them is done in f32. A Scalar of
// a narrower type is its bits, and only converted: NarrowTypes.h.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_SCALAR_H
#define FSC_DIALECTS_FSC_SCALAR_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace fsc {

class Scalar {
public:
  Scalar() = default;
  /// `type` is the element type with its sign.
  Scalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type type)
      : builder(&builder), loc(loc), value(value), type(type) {}

  mlir::Value getValue() const { return value; }
  mlir::Type getType() const { return type; }
  mlir::OpBuilder &getBuilder() const { return *builder; }
  mlir::Location getLoc() const { return *loc; }
  explicit operator bool() const { return bool(value); }

  bool isFloat() const { return llvm::isa<mlir::FloatType>(type); }
  bool isUnsigned() const { return type.isUnsignedInteger() || isBool(); }
  bool isBool() const { return type.isInteger(1); }

  /// A constant of this scalar's type (and vector shape).
  Scalar like(double constant) const;
  Scalar likeInt(int64_t constant) const;
  /// The lowest and highest finite value, and infinity (for integers: the highest).
  Scalar lowest() const;
  Scalar highest() const;
  Scalar infinity(bool negative = false) const;
  /// The same scalar with another value.
  Scalar with(mlir::Value other) const { return Scalar(*builder, *loc, other, type); }
  Scalar withBool(mlir::Value other) const;

private:
  mlir::OpBuilder *builder = nullptr;
  std::optional<mlir::Location> loc;
  mlir::Value value;
  mlir::Type type;
};

Scalar operator+(Scalar a, Scalar b);
Scalar operator-(Scalar a, Scalar b);
Scalar operator*(Scalar a, Scalar b);
/// Division; of integers towards zero. An integer division by 0 gives 0 and never traps.
Scalar operator/(Scalar a, Scalar b);
Scalar operator-(Scalar a);
Scalar operator<(Scalar a, Scalar b);
Scalar operator<=(Scalar a, Scalar b);
Scalar operator>(Scalar a, Scalar b);
Scalar operator>=(Scalar a, Scalar b);
Scalar operator==(Scalar a, Scalar b);
Scalar operator!=(Scalar a, Scalar b);
Scalar operator&(Scalar a, Scalar b);
Scalar operator|(Scalar a, Scalar b);
Scalar operator^(Scalar a, Scalar b);
/// Bitwise complement; logical not of a bool.
Scalar operator~(Scalar a);
/// Shift by any amount: amounts of the width and more, and those below 0, give 0 (or the sign).
Scalar shiftLeft(Scalar a, Scalar b);
Scalar shiftRight(Scalar a, Scalar b);

/// Maximum and minimum; NaN if either is NaN.
Scalar max(Scalar a, Scalar b);
Scalar min(Scalar a, Scalar b);
/// Remainder with the sign of the dividend (C's fmod) and of the divisor (Python's %).
Scalar fmod(Scalar a, Scalar b);
Scalar mod(Scalar a, Scalar b);
Scalar select(Scalar condition, Scalar a, Scalar b);
Scalar abs(Scalar a);
Scalar isNaN(Scalar a);
Scalar pow(Scalar a, Scalar b);
/// x^y with an exponent of a type of its own; the result has the base's type.
Scalar powMixed(Scalar a, Scalar b);
/// How numbers become elements of a float type of 8 bits or less.
struct Narrowing {
  enum Round { up, down, nearest };
  bool saturate = true; // numbers beyond the largest become it, instead of infinity or NaN
  Round round = up;     // to float8e8m0; others are rounded to the nearest, halves to the even one
};
/// Conversion as ONNX's Cast does it: floats to integers truncate, to bool compare with 0.
Scalar cast(Scalar a, mlir::Type type);
/// The same to the compute type of elements of `type`, such that rounding the result to `type` rounds the operand once;
/// to a narrow type itself.
Scalar castElement(Scalar a, mlir::Type type, Narrowing narrowing = {});
/// An f64 as f32, rounded to odd: a result that is not exact has its last bit set. Rounding that to a type with at
/// least two bits less gives what rounding the operand would have given (Boldo and Melquiond, 2008).
Scalar roundToOdd(Scalar a);

Scalar exp(Scalar a);
Scalar log(Scalar a);
Scalar log1p(Scalar a);
Scalar expm1(Scalar a);
Scalar sqrt(Scalar a);
Scalar sin(Scalar a);
Scalar cos(Scalar a);
Scalar tan(Scalar a);
Scalar asin(Scalar a);
Scalar acos(Scalar a);
Scalar atan(Scalar a);
Scalar sinh(Scalar a);
Scalar cosh(Scalar a);
Scalar tanh(Scalar a);
Scalar asinh(Scalar a);
Scalar acosh(Scalar a);
Scalar atanh(Scalar a);
Scalar erf(Scalar a);
Scalar floor(Scalar a);
Scalar ceil(Scalar a);
/// Rounds to the nearest integer, halves to the even one.
Scalar roundEven(Scalar a);
Scalar trunc(Scalar a);

/// 1 / (1 + exp(-a)).
Scalar sigmoid(Scalar a);
/// Gaussian error linear unit, exact and in the tanh approximation (Hendrycks and Gimpel, 2016).
Scalar geluErf(Scalar a);
Scalar geluTanh(Scalar a);

/// The type that arithmetic on elements of `type` is done in: f32 for f16, bf16 and narrower floats, i8 and ui8 for
/// narrower integers.
mlir::Type computeType(mlir::Type type);
/// The type in which sums of many elements of `type` are kept: f64 for f32 and narrower floats. The rounding of a sum
/// in f32 grows with the number of its terms, to 1e-3 of it for a million.
mlir::Type sumType(mlir::Type type);
/// A scalar of a compute type in its sum type.
Scalar asSum(Scalar a);

} // namespace fsc

#endif // FSC_DIALECTS_FSC_SCALAR_H
