//===- Shape.h - Sizes of tensors, known or computed ------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An op says once how the sizes of its results follow from its operands, in
// terms of Dims. With a ShapeBuilder that has no OpBuilder this infers types:
// what is not known at compile time is simply unknown. With an OpBuilder it
// also emits the arithmetic that computes the sizes at run time. The contents
// of small integer tensors (the shape operand of Reshape, say) are Dims too, and
// are followed through the ops that compute them, so that shape arithmetic
// costs no tensors.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_SHAPE_H
#define FSC_DIALECTS_FSC_SHAPE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace fsc {

class ShapeBuilder;

/// One size: a number known at compile time, a value of type index, or unknown
/// (only where types are inferred). Arithmetic on Dims folds what is known.
class Dim {
public:
  Dim(int64_t known) : known(known) {}
  Dim(ShapeBuilder &shapes, mlir::Value value) : shapes(&shapes), dynamic(value) {}

  static Dim unknown(ShapeBuilder &shapes) { return Dim(shapes, mlir::Value()); }

  bool isKnown() const { return known.has_value(); }
  bool isKnown(int64_t value) const { return known == value; }
  int64_t get() const { return *known; }
  /// The size as a type has it: ShapedType::kDynamic if it is not known.
  int64_t getStatic() const { return known.value_or(mlir::ShapedType::kDynamic); }
  mlir::Value getValue() const { return dynamic; }
  ShapeBuilder *getBuilder() const { return shapes; }

  /// True if both are certainly the same size.
  bool operator==(const Dim &other) const {
    return isKnown() ? other.isKnown(*known) : dynamic && dynamic == other.dynamic;
  }

private:
  ShapeBuilder *shapes = nullptr;
  std::optional<int64_t> known;
  mlir::Value dynamic;
};

using Shape = llvm::SmallVector<Dim, 4>;

Dim operator+(Dim a, Dim b);
Dim operator-(Dim a, Dim b);
Dim operator*(Dim a, Dim b);
/// Division rounding towards negative infinity; b must not be 0.
Dim floorDiv(Dim a, Dim b);
Dim ceilDiv(Dim a, Dim b);
/// Division rounding towards zero, as ONNX's Div of integers.
Dim truncDiv(Dim a, Dim b);
Dim min(Dim a, Dim b);
Dim max(Dim a, Dim b);
/// a < 0 ? x : y
Dim selectNegative(Dim a, Dim x, Dim y);
/// a == b ? x : y
Dim selectEqual(Dim a, Dim b, Dim x, Dim y);
/// a < b ? x : y
Dim selectLess(Dim a, Dim b, Dim x, Dim y);

/// Whether two sizes that must be the same certainly are not. Where that shows at run time alone, a builder that checks
/// ends the run.
bool differ(Dim a, Dim b);
/// The same for a size that must be 1 or `to`.
bool cannotStretch(Dim from, Dim to);

/// The sizes of tensors that are computed already, as values of type index; null where they are known.
using KnownSizes = llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>>;

class ShapeBuilder {
public:
  /// Infers only: what is not known at compile time stays unknown.
  explicit ShapeBuilder(mlir::Location loc) : loc(loc) {}
  /// Emits the arithmetic for what is not known at compile time at `builder`'s insertion point.
  /// Tensors are read through `mapping`, where it has them.
  ShapeBuilder(mlir::OpBuilder &builder, mlir::Location loc, const mlir::IRMapping *mapping = nullptr)
      : builder(&builder), loc(loc), mapping(mapping) {}

  /// Takes the sizes of these tensors from `sizes`, and emits checks of what must hold of sizes that are not known,
  /// which end the run where it does not.
  void checkAtRunTime(const KnownSizes &sizes) { known = &sizes; }
  bool isChecking() const { return known; }
  /// Emits a check; `what` must hold of a and b, whose sizes the message gives.
  void check(mlir::Value condition, llvm::StringRef what, Dim a, Dim b);

  /// The sizes of a ranked tensor.
  Shape dims(mlir::Value tensor);
  /// The elements of an integer tensor of rank 0 or 1 and known size. Elements that cannot
  /// be followed are unknown, or read from the tensor where code may be emitted. Nothing if
  /// `tensor` is not such a tensor.
  std::optional<Shape> content(mlir::Value tensor);
  /// The elements of `tensor` if they are all known at compile time.
  std::optional<llvm::SmallVector<int64_t>> constants(mlir::Value tensor);
  /// The only element of a tensor of one integer or float, truncated towards zero. Nothing if `tensor` is not such a
  /// tensor.
  std::optional<Dim> number(mlir::Value tensor);
  /// The size that dims a and b broadcast to. Fails if both are known and neither 1 nor equal.
  mlir::FailureOr<Dim> broadcast(Dim a, Dim b);
  mlir::FailureOr<Shape> broadcast(const Shape &a, const Shape &b);
  /// The number of elements.
  Dim product(llvm::ArrayRef<Dim> dims);

  mlir::OpBuilder *getBuilder() { return builder; }
  mlir::Location getLoc() const { return loc; }
  /// `dim` as a value of type index; only with an OpBuilder.
  mlir::Value materialize(Dim dim);
  llvm::SmallVector<mlir::Value> materialize(llvm::ArrayRef<Dim> dims);
  /// The tensor that stands for `tensor` where code is emitted.
  mlir::Value lookup(mlir::Value tensor) const { return mapping ? mapping->lookupOrDefault(tensor) : tensor; }

private:
  mlir::OpBuilder *builder = nullptr;
  mlir::Location loc;
  const mlir::IRMapping *mapping = nullptr;
  const KnownSizes *known = nullptr;
  llvm::DenseMap<mlir::Value, std::optional<Shape>> contents;
  int depth = 0; // of ops that content follows
};

/// The type of a tensor of this shape.
mlir::RankedTensorType tensorType(const Shape &shape, mlir::Type elementType);

/// `axis` of a tensor of rank `rank` counted from 0, or nothing if it is out of range.
std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank);

} // namespace fsc

#endif // FSC_DIALECTS_FSC_SHAPE_H
