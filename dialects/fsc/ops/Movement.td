//===- Movement.td - Ops that move elements ----------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

//===--- Views: the same buffer with other sizes --------------------------===//

/// The result has the operand's elements in their order.
class Fsc_ViewLikeOp<string mnemonic, Onnx onnx, dag operands, list<Trait> traits = []>
    : Fsc_Op<mnemonic, onnx, ["isView", "inferContent"], !listconcat([Fsc_NarrowTypes], traits)> {
  let arguments = operands;
  let results = (outs Fsc_Tensor:$reshaped);
  code viewDefinition = [{
    bool $cppClass::isView() { return true; }
    ::mlir::LogicalResult $cppClass::lowerToLinalg(::fsc::LinalgBuilder &builder) { return ::fsc::detail::lowerView(builder); }
    std::optional<::fsc::Shape> $cppClass::inferContent(::fsc::ShapeBuilder &shapes, unsigned) {
      return shapes.content(getData());
    }
  }];
  let extraClassDefinition = baseDefinition # viewDefinition;
}

def Fsc_ReshapeOp : Fsc_ViewLikeOp<"reshape", Onnx<"Reshape", 5>,
    (ins Fsc_Tensor:$data, Fsc_Tensor:$shape, DefaultValuedAttr<I64Attr, "0">:$allowzero)>;
def Fsc_FlattenOp : Fsc_ViewLikeOp<"flatten", Onnx<"Flatten", 1>,
    (ins Fsc_Tensor:$data, DefaultValuedAttr<I64Attr, "1">:$axis)>;
def Fsc_SqueezeOp : Fsc_ViewLikeOp<"squeeze", Onnx<"Squeeze", 13>, (ins Fsc_Tensor:$data, Optional<Fsc_Tensor>:$axes)>;
def Fsc_UnsqueezeOp : Fsc_ViewLikeOp<"unsqueeze", Onnx<"Unsqueeze", 13>, (ins Fsc_Tensor:$data, Fsc_Tensor:$axes)>;

//===--- Sizes ------------------------------------------------------------===//

def Fsc_ShapeOp : Fsc_Op<"shape", Onnx<"Shape", 1>, ["inferElementType", "inferContent"], [Fsc_NarrowTypes]> {
  let summary = "the sizes of the operand, of dims start to end";
  let arguments = (ins Fsc_Tensor:$data, DefaultValuedAttr<I64Attr, "0">:$start, OptionalAttr<I64Attr>:$end);
  let results = (outs Fsc_Tensor:$shape);
}

def Fsc_SizeOp : Fsc_Op<"size", Onnx<"Size", 1>, ["inferElementType", "inferContent"], [Fsc_NarrowTypes]> {
  let summary = "the number of elements of the operand";
  let arguments = (ins Fsc_Tensor:$data);
  let results = (outs Fsc_Tensor:$size);
}

//===--- Rearrangement ----------------------------------------------------===//

def Fsc_TransposeOp : Fsc_Op<"transpose", Onnx<"Transpose", 1>, [], [Fsc_NarrowTypes]> {
  let summary = "dims in another order; reversed if perm is absent";
  let arguments = (ins Fsc_Tensor:$data, OptionalAttr<DenseI64ArrayAttr>:$perm);
  let results = (outs Fsc_Tensor:$transposed);
  let moreDeclarations = "::llvm::SmallVector<int64_t> getPermutation();";
}

def Fsc_ConcatOp : Fsc_Op<"concat", Onnx<"Concat", 4>, ["inferContent"], [Fsc_NarrowTypes]> {
  let summary = "operands one after the other along an axis";
  let arguments = (ins Variadic<Fsc_Tensor>:$operands, I64Attr:$axis);
  let results = (outs Fsc_Tensor:$result);
}

def Fsc_GatherOp : Fsc_Op<"gather", Onnx<"Gather", 1>, ["inferContent"], [Fsc_NarrowTypes]> {
  let summary = "slices of the operand along an axis, at given indices";
  let arguments = (ins Fsc_Tensor:$data, Fsc_Tensor:$indices, DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs Fsc_Tensor:$result);
}

