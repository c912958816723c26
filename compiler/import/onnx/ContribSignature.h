//===- ContribSignature.h - What operators may be given ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A signature says in one line which attributes and inputs an operator has, for
// operators of which ONNX has no definition to check a node by:
//
//   "@num_heads input:T/f[b,s,d] weights:T[d,w] bias?:T[w] mask?:i32"
//
//   @num_heads    an attribute that must be given
//   name?         an input that may be absent
//   :T/f  :T      the element type T, which is of the class f; the same element type
//                 f floats, f32, i32, i64, u8, 8 integers of 8 bits, i integers, n any
//   [b,1,d~,_]    a rank and its sizes: b is the same everywhere, d~ is d or 1, _ any
//   [...,d]       the last sizes
//   (n)  ()       a scalar, or a vector of one element or of n
//   *             any inputs after these
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CONTRIBSIGNATURE_H
#define FSC_COMPILER_IMPORT_ONNX_CONTRIBSIGNATURE_H

#include "compiler/import/onnx/Hooks.h"

namespace fsc {

/// Fails if a node is not as the signature says; sizes that are not known fit.
llvm::Error checkSignature(const Upgrade &upgrade, llvm::StringRef signature);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CONTRIBSIGNATURE_H
