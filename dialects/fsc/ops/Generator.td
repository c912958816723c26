//===- Generator.td - Tensors computed from few numbers ----*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_ConstantOfShapeOp : Fsc_Op<"constant_of_shape", Onnx<"ConstantOfShape", 9>, ["inferElementType", "inferContent"],
                                   [Fsc_NarrowTypes]> {
  let summary = "one value (float 0 by default) in a tensor of given sizes";
  let arguments = (ins Fsc_Tensor:$input, OptionalAttr<ElementsAttr>:$value);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_RangeOp : Fsc_Op<"range", Onnx<"Range", 11>, ["inferContent"]> {
  let summary = "start, start + delta, … before limit";
  let arguments = (ins Fsc_Tensor:$start, Fsc_Tensor:$limit, Fsc_Tensor:$delta, DefaultValuedAttr<I64Attr, "1">:$stash_type);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_EyeLikeOp : Fsc_Op<"eye_like", Onnx<"EyeLike", 9>, ["inferElementType"]> {
  let summary = "1 on diagonal k, 0 elsewhere, in a matrix of the operand's sizes";
  let arguments = (ins Fsc_Tensor:$input, OptionalAttr<I64Attr>:$dtype, DefaultValuedAttr<I64Attr, "0">:$k);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_OneHotOp : Fsc_Op<"one_hot", Onnx<"OneHot", 9>, ["inferElementType"], [Fsc_NarrowTypes]> {
  let summary = "values[1] where the place along a new axis is the index, values[0] elsewhere";
  let arguments = (ins Fsc_Tensor:$indices, Fsc_Tensor:$depth, Fsc_Tensor:$values, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_MelWeightMatrixOp : Fsc_Op<"mel_weight_matrix", Onnx<"MelWeightMatrix", 17>, ["inferElementType"]> {
  let summary = "the matrix from the bins of a spectrogram to bins of the mel scale";
  let arguments = (ins Fsc_Tensor:$num_mel_bins, Fsc_Tensor:$dft_length, Fsc_Tensor:$sample_rate,
                       Fsc_Tensor:$lower_edge_hertz, Fsc_Tensor:$upper_edge_hertz,
                       DefaultValuedAttr<I64Attr, "1">:$output_datatype);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_AffineGridOp : Fsc_Op<"affine_grid", Onnx<"AffineGrid", 20>> {
  let summary = "the normalized coordinates of an image's places, transformed by matrices: a grid for GridSample";
  let arguments = (ins Fsc_Tensor:$theta, Fsc_Tensor:$size, DefaultValuedAttr<I64Attr, "0">:$align_corners);
  let results = (outs Fsc_Tensor:$grid);
}
