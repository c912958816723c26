//===- GatherScatter.cpp - Elements and slices at indices from data -------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Indexing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

namespace {

/// Fails with a diagnostic unless indices are integers.
LogicalResult checkIndices(Operation *op, Value indices) {
  Type type = cast<RankedTensorType>(indices.getType()).getElementType();
  if (type.isInteger() && !type.isInteger(1))
    return success();
  return op->emitOpError() << "expected integer indices, got " << indices.getType();
}

} // namespace

//===----------------------------------------------------------------------===//
// GatherElements
//===----------------------------------------------------------------------===//

LogicalResult GatherElementsOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), indices = shapes.dims(getIndices());
  std::optional<int64_t> axis = normalizeAxis(getAxis(), data.size());
  // gather_elements.C1: operands have one rank, and the axis is in range.
  if (!axis || indices.size() != data.size())
    return emitOpError() << "expected operands of one rank, and axis below it, got " << getOperandTypes()
                         << " and axis " << int64_t(getAxis());
  // gather_elements.C2: indices are integers.
  if (failed(checkIndices(*this, getIndices())))
    return failure();
  // gather_elements.C3: indices are within the operand in the other dims.
  for (size_t i = 0; i < data.size(); ++i)
    if (int64_t(i) != *axis && data[i].isKnown() && indices[i].isKnown() && indices[i].get() > data[i].get())
      return emitOpError() << "expected at most " << data[i].get() << " indices along dim " << i << ", got "
                           << indices[i].get();
  results.push_back(indices);
  return success();
}

LogicalResult GatherElementsOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  SmallVector<Value> sizes = b.dims(0), indexSizes = b.dims(1);
  for (int64_t i = 0; i < b.rank(0); ++i)
    if (i != axis && (b.operandType(0).isDynamicDim(i) || b.operandType(1).isDynamicDim(i)))
      b.check(b.less(indexSizes[i], b.add(sizes[i], b.index(1))),
              "GatherElements: there are more indices than elements");
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place(at);
    for (int64_t i = 0; i < b.rank(0); ++i)
      if (b.operandType(0).isDynamicDim(i) || b.operandType(1).isDynamicDim(i))
        place[i] = b.maximum(b.minimum(place[i], b.sub(sizes[i], b.index(1))), b.index(0));
    place[axis] = b.checkIndex(b.toIndex(b.load(1, at)), sizes[axis], "GatherElements: an index is out of range");
    return b.load(0, place);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// GatherND
//===----------------------------------------------------------------------===//

LogicalResult GatherNDOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), indices = shapes.dims(getIndices());
  int64_t batch = getBatchDims(), rank = data.size();
  // gather_nd.C1: indices are integers.
  if (failed(checkIndices(*this, getIndices())))
    return failure();
  // gather_nd.C2: the length of an index tuple is known.
  if (indices.empty() || !indices.back().isKnown())
    return emitOpError() << "expected indices whose last size is known, got " << getIndices().getType();
  int64_t depth = indices.back().get();
  // gather_nd.C3: batch dims and the tuple are within the operand's rank.
  if (batch < 0 || batch >= int64_t(indices.size()) || batch + depth > rank)
    return emitOpError() << "expected batch_dims + " << depth << " of at most " << rank << ", got batch_dims " << batch;
  Shape result(indices.begin(), indices.end() - 1);
  for (int64_t i = 0; i < batch; ++i) {
    // gather_nd.C4: batch dims agree.
    if (differ(data[i], indices[i]))
      return emitOpError() << "expected equal batch dims, got " << data[i].get() << " and " << indices[i].get();
    if (!result[i].isKnown())
      result[i] = data[i].isKnown() ? data[i] : result[i];
  }
  result.append(data.begin() + batch + depth, data.end());
  results.push_back(result);
  return success();
}

