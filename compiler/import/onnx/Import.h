//===- Import.h - From an ONNX file to an fsc graph -------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Importing gives a module with one function:
//
//   builtin.module @<graph> attributes {fsc.opset = 13 : i64} {
//     func.func @main(%x: tensor<?x3xf32> {fsc.name = "x", fsc.dims = ["batch", ""]})
//         -> (tensor<?x5xf32> {fsc.name = "y", fsc.dims = ["batch", ""]})
//
// whose body has fsc ops alone. `fsc.dims` has the name of each size that is named
// and not known; the function's attribute `fsc.ranges` the sizes that names may have, as {batch = array<i64: 1, 8>}.
// Each op's location is the node that it comes from (Problems.h).
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_IMPORT_H
#define FSC_COMPILER_IMPORT_ONNX_IMPORT_H

#include "compiler/import/onnx/OnnxModel.h"
#include "compiler/import/onnx/Problems.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>

namespace fsc {

class CustomOps;

struct ImportOptions {
  /// Sizes for named dims.
  std::map<std::string, int64_t> bindings;
  /// Channels in a block of operators of com.microsoft.nchwc: 8, 16, or 0 for what the model tells.
  int64_t channelBlock = 0;
  /// The least and the most that named dims may be.
  std::map<std::string, std::pair<int64_t, int64_t>> ranges;
  /// What would be a warning is an error.
  bool strict = false;
  Limits limits;
  /// Operators that shared libraries define; may be null.
  const CustomOps *customOps = nullptr;
};

/// Reads a model. What is wrong with the file is emitted as a diagnostic.
mlir::FailureOr<std::unique_ptr<OnnxModel>> readModel(mlir::MLIRContext *context, llvm::StringRef path,
                                                      const Limits &limits = {});
/// The same for a model in memory, which must outlive the result; `name` stands for it in messages. Its weights may not
/// lie in other files.
mlir::FailureOr<std::unique_ptr<OnnxModel>> readModel(mlir::MLIRContext *context, llvm::StringRef name,
                                                      llvm::StringRef bytes, const Limits &limits = {});

/// The graph of a model, which must outlive the result. All that is wrong with the model, or is not supported, is
/// emitted as diagnostics at the nodes' locations.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importModel(mlir::MLIRContext *context, OnnxModel &model,
                                                               const ImportOptions &options = {});

/// Prints a summary: inputs, outputs, opsets, ops with their counts, parameters, FLOPs, what is not supported.
void inspectModel(mlir::MLIRContext *context, OnnxModel &model, const ImportOptions &options, llvm::raw_ostream &os);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_IMPORT_H
