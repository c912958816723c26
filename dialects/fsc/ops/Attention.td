//===- Attention.td - Parts of attention -------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

def Fsc_RotaryEmbeddingOp : Fsc_Op<"rotary_embedding", Onnx<"RotaryEmbedding", 23>, ["countFlops"]> {
  let summary = "pairs of each head's elements rotated by the angles of their position";
  let description = [{
    x is [batch, heads, sequence, head] or, with num_heads, [batch, sequence, heads * head]. The caches are [positions, angles],
    looked up by position_ids [batch, sequence], or [batch, sequence, angles]. Pairs are neighbours if `interleaved`, else the
    halves of the first `rotary_embedding_dim` elements (0: all). Su et al., 2021.
  }];
  let arguments = (ins Fsc_Tensor:$x, Fsc_Tensor:$cos_cache, Fsc_Tensor:$sin_cache, Optional<Fsc_Tensor>:$position_ids,
                       DefaultValuedAttr<I64Attr, "0">:$interleaved, DefaultValuedAttr<I64Attr, "0">:$num_heads,
                       DefaultValuedAttr<I64Attr, "0">:$rotary_embedding_dim);
  let results = (outs Fsc_Tensor:$y);
}
