//===- Passes.td - Shapes, constants, dead code ------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_SIMPLIFY
#define FSC_PASSES_SIMPLIFY

include "mlir/Pass/PassBase.td"

def InferShapes : Pass<"fsc-infer-shapes", "::mlir::func::FuncOp"> {
  let summary = "give every result the most that is known of its sizes";
  let description = [{
    In order, each op's inferShapes over what is known of its operands. A size that an
    earlier phase knew is kept.

    See test/passes/infer-shapes.mlir.
  }];
  let statistics = [Statistic<"numRefined", "num-refined", "results whose type became more precise">,
                    Statistic<"numBranches", "num-branches", "branches whose condition is known">];
}

def FoldShapes : Pass<"fsc-fold-shapes", "::mlir::func::FuncOp"> {
  let summary = "replace integer tensors that follow from known sizes by constants";
  let description = [{
    `fsc.shape` of a tensor of known sizes, and the arithmetic on it.

    See test/passes/fold-shapes.mlir.
  }];
  let statistics = [Statistic<"numFolded", "num-folded", "tensors that became constants">];
}

def FoldBatchNorm : Pass<"fsc-fold-batch-norm", "::mlir::func::FuncOp"> {
  let summary = "fold batch normalization into the convolution before it";
  let description = [{
        batch_normalization(conv(x, w, b), scale, bias, mean, var)
          -> conv(x, w * f, (b - mean) * f + bias),  f = scale / sqrt(var + epsilon)

    iff the convolution has no other use and the parameters are constants. Any other batch
    normalization with constant parameters becomes a multiplication and an addition.

    See test/passes/fold-batch-norm.mlir.
  }];
  let statistics = [Statistic<"numFolded", "num-folded", "normalizations folded into a convolution">];
}

def ConvolveTransposed : Pass<"fsc-convolve-transposed", "::mlir::func::FuncOp"> {
  let summary = "compute transposed convolutions by convolutions";
  let description = [{
        conv_transpose(x, w, b) {strides = [s, s]}
          -> slice(depth_to_space(conv(x, w', b')) {blocksize = s})

    with a filter for each place of a block; likewise along one spatial dim. Iff filter and bias are
    constants, strides are equal and nothing is dilated.

    See test/passes/convolve-transposed.mlir.
  }];
  let statistics = [Statistic<"numConvolved", "num-convolved", "transposed convolutions that became convolutions">];
}

#endif // FSC_PASSES_SIMPLIFY
