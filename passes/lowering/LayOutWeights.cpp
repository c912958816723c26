//===- LayOutWeights.cpp - Places in the weights section ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_LAYOUTWEIGHTS
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

struct LayOutWeights : impl::LayOutWeightsBase<LayOutWeights> {
  void runOnOperation() override {
    constexpr int64_t alignment = 64;
    llvm::DenseMap<Attribute, int64_t> places;
    int64_t total = 0;
    Builder builder(&getContext());
    getOperation().walk([&](WeightOp op) {
      auto [place, isNew] = places.try_emplace(op.getValue(), total);
      op.setOffset(place->second);
      if (isNew)
        total += llvm::alignTo(byteSize(op.getType()), alignment);
    });
    getOperation()->setAttr(kWeightsBytesAttr, builder.getI64IntegerAttr(total));
  }
};

} // namespace
} // namespace fsc
