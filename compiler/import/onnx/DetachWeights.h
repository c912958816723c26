//===- DetachWeights.h - A model's bytes without its weights ----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parsing a ModelProto copies every byte of it, and a small hostile file can make
// the parser allocate many times its size. So the encoded model is walked first:
// raw data of tensors is replaced by a reference into the file, which stays
// mapped, and what the parse would allocate is counted.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_DETACHWEIGHTS_H
#define FSC_COMPILER_IMPORT_ONNX_DETACHWEIGHTS_H

#include "compiler/Limits.h"

#include <optional>

namespace onnx {
class TensorProto;
} // namespace onnx

namespace fsc {

/// An encoded ModelProto equal to `encoded` but for tensors' raw data of 1 KiB and more, in whose place there is a
/// reference that `detachedData` reads. Fails if `encoded` is no well-formed message or is over the limits.
llvm::Expected<std::string> detachWeights(llvm::StringRef encoded, const Limits &limits = {});

/// The raw data, within `encoded`, that was detached from `tensor`; nothing if none was. Any reference that a file
/// could hold is one into the file itself, and is checked.
std::optional<llvm::StringRef> detachedData(const onnx::TensorProto &tensor, llvm::StringRef encoded);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_DETACHWEIGHTS_H
