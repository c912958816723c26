//===- Lowering.h - From kernels to native code -----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LOWERING_LOWERING_H
#define FSC_PASSES_LOWERING_LOWERING_H

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace fsc {

/// Names of attributes that phases leave for later ones.
constexpr llvm::StringLiteral kScheduleAttr = "fsc.schedule";          // of a kernel's function
constexpr llvm::StringLiteral kAnchorAttr = "fsc.anchor";              // of a kernel's function
constexpr llvm::StringLiteral kFlopsAttr = "fsc.flops";                // of a kernel's function
constexpr llvm::StringLiteral kArenaBytesAttr = "fsc.arena_bytes";     // of @main
constexpr llvm::StringLiteral kWeightsBytesAttr = "fsc.weights_bytes"; // of @main
constexpr llvm::StringLiteral kArgumentsAttr = "fsc.arguments";        // of @main: names of inputs and their dims
constexpr llvm::StringLiteral kStringsAttr = "fsc.strings";            // of @main: those of constants
constexpr llvm::StringLiteral kScratchBytesAttr = "fsc.scratch_bytes"; // of a kernel's module
constexpr llvm::StringLiteral kKernelIndexAttr = "fsc.kernel_index";   // of a kernel's module
constexpr llvm::StringLiteral kCostAttr = "fsc.cost";                  // of a kernel's module: nanoseconds of one task

/// `node 'name' (Op, opset N)`, from an op's location; `otherwise` where that names no node.
std::string describeNode(mlir::Location location, llvm::StringRef otherwise);

/// The memref that stores a tensor.
mlir::MemRefType bufferType(mlir::RankedTensorType type);
/// The bytes of a memref of static shape.
int64_t byteSize(mlir::MemRefType type);

#define GEN_PASS_DECL
#include "passes/lowering/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "passes/lowering/Passes.h.inc"

} // namespace fsc

#endif // FSC_PASSES_LOWERING_LOWERING_H
