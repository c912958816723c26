//===- Normalization.td - Ops over rows and channels -------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

class Fsc_SoftmaxBaseOp<string mnemonic, Onnx onnx> : Fsc_Op<mnemonic, onnx, ["getAnchor", "countFlops"]> {
  let arguments = (ins Fsc_Tensor:$input, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs Fsc_Tensor:$output);
}
def Fsc_SoftmaxOp : Fsc_SoftmaxBaseOp<"softmax", Onnx<"Softmax", 13>> {
  let summary = "exp(x - max) / sum of exp(x - max) along an axis";
}
def Fsc_LogSoftmaxOp : Fsc_SoftmaxBaseOp<"log_softmax", Onnx<"LogSoftmax", 13>> {
  let summary = "log(softmax(x)) along an axis";
}

def Fsc_BatchNormalizationOp : Fsc_Op<"batch_normalization", Onnx<"BatchNormalization", 14>, ["getAnchor", "inferElementType"]> {
  let summary = "(x - mean) / sqrt(var + epsilon) * scale + bias for each channel";
  let description = [{
    With training_mode, mean and variance are the batch's own, and the further results
    are the running statistics: given * momentum + batch's * (1 - momentum).
  }];
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale, Fsc_Tensor:$bias, Fsc_Tensor:$mean, Fsc_Tensor:$var,
                       DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon, DefaultValuedAttr<F32Attr, "0.9f">:$momentum,
                       DefaultValuedAttr<I64Attr, "0">:$training_mode);
  let results = (outs Fsc_Tensor:$y, Variadic<Fsc_Tensor>:$running);
}

//===--- Normalization of rows by their own statistics --------------------===//

def Fsc_LayerNormalizationOp : Fsc_Op<"layer_normalization", Onnx<"LayerNormalization", 17>,
                                      ["getAnchor", "countFlops", "inferElementType"]> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * scale + bias over the dims from axis on";
  let description = "The second and third result are the mean and 1 / sqrt(variance + epsilon), of type `stash_type`.";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale, Optional<Fsc_Tensor>:$bias,
                       DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon,
                       DefaultValuedAttr<I64Attr, "1">:$stash_type);
  let results = (outs Fsc_Tensor:$y, Variadic<Fsc_Tensor>:$statistics);
}

def Fsc_RMSNormalizationOp : Fsc_Op<"rms_normalization", Onnx<"RMSNormalization", 23>, ["getAnchor", "countFlops"]> {
  let summary = "x / sqrt(mean of x^2 + epsilon) * scale over the dims from axis on";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale,
                       DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon,
                       DefaultValuedAttr<I64Attr, "1">:$stash_type);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_InstanceNormalizationOp : Fsc_Op<"instance_normalization", Onnx<"InstanceNormalization", 6>, ["getAnchor"]> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * scale + bias over the spatial dims of each channel";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale, Fsc_Tensor:$bias,
                       DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_GroupNormalizationOp : Fsc_Op<"group_normalization", Onnx<"GroupNormalization", 21>, ["getAnchor"]> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * scale + bias over groups of channels";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale, Fsc_Tensor:$bias, I64Attr:$num_groups,
                       DefaultValuedAttr<F32Attr, "1e-05f">:$epsilon, DefaultValuedAttr<I64Attr, "1">:$stash_type);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_MeanVarianceNormalizationOp : Fsc_Op<"mean_variance_normalization", Onnx<"MeanVarianceNormalization", 9>,
                                             ["getAnchor"]> {
  let summary = "(x - mean) / (sqrt(variance) + 1e-9) over the given axes";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<DenseI64ArrayAttr>:$axes);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_LpNormalizationOp : Fsc_Op<"lp_normalization", Onnx<"LpNormalization", 1>, ["getAnchor"]> {
  let summary = "x divided by its L1 or L2 norm along an axis; 0 where the norm is 0";
  let arguments = (ins Fsc_Tensor:$input, DefaultValuedAttr<I64Attr, "-1">:$axis, DefaultValuedAttr<I64Attr, "2">:$p);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_LRNOp : Fsc_Op<"lrn", Onnx<"LRN", 1>, ["countFlops"]> {
  let summary = "x / (bias + alpha / size * sum of x^2 over size neighbouring channels)^beta";
  let arguments = (ins Fsc_Tensor:$x, I64Attr:$size, DefaultValuedAttr<F32Attr, "0.0001f">:$alpha,
                       DefaultValuedAttr<F32Attr, "0.75f">:$beta, DefaultValuedAttr<F32Attr, "1.0f">:$bias);
  let results = (outs Fsc_Tensor:$y);
}
