//===- LinalgBuilder.h - Reference lowerings, briefly -----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an op's lowerToLinalg is given. Tensors here have *storage* element
// types: integers are signless, a bool is an i8 that is 0 or 1, an element of a
// narrow type (NarrowTypes.h) is an i8 with its bits, a string its number. Scalars that the helpers
// load and store have the ONNX element types, and are f32 where the storage is
// f16 or bf16. The usual lowering says how one element of the result is computed:
//
//   b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
//     return b.load(0, {at[1], at[0]});          // a transpose
//   }));
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_LINALGBUILDER_H
#define FSC_DIALECTS_FSC_LINALGBUILDER_H

#include "dialects/fsc/Scalar.h"
#include "dialects/fsc/Shape.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace fsc {

/// The element type that a tensor of `type` is stored with.
mlir::Type storageType(mlir::Type type);
/// The bytes of one stored element.
int64_t storageBytes(mlir::Type type);
mlir::RankedTensorType storageTensor(mlir::RankedTensorType type);

class LinalgBuilder {
public:
  using Indices = llvm::ArrayRef<mlir::Value>;
  using ElementFn = llvm::function_ref<Scalar(Indices)>;

  /// `values` maps tensors, op's operands among them, to the storage tensors that stand for them; `destinations`, one
  /// for each result, are the tensors to write to, or null values where a fresh tensor is to be made.
  LinalgBuilder(mlir::OpBuilder &builder, mlir::Operation *op, const mlir::IRMapping &values,
                mlir::ValueRange destinations);

  mlir::OpBuilder &b;
  mlir::Location loc;

  //===--- Operands and results -------------------------------------------===//

  unsigned getNumOperands() const { return operands.size(); }
  mlir::Value operand(unsigned index) const { return operands[index]; }
  /// The index of an operand of the op: optional ones before it may be absent.
  unsigned indexOf(mlir::Value operand) const;
  mlir::RankedTensorType operandType(unsigned index) const;
  mlir::Type elementType(unsigned index) const { return operandType(index).getElementType(); }
  mlir::RankedTensorType resultType(unsigned index) const;
  int64_t rank(unsigned index) const { return operandType(index).getRank(); }
  /// The sizes of an operand as values of type index.
  llvm::SmallVector<mlir::Value> dims(unsigned index);
  mlir::Value dim(unsigned index, int64_t axis);
  /// The sizes of a result: those of its destination where it has one.
  llvm::SmallVector<mlir::Value> resultDims(unsigned index);

  /// Emits sizes and contents of the operands here. What it gives must not outlive it.
  ShapeBuilder shapes() { return ShapeBuilder(b, loc, &values); }

  /// The tensor that result `index` is written to.
  mlir::Value destination(unsigned index);
  /// Says what the result is.
  void setResult(unsigned index, mlir::Value tensor) { results[index] = tensor; }
  llvm::ArrayRef<mlir::Value> getResults() const { return results; }

  //===--- Elements -------------------------------------------------------===//

  mlir::Value index(int64_t value);
  Scalar constant(double value, mlir::Type type);
  /// A value of type index as an integer (or float) of `type`, and back.
  Scalar fromIndex(mlir::Value value, mlir::Type type);
  mlir::Value toIndex(Scalar value);

  /// The element of an operand at `indices`; nothing is checked.
  Scalar load(unsigned index, Indices indices);
  /// The same of any storage tensor that holds elements of `type`.
  Scalar load(mlir::Value tensor, mlir::Type type, Indices indices);
  /// An operand's element at the place that broadcasts to `indices` of the result.
  Scalar loadBroadcast(unsigned index, Indices indices);
  /// A stored value as a scalar of the element type `type`, and back: converts to the compute type.
  Scalar fromStorage(mlir::Value value, mlir::Type type);
  mlir::Value toStorage(Scalar value, mlir::Type type);

