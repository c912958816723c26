//===- Translate.h - LLVM dialect to LLVM IR, in parts ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_EMIT_TRANSLATE_H
#define FSC_COMPILER_EMIT_TRANSLATE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <vector>

namespace fsc::emit {

/// A module's kernels, in parts that are compiled on their own. The parts depend on the module alone: the same ones are
/// made for every number of threads.
class Parts {
public:
  /// Finds the kernels of `module` and names the machine in it and in its nested modules. Refuses a kernel whose name
  /// is taken.
  static llvm::Expected<Parts> create(mlir::ModuleOp module, const llvm::TargetMachine &machine);

  size_t count() const { return groups.size(); }

  /// The host's part: what is not in a nested module. Changes the IR of nested modules too, so do not translate a group
  /// at the same time.
  llvm::Expected<std::unique_ptr<llvm::Module>> translateHost(llvm::LLVMContext &context) const;
  /// A part of kernels. Several threads may translate different ones.
  llvm::Expected<std::unique_ptr<llvm::Module>> translateGroup(size_t index, llvm::LLVMContext &context) const;

private:
  /// Makes visible to other parts what they use, and nothing else.
  llvm::Error finish(llvm::Module &part) const;

  mlir::ModuleOp host;
  std::vector<std::vector<mlir::ModuleOp>> groups;
  llvm::StringSet<> declared; ///< by any part
  llvm::StringSet<> defined;  ///< by any part
};

} // namespace fsc::emit

#endif // FSC_COMPILER_EMIT_TRANSLATE_H
