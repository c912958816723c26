//===- Problems.h - All that is wrong with a model, at once -----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_PROBLEMS_H
#define FSC_COMPILER_IMPORT_ONNX_PROBLEMS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

#include <string>

namespace onnx {
class NodeProto;
} // namespace onnx

namespace fsc {

/// The place in a model that an op comes from: "conv1 (Conv, opset 11)". A node without a name is called by its
/// operator and first output.
mlir::Location nodeLocation(mlir::MLIRContext *context, const onnx::NodeProto &node, int64_t opset);

/// A place as messages name it, "node 'conv1' (Conv, opset 11)", or nothing for an unknown one.
std::string describe(mlir::Location loc);

/// Collects what is wrong with a model, to be told all at once in the order of the nodes.
class Problems {
public:
  /// `remedy`, if there is one, says what the user can do about it.
  void add(mlir::Location loc, const llvm::Twine &reason, const llvm::Twine &remedy = "");
  bool empty() const { return problems.empty(); }
  size_t size() const { return problems.size(); }
  /// Forgets the problems that were added since there were `size`, where another attempt may have none.
  void forgetAfter(size_t size) { problems.truncate(size); }
  /// Emits an error for each problem, with the remedy as a note.
  void emit() const;
  /// One line for each problem.
  void print(llvm::raw_ostream &os) const;

private:
  struct Problem {
    mlir::Location loc;
    std::string reason, remedy;
    bool operator==(const Problem &) const = default;
  };
  llvm::SmallVector<Problem, 0> problems;
  size_t omitted = 0;
};

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_PROBLEMS_H
