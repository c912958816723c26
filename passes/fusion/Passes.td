//===- Passes.td - Kernels: what is computed together ------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_FUSION
#define FSC_PASSES_FUSION

include "mlir/Pass/PassBase.td"

def FormKernels : Pass<"fsc-form-kernels", "::mlir::func::FuncOp"> {
  let summary = "put every op into a kernel of its own";
  let description = [{
    Needs ops whose types are inferred. Afterwards the function, and the branches and loops inside of it, hold only
    kernels, views, constants and arithmetic on sizes; conditions and numbers of iterations are numbers. The sizes of each kernel's result are computed in front of
    it, and the ops that then only computed shapes are gone.

        %1 = fsc.relu(%0) : …     ->     %e = tensor.empty(%n) : tensor<?x4xf32>
                                         %1 = fsc.kernel pointwise ins(%0) outs(%e) { … fsc.relu … }

    See test/passes/form-kernels.mlir.
  }];
  let statistics = [Statistic<"numKernels", "num-kernels", "kernels made">,
                    Statistic<"numViews", "num-views", "ops that became views">];
  let dependentDialects = ["::fsc::FscDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def FuseEpilogue : Pass<"fsc-fuse-epilogue", "::mlir::func::FuncOp"> {
  let summary = "merge kernels of elementwise ops into the kernels around them";
  let description = [{
    A kernel of elementwise ops joins the kernel that computes one of its inputs, if that input has its result's shape
    and no other use. A merged kernel has at most one op that is not elementwise, its anchor.

        %0 = fsc.kernel convolution … { fsc.conv }    ->    %1 = fsc.kernel convolution … { fsc.conv, fsc.relu }
        %1 = fsc.kernel pointwise ins(%0) … { fsc.relu }

    See test/passes/fuse-epilogue.mlir.
  }];
  let statistics = [Statistic<"numFused", "num-fused", "kernels merged into another">];
}

def SeparateResults : Pass<"fsc-separate-results", "::mlir::func::FuncOp"> {
  let summary = "make each result of the function, a branch or an iteration that of a kernel of its own";
  let description = [{
    An argument, a constant, a view, or a value that is another result as well is copied. So are the initial values
    that a loop overwrites, if something else reads them. Runs last in its phase: merging
    equal kernels would undo it.

    See test/passes/separate-results.mlir.
  }];
  let statistics = [Statistic<"numCopies", "num-copies", "results that had to be copied">];
  let dependentDialects = ["::fsc::FscDialect", "::mlir::tensor::TensorDialect"];
}

#endif // FSC_PASSES_FUSION
