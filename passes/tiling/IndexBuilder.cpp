//===- IndexBuilder.cpp - Loops, arithmetic and vectors, briefly ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/tiling/IndexBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Value IndexBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
Value IndexBuilder::add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }
Value IndexBuilder::sub(Value x, Value y) { return b.createOrFold<arith::SubIOp>(loc, x, y); }
Value IndexBuilder::mul(Value x, Value y) { return b.createOrFold<arith::MulIOp>(loc, x, y); }
Value IndexBuilder::div(Value x, Value y) { return b.createOrFold<arith::DivUIOp>(loc, x, y); }
Value IndexBuilder::rem(Value x, Value y) { return b.createOrFold<arith::RemUIOp>(loc, x, y); }
Value IndexBuilder::ceilDiv(Value x, int64_t y) { return div(add(x, y - 1), index(y)); }
Value IndexBuilder::min(Value x, Value y) { return b.createOrFold<arith::MinSIOp>(loc, x, y); }
Value IndexBuilder::max(Value x, Value y) { return b.createOrFold<arith::MaxSIOp>(loc, x, y); }
Value IndexBuilder::equal(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, x, y);
}
Value IndexBuilder::less(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, x, y);
}
Value IndexBuilder::within(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::ult, x, y);
}
Value IndexBuilder::both(Value x, Value y) {
  if (!x || !y)
    return x ? x : y;
  return b.createOrFold<arith::AndIOp>(loc, x, y);
}
Value IndexBuilder::select(Value condition, Value x, Value y) {
  return b.createOrFold<arith::SelectOp>(loc, condition, x, y);
}
std::optional<int64_t> IndexBuilder::known(Value value) { return getConstantIntValue(value); }

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

void IndexBuilder::loop(Value low, Value high, int64_t step, llvm::function_ref<void(Value)> body) {
  loop(low, high, step, {}, [&](Value i, ValueRange) {
    body(i);
    return Values();
  });
}

IndexBuilder::Values IndexBuilder::loop(Value low, Value high, int64_t step, ValueRange init,
                                        llvm::function_ref<Values(Value, ValueRange)> body) {
  std::optional<int64_t> first = known(low), end = known(high);
  if (first && end && *first >= *end)
    return Values(init);
  if (first && end && *first + step >= *end)
    return body(low, init);
  auto loop = scf::ForOp::create(b, loc, low, high, index(step), init);
  OpBuilder::InsertionGuard guard(b);
  Block *block = loop.getBody();
  if (!block->empty() && block->back().hasTrait<OpTrait::IsTerminator>())
    block->back().erase();
  b.setInsertionPointToEnd(block);
  Values next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, next);
  return Values(loop.getResults());
}

void IndexBuilder::tasks(ValueRange counts, llvm::function_ref<void(ValueRange)> body) {
  auto loop = scf::ForallOp::create(b, loc, getAsOpFoldResult(counts), ValueRange(), std::nullopt);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Values place;
  for (auto [iv, count] : llvm::zip(loop.getInductionVars(), counts))
    place.push_back(known(count) == 1 ? index(0) : Value(iv));
  body(place);
}

void IndexBuilder::ifThen(Value condition, llvm::function_ref<void()> then) {
  if (std::optional<int64_t> value = known(condition)) {
    if (*value)
      then();
    return;
  }
  auto branch = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
}

IndexBuilder::Values IndexBuilder::ifElse(Value condition, llvm::function_ref<Values()> then,
                                          llvm::function_ref<Values()> otherwise) {
  if (std::optional<int64_t> value = known(condition))
    return *value ? then() : otherwise();
  auto build = [&](llvm::function_ref<Values()> body) {
    return [&, body](OpBuilder &inner, Location) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(inner.getInsertionBlock(), inner.getInsertionPoint());
      Values results = body();
      scf::YieldOp::create(b, loc, results);
    };
  };
  auto branch = scf::IfOp::create(b, loc, condition, build(then), build(otherwise));
  return Values(branch.getResults());
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value IndexBuilder::dim(Value buffer, int64_t axis) {
  int64_t size = cast<MemRefType>(buffer.getType()).getDimSize(axis);
  return ShapedType::isDynamic(size) ? memref::DimOp::create(b, loc, buffer, axis).getResult() : index(size);
}

