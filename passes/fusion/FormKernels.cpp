//===- FormKernels.cpp - A kernel for every op ----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sizes of all results are emitted first, while the ops that compute shapes
// are still there to be followed; then every op is wrapped, but for those that a
// routine of the runtime computes. Refuses nothing.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Host.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/fusion/Fusion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"

namespace fsc {
#define GEN_PASS_DEF_FORMKERNELS
#include "passes/fusion/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

static bool isInlineConstant(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  // A string has a number in the host program alone; a complex number is no attribute of its storage.
  return constant && !isa<StringType, ComplexType>(constant.getType().getElementType()) &&
         constant.getType().getNumElements() <= maxInlineElements;
}

KernelOp wrapInKernel(OpBuilder &builder, FscOpInterface op, ValueRange destinations) {
  SmallVector<Value> inputs;
  for (Value operand : op->getOperands())
    if (!isInlineConstant(operand) && !llvm::is_contained(inputs, operand))
      inputs.push_back(operand);
  Location loc = op->getLoc();
  auto kernel =
      KernelOp::create(builder, loc, op->getResultTypes(), inputs, destinations, op.getAnchor(), nullptr, nullptr);
  Block *block = builder.createBlock(&kernel.getBody());
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, block->addArgument(input.getType(), loc));
  for (Value destination : destinations)
    block->addArgument(destination.getType(), loc);
  builder.setInsertionPointToStart(block);
  for (Value operand : op->getOperands())
    if (!mapping.contains(operand))
      mapping.map(operand, builder.clone(*operand.getDefiningOp())->getResult(0));
  Operation *inner = builder.clone(*op, mapping);
  YieldOp::create(builder, loc, inner->getResults());
  builder.setInsertionPointAfter(kernel);
  op->replaceAllUsesWith(kernel->getResults());
  op->erase();
  return kernel;
}

/// The sizes of the function's arguments, read when it begins: once for each symbol, because equal symbols are equal
/// sizes.
static KnownSizes emitArgumentSizes(func::FuncOp function) {
  KnownSizes sizes;
  llvm::StringMap<Value> symbols;
  OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    auto names = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "fsc.dims");
    for (int64_t axis = 0; type && axis < type.getRank(); ++axis) {
      Value &size = sizes[argument].emplace_back();
      if (!type.isDynamicDim(unsigned(axis)))
        continue;
      bool isNamed = names && axis < int64_t(names.size());
      StringRef name = isNamed ? cast<StringAttr>(names[axis]).getValue() : StringRef();
      size = symbols.lookup(name);
      if (name.empty() || !size)
        size = symbols[name] = tensor::DimOp::create(builder, argument.getLoc(), argument, axis);
    }
  }
  return sizes;
}

/// The dynamic sizes of every result of op, computed in front of it and added to `known`, with checks of its operands'
/// sizes. A routine says itself what sizes its results have.
static FailureOr<SmallVector<SmallVector<Value>>> emitResultSizes(FscOpInterface op, KnownSizes &known) {
  OpBuilder builder(op);
  ShapeBuilder shapes(builder, op->getLoc());
  shapes.checkAtRunTime(known);
  SmallVector<Shape> inferred;
  if (failed(op.inferShapes(shapes, inferred)))
    return failure();
  SmallVector<SmallVector<Value>> sizes;
  if (isRoutine(op))
    return sizes;
  for (auto [result, shape] : llvm::zip(op->getResults(), inferred)) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<Value> &dynamic = sizes.emplace_back();
    SmallVector<Value> all(shape.size());
    for (auto [axis, dim] : llvm::enumerate(shape)) {
      if (!type.isDynamicDim(axis))
        continue;
      Value size = dynamic.emplace_back(shapes.materialize(dim));
      // A size that is handed on stays the same value; a computed one is read from its tensor, or arithmetic would grow
      // from op to op.
      if (size.getDefiningOp<tensor::DimOp>())
        all[axis] = size;
    }
    known[result] = all;
  }
  return sizes;
}

