//===- ContribProducts.h - What fused operators share -----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CONTRIBPRODUCTS_H
#define FSC_COMPILER_IMPORT_ONNX_CONTRIBPRODUCTS_H

#include "compiler/import/onnx/NodeBuilder.h"

namespace fsc {

/// The attributes of a convolution.
inline constexpr llvm::StringRef convAttributes[] = {"auto_pad",     "dilations", "group",
                                                     "kernel_shape", "pads",      "strides"};

/// Makes the activation that a fused operator names output 0; x itself if it names none.
llvm::Error resultOfActivation(NodeBuilder &build, const std::string &x, llvm::StringRef name,
                               llvm::ArrayRef<float> values);
/// The same for the activation and parameters that the node's attributes name.
llvm::Error resultOfActivation(NodeBuilder &build, const std::string &x);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CONTRIBPRODUCTS_H
