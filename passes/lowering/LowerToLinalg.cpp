//===- LowerToLinalg.cpp - A kernel's ops as linalg -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pattern for all ops: each op's own lowerToLinalg. The op that computes a
// result of the kernel writes straight into the output.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Kernel.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace fsc {
#define GEN_PASS_DEF_LOWERTOLINALG
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

/// A small constant as a constant of the storage type.
static Value lowerConstant(OpBuilder &builder, ConstantOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  RankedTensorType storage = storageTensor(type);
  auto elements = cast<ElementsAttr>(op.getValue());
  Type element = storage.getElementType();
  SmallVector<Attribute> values;
  if (auto bits = readNarrow(elements)) {
    for (uint8_t value : *bits)
      values.push_back(IntegerAttr::get(element, APInt(8, value)));
  } else if (auto integers = readIntegers(elements)) {
    for (int64_t value : *integers)
      values.push_back(
          IntegerAttr::get(element, APInt(64, uint64_t(value), true).sextOrTrunc(element.getIntOrFloatBitWidth())));
  } else if (auto floats = readFloats(elements)) {
    for (double value : *floats)
      values.push_back(FloatAttr::get(element, value));
  }
  return arith::ConstantOp::create(builder, op.getLoc(), DenseElementsAttr::get(storage, values));
}

namespace {

struct LowerToLinalg : impl::LowerToLinalgBase<LowerToLinalg> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isDeclaration() || !llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<RankedTensorType>))
      return;
    Block &block = function.front();
    auto returned = cast<func::ReturnOp>(block.getTerminator());
    unsigned numOutputs = returned.getNumOperands();
    unsigned numInputs = block.getNumArguments() - numOutputs;
    OpBuilder builder = OpBuilder::atBlockBegin(&block);

    // Arguments become buffers; their old values are mapped to tensors of them.
    IRMapping tensors;
    SmallVector<Value> outputs;
    for (unsigned i = 0; i < numInputs + numOutputs; ++i) {
      BlockArgument argument = block.getArgument(i);
      auto type = cast<RankedTensorType>(argument.getType());
      // The old argument stays behind as a placeholder of the old type until the old ops are gone.
      BlockArgument buffer = block.addArgument(bufferType(type), argument.getLoc());
      bool isOutput = i >= numInputs;
      Value tensor = bufferization::ToTensorOp::create(builder, argument.getLoc(), storageTensor(type), buffer,
                                                       /*restrict=*/true, /*writable=*/isOutput);
      tensors.map(argument, tensor);
      if (isOutput)
        outputs.push_back(buffer);
    }
    SmallVector<Operation *> ops = llvm::map_to_vector(block.without_terminator(), [](Operation &op) { return &op; });
    llvm::erase_if(ops, [](Operation *op) { return !isa<FscOpInterface, ConstantOp>(op); });
    builder.setInsertionPoint(returned);
    for (Operation *op : ops)
      if (failed(lower(builder, op, returned, tensors, block.getArguments().slice(numInputs, numOutputs))))
        return signalPassFailure();
    for (auto [value, output] : llvm::zip(returned.getOperands(), outputs))
      bufferization::MaterializeInDestinationOp::create(builder, returned.getLoc(), Type(), tensors.lookup(value),
                                                        output,
                                                        /*restrict=*/true, /*writable=*/true);
    func::ReturnOp::create(builder, returned.getLoc());
    returned.erase();
    for (Operation *op : llvm::reverse(ops))
      op->erase();
    block.eraseArguments(0, numInputs + numOutputs);
    function.setType(FunctionType::get(&getContext(), block.getArgumentTypes(), {}));
  }

  LogicalResult lower(OpBuilder &builder, Operation *op, func::ReturnOp returned, IRMapping &tensors,
                      ArrayRef<BlockArgument> outputs) {
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      tensors.map(constant.getResult(), lowerConstant(builder, constant));
      return success();
    }
    SmallVector<Value> destinations(op->getNumResults());
    for (auto [result, destination] : llvm::zip(op->getResults(), destinations))
      for (auto [value, output] : llvm::zip(returned.getOperands(), outputs))
        if (value == result)
          destination = tensors.lookup(output);
    LinalgBuilder linalg(builder, op, tensors, destinations);
    if (failed(cast<FscOpInterface>(op).lowerToLinalg(linalg)))
      return failure();
    for (auto [result, tensor] : llvm::zip(op->getResults(), linalg.getResults()))
      tensors.map(result, tensor);
    return success();
  }
};

} // namespace
} // namespace fsc
