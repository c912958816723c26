//===- Control.cpp - Branches and loops -----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Kernel.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace fsc {

RankedTensorType joinTypes(RankedTensorType a, RankedTensorType b) {
  Type element = joinElementTypes(a.getElementType(), b.getElementType());
  if (!element || a.getRank() != b.getRank())
    return {};
  SmallVector<int64_t> shape;
  for (auto [x, y] : llvm::zip(a.getShape(), b.getShape()))
    shape.push_back(x == y ? x : ShapedType::kDynamic);
  return RankedTensorType::get(shape, element);
}

/// Whether every tensor of type `specific` has type `general` too.
static bool covers(Type general, Type specific) {
  return joinTypes(cast<RankedTensorType>(general), cast<RankedTensorType>(specific)) == general;
}

bool isOneElement(Type type, unsigned width) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isSignlessInteger(width) && tensor.hasStaticShape() &&
         tensor.getNumElements() == 1;
}

static bool isCondition(Type type) { return type.isInteger(1) || isOneElement(type, 1); }
static bool isCount(Type type) { return type.isIndex() || isOneElement(type, 64); }

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

static LogicalResult verifyBranch(IfOp op, Region &region, StringRef name) {
  auto yield = dyn_cast<YieldOp>(region.front().getTerminator());
  // if.C2: each branch yields a tensor for each result, whose type holds for it.
  if (!yield || yield.getNumOperands() != op.getNumResults())
    return op.emitOpError() << "expected the branch '" << name << "' to yield " << op.getNumResults() << " tensors";
  for (auto [result, value] : llvm::zip(op.getResults(), yield.getValues()))
    if (!isa<RankedTensorType>(value.getType()) || !covers(result.getType(), value.getType()))
      return op.emitOpError() << "expected the branch '" << name << "' to yield " << result.getType() << ", got "
                              << value.getType();
  return success();
}

LogicalResult IfOp::verify() {
  // if.C1: the condition is one bool.
  if (!isCondition(getCondition().getType()))
    return emitOpError() << "expected a condition of one bool, got " << getCondition().getType();
  if (failed(verifyBranch(*this, getThenRegion(), "then")))
    return failure();
  return verifyBranch(*this, getElseRegion(), "else");
}

LogicalResult IfOp::refineResults() {
  ValueRange first = cast<YieldOp>(getThenRegion().front().getTerminator()).getValues();
  ValueRange second = cast<YieldOp>(getElseRegion().front().getTerminator()).getValues();
  for (auto [result, a, b] : llvm::zip_equal(getResults(), first, second)) {
    RankedTensorType join = joinTypes(cast<RankedTensorType>(a.getType()), cast<RankedTensorType>(b.getType()));
    if (!join)
      return failure();
    result.setType(join);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

YieldOp LoopOp::getYield() { return cast<YieldOp>(getBlock().getTerminator()); }
OperandRange LoopOp::getYieldedCarried() { return getYield().getValues().slice(1, getCarried().size()); }
OperandRange LoopOp::getYieldedElements() { return getYield().getValues().drop_front(1 + getCarried().size()); }

/// Whether a condition, a tensor or a bool, is known to hold.
static bool isKnownToHold(Value condition) {
  if (auto known = ShapeBuilder(condition.getLoc()).constants(condition))
    return known->front() != 0;
  IntegerAttr constant;
  return matchPattern(condition, m_Constant(&constant)) && !constant.getValue().isZero();
}

bool LoopOp::runsToEnd() { return isKnownToHold(getYield().getValues().front()); }

void LoopOp::refineResults() {
  for (auto [result, argument] : llvm::zip(getResults(), getCarriedArguments()))
    result.setType(argument.getType());
  std::optional<int64_t> trips;
  if (getTripCount() && runsToEnd() && (!getCondition() || isKnownToHold(getCondition())))
    if (auto count = ShapeBuilder(getLoc()).constants(getTripCount()))
      trips = std::max<int64_t>(count->front(), 0);
  for (auto [result, element] : llvm::zip_equal(getStacked(), getYieldedElements())) {
    auto type = cast<RankedTensorType>(element.getType());
    SmallVector<int64_t> shape = {trips.value_or(ShapedType::kDynamic)};
    llvm::append_range(shape, type.getShape());
    // A model may say any number of iterations; a type that no memory can hold is of no use.
    constexpr double mostElements = double(int64_t(1) << 40);
    double elements = 1;
    for (int64_t size : shape)
      elements *= ShapedType::isDynamic(size) ? 1 : double(size);
    if (elements > mostElements)
      shape[0] = ShapedType::kDynamic;
    result.setType(RankedTensorType::get(shape, type.getElementType()));
  }
}

LogicalResult LoopOp::verify() {
  // loop.C1: the number of iterations is one int64, the condition one bool.
  if (getTripCount() && !isCount(getTripCount().getType()))
    return emitOpError() << "expected a number of iterations of one int64, got " << getTripCount().getType();
  if (getCondition() && !isCondition(getCondition().getType()))
    return emitOpError() << "expected a condition of one bool, got " << getCondition().getType();
  // loop.C2: the body has the number of the iteration, and an argument whose type holds for each carried value.
  Block &block = getBlock();
  if (block.getNumArguments() != getCarried().size() + 1 || !isOneElement(block.getArgument(0).getType(), 64))
    return emitOpError() << "expected a body with the number of the iteration and " << getCarried().size()
                         << " carried values";
  for (auto [argument, initial] : llvm::zip(getCarriedArguments(), getCarried()))
    if (!isa<RankedTensorType>(argument.getType()) || !covers(argument.getType(), initial.getType()))
      return emitOpError() << "expected a carried value of type " << argument.getType() << ", got "
                           << initial.getType();
  // loop.C3: the body yields a condition, the carried values, and one element for each other result.
  auto yield = dyn_cast<YieldOp>(block.getTerminator());
  if (!yield || yield.getNumOperands() != getNumResults() + 1 || getNumResults() < getCarried().size() ||
      !isCondition(yield.getOperand(0).getType()))
    return emitOpError() << "expected a body that yields a condition and " << getNumResults() << " tensors";
  for (auto [argument, result, value] : llvm::zip(getCarriedArguments(), getResults(), getYieldedCarried()))
    if (result.getType() != argument.getType() || !isa<RankedTensorType>(value.getType()) ||
        !covers(argument.getType(), value.getType()))
      return emitOpError() << "expected a carried value of type " << argument.getType() << ", got a body that yields "
                           << value.getType() << " and a result of type " << result.getType();
  for (auto [result, value] : llvm::zip(getStacked(), getYieldedElements())) {
    auto stacked = cast<RankedTensorType>(result.getType());
    auto element = dyn_cast<RankedTensorType>(value.getType());
    // loop.C4: lists cannot be stacked.
    if (element && isListType(element.getElementType()))
      return emitOpError() << "expected elements that are tensors, got " << value.getType();
    if (!element || stacked.getRank() == 0 ||
        !covers(RankedTensorType::get(stacked.getShape().drop_front(), stacked.getElementType()), element))
      return emitOpError() << "expected elements of " << stacked << ", got " << value.getType();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Require
//===----------------------------------------------------------------------===//

LogicalResult RequireOp::verify() {
  // require.C1: the condition is one bool.
  if (!isCondition(getCondition().getType()))
    return emitOpError() << "expected a condition of one bool, got " << getCondition().getType();
  return success();
}

} // namespace fsc
