//===- SeparateResults.cpp - A kernel for each result of the model --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// return %x, %x  ->  return %x, kernel {identity(%x)}
//
// Each result has a buffer of the caller's, so each must be what a kernel
// writes, and no two the same. Nothing may merge equal kernels afterwards.
//
//===----------------------------------------------------------------------===//

#include "passes/fusion/Fusion.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace fsc {
#define GEN_PASS_DEF_SEPARATERESULTS
#include "passes/fusion/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

struct SeparateResults : impl::SeparateResultsBase<SeparateResults> {
  void runOnOperation() override {
    auto returned = cast<func::ReturnOp>(getOperation().front().getTerminator());
    llvm::SmallPtrSet<Value, 8> seen;
    for (OpOperand &operand : returned->getOpOperands()) {
      Value value = operand.get();
      if (value.getDefiningOp<KernelOp>() && seen.insert(value).second)
        continue;
      OpBuilder builder(returned);
      auto type = cast<RankedTensorType>(value.getType());
      SmallVector<Value> sizes;
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        if (type.isDynamicDim(axis))
          sizes.push_back(tensor::DimOp::create(builder, value.getLoc(), value, axis));
      Value empty = tensor::EmptyOp::create(builder, value.getLoc(), type.getShape(), type.getElementType(), sizes);
      auto identity = IdentityOp::create(builder, value.getLoc(), type, value);
      operand.set(identity);
      wrapInKernel(builder, cast<FscOpInterface>(identity.getOperation()), empty);
      ++numCopies;
    }
  }
};

} // namespace
} // namespace fsc
