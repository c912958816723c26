//===- Recurrent.td - Recurrences over a sequence ----------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

/// Results, as many as are wanted: the hidden states Y of all steps, the last hidden state Y_h and, of LSTM, the last cell
/// state Y_c. Weights have one matrix for each direction, in which the gates follow each other.
class Fsc_RecurrentOp<string mnemonic, Onnx onnx, dag states, dag more>
    : Fsc_Op<mnemonic, onnx, ["getAnchor", "countFlops"], [AttrSizedOperandSegments]> {
  let arguments = !con((ins Fsc_Tensor:$x, Fsc_Tensor:$w, Fsc_Tensor:$r, Optional<Fsc_Tensor>:$b,
                            Optional<Fsc_Tensor>:$sequence_lens, Optional<Fsc_Tensor>:$initial_h),
                       states,
                       (ins OptionalAttr<StrArrayAttr>:$activations, OptionalAttr<DenseF32ArrayAttr>:$activation_alpha,
                            OptionalAttr<DenseF32ArrayAttr>:$activation_beta, OptionalAttr<F32Attr>:$clip,
                            DefaultValuedStrAttr<StrAttr, "forward">:$direction, OptionalAttr<I64Attr>:$hidden_size,
                            DefaultValuedAttr<I64Attr, "0">:$layout),
                       more);
  let results = (outs Variadic<Fsc_Tensor>:$results);
}

def Fsc_LSTMOp : Fsc_RecurrentOp<"lstm", Onnx<"LSTM", 7>,
    (ins Optional<Fsc_Tensor>:$initial_c, Optional<Fsc_Tensor>:$p), (ins DefaultValuedAttr<I64Attr, "0">:$input_forget)> {
  let summary = "long short-term memory: gates i, o, f, c, with peepholes p to the first three";
}
def Fsc_GRUOp : Fsc_RecurrentOp<"gru", Onnx<"GRU", 7>, (ins), (ins DefaultValuedAttr<I64Attr, "0">:$linear_before_reset)> {
  let summary = "gated recurrent unit: gates z, r, h";
}
def Fsc_RNNOp : Fsc_RecurrentOp<"rnn", Onnx<"RNN", 7>, (ins), (ins)> {
  let summary = "h = f(W x + R h + b) for each step";
}