LogicalResult GatherNDOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t batch = getBatchDims(), tuples = b.rank(1) - 1, depth = b.operandType(1).getDimSize(tuples);
  SmallVector<Value> sizes = b.dims(0), indexSizes = b.dims(1);
  auto checkBatch = [&](int64_t i, Value &index, Value size) {
    if (b.operandType(0).isDynamicDim(i) || b.operandType(1).isDynamicDim(i))
      index = b.checkIndex(index, size, "GatherND: the batch dims differ");
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    SmallVector<Value> place(at.take_front(batch)), tuple(at.take_front(tuples));
    for (int64_t i = 0; i < batch; ++i) {
      checkBatch(i, place[i], sizes[i]);
      checkBatch(i, tuple[i], indexSizes[i]);
    }
    tuple.emplace_back();
    for (int64_t i = 0; i < depth; ++i) {
      tuple.back() = b.index(i);
      Value index = b.toIndex(b.load(1, tuple));
      place.push_back(b.checkIndex(index, sizes[batch + i], "GatherND: an index is out of range"));
    }
    llvm::append_range(place, at.drop_front(tuples));
    return b.load(0, place);
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Scatter
//===----------------------------------------------------------------------===//

namespace {

LogicalResult checkReduction(Operation *op, StringRef reduction, Type type) {
  if (!llvm::is_contained({"none", "add", "mul", "max", "min"}, reduction))
    return op->emitOpError() << "expected reduction none, add, mul, max or min, got '" << reduction << "'";
  if (reduction != "none" && (type.isInteger(1) || isNarrowType(type) || isa<ComplexType>(type)))
    return op->emitOpError() << "expected numbers to reduce, got " << type;
  return success();
}

/// The element at `place` of tensor with the update applied.
Value applyUpdate(LinalgBuilder &b, StringRef reduction, Value tensor, Type type, ArrayRef<Value> place,
                  Scalar update) {
  if (reduction != "none") {
    Scalar old = b.load(tensor, type, place);
    update = reduction == "add"   ? old + update
             : reduction == "mul" ? old * update
             : reduction == "max" ? fsc::max(old, update)
                                  : fsc::min(old, update);
  }
  return b.store(update, type, tensor, place);
}

/// Ends the run unless the sizes are equal, if that is not known. `legal` becomes false if they are not.
void checkSizes(LinalgBuilder &b, unsigned x, int64_t xAxis, unsigned y, int64_t yAxis, StringRef message,
                Value &legal) {
  if (!b.operandType(x).isDynamicDim(xAxis) && !b.operandType(y).isDynamicDim(yAxis))
    return;
  Value equal = b.equal(b.dim(x, xAxis), b.dim(y, yAxis));
  b.check(equal, message);
  legal = legal ? b.both(legal, equal) : equal;
}

/// Operand 0 changed by body(at, tensor) for each place of `sizes`: not at all unless `legal` (if given) holds, nor
/// where the operand has no elements.
Value scatter(LinalgBuilder &b, ArrayRef<Value> sizes, Value legal,
              llvm::function_ref<Value(ArrayRef<Value>, Value)> body, StringRef message) {
  Value result = b.copyOperand(0, 0);
  if (!b.operandType(0).hasStaticShape() || b.operandType(0).getNumElements() == 0) {
    Value count = b.index(1), updates = b.index(1), zero = b.index(0);
    for (Value size : b.dims(0))
      count = b.mul(count, size);
    for (Value size : sizes)
      updates = b.mul(updates, size);
    Value empty = b.equal(count, zero), some = b.less(zero, count);
    b.check(b.pick(empty, b.equal(updates, zero), some), message);
    legal = legal ? b.both(legal, some) : some;
  }
  if (!legal)
    return b.update(result, sizes, body);
  return b.fold(b.index(0), b.pick(legal, b.index(1), b.index(0)), result,
                [&](Value, ValueRange state) { return SmallVector<Value>{b.update(state[0], sizes, body)}; })[0];
}

} // namespace

LogicalResult ScatterElementsOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), indices = shapes.dims(getIndices()), updates = shapes.dims(getUpdates());
  Type type = getData().getType().getElementType();
  // scatter_elements.C1: indices are integers.
  if (failed(checkIndices(*this, getIndices())))
    return failure();
  // scatter_elements.C2: operands have one rank, the axis is in range, and there is an update for each index.
  bool legal = normalizeAxis(getAxis(), data.size()) && indices.size() == data.size() &&
               updates.size() == data.size() && getUpdates().getType().getElementType() == type;
  for (size_t i = 0; legal && i < indices.size(); ++i)
    legal = !differ(indices[i], updates[i]);
  if (!legal)
    return emitOpError() << "expected operands of one rank, and as many updates as indices, got " << getOperandTypes()
                         << " and axis " << int64_t(getAxis());
  // scatter_elements.C3: the reduction is one that ONNX has, of numbers.
  if (failed(checkReduction(*this, getReduction(), type)))
    return failure();
  results.push_back(data);
  return success();
}

