//===- Passes.td - From kernels to native code -------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LOWERING
#define FSC_PASSES_LOWERING

include "mlir/Pass/PassBase.td"

//===--- bufferize --------------------------------------------------------===//

def BufferizeHost : Pass<"fsc-bufferize-host", "::mlir::ModuleOp"> {
  let summary = "turn tensors of the host program into buffers, and kernels into functions";
  let description = [{
    Needs @main in the form that the schedule phase leaves. Afterwards @main has no arguments: its
    inputs, outputs, weights and temporaries are buffers (Host.td), and each kernel is a function in a module of its own,
    which `fsc.launch` runs. Equal kernels share one module. `fsc.if` and `fsc.loop` become `scf.if` and `scf.while`,
    which hand on addresses and sizes of what has a dynamic size.

    See test/passes/bufferize-host.mlir.
  }];
  let statistics = [Statistic<"numShared", "num-shared", "kernels that share another's code">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def PlanArena : Pass<"fsc-plan-arena", "::mlir::func::FuncOp"> {
  let summary = "give every buffer a place in the arena, a number or a formula in the sizes of the inputs";
  let description = [{
    Buffers in use at the same time get disjoint places; the largest are placed first, each at the lowest
    offset that is free for its whole lifetime, which is the whole loop if the buffer is used in one and comes from
    around it. Where sizes are dynamic and follow from the inputs, the order in which buffers lie is chosen for sample
    sizes, and offsets are sums and maxima of bytes, computed once when the run begins (ArenaPlan.h). Releases the others,
    whose sizes follow from what the run computes or which not every run needs, after their last use, unless they are
    handed on.

    See test/passes/plan-arena.mlir and test/passes/plan-arena-formula.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numComputed", "num-computed", "buffers whose place is a formula">,
                    Statistic<"arenaBytes", "arena-bytes", "size of the arena">,
                    Statistic<"lowerBound", "lower-bound", "most bytes in use at one time">];
}

def VerifyArena : Pass<"fsc-verify-arena", "::mlir::func::FuncOp"> {
  let summary = "check the arena plan against the uses of the buffers";
  let description = [{
    Independent of fsc-plan-arena: finds the launches that use each buffer, through views, and fails if one lies outside
    the lifetime that the buffer claims, if a buffer is larger than its place, or if two
    buffers whose lifetimes overlap share bytes. Of formulas it proves that for all sizes.
  }];
}

def LayOutWeights : Pass<"fsc-lay-out-weights", "::mlir::func::FuncOp"> {
  let summary = "give every constant a place in the weights section";
  let description = "In order of first use, equal constants once, each aligned for vector loads.";
}

//===--- lower ------------------------------------------------------------===//

def LowerToLinalg : Pass<"fsc-lower-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "a kernel's ops as linalg on tensors, over the buffers it is given";
  let description = [{
    The function's tensor arguments become memrefs of the storage types (bool is i8). The body
    reads them with `bufferization.to_tensor` and writes its results into the outputs.

    See test/passes/lower-to-linalg.mlir.
  }];
  let dependentDialects = [
    "::mlir::bufferization::BufferizationDialect", "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def TileKernel : Pass<"fsc-tile-kernel", "::mlir::func::FuncOp"> {
  let summary = "fuse a kernel's linalg ops and spread them over tasks";
  let description = [{
    Merges elementwise ops, then tiles the op that computes the result by the sizes of the kernel's schedule, with
    everything it needs computed tile by tile, in one `scf.forall`.

    See test/passes/tile-kernel.mlir.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect"];
}

def LowerCopies : Pass<"fsc-lower-copies", "::mlir::func::FuncOp"> {
  let summary = "copies between buffers as loops";
  let description = "A copy of a strided buffer would otherwise be a call of a function that no artefact has.";
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def FinalizeKernel : Pass<"fsc-finalize-kernel", "::mlir::ModuleOp"> {
  let summary = "give a kernel the signature that the host calls";
  let description = [{
    Needs one function on memrefs, without tensors, with at most one scf.forall. Makes of it
    `@<name>(context, words, scratch, begin, end)`, which runs the iterations [begin, end) of the scf.forall (or
    everything, as one task), and `@<name>.tasks(words)`, which gives their number. Temporaries of bounded size become
    places in the worker's scratch, others are allocated by the runtime. `fsc.check` reports to the runtime.

    See test/passes/finalize-kernel.mlir.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect", "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect"];
}

def LowerHost : Pass<"fsc-lower-host", "::mlir::ModuleOp"> {
  let summary = "the host program in the LLVM dialect";
  let description = [{
    @main becomes `@fsc_run(context) -> i32`: buffers are addresses from the runtime's context, launches are calls of
    the runtime, and any failure ends the run with its status.

    See test/passes/lower-host.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect"];
}

def ConvertToLLVM : Pass<"fsc-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "the functions of a module in the LLVM dialect";
  let description = [{
    Those of nested modules are left alone. Needs loops lowered to branches. With `approximate`, exp, log, tanh and erf of f32 become
    polynomials that vectorise, instead of calls of the C library.
  }];
  let options = [Option<"approximate", "approximate", "bool", "false", "polynomials for elementary functions of f32">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect"];
}

#endif // FSC_PASSES_LOWERING