namespace {

struct FormKernels : impl::FormKernelsBase<FormKernels> {
  void runOnOperation() override {
    emitNumbers();
    SmallVector<FscOpInterface> ops;
    for (Operation *op : hostOps())
      if (auto interface = dyn_cast<FscOpInterface>(op))
        ops.push_back(interface);
    SmallVector<SmallVector<SmallVector<Value>>> sizes;
    KnownSizes known = emitArgumentSizes(getOperation());
    for (FscOpInterface op : ops) {
      FailureOr<SmallVector<SmallVector<Value>>> emitted = emitResultSizes(op, known);
      if (failed(emitted))
        return signalPassFailure();
      sizes.push_back(std::move(*emitted));
    }
    SmallVector<std::pair<FscOpInterface, SmallVector<Value>>> compute;
    for (auto [op, opSizes] : llvm::zip(ops, sizes)) {
      if (isRoutine(op))
        continue;
      if (op.isView())
        replaceByView(op, opSizes[0]);
      else
        compute.emplace_back(op, emitDestinations(op, opSizes));
    }
    // Not the sizes: no kernel uses them yet.
    auto dead = eraseDead(llvm::IsaPred<FscOpInterface, ConstantOp>);
    llvm::erase_if(compute, [&](auto &entry) { return dead.contains(entry.first.getOperation()); });
    for (auto &[op, destinations] : compute) {
      OpBuilder builder(op);
      wrapInKernel(builder, op, destinations);
      ++numKernels;
    }
    eraseDead([](Operation *) { return true; });
  }

  /// The ops around kernels, outer ones before those in their regions.
  SmallVector<Operation *> hostOps() {
    SmallVector<Operation *> ops;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (op != getOperation())
        ops.push_back(op);
      return isa<KernelOp>(op) ? WalkResult::skip() : WalkResult::advance();
    });
    return ops;
  }

  /// Conditions and numbers of iterations become numbers of the host program.
  void emitNumbers() {
    for (Operation *op : hostOps()) {
      if (auto branch = dyn_cast<IfOp>(op))
        branch.getConditionMutable().assign(emitNumber(op, branch.getCondition(), /*isCondition=*/true));
      if (auto yield = dyn_cast<YieldOp>(op); yield && isa<LoopOp>(op->getParentOp()))
        op->setOperand(0, emitNumber(op, op->getOperand(0), /*isCondition=*/true));
      if (auto require = dyn_cast<RequireOp>(op)) {
        OpBuilder builder(op);
        CheckOp::create(builder, op->getLoc(), emitNumber(op, require.getCondition(), /*isCondition=*/true),
                        require.getMessage());
        op->erase();
      }
      auto loop = dyn_cast<LoopOp>(op);
      if (loop && loop.getTripCount())
        loop.getTripCountMutable().assign(emitNumber(op, loop.getTripCount(), /*isCondition=*/false));
      if (loop && loop.getCondition())
        loop.getConditionMutable().assign(emitNumber(op, loop.getCondition(), /*isCondition=*/true));
    }
  }

  /// The one element of a tensor, in front of op.
  static Value emitNumber(Operation *op, Value tensor, bool isCondition) {
    if (!isa<RankedTensorType>(tensor.getType()))
      return tensor;
    OpBuilder builder(op);
    ShapeBuilder shapes(builder, op->getLoc());
    Value number = shapes.materialize(*shapes.number(tensor));
    if (!isCondition)
      return number;
    Value zero = arith::ConstantIndexOp::create(builder, op->getLoc(), 0);
    return builder.createOrFold<arith::CmpIOp>(op->getLoc(), arith::CmpIPredicate::ne, number, zero);
  }

  void replaceByView(FscOpInterface op, ValueRange sizes) {
    OpBuilder builder(op);
    auto view = ViewOp::create(builder, op->getLoc(), op->getResult(0).getType(), op->getOperand(0), sizes);
    op->getResult(0).replaceAllUsesWith(view.getResult());
    op->erase();
    ++numViews;
  }

  SmallVector<Value> emitDestinations(FscOpInterface op, ArrayRef<SmallVector<Value>> sizes) {
    OpBuilder builder(op);
    SmallVector<Value> destinations;
    for (auto [result, dynamic] : llvm::zip(op->getResults(), sizes)) {
      auto type = cast<RankedTensorType>(result.getType());
      destinations.push_back(
          tensor::EmptyOp::create(builder, op->getLoc(), type.getShape(), type.getElementType(), dynamic));
    }
    return destinations;
  }

  /// Drops the ops whose results are not used, last first: they computed shapes that are now followed.
  template <typename Filter> llvm::SmallPtrSet<Operation *, 16> eraseDead(Filter isCandidate) {
    llvm::SmallPtrSet<Operation *, 16> dead;
    SmallVector<Operation *> ops = hostOps();
    for (Operation *op : llvm::reverse(ops))
      if (isCandidate(op) && isOpTriviallyDead(op)) {
        dead.insert(op);
        op->erase();
      }
    return dead;
  }
};

} // namespace
} // namespace fsc
