//===- Target.h - What the compiler asks of a target ------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A target is one folder beside this file. It decides layouts and schedules,
// lowers kernels and names the machine code to make. Nothing outside its folder
// knows which target it is: shared code asks questions.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_TARGET_TARGET_H
#define FSC_COMPILER_TARGET_TARGET_H

#include "compiler/emit/Emit.h"
#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Kernel.h"
#include "mlir/Pass/PassManager.h"

#include <functional>
#include <memory>

namespace fsc {

class Target {
public:
  virtual ~Target() = default;

  /// The name under which it is registered.
  virtual llvm::StringRef getName() const = 0;
  /// How the kernel is to be turned into code.
  virtual ScheduleAttr schedule(KernelOp kernel, int optLevel) const = 0;
  /// Passes over the graph's function that give ops the layouts the target wants.
  virtual void addLayoutPasses(mlir::OpPassManager &function, int optLevel) const = 0;
  /// Passes over the module of one kernel: from fsc ops to linalg, and from there to the LLVM dialect.
  virtual void addKernelToLinalg(mlir::OpPassManager &kernel, int optLevel) const = 0;
  virtual void addLinalgToLLVM(mlir::OpPassManager &kernel, int optLevel) const = 0;
  /// What LLVM is to make of it.
  virtual CodegenOptions getCodegen(int optLevel) const = 0;
};

/// Makes a target from what follows the colon in `--target=NAME:LEVEL` ("" if nothing does); null, with the accepted
/// values in `message`, if it does not know the level.
using TargetFactory = std::function<std::unique_ptr<Target>(llvm::StringRef level, std::string &message)>;

void registerTarget(llvm::StringRef name, TargetFactory factory);
/// Registers every target of this build.
void registerAllTargets();
/// The target that `spec`, NAME or NAME:LEVEL, asks for; null, with the reason in `message`, if there is none.
std::unique_ptr<Target> createTarget(llvm::StringRef spec, std::string &message);

/// The target whose code this process itself can run, for constants; null, with the reason in `message`, if this
/// machine is below every level.
std::unique_ptr<Target> createHostTarget(std::string &message);

} // namespace fsc

#endif // FSC_COMPILER_TARGET_TARGET_H
