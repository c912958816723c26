//===- Problems.h - All that is wrong with a model, at once -----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_PROBLEMS_H
#define FSC_COMPILER_IMPORT_ONNX_PROBLEMS_H

#include "compiler/Diagnostics.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSet.h"

namespace onnx {
class NodeProto;
} // namespace onnx

namespace fsc {

/// The place in a model that an op comes from: "conv1 (Conv, opset 11)". A node without a name is called by its
/// operator and first output.
mlir::Location nodeLocation(mlir::MLIRContext *context, const onnx::NodeProto &node, int64_t opset);

/// A place as messages name it, "node 'conv1' (Conv, opset 11)", or nothing for an unknown one.
inline std::string describe(mlir::Location loc) { return getPlace(loc).str(); }

/// Collects what is wrong with a model, to be told all at once in the order of the nodes. What is said twice of one
/// place is told once: a body that is imported several times meets the same obstacle each time.
class Problems {
public:
  /// `strict`: warnings are errors.
  explicit Problems(bool strict) : strict(strict) {}

  /// `remedy` says what the user can do about it; by default what the code's page says.
  void add(Code code, mlir::Location loc, const llvm::Twine &reason, const llvm::Twine &remedy = "");
  /// The same for an error, which may have a code of its own.
  void add(Code otherwise, mlir::Location loc, llvm::Error error, const llvm::Twine &remedy = "");
  bool empty() const { return numErrors == 0; }
  size_t size() const { return entries.size(); }
  /// Forgets the problems that were added since there were `size`, where another attempt may have none.
  void forgetAfter(size_t size);
  /// Emits a diagnostic for each problem, with the remedy as a note.
  void emit() const;
  /// One line for each problem.
  void print(llvm::raw_ostream &os) const;

private:
  struct Entry {
    Code code;
    mlir::Location loc;
    std::string reason, remedy;
    bool isWarning;
    std::string key() const { return describe(loc) + '\n' + reason; }
  };
  llvm::SmallVector<const Entry *> shown() const;

  llvm::SmallVector<Entry, 0> entries;
  llvm::StringSet<> seen;
  size_t numErrors = 0;
  bool strict;
};

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_PROBLEMS_H