def Fsc_SliceOp : Fsc_Op<"slice", Onnx<"Slice", 10>, ["inferContent"], [AttrSizedOperandSegments, Fsc_NarrowTypes]> {
  let summary = "elements start, start + step, … before end, along axes";
  let arguments = (ins Fsc_Tensor:$data, Fsc_Tensor:$starts, Fsc_Tensor:$ends, Optional<Fsc_Tensor>:$axes,
                       Optional<Fsc_Tensor>:$steps);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_SplitOp : Fsc_Op<"split", Onnx<"Split", 13>, ["inferContent"], [Fsc_NarrowTypes]> {
  let summary = "consecutive parts along an axis, of equal sizes or those of split";
  let arguments = (ins Fsc_Tensor:$input, Optional<Fsc_Tensor>:$split, DefaultValuedAttr<I64Attr, "0">:$axis,
                       OptionalAttr<I64Attr>:$num_outputs);
  let results = (outs Variadic<Fsc_Tensor>:$outputs);
}

def Fsc_ExpandOp : Fsc_Op<"expand", Onnx<"Expand", 8>, ["inferContent"], [Fsc_NarrowTypes]> {
  let summary = "the operand broadcast with a shape";
  let arguments = (ins Fsc_Tensor:$input, Fsc_Tensor:$shape);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_TileOp : Fsc_Op<"tile", Onnx<"Tile", 6>, ["inferContent"], [Fsc_NarrowTypes]> {
  let summary = "the operand repeated along each dim";
  let arguments = (ins Fsc_Tensor:$input, Fsc_Tensor:$repeats);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_PadOp : Fsc_Op<"pad", Onnx<"Pad", 11>, [], [AttrSizedOperandSegments, Fsc_NarrowTypes]> {
  let summary = "the operand with elements added (or, by negative pads, removed) before and after along axes";
  let description = [{
    mode is constant, edge, reflect (about the first and last element, repeatedly) or wrap. What negative pads
    remove is removed first.
  }];
  let arguments = (ins Fsc_Tensor:$data, Fsc_Tensor:$pads, Optional<Fsc_Tensor>:$constant_value, Optional<Fsc_Tensor>:$axes,
                       DefaultValuedStrAttr<StrAttr, "constant">:$mode);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_CenterCropPadOp : Fsc_Op<"center_crop_pad", Onnx<"CenterCropPad", 18>, [], [Fsc_NarrowTypes]> {
  let summary = "the middle of the operand, or the operand amid zeros, of given sizes along axes";
  let arguments = (ins Fsc_Tensor:$input, Fsc_Tensor:$shape, OptionalAttr<DenseI64ArrayAttr>:$axes);
  let results = (outs Fsc_Tensor:$output);
}

class Fsc_BlockOp<string mnemonic, Onnx onnx> : Fsc_Op<mnemonic, onnx, [], [Fsc_NarrowTypes]> {
  let arguments = (ins Fsc_Tensor:$input, I64Attr:$blocksize, DefaultValuedStrAttr<StrAttr, "DCR">:$mode);
  let results = (outs Fsc_Tensor:$output);
}
def Fsc_DepthToSpaceOp : Fsc_BlockOp<"depth_to_space", Onnx<"DepthToSpace", 1>> {
  let summary = "channels moved into blocks of the two spatial dims";
}
def Fsc_SpaceToDepthOp : Fsc_BlockOp<"space_to_depth", Onnx<"SpaceToDepth", 1>> {
  let summary = "blocks of the two spatial dims moved into channels";
}

def Fsc_ReverseSequenceOp : Fsc_Op<"reverse_sequence", Onnx<"ReverseSequence", 10>, [], [Fsc_NarrowTypes]> {
  let summary = "the first sequence_lens[b] elements along the time axis reversed, for each b of the batch axis";
  let arguments = (ins Fsc_Tensor:$input, Fsc_Tensor:$sequence_lens, DefaultValuedAttr<I64Attr, "1">:$batch_axis,
                       DefaultValuedAttr<I64Attr, "0">:$time_axis);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_TriluOp : Fsc_Op<"trilu", Onnx<"Trilu", 14>, [], [Fsc_NarrowTypes]> {
  let summary = "the upper or lower triangle of matrices, from diagonal k on; the rest is 0";
  let arguments = (ins Fsc_Tensor:$input, Optional<Fsc_Tensor>:$k, DefaultValuedAttr<I64Attr, "1">:$upper);
  let results = (outs Fsc_Tensor:$output);
}

//===--- The same elements ------------------------------------------------===//

def Fsc_DropoutOp : Fsc_Op<"dropout", Onnx<"Dropout", 12>, ["inferElementType", "isView", "inferContent", "getRoutine"], [AttrSizedOperandSegments, Fsc_NarrowTypes], Fsc_Draws> {
  let summary = "the operand, in training with elements that are drawn put to 0 and the others scaled; and which stayed";
  let description = "A routine draws, unless it is known at compile time that nothing is dropped: training_mode false or ratio 0.";
  let arguments = (ins Fsc_Tensor:$data, Optional<Fsc_Tensor>:$ratio, Optional<Fsc_Tensor>:$training_mode,
                       OptionalAttr<I64Attr>:$seed);
  let results = (outs Variadic<Fsc_Tensor>:$outputs);
}

def Fsc_BitCastOp : Fsc_Op<"bit_cast", Onnx<"BitCast", 26>, ["inferElementType"], [Fsc_NarrowTypes]> {
  let summary = "the bits of each element as an element of another type of the same width";
  let arguments = (ins Fsc_Tensor:$input, I64Attr:$to);
  let results = (outs Fsc_Tensor:$output);
}
