//===- Kernel.cpp - The unit of code generation ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Kernel.h"

using namespace mlir;

namespace fsc {

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult ConstantOp::verify() {
  // constant.C1: the value is the elements of a tensor.
  if (!isa<ElementsAttr>(getValue()))
    return emitOpError("expected the elements of a tensor");
  return success();
}

MutableOperandRange KernelOp::getDpsInitsMutable() { return getInitsMutable(); }

Operation *KernelOp::getAnchorOp() {
  for (Operation &op : llvm::reverse(getBlock()))
    if (auto interface = dyn_cast<FscOpInterface>(op); interface && interface.getAnchor() == getAnchor())
      return &op;
  return nullptr;
}

LogicalResult KernelOp::verify() {
  Block &block = getBlock();
  // kernel.C1: the block has an argument for each operand, of its type.
  if (block.getArgumentTypes() != TypeRange(getOperandTypes()))
    return emitOpError("expected one block argument for each operand, of its type");
  // kernel.C2: one result for each destination, of its type.
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getOperandTypes() != getResultTypes() || TypeRange(getInits().getTypes()) != getResultTypes())
    return emitOpError("expected fsc.yield of one tensor for each destination, of its type");
  return success();
}

LogicalResult ViewOp::verify() {
  RankedTensorType source = getSource().getType(), result = getResult().getType();
  // view.C1: one size for each dynamic dim of the result.
  if (result.getNumDynamicDims() != getSizes().size())
    return emitOpError() << "expected " << result.getNumDynamicDims() << " sizes, got " << getSizes().size();
  // view.C2: the elements stay.
  if (source.getElementType() != result.getElementType() ||
      (source.hasStaticShape() && result.hasStaticShape() && source.getNumElements() != result.getNumElements()))
    return emitOpError() << "expected the same elements, got " << source << " and " << result;
  return success();
}

} // namespace fsc