  /// Integer arithmetic on indices.
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value floorDiv(mlir::Value a, mlir::Value b); // of non-negative numbers
  mlir::Value rem(mlir::Value a, mlir::Value b);      // of non-negative numbers
  mlir::Value minimum(mlir::Value a, mlir::Value b);
  mlir::Value maximum(mlir::Value a, mlir::Value b);
  /// low <= value < high
  mlir::Value inRange(mlir::Value value, mlir::Value low, mlir::Value high);
  /// An index from data: negative values are counted from size; what is then not in [0, size) ends the run with
  /// `message`.
  mlir::Value checkIndex(mlir::Value value, mlir::Value size, llvm::StringRef message);
  /// Ends the run with `message` unless the condition holds.
  void check(mlir::Value condition, llvm::StringRef message);
  mlir::Value both(mlir::Value a, mlir::Value b);
  mlir::Value less(mlir::Value a, mlir::Value b);
  mlir::Value equal(mlir::Value a, mlir::Value b);
  /// condition ? a : b of any values.
  mlir::Value pick(mlir::Value condition, mlir::Value a, mlir::Value b);
  Scalar choose(mlir::Value condition, Scalar a, Scalar b);

  /// Folds body over [low, high): body(i, state) is the next state.
  llvm::SmallVector<Scalar>
  loop(mlir::Value low, mlir::Value high, llvm::ArrayRef<Scalar> init,
       llvm::function_ref<llvm::SmallVector<Scalar>(mlir::Value, llvm::ArrayRef<Scalar>)> body);
  Scalar loop(mlir::Value low, mlir::Value high, Scalar init, llvm::function_ref<Scalar(mlir::Value, Scalar)> body);
  /// Folds over a rectangle of `sizes`, outermost first.
  Scalar loops(Indices sizes, Scalar init, llvm::function_ref<Scalar(Indices, Scalar)> body);
  /// condition ? then() : otherwise(), computing only what is needed.
  Scalar ifElse(mlir::Value condition, llvm::function_ref<Scalar()> then, llvm::function_ref<Scalar()> otherwise);

  //===--- Tensors --------------------------------------------------------===//

  /// Folds any values, tensors among them, over [low, high).
  llvm::SmallVector<mlir::Value>
  fold(mlir::Value low, mlir::Value high, mlir::ValueRange init,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);
  /// Changes a tensor step by step over a rectangle of `sizes`, outermost first: body(at, tensor) is the next tensor.
  mlir::Value update(mlir::Value tensor, Indices sizes, llvm::function_ref<mlir::Value(Indices, mlir::Value)> body);
  /// The tensor, which holds elements of `type`, with one element replaced.
  mlir::Value store(Scalar value, mlir::Type type, mlir::Value tensor, Indices indices);
  /// Operand `index` copied into the destination of result `result`.
  mlir::Value copyOperand(unsigned index, unsigned result);

  /// A tensor with uninitialised elements of ONNX element type `type`.
  mlir::Value empty(Indices sizes, mlir::Type type);
  mlir::Value fill(mlir::Value destination, Scalar value);
  /// Result `index`, each element computed from its indices.
  mlir::Value generate(unsigned index, ElementFn element);
  /// The same into any destination, which holds elements of `type`.
  mlir::Value generate(mlir::Value destination, mlir::Type type, ElementFn element);
  /// A linalg.generic whose iterators are all parallel: the destination's element from the inputs'.
  mlir::Value map(mlir::Value destination, mlir::Type type, mlir::ValueRange inputs,
                  mlir::ArrayRef<mlir::Type> inputTypes, mlir::ArrayRef<mlir::AffineMap> maps,
                  llvm::function_ref<Scalar(llvm::ArrayRef<Scalar>)> element);
  /// A linalg.generic that folds `input` (elements of `type`) over `axes`. The result keeps only the other axes and has
  /// elements of `state`, as `init` has; without one that is the compute type. `combine` gets the accumulator and one
  /// element.
  mlir::Value reduce(mlir::Value input, mlir::Type type, mlir::ArrayRef<int64_t> axes, mlir::Value init,
                     llvm::function_ref<Scalar(Scalar, Scalar)> combine, mlir::Type state = {});

private:
  mlir::Operation *op;
  const mlir::IRMapping &values;
  llvm::SmallVector<mlir::Value> operands;
  llvm::SmallVector<mlir::Value> destinations;
  llvm::SmallVector<mlir::Value> results;
};

} // namespace fsc

#endif // FSC_DIALECTS_FSC_LINALGBUILDER_H
