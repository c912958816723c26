//===- CpuTarget.h - Vector code for x86-64 and AArch64 ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_TARGET_CPU_CPUTARGET_H
#define FSC_COMPILER_TARGET_CPU_CPUTARGET_H

#include "compiler/target/Target.h"
#include "dialects/fsc/ops/Kernel.h"

namespace fsc {

/// A level of CPU that code is made for.
struct CpuLevel {
  std::string name;   // "x86-64-v4", "aarch64"
  std::string triple; // LLVM's
  std::string cpu;    // LLVM's -mcpu
  std::string tune;
  std::vector<std::string> requiredFeatures; // what the machine must have, in LLVM's names
  unsigned vectorBits;
  /// Rows and vectors of the accumulators that a register kernel holds.
  unsigned tileRows, tileVectors;
};

/// A schedule with the template "register", "window", "concat" or "row", or null if the kernel is not one for it.
ScheduleAttr scheduleRegister(KernelOp kernel, const CpuLevel &level);
ScheduleAttr scheduleWindow(KernelOp kernel, const CpuLevel &level);
ScheduleAttr scheduleConcat(KernelOp kernel, const CpuLevel &level);
ScheduleAttr scheduleRow(KernelOp kernel, const CpuLevel &level);

class CpuTarget final : public Target {
public:
  explicit CpuTarget(CpuLevel level) : level(std::move(level)) {}

  llvm::StringRef getName() const override { return "cpu"; }
  ScheduleAttr schedule(KernelOp kernel, int optLevel) const override;
  void addLayoutPasses(mlir::OpPassManager &function, int optLevel) const override;
  void addKernelToLinalg(mlir::OpPassManager &kernel, int optLevel) const override;
  void addLinalgToLLVM(mlir::OpPassManager &kernel, int optLevel) const override;
  CodegenOptions getCodegen(int optLevel) const override;

private:
  CpuLevel level;
};

/// Registers `cpu` with the levels host (the default), x86-64-v3, x86-64-v4 and aarch64.
void registerCpuTarget();

} // namespace fsc

#endif // FSC_COMPILER_TARGET_CPU_CPUTARGET_H
