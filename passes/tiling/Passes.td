//===- Passes.td - Kernels made by templates ---------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_TILING
#define FSC_PASSES_TILING

include "mlir/Pass/PassBase.td"

def EmitRegisterKernel : Pass<"fsc-emit-register-kernel", "::mlir::func::FuncOp"> {
  let summary = "a contraction or convolution as loops around one tile of accumulators";
  let description = [{
    For kernels whose schedule has the template "register": the function of tensors becomes one of
    buffers, with one `scf.forall` over tasks. Inside, a tile of rows x vectors of the result is held in registers while the
    sum runs; the kernel's elementwise ops are applied to it before it is stored. A convolution is a product whose rows
    are pixels: each row of each tap is read in place, or from a row of zeros where the window overlaps the padding.

    Tile: rows and vectors of the accumulators, lanes of a vector, rows and panels of a task.

    See test/passes/emit-register-kernel.mlir and docs/decisions/implicit-gemm.md.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::math::MathDialect"];
}

def EmitWindowKernel : Pass<"fsc-emit-window-kernel", "::mlir::func::FuncOp"> {
  let summary = "a pool or a depthwise convolution as loops over vectors of channels";
  let description = [{
    For kernels whose schedule has the template "window": the function of tensors becomes one of buffers, with one
    `scf.forall` over blocks of rows of the result (over images and channels for a global pool). Each vector is of channels at
    one pixel; several pixels beside each other are computed together. Windows are clipped to the operand, so
    that padding is never read.

    Tile: pixels of a block, lanes of a vector, rows of a task.

    See test/passes/emit-window-kernel.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::math::MathDialect"];
}

def EmitConcatKernel : Pass<"fsc-emit-concat-kernel", "::mlir::func::FuncOp"> {
  let summary = "a concatenation as copies of vectors";
  let description = [{
    For kernels whose schedule has the template "concat": the function of tensors becomes one of buffers, with one
    `scf.forall` over blocks of rows, a row being what lies behind one index of the dims before the axis. Each operand's part of a row is copied a
    vector at a time; elementwise ops are applied on the way, where the axis is the last.

    Tile: lanes of a vector, rows of a task.

    See test/passes/emit-concat-kernel.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::math::MathDialect"];
}

def EmitRowKernel : Pass<"fsc-emit-row-kernel", "::mlir::func::FuncOp"> {
  let summary = "a softmax over the last dim as vectors along each row";
  let description = [{
    For kernels whose schedule has the template "row": the function of tensors becomes one of buffers, with one
    `scf.forall` over blocks of rows. A row is read three times: for its largest element, for the exponentials and their sum, and for the
    quotients; elementwise ops are applied to these.

    Tile: lanes of a vector, rows of a task.

    See test/passes/emit-row-kernel.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::math::MathDialect"];
}

#endif // FSC_PASSES_TILING
