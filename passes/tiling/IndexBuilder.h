//===- IndexBuilder.h - Loops, arithmetic and vectors, briefly --*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the templates are written with. Arithmetic on constants is folded.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_TILING_INDEXBUILDER_H
#define FSC_PASSES_TILING_INDEXBUILDER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace fsc {

class IndexBuilder {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  IndexBuilder(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  mlir::OpBuilder &b;
  mlir::Location loc;

  //===--- Integers -------------------------------------------------------===//

  Value index(int64_t value);
  Value add(Value x, Value y);
  Value add(Value x, int64_t y) { return add(x, index(y)); }
  Value sub(Value x, Value y);
  Value mul(Value x, Value y);
  Value mul(Value x, int64_t y) { return mul(x, index(y)); }
  Value div(Value x, Value y); // of non-negative numbers
  Value rem(Value x, Value y); // of non-negative numbers
  Value ceilDiv(Value x, int64_t y);
  Value min(Value x, Value y);
  Value max(Value x, Value y);
  Value equal(Value x, Value y);
  Value less(Value x, Value y);
  /// 0 <= x < y, for y >= 0
  Value within(Value x, Value y);
  Value both(Value x, Value y);
  Value select(Value condition, Value x, Value y);
  /// The known value of an index, or nothing.
  static std::optional<int64_t> known(Value value);

  //===--- Control --------------------------------------------------------===//

  /// for (i = low; i < high; i += step) body(i)
  void loop(Value low, Value high, int64_t step, llvm::function_ref<void(Value)> body);
  /// The same with a state: body(i, state) is the next one.
  Values loop(Value low, Value high, int64_t step, mlir::ValueRange init,
              llvm::function_ref<Values(Value, mlir::ValueRange)> body);
  /// Independent runs of `body`, at indices below `counts`, as the tasks of a kernel.
  void tasks(mlir::ValueRange counts, llvm::function_ref<void(mlir::ValueRange)> body);
  void ifThen(Value condition, llvm::function_ref<void()> then);
  Values ifElse(Value condition, llvm::function_ref<Values()> then, llvm::function_ref<Values()> otherwise);

  //===--- Memory ---------------------------------------------------------===//

  /// A size of a buffer.
  Value dim(Value buffer, int64_t axis);
  Values dims(Value buffer);
  Value product(mlir::ValueRange sizes);
  /// A contiguous buffer as one of rank 1.
  Value flatten(Value buffer);
  /// `size` elements of a flat buffer from `offset` on.
  Value slice(Value flat, Value offset, Value size);
  /// A buffer of `size` elements of f32, and one that holds `value`.
  Value allocate(int64_t size);
  Value filled(int64_t size, double value, int64_t lanes);
  Value load(Value flat, Value at);
  /// Vectors of f32; lanes that `mask`, where it is not null, turns off are `fill` and not touched in memory.
  Value loadVector(Value flat, Value at, int64_t lanes, Value mask, double fill = 0.0);
  void storeVector(Value vector, Value flat, Value at, Value mask);
  Value splat(Value scalar, int64_t lanes);
  Value splat(double value, int64_t lanes);
  /// The first of `values`, 0 where there are not as many as lanes.
  Value constantVector(llvm::ArrayRef<double> values, int64_t lanes);
  Value fma(Value x, Value y, Value z);
  /// The mask of the first `count` lanes.
  Value mask(Value count, int64_t lanes);

private:
  mlir::VectorType vectorType(int64_t lanes);
};

} // namespace fsc

#endif // FSC_PASSES_TILING_INDEXBUILDER_H
