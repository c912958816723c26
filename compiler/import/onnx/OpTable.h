//===- OpTable.h - The fsc ops that are ONNX operators ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table is folded, at compile time, from the ops that TableGen generated.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_OPTABLE_H
#define FSC_COMPILER_IMPORT_ONNX_OPTABLE_H

#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace fsc {

/// An fsc op, as the importer knows it.
struct OpEntry {
  llvm::StringRef name;   // of the ONNX operator
  llvm::StringRef domain; // "" for ONNX's own
  int since = 0;          // the first opset with the op's form
  llvm::StringRef op;     // the MLIR name
  llvm::ArrayRef<llvm::StringRef> attributes;
  unsigned minOperands = 0;
  std::optional<unsigned> maxOperands; // nothing if not known before verification
  std::optional<unsigned> numResults;  // nothing if variadic
  /// Sets which operand places are filled; null for an op whose optional operands can only come last.
  mlir::LogicalResult (*setSegments)(mlir::OperationState &state, llvm::ArrayRef<bool> present) = nullptr;

  /// Whether the op has an attribute that a model may set.
  bool hasAttribute(llvm::StringRef attribute) const {
    return !attribute.ends_with("SegmentSizes") && llvm::is_contained(attributes, attribute);
  }
};

/// The op whose form an operator of version `version` has: the newest one that is not newer, else the oldest; null if
/// there is none.
const OpEntry *findOp(llvm::StringRef name, llvm::StringRef domain, int version);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_OPTABLE_H
