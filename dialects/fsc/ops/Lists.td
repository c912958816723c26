//===- Lists.td - Sequences, optionals and maps ------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A list never changes: what inserts or erases gives another one, which shares the
// elements. See docs/decisions/sequences.md.
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

class Fsc_ListOp<string mnemonic, Onnx onnx, list<string> own = [], list<Trait> traits = []>
    : Fsc_RoutineOp<mnemonic, onnx, !listconcat(["inferElementType"], own), !listconcat([Fsc_Lists, Fsc_NarrowTypes], traits)>;

//===--- Sequences --------------------------------------------------------===//

def Fsc_SequenceEmptyOp : Fsc_ListOp<"sequence_empty", Onnx<"SequenceEmpty", 11>> {
  let summary = "a sequence without elements";
  let arguments = (ins DefaultValuedAttr<I64Attr, "1">:$dtype);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_SequenceConstructOp : Fsc_ListOp<"sequence_construct", Onnx<"SequenceConstruct", 11>> {
  let summary = "the sequence of the operands";
  let arguments = (ins Variadic<Fsc_Tensor>:$inputs);
  let results = (outs Fsc_Tensor:$output_sequence);
}

def Fsc_SequenceInsertOp : Fsc_ListOp<"sequence_insert", Onnx<"SequenceInsert", 11>> {
  let summary = "the sequence with a tensor before the element at position, or at the end";
  let arguments = (ins Fsc_Tensor:$input_sequence, Fsc_Tensor:$tensor, Optional<Fsc_Tensor>:$position);
  let results = (outs Fsc_Tensor:$output_sequence);
}

def Fsc_SequenceEraseOp : Fsc_ListOp<"sequence_erase", Onnx<"SequenceErase", 11>> {
  let summary = "the sequence without the element at position, or without the last one";
  let arguments = (ins Fsc_Tensor:$input_sequence, Optional<Fsc_Tensor>:$position);
  let results = (outs Fsc_Tensor:$output_sequence);
}

def Fsc_SequenceAtOp : Fsc_ListOp<"sequence_at", Onnx<"SequenceAt", 11>> {
  let summary = "the element at position, from the end if that is negative";
  let arguments = (ins Fsc_Tensor:$input_sequence, Fsc_Tensor:$position);
  let results = (outs Fsc_Tensor:$tensor);
  let hasFolder = 1;
}

def Fsc_SequenceLengthOp : Fsc_ListOp<"sequence_length", Onnx<"SequenceLength", 11>, ["inferContent"]> {
  let summary = "the number of elements";
  let arguments = (ins Fsc_Tensor:$input_sequence);
  let results = (outs Fsc_Tensor:$length);
}

def Fsc_SplitToSequenceOp : Fsc_ListOp<"split_to_sequence", Onnx<"SplitToSequence", 11>> {
  let summary = "consecutive parts along an axis: of size 1, of the size split, or of the sizes in split";
  let description = "Only where there is no split does keepdims 0 remove the axis.";
  let arguments = (ins Fsc_Tensor:$input, Optional<Fsc_Tensor>:$split, DefaultValuedAttr<I64Attr, "0">:$axis,
                       DefaultValuedAttr<I64Attr, "1">:$keepdims);
  let results = (outs Fsc_Tensor:$output_sequence);
}

def Fsc_ConcatFromSequenceOp : Fsc_ListOp<"concat_from_sequence", Onnx<"ConcatFromSequence", 11>> {
  let summary = "the elements one after the other along an axis, a new one if new_axis is 1";
  let arguments = (ins Fsc_Tensor:$input_sequence, I64Attr:$axis, DefaultValuedAttr<I64Attr, "0">:$new_axis);
  let results = (outs Fsc_Tensor:$concat_result);
  let hasCanonicalizeMethod = 1;
}

//===--- Optionals --------------------------------------------------------===//

def Fsc_OptionalOp : Fsc_ListOp<"optional", Onnx<"Optional", 15>> {
  let summary = "an optional of the operand, or an empty one of that type";
  let arguments = (ins Optional<Fsc_Tensor>:$input, OptionalAttr<TypeAttr>:$type);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_OptionalGetElementOp : Fsc_ListOp<"optional_get_element", Onnx<"OptionalGetElement", 15>> {
  let summary = "what is in an optional that is not empty";
  let arguments = (ins Fsc_Tensor:$input);
  let results = (outs Fsc_Tensor:$output);
  let hasFolder = 1;
}

def Fsc_OptionalHasElementOp : Fsc_ListOp<"optional_has_element", Onnx<"OptionalHasElement", 15>, ["inferContent"]> {
  let summary = "whether an optional is not empty; what is no optional, and there, is not";
  let arguments = (ins Optional<Fsc_Tensor>:$input);
  let results = (outs Fsc_Tensor:$output);
}

//===--- Maps -------------------------------------------------------------===//

def Fsc_ZipMapOp : Fsc_ListOp<"zip_map", Onnx<"ZipMap", 1, "ai.onnx.ml">> {
  let summary = "for each row a map from the classes to the row's elements";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<DenseI64ArrayAttr>:$classlabels_int64s,
                       OptionalAttr<StrArrayAttr>:$classlabels_strings);
  let results = (outs Fsc_Tensor:$z);
}

def Fsc_DictVectorizerOp : Fsc_ListOp<"dict_vectorizer", Onnx<"DictVectorizer", 1, "ai.onnx.ml">> {
  let summary = "the values that a map has for the keys of a vocabulary, 0 where it has none";
  let arguments = (ins Fsc_Tensor:$x, OptionalAttr<DenseI64ArrayAttr>:$int64_vocabulary,
                       OptionalAttr<StrArrayAttr>:$string_vocabulary);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_CastMapOp : Fsc_ListOp<"cast_map", Onnx<"CastMap", 1, "ai.onnx.ml">> {
  let summary = "the values of a map in the order of its keys, or each at the place that its key says";
  let arguments = (ins Fsc_Tensor:$x, DefaultValuedStrAttr<StrAttr, "TO_FLOAT">:$cast_to,
                       DefaultValuedStrAttr<StrAttr, "DENSE">:$map_form, DefaultValuedAttr<I64Attr, "1">:$max_map);
  let results = (outs Fsc_Tensor:$y);
}
