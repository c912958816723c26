//===- Contracts.cpp - What holds after each phase ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"

#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace fsc {

static LogicalResult broken(Operation *op, Phase phase, const Twine &what) {
  return op->emitError() << "internal: after phase " << phaseName(phase) << ", " << what;
}

/// The graph: ops of ours on ranked tensors.
static LogicalResult verifyGraph(Phase phase, func::FuncOp main) {
  for (Operation &op : main.front().without_terminator()) {
    if (!isa<FscOpInterface, ConstantOp>(op))
      return broken(&op, phase, "expected only ops of the graph");
    for (Type type : op.getResultTypes())
      if (!isa<RankedTensorType>(type))
        return broken(&op, phase, "expected tensors of known rank");
  }
  return success();
}

static bool isHostArithmetic(Operation &op) {
  return isa<tensor::DimOp, tensor::ExtractOp, tensor::EmptyOp>(op) || isa<arith::ArithDialect>(op.getDialect());
}

static LogicalResult verifyKernels(Phase phase, func::FuncOp main, bool scheduled) {
  for (Operation &op : main.front().without_terminator()) {
    if (!isa<KernelOp, ViewOp, ConstantOp>(op) && !isHostArithmetic(op))
      return broken(&op, phase, "expected only kernels, views, constants and arithmetic on sizes");
    if (auto kernel = dyn_cast<KernelOp>(op); kernel && scheduled && !kernel.getSchedule())
      return broken(&op, phase, "expected a schedule");
  }
  llvm::SmallPtrSet<Value, 8> seen;
  for (Value result : main.front().getTerminator()->getOperands())
    if (!result.getDefiningOp<KernelOp>() || !seen.insert(result).second)
      return broken(main, phase, "expected each result to be that of a kernel of its own");
  return success();
}

static LogicalResult verifyBuffers(Phase phase, func::FuncOp main) {
  for (Operation &op : main.front())
    for (Type type :
         llvm::concat<const Type>(llvm::to_vector(op.getOperandTypes()), llvm::to_vector(op.getResultTypes())))
      if (isa<TensorType>(type))
        return broken(&op, phase, "expected no tensors in the host program");
  if (!main->hasAttr(kArenaBytesAttr) || !main->hasAttr(kWeightsBytesAttr))
    return broken(main, phase, "expected the sizes of arena and weights");
  return success();
}

static LogicalResult verifyLowered(Phase phase, ModuleOp module) {
  LogicalResult result = success();
  module.walk([&](Operation *op) {
    if (!isa<ModuleOp>(op) && !isa<LLVM::LLVMDialect>(op->getDialect())) {
      result = broken(op, phase, "expected only the LLVM dialect");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return result;
}

LogicalResult verifyContract(Phase phase, ModuleOp module) {
  if (phase == Phase::lower)
    return verifyLowered(phase, module);
  if (phase == Phase::emit)
    return success();
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || !llvm::hasSingleElement(main.getBody()))
    return broken(module, phase, "expected a function @main of one block");
  if (phase < Phase::fuse)
    return verifyGraph(phase, main);
  if (phase < Phase::bufferize)
    return verifyKernels(phase, main, phase == Phase::schedule);
  return verifyBuffers(phase, main);
}

} // namespace fsc
