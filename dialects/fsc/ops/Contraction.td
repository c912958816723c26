//===- Contraction.td - Matrix products --------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `pack`, which only the layout phase sets, says that the second operand is a
// packed constant: panels of `pack` columns, [ceil(N / pack)][K][pack], zero
// where there is no column; `columns` is then N.
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_MatMulOp : Fsc_Op<"matmul", Onnx<"MatMul", 1>, ["getAnchor", "countFlops"]> {
  let summary = "matrix product, batched over leading dims as numpy.matmul";
  let arguments = (ins Fsc_Tensor:$a, Fsc_Tensor:$b,
                       DefaultValuedAttr<I64Attr, "0">:$pack, DefaultValuedAttr<I64Attr, "0">:$columns);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_GemmOp : Fsc_Op<"gemm", Onnx<"Gemm", 7>, ["getAnchor", "countFlops"]> {
  let summary = "alpha A' B' + beta C of matrices, A and B transposed or not";
  let arguments = (ins Fsc_Tensor:$a, Fsc_Tensor:$b, Optional<Fsc_Tensor>:$c,
                       DefaultValuedAttr<F32Attr, "1.0f">:$alpha, DefaultValuedAttr<F32Attr, "1.0f">:$beta,
                       DefaultValuedAttr<I64Attr, "0">:$transA, DefaultValuedAttr<I64Attr, "0">:$transB);
  let results = (outs Fsc_Tensor:$y);
}

def Fsc_EinsumOp : Fsc_Op<"einsum", Onnx<"Einsum", 12>, ["countFlops"]> {
  let summary = "sums of products of elements, as an equation of index letters says";
  let arguments = (ins Variadic<Fsc_Tensor>:$inputs, StrAttr:$equation);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_DetOp : Fsc_Op<"det", Onnx<"Det", 11>> {
  let summary = "determinants of the matrices in the last two dims";
  let arguments = (ins Fsc_Tensor:$x);
  let results = (outs Fsc_Tensor:$y);
}
