//===- Inference.h - ONNX's checks of one node ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's checker and shape inference, run for one node at a time with what fsc
// has found out about its inputs. So they work in function bodies too, know what
// fsc has inferred through shape arithmetic, and trust nothing that the file
// claims about intermediate values.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_INFERENCE_H
#define FSC_COMPILER_IMPORT_ONNX_INFERENCE_H

#include "dialects/fsc/Shape.h"
#include "onnx/defs/schema.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/Error.h"

#include <unordered_map>

namespace fsc {

/// The version that a model, or a function's body, imports of each domain ("" is ONNX's own).
using Opsets = std::unordered_map<std::string, int>;

/// "" for "ai.onnx", and the domain itself for any other.
llvm::StringRef normalizeDomain(llvm::StringRef domain);

/// The newest version of a domain that ONNX knows; no bound for the domains of others.
int newestVersion(llvm::StringRef domain);

/// ONNX's description of the operator that `node` is in opset `version`, or was in the first opset that had it; null
/// if ONNX has none.
const onnx::OpSchema *findSchema(const onnx::NodeProto &node, int version);

/// Fails if the node has not the inputs, outputs and attributes that its operator has.
llvm::Error checkNode(const onnx::NodeProto &node, const onnx::OpSchema &schema);

/// The types of the node's outputs, as far as ONNX infers them. `inputs` has a value for each of the node's inputs,
/// null where it is absent. Fails if the node is wrong for these inputs.
llvm::Expected<std::vector<onnx::TypeProto>> inferNode(const onnx::NodeProto &node, const onnx::OpSchema &schema,
                                                       llvm::ArrayRef<mlir::Value> inputs, const Opsets &opsets,
                                                       ShapeBuilder &shapes);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_INFERENCE_H
