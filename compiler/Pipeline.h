//===- Pipeline.h - What runs when ------------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_PIPELINE_H
#define FSC_COMPILER_PIPELINE_H

#include "compiler/target/Target.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include <optional>

namespace fsc {

/// The phases, in order. `import` and `emit` are not pass pipelines: they read and write files.
enum class Phase { import, simplify, quantize, layout, fuse, schedule, bufferize, lower, emit };

struct PhaseInfo {
  Phase phase;
  llvm::StringLiteral name;
  /// What the phase does, and what holds after it.
  llvm::StringLiteral summary;
  llvm::StringLiteral contract;
};

llvm::ArrayRef<PhaseInfo> getPhases();
std::optional<Phase> parsePhase(llvm::StringRef name);
llvm::StringRef phaseName(Phase phase);

/// Adds the passes of one phase to `module`, a pass manager over the whole module.
void addPhase(Phase phase, mlir::OpPassManager &module, const Target &target, int optLevel);
/// The first half of lower: kernels as linalg on tensors.
void addKernelsToLinalg(mlir::OpPassManager &module, const Target &target, int optLevel);

/// Checks that what a phase promises holds; reports what does not as an internal error.
mlir::LogicalResult verifyContract(Phase phase, mlir::ModuleOp module);

/// Registers every dialect that any phase uses, and the interfaces they need.
void registerDialects(mlir::DialectRegistry &registry);
/// Registers every fsc pass, and each phase as a pipeline `--fsc-phase-NAME`.
void registerPasses();

} // namespace fsc

#endif // FSC_COMPILER_PIPELINE_H