LogicalResult ScatterElementsOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  Type type = b.elementType(0);
  SmallVector<Value> sizes = b.dims(0);
  Value legal;
  for (int64_t i = 0; i < b.rank(0); ++i)
    checkSizes(b, 1, i, 2, i, "ScatterElements: there are not as many updates as indices", legal);
  constexpr const char *message = "ScatterElements: an index is out of range";
  auto update = [&](ArrayRef<Value> at, Value tensor) {
    SmallVector<Value> place(at);
    place[axis] = b.toIndex(b.load(1, at));
    for (int64_t i = 0; i < b.rank(0); ++i)
      place[i] = b.checkIndex(place[i], sizes[i], message);
    return applyUpdate(b, getReduction(), tensor, type, place, b.load(2, at));
  };
  b.setResult(0, scatter(b, b.dims(1), legal, update, message));
  return success();
}

LogicalResult ScatterNDOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape data = shapes.dims(getData()), indices = shapes.dims(getIndices()), updates = shapes.dims(getUpdates());
  Type type = getData().getType().getElementType();
  // scatter_nd.C1: indices are integers.
  if (failed(checkIndices(*this, getIndices())))
    return failure();
  // The ranks say how long an index tuple is.
  int64_t depth = int64_t(indices.size()) - 1 + int64_t(data.size()) - int64_t(updates.size());
  // scatter_nd.C2: an index tuple is as long as the ranks say.
  if (indices.empty() || depth < 0 || depth > int64_t(data.size()) || differ(indices.back(), Dim(depth)))
    return emitOpError() << "expected index tuples and slices that make up the operand's rank, got "
                         << getOperandTypes();
  Shape expected(indices.begin(), indices.end() - 1);
  expected.append(data.begin() + depth, data.end());
  // scatter_nd.C3: there is a slice of the operand for each tuple.
  bool legal = updates.size() == expected.size() && getUpdates().getType().getElementType() == type;
  for (size_t i = 0; legal && i < expected.size(); ++i)
    legal = !differ(updates[i], expected[i]);
  if (!legal)
    return emitOpError() << "expected a slice of the operand for each index tuple, got " << getOperandTypes();
  // scatter_nd.C4: the reduction is one that ONNX has, of numbers.
  if (failed(checkReduction(*this, getReduction(), type)))
    return failure();
  results.push_back(data);
  return success();
}

LogicalResult ScatterNDOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t tuples = b.rank(1) - 1, depth = tuples + b.rank(0) - b.rank(2);
  Type type = b.elementType(0);
  SmallVector<Value> sizes = b.dims(0);
  constexpr const char *message = "ScatterND: there is not a slice for each index tuple";
  Value legal;
  if (b.operandType(1).isDynamicDim(tuples)) {
    legal = b.equal(b.dim(1, tuples), b.index(depth));
    b.check(legal, message);
  }
  for (int64_t i = 0; i < b.rank(2); ++i)
    checkSizes(b, 2, i, i < tuples ? 1 : 0, i < tuples ? i : i - tuples + depth, message, legal);
  auto update = [&](ArrayRef<Value> at, Value tensor) {
    SmallVector<Value> place, tuple(at.take_front(tuples));
    tuple.emplace_back();
    for (int64_t i = 0; i < depth; ++i) {
      tuple.back() = b.index(i);
      Value index = b.toIndex(b.load(1, tuple));
      place.push_back(b.checkIndex(index, sizes[i], "ScatterND: an index is out of range"));
    }
    llvm::append_range(place, at.drop_front(tuples));
    return applyUpdate(b, getReduction(), tensor, type, place, b.load(2, at));
  };
  b.setResult(0, scatter(b, b.dims(2), legal, update, "ScatterND: an index is out of range"));
  return success();
}

