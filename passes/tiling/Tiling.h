//===- Tiling.h - Kernels made by templates ---------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_TILING_TILING_H
#define FSC_PASSES_TILING_TILING_H

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace fsc {

class ConcatOp;

/// The names of the templates in schedules.
constexpr llvm::StringLiteral kRegisterTemplate = "register";
constexpr llvm::StringLiteral kWindowTemplate = "window";
constexpr llvm::StringLiteral kConcatTemplate = "concat";
constexpr llvm::StringLiteral kRowTemplate = "row";

/// What a register kernel computes: `rows` x `columns` sums of products, once for each batch. Sizes that are not known
/// are ShapedType::kDynamic.
struct Contraction {
  mlir::Operation *op = nullptr; // fsc.conv or fsc.matmul
  int64_t batches = 1;           // of matrices that are both not constant
  int64_t rows = 0, columns = 0;
  int64_t depth = 0; // products of one tap
  int64_t taps = 1;
  int64_t pack = 0; // columns of a panel of the second operand; 0: it is row-major
};

/// The contraction that the kernel with this body is built around, if a register kernel can compute all of the body;
/// otherwise nothing, with the reason in `why`.
std::optional<Contraction> matchContraction(mlir::Block &body, const char *&why);

/// The op with a window, or the global pool, that the kernel with this body is built around, if a window kernel can
/// compute all of the body; otherwise null, with the reason in `why`.
mlir::Operation *matchWindow(mlir::Block &body, const char *&why);

/// The same of a concatenation and a concat kernel.
ConcatOp matchConcat(mlir::Block &body, const char *&why);

/// The same of a softmax, or its logarithm, and a row kernel.
mlir::Operation *matchRow(mlir::Block &body, const char *&why);

/// Why the elementwise ops of `body` cannot be applied to vectors of `anchor`, the one other op's result; or null.
const char *refuseEpilogue(mlir::Block &body, mlir::Value anchor);

#define GEN_PASS_DECL
#include "passes/tiling/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/tiling/Passes.h.inc"

} // namespace fsc

#endif // FSC_PASSES_TILING_TILING_H
