//===- Describe.h - What an artefact says about its model -------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_DESCRIBE_H
#define FSC_COMPILER_DESCRIBE_H

#include "compiler/emit/Emit.h"
#include "mlir/IR/BuiltinOps.h"

#include <deque>

namespace fsc {

/// What the bufferized module says of its model: signature, kernels, weights.
struct Description {
  ArtifactSpec spec;
  std::vector<std::string> schedules; // one for each kernel
  int64_t launches = 0;
  std::deque<std::vector<char>> owned; // weights that no attribute holds in the form they are stored in
};

/// Describes a module that the bufferize phase left.
Description describe(mlir::ModuleOp module);

/// Puts the description into the module, and reads it there: for lowered IR that is printed and compiled on later. The
/// module's attribute refers to the description's weights.
void keepDescription(mlir::ModuleOp module, const Description &description);
mlir::FailureOr<Description> keptDescription(mlir::ModuleOp module);

/// The largest scratch that a kernel of a lowered module needs.
int64_t scratchBytes(mlir::ModuleOp module);

} // namespace fsc

#endif // FSC_COMPILER_DESCRIBE_H
