//===- Irregular.td - Ops that routines of the runtime do --*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

//===--- Sizes that depend on data ----------------------------------------===//

def Fsc_NonZeroOp : Fsc_RoutineOp<"non_zero", Onnx<"NonZero", 9>, ["inferElementType"]> {
  let summary = "the indices of the elements that are not 0, one column each, in row-major order";
  let arguments = (ins Fsc_Tensor:$x);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_CompressOp : Fsc_RoutineOp<"compress", Onnx<"Compress", 9>, [], [Fsc_NarrowTypes]> {
  let summary = "the slices along axis (the elements, without one) whose condition is true";
  let arguments = (ins Fsc_Tensor:$input, Fsc_Tensor:$condition, OptionalAttr<I64Attr>:$axis);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_UniqueOp : Fsc_RoutineOp<"unique", Onnx<"Unique", 11>, ["inferElementType"]> {
  let summary = "the different slices along axis (elements, without one), where they first are, which one each is, and how many";
  let description = "Sorted, or in the order of their first places. NaNs are one element, and the largest.";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<I64Attr>:$axis, DefaultValuedAttr<I64Attr, "1">:$sorted);
  let results = (outs Fsc_Tensor:$y, Fsc_Tensor:$indices, Fsc_Tensor:$inverse_indices, Fsc_Tensor:$counts);
}

def Fsc_NonMaxSuppressionOp : Fsc_RoutineOp<"non_max_suppression", Onnx<"NonMaxSuppression", 10>, ["inferElementType"],
                                            [AttrSizedOperandSegments]> {
  let summary = "the best boxes of each class that overlap no better one: rows of batch, class and box";
  let arguments = (ins Fsc_Tensor:$boxes, Fsc_Tensor:$scores, Optional<Fsc_Tensor>:$max_output_boxes_per_class,
                       Optional<Fsc_Tensor>:$iou_threshold, Optional<Fsc_Tensor>:$score_threshold,
                       DefaultValuedAttr<I64Attr, "0">:$center_point_box);
  let results = (outs Fsc_Tensor:$selected_indices);
}

//===--- Random numbers ---------------------------------------------------===//

class Fsc_DrawTensorOp<string mnemonic, Onnx onnx, dag parameters> : Fsc_DrawOp<mnemonic, onnx, ["inferElementType"]> {
  let arguments = !con((ins DenseI64ArrayAttr:$shape, DefaultValuedAttr<I64Attr, "1">:$dtype, OptionalAttr<F32Attr>:$seed),
                       parameters);
  let results = (outs Fsc_Tensor:$output);
}
class Fsc_DrawLikeOp<string mnemonic, Onnx onnx, dag parameters> : Fsc_DrawOp<mnemonic, onnx, ["inferElementType"]> {
  let arguments = !con((ins Fsc_Tensor:$input, OptionalAttr<I64Attr>:$dtype, OptionalAttr<F32Attr>:$seed), parameters);
  let results = (outs Fsc_Tensor:$output);
}

defvar Fsc_Normal = (ins DefaultValuedAttr<F32Attr, "0.0f">:$mean, DefaultValuedAttr<F32Attr, "1.0f">:$scale);
defvar Fsc_Uniform = (ins DefaultValuedAttr<F32Attr, "0.0f">:$low, DefaultValuedAttr<F32Attr, "1.0f">:$high);

def Fsc_RandomNormalOp : Fsc_DrawTensorOp<"random_normal", Onnx<"RandomNormal", 1>, Fsc_Normal> {
  let summary = "a tensor of draws from a normal distribution";
}
def Fsc_RandomNormalLikeOp : Fsc_DrawLikeOp<"random_normal_like", Onnx<"RandomNormalLike", 1>, Fsc_Normal> {
  let summary = "draws from a normal distribution, as many as the operand has elements";
}
def Fsc_RandomUniformOp : Fsc_DrawTensorOp<"random_uniform", Onnx<"RandomUniform", 1>, Fsc_Uniform> {
  let summary = "a tensor of draws from [low, high)";
}
def Fsc_RandomUniformLikeOp : Fsc_DrawLikeOp<"random_uniform_like", Onnx<"RandomUniformLike", 1>, Fsc_Uniform> {
  let summary = "draws from [low, high), as many as the operand has elements";
}

def Fsc_MultinomialOp : Fsc_DrawOp<"multinomial", Onnx<"Multinomial", 7>, ["inferElementType"]> {
  let summary = "draws from the classes of each row, whose logarithms of probabilities are given up to a constant";
  let arguments = (ins Fsc_Tensor:$input, DefaultValuedAttr<I64Attr, "6">:$dtype,
                       DefaultValuedAttr<I64Attr, "1">:$sample_size, OptionalAttr<F32Attr>:$seed);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_ImageDecoderOp : Fsc_RoutineOp<"image_decoder", Onnx<"ImageDecoder", 20>, ["inferElementType"]> {
  let summary = "the pixels of an image, [height, width, channels], from the bytes of its file";
  let arguments = (ins Fsc_Tensor:$encoded_stream, DefaultValuedStrAttr<StrAttr, "RGB">:$pixel_format);
  let results = (outs Fsc_Tensor:$image);
}
