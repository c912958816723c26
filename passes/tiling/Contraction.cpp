//===- Contraction.cpp - What register kernels can compute ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Contraction.h"
#include "dialects/fsc/ops/Convolution.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/tiling/Tiling.h"

using namespace mlir;

namespace fsc {

static int64_t product(ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) {
    if (ShapedType::isDynamic(size))
      return size;
    count *= size;
  }
  return count;
}

/// Why the convolution is not one for a register kernel, or null.
static const char *match(ConvOp op, Contraction &found) {
  if (op.getPack() == 0 || !op.getChannelsLast() || op.getGroup() != 1)
    return "the filter is not packed in panels";
  int64_t rank = op.getX().getType().getRank();
  if (rank != 3 && rank != 4)
    return "there are neither one nor two spatial dims";
  ArrayRef<int64_t> filter = op.getW().getType().getShape();
  if (!op.getW().getType().hasStaticShape() || op.getX().getType().getShape().back() != filter[2])
    return "the number of channels is not known";
  found.rows = product(op.getY().getType().getShape().drop_back());
  found.columns = op.getFilters();
  found.taps = filter[1];
  found.depth = filter[2];
  found.pack = op.getPack();
  return nullptr;
}

/// The same of a matrix product.
static const char *match(MatMulOp op, Contraction &found) {
  ArrayRef<int64_t> a = op.getA().getType().getShape(), b = op.getB().getType().getShape();
  found.depth = a.back();
  found.pack = op.getPack();
  if (op.getPack() != 0) {
    if (!op.getB().getType().hasStaticShape() || a.back() != b[1])
      return "the number of products is not known";
    found.rows = product(a.drop_back());
    found.columns = op.getColumns();
    return nullptr;
  }
  if (a.size() < 2 || b.size() < 2)
    return "an operand is a vector";
  found.columns = b.back();
  found.rows = a[a.size() - 2];
  found.batches = product(op.getY().getType().getShape().drop_back(2));
  return nullptr;
}

std::optional<Contraction> matchContraction(Block &body, const char *&why) {
  Contraction found;
  why = "there is no contraction";
  for (Operation &op : body) {
    if (!isa<ConvOp, MatMulOp>(op))
      continue;
    if (found.op) {
      why = "there are several contractions";
      return std::nullopt;
    }
    found.op = &op;
  }
  if (!found.op)
    return std::nullopt;
  if (auto conv = dyn_cast<ConvOp>(found.op))
    why = match(conv, found);
  else
    why = match(cast<MatMulOp>(found.op), found);
  for (Value operand : found.op->getOperands()) {
    if (!cast<RankedTensorType>(operand.getType()).getElementType().isF32())
      why = "an operand is not f32";
    // Only a bias may be a constant inside the kernel.
    if (!isa<BlockArgument>(operand) && !(isa<ConvOp>(found.op) && operand == found.op->getOperands().back() &&
                                          found.op->getNumOperands() == 3 && operand.getDefiningOp<ConstantOp>()))
      why = "an operand of the contraction is computed in the kernel";
  }
  if (!why)
    why = refuseEpilogue(body, found.op->getResult(0));
  if (why)
    return std::nullopt;
  return found;
}

} // namespace fsc
