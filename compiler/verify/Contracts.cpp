//===- Contracts.cpp - What holds after each phase ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"
#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Host.h"
#include "dialects/fsc/ops/Kernel.h"

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
static LogicalResult verifyGraph(Phase phase, Block &block) {
  for (Operation &op : block.without_terminator()) {
    for (Region &region : op.getRegions())
      if (failed(verifyGraph(phase, region.front())))
        return failure();
    if (!isa<FscOpInterface, ConstantOp, IfOp, LoopOp, RequireOp>(op))
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

/// What the receiver of these values will write to is a kernel's result, beside their user, that nobody else gets; what
/// the caller receives may be a routine's, too.
static LogicalResult verifySeparate(Phase phase, Operation *user, ValueRange values) {
  llvm::SmallPtrSet<Value, 8> seen;
  for (Value value : values) {
    Operation *producer = value.getDefiningOp();
    bool writes = producer && (isa<KernelOp>(producer) || (isRoutine(producer) && isa<func::ReturnOp>(user)));
    if (!writes || producer->getBlock() != user->getBlock() || !seen.insert(value).second)
      return broken(user, phase, "expected each result to be that of a kernel or routine of its own");
  }
  return success();
}

static LogicalResult verifyCarried(Phase phase, LoopOp loop) {
  SmallVector<Value> changed;
  for (auto [argument, value] : llvm::zip(loop.getCarriedArguments(), loop.getYieldedCarried()))
    if (argument != value)
      changed.push_back(value);
  for (Value initial : loop.getCarried())
    if (!initial.hasOneUse())
      return broken(loop, phase, "expected initial values that nothing else reads");
  if (failed(verifySeparate(phase, loop.getYield(), changed)))
    return failure();
  return verifySeparate(phase, loop, loop.getCarried());
}

static LogicalResult verifyKernels(Phase phase, Block &block, bool scheduled) {
  for (Operation &op : block.without_terminator()) {
    bool known = isa<KernelOp, ViewOp, ConstantOp, IfOp, LoopOp, CheckOp>(op) || isRoutine(&op);
    if (!known && !isHostArithmetic(op))
      return broken(&op, phase,
                    "expected only kernels, views, routines, control flow, constants and arithmetic on sizes");
    if (isa<IfOp, LoopOp>(op))
      for (Region &region : op.getRegions())
        if (failed(verifyKernels(phase, region.front(), scheduled)))
          return failure();
    if (auto kernel = dyn_cast<KernelOp>(op); kernel && scheduled && !kernel.getSchedule())
      return broken(&op, phase, "expected a schedule");
  }
  if (auto loop = dyn_cast<LoopOp>(block.getParentOp()))
    return verifyCarried(phase, loop);
  return verifySeparate(phase, block.getTerminator(), block.getTerminator()->getOperands());
}

static LogicalResult verifyBuffers(Phase phase, func::FuncOp main) {
  WalkResult walk = main.walk([&](Operation *op) -> WalkResult {
    for (Type type :
         llvm::concat<const Type>(llvm::to_vector(op->getOperandTypes()), llvm::to_vector(op->getResultTypes())))
      if (isa<TensorType>(type))
        return broken(op, phase, "expected no tensors in the host program");
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
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
    return verifyGraph(phase, main.front());
  if (phase < Phase::bufferize)
    return verifyKernels(phase, main.front(), phase == Phase::schedule);
  return verifyBuffers(phase, main);
}

} // namespace fsc
