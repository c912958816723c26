//===- Fourier.td - Fourier transforms ---------------------*- tablegen -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "dialects/fsc/FscBase.td"

// A dim of 2 at the end holds real and imaginary parts, one of 1 real numbers.

/// A routine where it is the inverse of a whole spectrum.
def Fsc_DFTOp : Fsc_Op<"dft", Onnx<"DFT", 20>, ["getRoutine"], [AttrSizedOperandSegments]> {
  let summary = "discrete Fourier transform along an axis";
  let arguments = (ins Fsc_Tensor:$input, Optional<Fsc_Tensor>:$dft_length, Optional<Fsc_Tensor>:$axis,
                       DefaultValuedAttr<I64Attr, "0">:$inverse, DefaultValuedAttr<I64Attr, "0">:$onesided);
  let results = (outs Fsc_Tensor:$output);
}

def Fsc_STFTOp : Fsc_Op<"stft", Onnx<"STFT", 17>, [], [AttrSizedOperandSegments]> {
  let summary = "discrete Fourier transforms of overlapping frames of a signal";
  let arguments = (ins Fsc_Tensor:$signal, Fsc_Tensor:$frame_step, Optional<Fsc_Tensor>:$window,
                       Optional<Fsc_Tensor>:$frame_length, DefaultValuedAttr<I64Attr, "1">:$onesided);
  let results = (outs Fsc_Tensor:$output);
}
