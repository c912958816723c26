//===- NarrowTypes.h - Elements that are bits until converted ---*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floats of 8 bits or less, and integers of 4 and 2 bits. ONNX moves and
// converts them, and computes nothing with them. A Scalar of such a type is the
// element's bits, zero-extended to an i8: moving it changes nothing, not even
// which NaN it is. `widen` and `narrow` convert; docs/decisions/narrow-types.md.
// Complex numbers are only moved: a Scalar of one is an integer with both parts.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_NARROWTYPES_H
#define FSC_DIALECTS_FSC_NARROWTYPES_H

#include "dialects/fsc/Scalar.h"
#include "mlir/IR/OpDefinition.h"

namespace fsc {

/// Whether Scalars of the element type `type` are bits.
bool isNarrowType(mlir::Type type);
/// Whether it is float8e8m0, which has neither sign, zero nor mantissa.
bool isExponentType(mlir::Type type);
/// The bits that one element has in ONNX; a bool has 8.
unsigned elementBits(mlir::Type type);

/// A narrow scalar in its compute type: f32, i8 or ui8. Others are given back.
Scalar widen(Scalar a);
/// Any scalar as one of the narrow type `type`: floats are rounded once, from the value that `a` has, integers keep
/// their low bits.
Scalar narrow(Scalar a, mlir::Type type, Narrowing narrowing = {});

/// The narrowing that a round_mode of ONNX's Cast names, or nothing.
std::optional<Narrowing::Round> parseRoundMode(llvm::StringRef mode);

/// Marks the ops that take or give tensors of narrow types and of complex numbers.
template <typename Op> class NarrowTypes : public mlir::OpTrait::TraitBase<Op, NarrowTypes> {};

namespace detail {
/// Fails, with a diagnostic, if the op has narrow operands or results and is not marked for them.
mlir::LogicalResult verifyNarrowTypes(mlir::Operation *op, mlir::TypeRange results);
/// Fails, with a diagnostic, if the round_mode of a conversion is none.
mlir::LogicalResult verifyRoundMode(mlir::Operation *op, llvm::StringRef mode);
} // namespace detail

} // namespace fsc

#endif // FSC_DIALECTS_FSC_NARROWTYPES_H
