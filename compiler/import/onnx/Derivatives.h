//===- Derivatives.h - How operators pass gradients back --------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_DERIVATIVES_H
#define FSC_COMPILER_IMPORT_ONNX_DERIVATIVES_H

#include "compiler/import/onnx/NodeBuilder.h"

namespace fsc {

/// The type of a value; null if it is not known.
using TypeOf = llvm::function_ref<mlir::RankedTensorType(llvm::StringRef)>;
/// The elements of a value, if it is a constant list of integers.
using IntegersOf = llvm::function_ref<std::optional<llvm::SmallVector<int64_t>>(llvm::StringRef)>;

/// What is known of the values around a node.
struct KnownValues {
  TypeOf typeOf;
  IntegersOf integersOf;
};

/// Adds the gradient of input `index` of a node of opset `version`, by that of the node's output, in the input's sizes.
/// Fails where the operator has none, or none that is known here.
llvm::Expected<std::string> addDerivative(NodeBuilder &build, const onnx::NodeProto &node, int version, int index,
                                          const std::string &gradient, const KnownValues &known);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_DERIVATIVES_H
