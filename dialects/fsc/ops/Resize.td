//===- Resize.td - Ops that sample between elements --------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_ResizeOp : Fsc_Op<"resize", Onnx<"Resize", 11>, [], [AttrSizedOperandSegments]> {
  let summary = "the operand sampled at other sizes, by the nearest element or by interpolation";
  let description = "An operand of no elements counts as absent. The coordinates are those of the ONNX specification.";
  let arguments = (ins Fsc_Tensor:$x, Optional<Fsc_Tensor>:$roi, Optional<Fsc_Tensor>:$scales, Optional<Fsc_Tensor>:$sizes,
                       DefaultValuedStrAttr<StrAttr, "nearest">:$mode,
                       DefaultValuedStrAttr<StrAttr, "half_pixel">:$coordinate_transformation_mode,
                       DefaultValuedStrAttr<StrAttr, "round_prefer_floor">:$nearest_mode,
                       DefaultValuedStrAttr<StrAttr, "stretch">:$keep_aspect_ratio_policy,
                       OptionalAttr<DenseI64ArrayAttr>:$axes, DefaultValuedAttr<I64Attr, "0">:$antialias,
                       DefaultValuedAttr<I64Attr, "0">:$exclude_outside, DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coeff_a,
                       DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation_value);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_GridSampleOp : Fsc_Op<"grid_sample", Onnx<"GridSample", 16>> {
  let summary = "the operand sampled at the normalized coordinates of a grid";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$grid, DefaultValuedAttr<I64Attr, "0">:$align_corners,
                       DefaultValuedStrAttr<StrAttr, "linear">:$mode, DefaultValuedStrAttr<StrAttr, "zeros">:$padding_mode);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_RoiAlignOp : Fsc_Op<"roi_align", Onnx<"RoiAlign", 16>> {
  let summary = "regions of the operand pooled to one size, sampled by bilinear interpolation (He et al., Mask R-CNN)";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$rois, Fsc_Tensor:$batch_indices,
                       DefaultValuedStrAttr<StrAttr, "half_pixel">:$coordinate_transformation_mode,
                       DefaultValuedStrAttr<StrAttr, "avg">:$mode, DefaultValuedAttr<I64Attr, "1">:$output_height,
                       DefaultValuedAttr<I64Attr, "1">:$output_width, DefaultValuedAttr<I64Attr, "0">:$sampling_ratio,
                       DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_MaxRoiPoolOp : Fsc_Op<"max_roi_pool", Onnx<"MaxRoiPool", 1>> {
  let summary = "the largest element of each part of regions of the operand";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$rois, DenseI64ArrayAttr:$pooled_shape,
                       DefaultValuedAttr<F32Attr, "1.0f">:$spatial_scale);
  let results = (outs Fsc_Tensor:$y);
}
