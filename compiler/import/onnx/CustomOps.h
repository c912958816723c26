//===- CustomOps.h - Operators that the user's libraries define -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CUSTOMOPS_H
#define FSC_COMPILER_IMPORT_ONNX_CUSTOMOPS_H

#include "runtime/src/routines/CustomLibrary.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace fsc {

/// An operator and the file name of its library.
struct CustomMatch {
  const fsc_custom_op *op = nullptr;
  std::string library;
};

class CustomOps {
public:
  /// Loads libraries; they stay loaded as long as this lives.
  llvm::Error load(llvm::ArrayRef<std::string> paths);
  /// The newest form of an operator that is not newer than `version` of its domain; the oldest if all are newer; null
  /// if there is none. Of libraries the first that has it.
  CustomMatch find(llvm::StringRef domain, llvm::StringRef name, int version) const;

private:
  std::vector<runtime::CustomLibrary> libraries;
};

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CUSTOMOPS_H