//===----------------------------------------------------------------------===//
// TensorScatter
//===----------------------------------------------------------------------===//

LogicalResult TensorScatterOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape cache = shapes.dims(getPastCache()), update = shapes.dims(getUpdate());
  std::optional<int64_t> axis = normalizeAxis(getAxis(), cache.size());
  // tensor_scatter.C1: the axis is in range and not that of the batch.
  if (!axis || *axis == 0)
    return emitOpError() << "expected an axis other than the first of " << cache.size() << ", got "
                         << int64_t(getAxis());
  // tensor_scatter.C2: the mode is one that ONNX has.
  if (getMode() != "linear" && getMode() != "circular")
    return emitOpError() << "expected mode linear or circular, got '" << getMode() << "'";
  bool legal = cache.size() == update.size();
  for (size_t i = 0; legal && i < cache.size(); ++i)
    legal = int64_t(i) == *axis ? !update[i].isKnown() || !cache[i].isKnown() || update[i].get() <= cache[i].get()
                                : !differ(cache[i], update[i]);
  // tensor_scatter.C3: the update is at most as long as the cache and like it otherwise.
  if (!legal)
    return emitOpError() << "expected an update that fits into the cache, got " << getOperandTypes();
  // tensor_scatter.C4: there is an integer write index for each batch entry.
  if (getWriteIndices()) {
    Shape indices = shapes.dims(getWriteIndices());
    if (failed(checkIndices(*this, getWriteIndices())))
      return failure();
    if (indices.size() != 1 || differ(indices[0], cache[0]))
      return emitOpError() << "expected one write index for each batch entry, got " << getWriteIndices().getType();
  }
  results.push_back(cache);
  return success();
}

LogicalResult TensorScatterOp::lowerToLinalg(LinalgBuilder &b) {
  int64_t axis = *normalizeAxis(getAxis(), b.rank(0));
  bool circular = getMode() == "circular";
  Value length = b.dim(1, axis), room = b.dim(0, axis), zero = b.index(0);
  Value legal;
  for (int64_t i = 0; i < b.rank(0); ++i)
    if (i != axis)
      checkSizes(b, 0, i, 1, i, "TensorScatter: the update does not fit into the cache", legal);
  if (getWriteIndices())
    checkSizes(b, 0, 0, 2, 0, "TensorScatter: there is not a write index for each batch entry", legal);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value batch = legal ? b.pick(legal, at[0], zero) : at[0];
    Value first = getWriteIndices() ? b.toIndex(b.load(2, batch)) : zero;
    if (!circular && getWriteIndices()) {
      Value last = b.add(b.sub(room, length), b.index(1));
      b.check(b.inRange(first, zero, last), "TensorScatter: a write index is out of range");
    }
    Value offset = b.sub(at[axis], first);
    if (circular) {
      offset = b.b.createOrFold<arith::RemSIOp>(b.loc, offset, room);
      offset = b.pick(b.less(offset, zero), b.add(offset, room), offset);
    }
    SmallVector<Value> place(at);
    place[axis] = offset;
    Value updated = b.inRange(offset, zero, length);
    if (legal)
      updated = b.both(updated, legal);
    return b.ifElse(updated, [&] { return b.load(1, place); }, [&] { return b.load(0, at); });
  }));
  return success();
}

} // namespace fsc
