//===- Quantize.td - Quantization and quantized products ---*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scales and zero points are given for the whole tensor (one element), for each
// index of an axis (rank 1), or for blocks of an axis (the tensor's own rank).
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_QuantizeLinearOp : Fsc_Op<"quantize_linear", Onnx<"QuantizeLinear", 10>, ["getAnchor", "inferElementType"],
                                   [Fsc_NarrowTypes]> {
  let summary = "saturate(round(x / scale) + zero point), halves rounded to even";
  let description = "The result has the zero point's element type, else `output_dtype`, else ui8.";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale, Optional<Fsc_Tensor>:$zero_point,
                       DefaultValuedAttr<I64Attr, "1">:$axis, DefaultValuedAttr<I64Attr, "1">:$saturate,
                       DefaultValuedAttr<I64Attr, "0">:$block_size, DefaultValuedAttr<I64Attr, "0">:$output_dtype,
                       DefaultValuedAttr<I64Attr, "0">:$precision);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_DequantizeLinearOp : Fsc_Op<"dequantize_linear", Onnx<"DequantizeLinear", 10>, ["getAnchor", "inferElementType"],
                                     [Fsc_NarrowTypes]> {
  let summary = "(x - zero point) * scale";
  let description = "The result has the element type `output_dtype`, else the scale's.";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$scale, Optional<Fsc_Tensor>:$zero_point,
                       DefaultValuedAttr<I64Attr, "1">:$axis, DefaultValuedAttr<I64Attr, "0">:$block_size,
                       DefaultValuedAttr<I64Attr, "0">:$output_dtype);
  let results = (outs Fsc_Tensor:$y);
}

//===--- Matrix products --------------------------------------------------===//

def Fsc_MatMulIntegerOp : Fsc_Op<"matmul_integer", Onnx<"MatMulInteger", 10>,
                                 ["getAnchor", "countFlops", "inferElementType"], [AttrSizedOperandSegments]> {
  let summary = "product of (a - zero point) and (b - zero point) in 32 bits";
  let arguments = (ins Fsc_Tensor:$a, Fsc_Tensor:$b, Optional<Fsc_Tensor>:$a_zero_point, Optional<Fsc_Tensor>:$b_zero_point);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_QLinearMatMulOp : Fsc_Op<"qlinear_matmul", Onnx<"QLinearMatMul", 10>,
                                 ["getAnchor", "countFlops", "inferElementType"], [Fsc_NarrowTypes]> {
  let summary = "matrix product of quantized operands, quantized again";
  let description = "Sums are of i32, or of f32 if an operand is of 8 bit floats.";
  let arguments = (ins Fsc_Tensor:$a, Fsc_Tensor:$a_scale, Fsc_Tensor:$a_zero_point,
                       Fsc_Tensor:$b, Fsc_Tensor:$b_scale, Fsc_Tensor:$b_zero_point,
                       Fsc_Tensor:$y_scale, Fsc_Tensor:$y_zero_point);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_MatMulNBitsOp : Fsc_Op<"matmul_nbits", Onnx<"MatMulNBits", 1, "com.microsoft">, ["getAnchor", "countFlops"],
                               [AttrSizedOperandSegments]> {
  let summary = "a B' + bias, where B has N rows of K elements of 2, 4 or 8 bits in blocks with a scale each";
  let description = [{
    b is [N, blocks, bytes of a block], the first element of a byte in its lowest bits. Scales are [N, blocks], flat or not.
    Zero points are packed as b is, each row to whole bytes, or of a's type; 2^(bits - 1) if absent.
  }];
  let arguments = (ins Fsc_Tensor:$a, Fsc_Tensor:$b, Fsc_Tensor:$scales, Optional<Fsc_Tensor>:$zero_points,
                       Optional<Fsc_Tensor>:$g_idx, Optional<Fsc_Tensor>:$bias, I64Attr:$K, I64Attr:$N,
                       DefaultValuedAttr<I64Attr, "4">:$bits, I64Attr:$block_size,
                       DefaultValuedAttr<I64Attr, "0">:$accuracy_level);
  let results = (outs Fsc_Tensor:$y);
}

//===--- Convolutions -----------------------------------------------------===//

class Fsc_IntegerConvOp<string mnemonic, Onnx onnx, dag operands, list<Trait> traits = []>
    : Fsc_Op<mnemonic, onnx, ["getAnchor", "countFlops", "inferElementType"], traits> {
  let arguments = !con(operands, (ins
      DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, DefaultValuedAttr<I64Attr, "1">:$group));
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_ConvIntegerOp : Fsc_IntegerConvOp<"conv_integer", Onnx<"ConvInteger", 10>,
    (ins Fsc_Tensor:$x, Fsc_Tensor:$w, Optional<Fsc_Tensor>:$x_zero_point, Optional<Fsc_Tensor>:$w_zero_point),
    [AttrSizedOperandSegments]> {
  let summary = "convolution of (x - zero point) and (w - zero point) in 32 bits";
}

def Fsc_QLinearConvOp : Fsc_IntegerConvOp<"qlinear_conv", Onnx<"QLinearConv", 10>,
    (ins Fsc_Tensor:$x, Fsc_Tensor:$x_scale, Fsc_Tensor:$x_zero_point, Fsc_Tensor:$w, Fsc_Tensor:$w_scale,
         Fsc_Tensor:$w_zero_point, Fsc_Tensor:$y_scale, Fsc_Tensor:$y_zero_point, Optional<Fsc_Tensor>:$b)> {
  let summary = "convolution of quantized operands, quantized again";
}
