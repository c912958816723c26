//===- Epilogue.cpp - A kernel's elementwise ops on vectors ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/tiling/Epilogue.h"

#include "dialects/fsc/ops/Kernel.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// What is refused
//===----------------------------------------------------------------------===//

/// Why an operand of this type cannot be read a vector at a time, where the result has `result`.
static const char *refuseOperand(RankedTensorType type, RankedTensorType result) {
  if (!type.getElementType().isF32())
    return "an operand of an elementwise op is not f32";
  if (type.getRank() == 0)
    return nullptr;
  int64_t last = type.getShape().back();
  if (last != 1 && (ShapedType::isDynamic(last) || last != result.getShape().back()))
    return "it is not known how the last dim of an operand is broadcast";
  return nullptr;
}

/// The same for a constant inside the kernel.
static const char *refuseConstant(RankedTensorType type, RankedTensorType result) {
  if (!type.getElementType().isF32())
    return "a constant is not f32";
  int64_t count = type.getNumElements();
  if (count != 1 && (type.getShape().back() != count || count != result.getShape().back()))
    return "a constant has several dims";
  return nullptr;
}

const char *refuseEpilogue(Block &body, Value anchor) {
  auto type = dyn_cast<RankedTensorType>(anchor.getType());
  Operation *terminator = body.getTerminator();
  if (!type || type.getRank() == 0 || !type.getElementType().isF32())
    return "the anchor's result is not f32";
  if (terminator->getNumOperands() != 1 || terminator->getOperand(0).getType() != type)
    return "the kernel's result is not like the anchor's";
  for (Operation &op : body.without_terminator()) {
    if (&op == anchor.getDefiningOp() || isa<ConstantOp>(op))
      continue;
    if (!isa<ElementwiseOpInterface>(op))
      return "the kernel has another op that is not elementwise";
    Type element = cast<RankedTensorType>(op.getResult(0).getType()).getElementType();
    if (!element.isF32() && !element.isInteger(1))
      return "an elementwise op gives neither f32 nor bool";
    for (Value operand : op.getOperands()) {
      auto operandType = cast<RankedTensorType>(operand.getType());
      const char *why = nullptr;
      if (isa<BlockArgument>(operand))
        why = refuseOperand(operandType, type);
      else if (operand.getDefiningOp<ConstantOp>())
        why = refuseConstant(operandType, type);
      if (why)
        return why;
    }
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

Epilogue::Epilogue(IndexBuilder &builder, Block &body, Value anchor, const KernelBuffers &buffers, ValueRange sizes,
                   int64_t lanes)
    : ib(builder), body(body), anchor(anchor), buffers(buffers), sizes(sizes), lanes(lanes),
      type(cast<RankedTensorType>(anchor.getType())) {}

Value Epilogue::apply(Value vector, const VectorPlace &place) {
  known.clear();
  known[anchor] = Scalar(ib.b, ib.loc, vector, type.getElementType());
  return evaluate(body.getTerminator()->getOperand(0), place).getValue();
}

int64_t Epilogue::countInstructions() {
  constexpr int64_t perFunction = 20;
  // They are made in a block that is thrown away.
  Block trial;
  OpBuilder builder(ib.b.getContext());
  builder.setInsertionPointToStart(&trial);
  auto zeros = VectorType::get({lanes}, builder.getF32Type());
  Value zero = arith::ConstantOp::create(builder, ib.loc, builder.getZeroAttr(zeros));
  llvm::DenseMap<Value, Scalar> made;
  for (auto op : body.getOps<ElementwiseOpInterface>()) {
    SmallVector<Scalar> args;
    for (Value operand : op->getOperands()) {
      auto found = made.find(operand);
      args.push_back(found != made.end() ? found->second : Scalar(builder, ib.loc, zero, zeros.getElementType()));
    }
    made[op->getResult(0)] = op.buildScalar(args);
  }
  int64_t count = 0;
  for (Operation &op : trial)
    if (!op.hasTrait<OpTrait::ConstantLike>())
      count += isa<math::MathDialect>(op.getDialect()) ? perFunction : 1;
  return count;
}

Scalar Epilogue::evaluate(Value value, const VectorPlace &place) {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  Scalar result;
  if (auto op = value.getDefiningOp<ElementwiseOpInterface>()) {
    SmallVector<Scalar> args;
    for (Value operand : op->getOperands())
      args.push_back(evaluate(operand, place));
    result = op.buildScalar(args);
  } else {
    result = Scalar(ib.b, ib.loc, loadOperand(value, place), getElementTypeOrSelf(value.getType()));
  }
  known[value] = result;
  return result;
}

Value Epilogue::loadOperand(Value operand, const VectorPlace &place) {
  if (ElementsAttr elements = getConstant(operand))
    return constantVector(elements, place);
  auto operandType = cast<RankedTensorType>(operand.getType());
  Value flat = buffers.flat(operand);
  Value row = operandRow(operand, place);
  if (operandType.getRank() == 0 || operandType.getShape().back() == 1)
    return ib.splat(ib.load(flat, row), lanes);
  return ib.loadVector(flat, ib.add(ib.mul(row, sizes.back()), place.column), lanes, place.mask);
}

Value Epilogue::constantVector(ElementsAttr elements, const VectorPlace &place) {
  SmallVector<double> values = *readFloats(elements);
  if (values.size() == 1)
    return ib.splat(values[0], lanes);
  // It has as many elements as there are columns.
  std::optional<int64_t> first = IndexBuilder::known(place.column);
  if (first)
    return ib.constantVector(ArrayRef(values).drop_front(std::min<size_t>(*first, values.size())), lanes);
  // Where the column shows only at run time it is read from memory.
  int64_t padded = llvm::alignTo(values.size(), lanes) + lanes;
  Value buffer = ib.filled(padded, 0.0, lanes);
  for (size_t i = 0; i < values.size(); i += lanes)
    ib.storeVector(ib.constantVector(ArrayRef(values).drop_front(i), lanes), buffer, ib.index(i), {});
  return ib.loadVector(buffer, place.column, lanes, {});
}

Value Epilogue::operandRow(Value operand, const VectorPlace &place) {
  auto operandType = cast<RankedTensorType>(operand.getType());
  int64_t leading = std::max<int64_t>(operandType.getRank() - 1, 0);
  ArrayRef<int64_t> rows = operandType.getShape().take_front(leading);
  ArrayRef<int64_t> resultRows = type.getShape().drop_back();
  if (llvm::all_of(rows, [](int64_t size) { return size == 1; }))
    return ib.index(0);
  if (rows == resultRows && !llvm::any_of(rows, ShapedType::isDynamic))
    return place.row;
  // Dim by dim: one of size 1 is broadcast, which may show only at run time.
  Value rest = place.row, row = ib.index(0), stride = ib.index(1);
  for (int64_t axis = resultRows.size(), own = leading; axis-- > 0 && own-- > 0;) {
    Value coordinate = axis == 0 ? rest : ib.rem(rest, sizes[axis]);
    rest = axis == 0 ? rest : ib.div(rest, sizes[axis]);
    if (rows[own] == 1)
      continue;
    Value size = sizes[axis];
    if (ShapedType::isDynamic(rows[own])) {
      size = ib.dim(buffers.get(operand), own);
      coordinate = ib.min(coordinate, ib.sub(size, ib.index(1)));
    }
    row = ib.add(row, ib.mul(coordinate, stride));
    stride = ib.mul(stride, size);
  }
  return row;
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

KernelBuffers::KernelBuffers(func::FuncOp function)
    : builder(OpBuilder::atBlockBegin(&function.front())), function(function), numTensors(function.getNumArguments()) {
  Block &block = function.front();
  for (Operation &op : block)
    old.push_back(&op);
  IndexBuilder ib(builder, function.getLoc());
  for (unsigned i = 0; i < numTensors; ++i) {
    BlockArgument tensor = block.getArgument(i);
    Value buffer = block.addArgument(bufferType(cast<RankedTensorType>(tensor.getType())), tensor.getLoc());
    whole.map(tensor, buffer);
    result = buffer;
    flatResult = ib.flatten(buffer);
    flattened.map(tensor, flatResult);
  }
}

void KernelBuffers::finish() {
  Block &block = function.front();
  builder.setInsertionPoint(old.front());
  func::ReturnOp::create(builder, function.getLoc());
  for (Operation *op : llvm::reverse(old))
    op->erase();
  block.eraseArguments(0, numTensors);
  function.setType(FunctionType::get(function.getContext(), block.getArgumentTypes(), {}));
}

} // namespace fsc
