//===- Layout.h - Layouts that targets want ---------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LAYOUT_LAYOUT_H
#define FSC_PASSES_LAYOUT_LAYOUT_H

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace fsc {

/// The bytes of a constant's elements in row-major order, without a copy where possible (splats are written out to
/// `storage`). Null data if they are not there, or not stored as they are in memory (bools).
llvm::ArrayRef<char> viewElements(mlir::ElementsAttr elements, llvm::SmallVectorImpl<char> &storage);

/// The same elements with another static shape, without a copy; null if that is not possible.
mlir::ElementsAttr withShape(mlir::ElementsAttr elements, llvm::ArrayRef<int64_t> shape);
/// A constant whose elements `fill` writes. Small ones are kept in the attribute, others on the heap.
mlir::Value makeConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type,
                         llvm::StringRef name, llvm::function_ref<void(llvm::MutableArrayRef<char>)> fill);

/// The inverse of a permutation, and `values` (sizes, say) in the order that a transpose with `perm` gives them.
llvm::SmallVector<int64_t> invertPermutation(llvm::ArrayRef<int64_t> perm);
llvm::SmallVector<int64_t> permute(llvm::ArrayRef<int64_t> values, llvm::ArrayRef<int64_t> perm);
bool isIdentityPermutation(llvm::ArrayRef<int64_t> perm);
/// A transpose of `value`.
mlir::Value transpose(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, llvm::ArrayRef<int64_t> perm);
/// The constant `elements` transposed, or null if its elements cannot be read.
mlir::Value transposeConstant(mlir::OpBuilder &builder, mlir::Location loc, mlir::ElementsAttr elements,
                              llvm::ArrayRef<int64_t> perm);
/// `value` with another static shape, as a reshape.
mlir::Value reshape(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, llvm::ArrayRef<int64_t> sizes);

#define GEN_PASS_DECL
#include "passes/layout/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/layout/Passes.h.inc"

} // namespace fsc

#endif // FSC_PASSES_LAYOUT_LAYOUT_H
