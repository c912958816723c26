//===- Indexing.td - Ops that read or write at given places *- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

//===--- Indices from data ------------------------------------------------===//

def Fsc_GatherElementsOp : Fsc_Op<"gather_elements", Onnx<"GatherElements", 11>, [], [Fsc_NarrowTypes]> {
  let summary = "for each index the operand's element at the same place, but along axis at the index";
  let arguments = (ins Fsc_Tensor:$data, Fsc_Tensor:$indices, DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_GatherNDOp : Fsc_Op<"gather_nd", Onnx<"GatherND", 11>, [], [Fsc_NarrowTypes]> {
  let summary = "slices of the operand at the index tuples in the last dim of indices";
  let arguments = (ins Fsc_Tensor:$data, Fsc_Tensor:$indices, DefaultValuedAttr<I64Attr, "0">:$batch_dims);
  let results = (outs Fsc_Tensor:$output);
}

/// Elements of narrow types are only put.
class Fsc_ScatterOp<string mnemonic, Onnx onnx, dag attributes> : Fsc_Op<mnemonic, onnx, [], [Fsc_NarrowTypes]> {
  let arguments = !con((ins Fsc_Tensor:$data, Fsc_Tensor:$indices, Fsc_Tensor:$updates), attributes,
                       (ins DefaultValuedStrAttr<StrAttr, "none">:$reduction));
  let results = (outs Fsc_Tensor:$output);
}
def Fsc_ScatterElementsOp : Fsc_ScatterOp<"scatter_elements", Onnx<"ScatterElements", 11>,
    (ins DefaultValuedAttr<I64Attr, "0">:$axis)> {
  let summary = "the operand with each update put (or added, …) at its place, but along axis at its index, in order";
}
def Fsc_ScatterNDOp : Fsc_ScatterOp<"scatter_nd", Onnx<"ScatterND", 11>, (ins)> {
  let summary = "the operand with slices put (or added, …) at index tuples, in order";
}

def Fsc_TensorScatterOp : Fsc_Op<"tensor_scatter", Onnx<"TensorScatter", 24>, [], [Fsc_NarrowTypes]> {
  let summary = "a cache with an update written along an axis, from an index of each batch entry on";
  let arguments = (ins Fsc_Tensor:$past_cache, Fsc_Tensor:$update, Optional<Fsc_Tensor>:$write_indices,
                       DefaultValuedStrAttr<StrAttr, "linear">:$mode, DefaultValuedAttr<I64Attr, "-2">:$axis);
  let results = (outs Fsc_Tensor:$present_cache);
}

def Fsc_MaxUnpoolOp : Fsc_Op<"max_unpool", Onnx<"MaxUnpool", 9>> {
  let summary = "elements put back where MaxPool found them, amid zeros";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$indices, Optional<Fsc_Tensor>:$output_shape,
                       DenseI64ArrayAttr:$kernel_shape, OptionalAttr<DenseI64ArrayAttr>:$pads,
                       OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs Fsc_Tensor:$output);
}

//===--- Indices to data --------------------------------------------------===//

class Fsc_ArgReduceOp<string mnemonic, Onnx onnx> : Fsc_Op<mnemonic, onnx, ["inferElementType"]> {
  let arguments = (ins Fsc_Tensor:$data, DefaultValuedAttr<I64Attr, "0">:$axis, DefaultValuedAttr<I64Attr, "1">:$keepdims,
                       DefaultValuedAttr<I64Attr, "0">:$select_last_index);
  let results = (outs Fsc_Tensor:$reduced);
}
def Fsc_ArgMaxOp : Fsc_ArgReduceOp<"arg_max", Onnx<"ArgMax", 1>> {
  let summary = "the index of the largest element along an axis, the first NaN if there is one";
}
def Fsc_ArgMinOp : Fsc_ArgReduceOp<"arg_min", Onnx<"ArgMin", 1>> {
  let summary = "the index of the smallest element along an axis, the first NaN if there is one";
}

def Fsc_HardmaxOp : Fsc_Op<"hardmax", Onnx<"Hardmax", 13>> {
  let summary = "1 at the first of the largest elements along an axis, 0 elsewhere";
  let arguments = (ins Fsc_Tensor:$input, DefaultValuedAttr<I64Attr, "-1">:$axis);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_TopKOp : Fsc_Op<"top_k", Onnx<"TopK", 10>, ["inferElementType"]> {
  let summary = "the k largest (or smallest) elements along an axis in order, and their indices";
  let description = "Equal elements are in the order of their indices; NaN counts as the largest.";
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$k, DefaultValuedAttr<I64Attr, "-1">:$axis,
                       DefaultValuedAttr<I64Attr, "1">:$largest, DefaultValuedAttr<I64Attr, "1">:$sorted);
  let results = (outs Fsc_Tensor:$values, Fsc_Tensor:$indices);
}

//===--- Running sums -----------------------------------------------------===//

class Fsc_CumulativeOp<string mnemonic, Onnx onnx> : Fsc_Op<mnemonic, onnx> {
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$axis, DefaultValuedAttr<I64Attr, "0">:$exclusive,
                       DefaultValuedAttr<I64Attr, "0">:$reverse);
  let results = (outs Fsc_Tensor:$y);
}
def Fsc_CumSumOp : Fsc_CumulativeOp<"cum_sum", Onnx<"CumSum", 11>> {
  let summary = "sums of the elements up to each one along an axis";
}
def Fsc_CumProdOp : Fsc_CumulativeOp<"cum_prod", Onnx<"CumProd", 26>> {
  let summary = "products of the elements up to each one along an axis";
}
