//===- Convolution.td - Convolutions and pools -------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two attributes that no model has are set by the layout phase. `channels_last`
// says that activations are [N, spatial…, C]. `pack` says that the filter is a
// packed constant: panels of `pack` output channels,
// [ceil(F / pack)][taps][C / group][pack], zero where there is no channel;
// `filters` is then F and `kernel_shape` is set.
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

class Fsc_WindowOp<string mnemonic, Onnx onnx, dag operands, dag more, list<string> own = [], list<Trait> traits = []>
    : Fsc_Op<mnemonic, onnx, !listconcat(["getAnchor", "countFlops"], own), traits> {
  let arguments = !con(operands, (ins
      DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
      OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides,
      OptionalAttr<DenseI64ArrayAttr>:$dilations, DefaultValuedAttr<BoolAttr, "false">:$channels_last), more);
  let moreDeclarations = [{
    /// How the window moves over the operand.
    ::mlir::FailureOr<::fsc::Window> getWindow();
  }];
}

def Fsc_ConvOp : Fsc_WindowOp<"conv", Onnx<"Conv", 1>,
    (ins Fsc_Tensor:$x, Fsc_Tensor:$w, Optional<Fsc_Tensor>:$b),
    (ins DefaultValuedAttr<I64Attr, "1">:$group, DefaultValuedAttr<I64Attr, "0">:$pack, DefaultValuedAttr<I64Attr, "0">:$filters)> {
  let summary = "convolution (cross-correlation) with groups, strides, dilations and padding";
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_MaxPoolOp : Fsc_WindowOp<"max_pool", Onnx<"MaxPool", 1>, (ins Fsc_Tensor:$x),
    (ins DefaultValuedAttr<I64Attr, "0">:$ceil_mode, DefaultValuedAttr<I64Attr, "0">:$storage_order), ["inferElementType"]> {
  let summary = "the largest element of each window; second result: its index in the flattened operand";
  let results = (outs Variadic<Fsc_Tensor>:$results);
}

def Fsc_AveragePoolOp : Fsc_WindowOp<"average_pool", Onnx<"AveragePool", 7>, (ins Fsc_Tensor:$x),
    (ins DefaultValuedAttr<I64Attr, "0">:$ceil_mode, DefaultValuedAttr<I64Attr, "0">:$count_include_pad)> {
  let summary = "the mean of each window";
  let results = (outs Fsc_Tensor:$y);
}

class Fsc_GlobalPoolOp<string mnemonic, Onnx onnx>
    : Fsc_Op<mnemonic, onnx, ["getAnchor"]> {
  let arguments = (ins Fsc_Tensor:$x, DefaultValuedAttr<BoolAttr, "false">:$channels_last);
  let results = (outs Fsc_Tensor:$y);
}
def Fsc_GlobalAveragePoolOp : Fsc_GlobalPoolOp<"global_average_pool", Onnx<"GlobalAveragePool", 1>>;
def Fsc_GlobalMaxPoolOp : Fsc_GlobalPoolOp<"global_max_pool", Onnx<"GlobalMaxPool", 1>>;

def Fsc_LpPoolOp : Fsc_WindowOp<"lp_pool", Onnx<"LpPool", 2>, (ins Fsc_Tensor:$x),
    (ins DefaultValuedAttr<I64Attr, "0">:$ceil_mode, DefaultValuedAttr<I64Attr, "2">:$p)> {
  let summary = "the Lp norm of each window";
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_GlobalLpPoolOp : Fsc_Op<"global_lp_pool", Onnx<"GlobalLpPool", 2>, ["getAnchor"]> {
  let summary = "the Lp norm of each channel";
  let arguments = (ins Fsc_Tensor:$x, DefaultValuedAttr<BoolAttr, "false">:$channels_last, DefaultValuedAttr<I64Attr, "2">:$p);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_ConvTransposeOp : Fsc_Op<"conv_transpose", Onnx<"ConvTranspose", 1>, ["countFlops"]> {
  let summary = "the transpose of a convolution: each input element spreads the filter over the output";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$w, Optional<Fsc_Tensor>:$b,
                       DefaultValuedStrAttr<StrAttr, "NOTSET">:$auto_pad, OptionalAttr<DenseI64ArrayAttr>:$kernel_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$pads, OptionalAttr<DenseI64ArrayAttr>:$strides,
                       OptionalAttr<DenseI64ArrayAttr>:$dilations, OptionalAttr<DenseI64ArrayAttr>:$output_padding,
                       OptionalAttr<DenseI64ArrayAttr>:$output_shape, DefaultValuedAttr<I64Attr, "1">:$group);
  let results = (outs Fsc_Tensor:$y);
  let moreDeclarations = [{
    /// How one spatial dim is spread, and what is cut off before and after all that the filter reaches. Negative numbers add.
    struct Cut {
      int64_t stride, dilation, before, after;
    };
    /// One for each spatial dim. Fails, without a diagnostic, if they follow from sizes that are not known.
    ::mlir::FailureOr<::llvm::SmallVector<Cut>> getCuts();
  }];
}

def Fsc_DeformConvOp : Fsc_Op<"deform_conv", Onnx<"DeformConv", 19>, ["countFlops"], [AttrSizedOperandSegments]> {
  let summary = "convolution whose taps are moved by offsets, and weighted by a mask, for each place";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$w, Fsc_Tensor:$offset, Optional<Fsc_Tensor>:$b, Optional<Fsc_Tensor>:$mask,
                       OptionalAttr<DenseI64ArrayAttr>:$kernel_shape, OptionalAttr<DenseI64ArrayAttr>:$pads,
                       OptionalAttr<DenseI64ArrayAttr>:$strides, OptionalAttr<DenseI64ArrayAttr>:$dilations,
                       DefaultValuedAttr<I64Attr, "1">:$group, DefaultValuedAttr<I64Attr, "1">:$offset_group);
  let results = (outs Fsc_Tensor:$y);
  let moreDeclarations = [{
    /// How the window moves over the operand before its taps are moved.
    ::mlir::FailureOr<::fsc::Window> getWindow();
  }];
}

def Fsc_Col2ImOp : Fsc_Op<"col2_im", Onnx<"Col2Im", 18>> {
  let summary = "an image as the sum of the blocks in the columns of the operand";
  let arguments = (ins Fsc_Tensor:$input, Fsc_Tensor:$image_shape, Fsc_Tensor:$block_shape,
                       OptionalAttr<DenseI64ArrayAttr>:$dilations, OptionalAttr<DenseI64ArrayAttr>:$pads,
                       OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Fsc_Tensor:$output);
}