IndexBuilder::Values IndexBuilder::dims(Value buffer) {
  Values result;
  for (int64_t axis = 0; axis < cast<MemRefType>(buffer.getType()).getRank(); ++axis)
    result.push_back(dim(buffer, axis));
  return result;
}

Value IndexBuilder::product(ValueRange sizes) {
  Value result = index(1);
  for (Value size : sizes)
    result = mul(result, size);
  return result;
}

Value IndexBuilder::flatten(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  OpFoldResult size = getAsOpFoldResult(product(dims(buffer)));
  int64_t known = getConstantIntValue(size).value_or(ShapedType::kDynamic);
  auto flat = MemRefType::get({known}, type.getElementType());
  return memref::ReinterpretCastOp::create(b, loc, flat, buffer, OpFoldResult(b.getIndexAttr(0)),
                                           ArrayRef<OpFoldResult>(size), ArrayRef<OpFoldResult>(b.getIndexAttr(1)));
}

Value IndexBuilder::slice(Value flat, Value offset, Value size) {
  auto layout = StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1});
  OpFoldResult length = getAsOpFoldResult(size);
  int64_t known = getConstantIntValue(length).value_or(ShapedType::kDynamic);
  auto type = MemRefType::get({known}, cast<MemRefType>(flat.getType()).getElementType(), layout);
  return memref::ReinterpretCastOp::create(b, loc, type, flat, OpFoldResult(offset), ArrayRef<OpFoldResult>(length),
                                           ArrayRef<OpFoldResult>(b.getIndexAttr(1)));
}

Value IndexBuilder::allocate(int64_t size) {
  return memref::AllocOp::create(b, loc, MemRefType::get({size}, b.getF32Type()));
}

Value IndexBuilder::filled(int64_t size, double value, int64_t lanes) {
  // Whole vectors are written.
  int64_t padded = (size + lanes - 1) / lanes * lanes;
  Value buffer = allocate(padded);
  Value vector = splat(value, lanes);
  loop(index(0), index(padded), lanes, [&](Value i) { storeVector(vector, buffer, i, {}); });
  return buffer;
}

VectorType IndexBuilder::vectorType(int64_t lanes) { return VectorType::get({lanes}, b.getF32Type()); }

Value IndexBuilder::load(Value flat, Value at) { return memref::LoadOp::create(b, loc, flat, at); }

Value IndexBuilder::loadVector(Value flat, Value at, int64_t lanes, Value mask, double fill) {
  if (!mask)
    return vector::LoadOp::create(b, loc, vectorType(lanes), flat, at);
  return vector::MaskedLoadOp::create(b, loc, vectorType(lanes), flat, at, mask, splat(fill, lanes));
}

void IndexBuilder::storeVector(Value vector, Value flat, Value at, Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(b, loc, flat, at, mask, vector);
  else
    vector::StoreOp::create(b, loc, vector, flat, at);
}

Value IndexBuilder::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(b, loc, VectorType::get({lanes}, scalar.getType()), scalar);
}

Value IndexBuilder::splat(double value, int64_t lanes) {
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vectorType(lanes), float(value)));
}

Value IndexBuilder::constantVector(ArrayRef<double> values, int64_t lanes) {
  SmallVector<float> elements(lanes, 0.0f);
  for (auto [lane, value] : llvm::zip(elements, values))
    lane = float(value);
  return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(vectorType(lanes), ArrayRef<float>(elements)));
}

Value IndexBuilder::fma(Value x, Value y, Value z) { return vector::FMAOp::create(b, loc, x, y, z); }

Value IndexBuilder::mask(Value count, int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getI1Type());
  if (std::optional<int64_t> known = IndexBuilder::known(count)) {
    SmallVector<bool> bits;
    for (int64_t lane = 0; lane < lanes; ++lane)
      bits.push_back(lane < *known);
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, ArrayRef<bool>(bits)));
  }
  // Of lanes in 32 bits, one comparison of vectors.
  Value bounded = arith::IndexCastOp::create(b, loc, b.getI32Type(), max(min(count, index(lanes)), index(0)));
  auto numbers = VectorType::get({lanes}, b.getI32Type());
  SmallVector<int32_t> lane;
  for (int64_t i = 0; i < lanes; ++i)
    lane.push_back(int32_t(i));
  Value steps = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(numbers, ArrayRef<int32_t>(lane)));
  Value limit = vector::BroadcastOp::create(b, loc, numbers, bounded);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, steps, limit);
}

} // namespace fsc
