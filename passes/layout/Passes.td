//===- Passes.td - Layouts that targets want ---------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LAYOUT
#define FSC_PASSES_LAYOUT

include "mlir/Pass/PassBase.td"

def ChannelsLast : Pass<"fsc-channels-last", "::mlir::func::FuncOp"> {
  let summary = "let convolutions and pools run on activations whose channels are last";
  let description = [{
    Each convolution and pool of f32 with one or two spatial dims gets `channels_last`, with a
    transpose before and after it. Refused: other element types, other ranks, pools that also give indices.

        %y = fsc.conv(%x, %w)    ->    %t = fsc.transpose(%x) {perm = [0, 2, 3, 1]}
                                       %u = fsc.conv(%t, %w) {channels_last = true}
                                       %y = fsc.transpose(%u) {perm = [0, 3, 1, 2]}

    See test/passes/channels-last.mlir.
  }];
  let statistics = [Statistic<"numRewritten", "num-rewritten", "convolutions and pools that have their channels last">];
}

def SinkTransposes : Pass<"fsc-sink-transposes", "::mlir::func::FuncOp"> {
  let summary = "move transposes towards the results until they cancel";
  let description = [{
    A transpose moves behind the op that reads it if that op can do the same on the operand: elementwise ops,
    concat, softmax, reductions. Two in a row are composed; one of a constant is done now; one that moves no
    dim of a size other than 1 becomes a reshape. An op with several operands is rewritten only if the graph gets no
    more transposes by it.

        relu(transpose(%x))  ->  transpose(relu(%x))

    See test/passes/sink-transposes.mlir.
  }];
  let statistics = [Statistic<"numSunk", "num-sunk", "transposes that moved behind an op">,
                    Statistic<"numCancelled", "num-cancelled", "pairs of transposes that became one or none">];
}

def PackWeights : Pass<"fsc-pack-weights", "::mlir::func::FuncOp"> {
  let summary = "bring constant weights into the order in which register kernels read them";
  let description = [{
    A constant filter of a convolution with its channels last becomes panels of `pack` output channels,
    [ceil(F / pack)][taps][C][pack]; that of a depthwise convolution one panel of all, [1][taps][1][F]. A constant second
    matrix of a product becomes [ceil(N / pack)][K][pack]; `fsc.gemm` with one becomes `fsc.matmul` and elementwise ops.
    Refused: weights that are not f32, not constant or not finite (where a window overlaps
    padding, kernels multiply weights by zero), other groups.

    See test/passes/pack-weights.mlir.
  }];
  let options = [Option<"pack", "pack", "int64_t", "32", "output channels of a panel">];
  let statistics = [Statistic<"numPacked", "num-packed", "weights packed">];
}

#endif // FSC_PASSES_LAYOUT
