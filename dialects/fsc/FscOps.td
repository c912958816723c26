//===- FscOps.td - All ops, by family ----------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_OPS
#define FSC_OPS

include "dialects/fsc/FscBase.td"
include "dialects/fsc/FscAttrs.td"
include "dialects/fsc/ops/Kernel.td"
include "dialects/fsc/ops/Host.td"
include "dialects/fsc/ops/Control.td"
include "dialects/fsc/ops/Elementwise.td"
include "dialects/fsc/ops/Contraction.td"
include "dialects/fsc/ops/Convolution.td"
include "dialects/fsc/ops/Reduction.td"
include "dialects/fsc/ops/Normalization.td"
include "dialects/fsc/ops/Quantize.td"
include "dialects/fsc/ops/Recurrent.td"
include "dialects/fsc/ops/Attention.td"
include "dialects/fsc/ops/MachineLearning.td"
include "dialects/fsc/ops/Movement.td"
include "dialects/fsc/ops/Indexing.td"
include "dialects/fsc/ops/Generator.td"
include "dialects/fsc/ops/Resize.td"
include "dialects/fsc/ops/Fourier.td"
include "dialects/fsc/ops/Irregular.td"
include "dialects/fsc/ops/Text.td"
include "dialects/fsc/ops/Lists.td"
include "dialects/fsc/ops/Custom.td"

#endif // FSC_OPS
