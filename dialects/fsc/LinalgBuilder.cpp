//===- LinalgBuilder.cpp - Reference lowerings, briefly -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/LinalgBuilder.h"

#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/NarrowTypes.h"
#include "dialects/fsc/ops/Host.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace fsc {

Type storageType(Type type) {
  if (type.isInteger(1) || isNarrowType(type))
    return IntegerType::get(type.getContext(), 8);
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerType::get(type.getContext(), integer.getWidth());
  if (isa<StringType>(type) || isListType(type))
    return IntegerType::get(type.getContext(), 64);
  if (isa<ComplexType>(type))
    return IntegerType::get(type.getContext(), elementBits(type));
  return type;
}

int64_t storageBytes(Type type) { return storageType(type).getIntOrFloatBitWidth() / 8; }

RankedTensorType storageTensor(RankedTensorType type) { return type.clone(storageType(type.getElementType())); }

LinalgBuilder::LinalgBuilder(OpBuilder &builder, Operation *op, const IRMapping &values, ValueRange destinations)
    : b(builder), loc(op->getLoc()), op(op), values(values), destinations(destinations), results(op->getNumResults()) {
  for (Value operand : op->getOperands())
    operands.push_back(values.lookup(operand));
}

unsigned LinalgBuilder::indexOf(Value operand) const {
  return std::distance(op->operand_begin(), llvm::find(op->getOperands(), operand));
}

RankedTensorType LinalgBuilder::operandType(unsigned index) const {
  return cast<RankedTensorType>(op->getOperand(index).getType());
}

RankedTensorType LinalgBuilder::resultType(unsigned index) const {
  return cast<RankedTensorType>(op->getResult(index).getType());
}

Value LinalgBuilder::dim(unsigned index, int64_t axis) {
  return b.createOrFold<tensor::DimOp>(loc, operands[index], axis);
}

SmallVector<Value> LinalgBuilder::dims(unsigned index) {
  SmallVector<Value> result;
  for (int64_t axis = 0; axis < rank(index); ++axis)
    result.push_back(dim(index, axis));
  return result;
}

SmallVector<Value> LinalgBuilder::resultDims(unsigned index) {
  Value target = destination(index);
  SmallVector<Value> result;
  for (int64_t axis = 0; axis < resultType(index).getRank(); ++axis)
    result.push_back(b.createOrFold<tensor::DimOp>(loc, target, axis));
  return result;
}

Value LinalgBuilder::destination(unsigned index) {
  if (destinations[index])
    return destinations[index];
  // No destination was given: the sizes follow from the operands.
  RankedTensorType type = resultType(index);
  SmallVector<Value> sizes;
  if (!type.hasStaticShape()) {
    ShapeBuilder shapes(b, loc, &values);
    SmallVector<Shape> inferred;
    if (succeeded(cast<FscOpInterface>(op).inferShapes(shapes, inferred)))
      for (auto [axis, dim] : llvm::enumerate(inferred[index]))
        if (type.isDynamicDim(axis))
          sizes.push_back(shapes.materialize(dim));
  }
  destinations[index] = tensor::EmptyOp::create(b, loc, storageTensor(type), sizes);
  return destinations[index];
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value LinalgBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

Scalar LinalgBuilder::constant(double value, Type type) {
  if (isNarrowType(type))
    return cast(constant(value, computeType(type)), type);
  Type compute = computeType(type);
  Scalar seed(b, loc, Value(), compute);
  // `like` looks at the value only for a vector shape.
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(storageType(compute)));
  if (compute.isInteger(1))
    zero = arith::ConstantOp::create(b, loc, b.getBoolAttr(false));
  return seed.with(zero).like(value);
}

Scalar LinalgBuilder::fromIndex(Value value, Type type) {
  Value wide = arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
  return cast(Scalar(b, loc, wide, b.getI64Type()), computeType(type));
}

Value LinalgBuilder::toIndex(Scalar value) {
  Scalar wide = cast(value, b.getI64Type());
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), wide.getValue());
}

Scalar LinalgBuilder::fromStorage(Value value, Type type) {
  if (type.isInteger(1)) {
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(value.getType()));
    return Scalar(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero), type);
  }
  Scalar element(b, loc, value, type);
  return isNarrowType(type) ? element : cast(element, computeType(type));
}

Value LinalgBuilder::toStorage(Scalar value, Type type) {
  if (type.isInteger(1)) {
    Scalar truth = cast(value, type);
    Type byte = b.getI8Type();
    if (auto vector = dyn_cast<VectorType>(truth.getValue().getType()))
      byte = vector.clone(byte);
    return arith::ExtUIOp::create(b, loc, byte, truth.getValue());
  }
  return cast(value, type).getValue();
}

Scalar LinalgBuilder::load(Value tensor, Type type, Indices indices) {
  return fromStorage(tensor::ExtractOp::create(b, loc, tensor, indices), type);
}

Scalar LinalgBuilder::load(unsigned index, Indices indices) {
  return load(operands[index], elementType(index), indices);
}

Scalar LinalgBuilder::loadBroadcast(unsigned index, Indices indices) {
  RankedTensorType type = operandType(index);
  SmallVector<Value> at;
  int64_t offset = int64_t(indices.size()) - type.getRank();
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    int64_t size = type.getDimSize(axis);
    if (size == 1) {
      at.push_back(this->index(0));
    } else if (ShapedType::isDynamic(size)) {
      Value isOne = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, dim(index, axis), this->index(1));
      at.push_back(arith::SelectOp::create(b, loc, isOne, this->index(0), indices[offset + axis]));
    } else {
      at.push_back(indices[offset + axis]);
    }
  }
  return load(index, at);
}

Value LinalgBuilder::add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }
Value LinalgBuilder::sub(Value x, Value y) { return b.createOrFold<arith::SubIOp>(loc, x, y); }
Value LinalgBuilder::mul(Value x, Value y) { return b.createOrFold<arith::MulIOp>(loc, x, y); }
Value LinalgBuilder::floorDiv(Value x, Value y) { return b.createOrFold<arith::DivUIOp>(loc, x, y); }
Value LinalgBuilder::rem(Value x, Value y) { return b.createOrFold<arith::RemUIOp>(loc, x, y); }
Value LinalgBuilder::minimum(Value x, Value y) { return b.createOrFold<arith::MinSIOp>(loc, x, y); }
Value LinalgBuilder::maximum(Value x, Value y) { return b.createOrFold<arith::MaxSIOp>(loc, x, y); }
Value LinalgBuilder::both(Value x, Value y) { return b.createOrFold<arith::AndIOp>(loc, x, y); }

Value LinalgBuilder::less(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, x, y);
}

Value LinalgBuilder::equal(Value x, Value y) {
  return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, x, y);
}

Value LinalgBuilder::pick(Value condition, Value x, Value y) {
  return b.createOrFold<arith::SelectOp>(loc, condition, x, y);
}

void LinalgBuilder::check(Value condition, StringRef message) { CheckOp::create(b, loc, condition, message); }

Value LinalgBuilder::inRange(Value value, Value low, Value high) {
  Value above = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, value, low);
  Value below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, value, high);
  return both(above, below);
}

Value LinalgBuilder::checkIndex(Value value, Value size, StringRef message) {
  Value negative = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, value, index(0));
  Value wrapped = arith::SelectOp::create(b, loc, negative, add(value, size), value);
  CheckOp::create(b, loc, inRange(wrapped, index(0), size), message);
  // The run goes on to its end before it fails, so what is read must be memory all the same.
  return maximum(minimum(wrapped, sub(size, index(1))), index(0));
}

Scalar LinalgBuilder::choose(Value condition, Scalar x, Scalar y) {
  return x.with(arith::SelectOp::create(b, loc, condition, x.getValue(), y.getValue()));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<Scalar> LinalgBuilder::loop(Value low, Value high, ArrayRef<Scalar> init,
                                        llvm::function_ref<SmallVector<Scalar>(Value, ArrayRef<Scalar>)> body) {
  SmallVector<Value> initial = llvm::map_to_vector(init, [](const Scalar &s) { return s.getValue(); });
  auto wrap = [&](ValueRange values) {
    SmallVector<Scalar> state;
    for (auto [scalar, value] : llvm::zip(init, values))
      state.push_back(scalar.with(value));
    return state;
  };
  auto loopOp =
      scf::ForOp::create(b, loc, low, high, index(1), initial, [&](OpBuilder &, Location, Value iv, ValueRange state) {
        SmallVector<Scalar> next = body(iv, wrap(state));
        SmallVector<Value> yielded = llvm::map_to_vector(next, [](const Scalar &s) { return s.getValue(); });
        scf::YieldOp::create(b, loc, yielded);
      });
  return wrap(loopOp.getResults());
}

Scalar LinalgBuilder::loop(Value low, Value high, Scalar init, llvm::function_ref<Scalar(Value, Scalar)> body) {
  return loop(low, high, ArrayRef<Scalar>(init),
              [&](Value iv, ArrayRef<Scalar> state) { return SmallVector<Scalar>{body(iv, state[0])}; })[0];
}

Scalar LinalgBuilder::loops(Indices sizes, Scalar init, llvm::function_ref<Scalar(Indices, Scalar)> body) {
  SmallVector<Value> at;
  std::function<Scalar(Scalar)> nest = [&](Scalar state) -> Scalar {
    if (at.size() == sizes.size())
      return body(at, state);
    return loop(index(0), sizes[at.size()], state, [&](Value iv, Scalar inner) {
      at.push_back(iv);
      Scalar next = nest(inner);
      at.pop_back();
      return next;
    });
  };
  return nest(init);
}

Scalar LinalgBuilder::ifElse(Value condition, llvm::function_ref<Scalar()> then,
                             llvm::function_ref<Scalar()> otherwise) {
  Scalar sample;
  auto branch = [&](llvm::function_ref<Scalar()> compute) {
    return [&, compute](OpBuilder &, Location) {
      sample = compute();
      scf::YieldOp::create(b, loc, sample.getValue());
    };
  };
  auto ifOp = scf::IfOp::create(b, loc, condition, branch(then), branch(otherwise));
  return sample.with(ifOp.getResult(0));
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

SmallVector<Value> LinalgBuilder::fold(Value low, Value high, ValueRange init,
                                       llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loopOp =
      scf::ForOp::create(b, loc, low, high, index(1), init, [&](OpBuilder &, Location, Value iv, ValueRange state) {
        scf::YieldOp::create(b, loc, body(iv, state));
      });
  return llvm::to_vector_of<Value>(loopOp.getResults());
}

Value LinalgBuilder::update(Value tensor, Indices sizes, llvm::function_ref<Value(Indices, Value)> body) {
  SmallVector<Value> at;
  std::function<Value(Value)> nest = [&](Value state) -> Value {
    if (at.size() == sizes.size())
      return body(at, state);
    return fold(index(0), sizes[at.size()], state, [&](Value iv, ValueRange inner) {
      at.push_back(iv);
      Value next = nest(inner[0]);
      at.pop_back();
      return SmallVector<Value>{next};
    })[0];
  };
  return nest(tensor);
}

Value LinalgBuilder::store(Scalar value, Type type, Value tensor, Indices indices) {
  return tensor::InsertOp::create(b, loc, toStorage(value, type), tensor, indices);
}

Value LinalgBuilder::copyOperand(unsigned index, unsigned result) {
  Type type = elementType(index);
  return map(destination(result), type, operands[index], type, b.getMultiDimIdentityMap(rank(index)),
             [](ArrayRef<Scalar> args) { return args[0]; });
}

Value LinalgBuilder::empty(Indices sizes, Type type) {
  SmallVector<OpFoldResult> folded = getAsOpFoldResult(sizes);
  return tensor::EmptyOp::create(b, loc, folded, storageType(type));
}

Value LinalgBuilder::fill(Value destination, Scalar value) {
  Type type = cast<RankedTensorType>(destination.getType()).getElementType();
  bool isByte = value.isBool() || isNarrowType(value.getType());
  return linalg::FillOp::create(b, loc, ValueRange{toStorage(value, isByte ? value.getType() : type)},
                                ValueRange{destination})
      .getResult(0);
}

Value LinalgBuilder::generate(unsigned index, ElementFn element) {
  return generate(destination(index), resultType(index).getElementType(), element);
}

Value LinalgBuilder::generate(Value destination, Type type, ElementFn element) {
  int64_t rank = cast<RankedTensorType>(destination.getType()).getRank();
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  AffineMap identity = b.getMultiDimIdentityMap(rank);
  return linalg::GenericOp::create(b, loc, destination.getType(), ValueRange{}, destination, identity, iterators,
                                   [&](OpBuilder &, Location, ValueRange) {
                                     SmallVector<Value> at;
                                     for (int64_t axis = 0; axis < rank; ++axis)
                                       at.push_back(linalg::IndexOp::create(b, loc, axis));
                                     linalg::YieldOp::create(b, loc, toStorage(element(at), type));
                                   })
      .getResult(0);
}

Value LinalgBuilder::map(Value destination, Type type, ValueRange inputs, ArrayRef<Type> inputTypes,
                         ArrayRef<AffineMap> maps, llvm::function_ref<Scalar(ArrayRef<Scalar>)> element) {
  int64_t rank = cast<RankedTensorType>(destination.getType()).getRank();
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  SmallVector<AffineMap> allMaps(maps);
  allMaps.push_back(b.getMultiDimIdentityMap(rank));
  return linalg::GenericOp::create(b, loc, destination.getType(), inputs, destination, allMaps, iterators,
                                   [&](OpBuilder &, Location, ValueRange args) {
                                     SmallVector<Scalar> scalars;
                                     for (auto [value, inputType] : llvm::zip(args.drop_back(), inputTypes))
                                       scalars.push_back(fromStorage(value, inputType));
                                     linalg::YieldOp::create(b, loc, toStorage(element(scalars), type));
                                   })
      .getResult(0);
}

Value LinalgBuilder::reduce(Value input, Type type, ArrayRef<int64_t> axes, Value init,
                            llvm::function_ref<Scalar(Scalar, Scalar)> combine, Type state) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  SmallVector<AffineExpr> kept;
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (llvm::is_contained(axes, axis))
      iterators[axis] = utils::IteratorType::reduction;
    else
      kept.push_back(b.getAffineDimExpr(axis));
  }
  AffineMap outMap = AffineMap::get(rank, 0, kept, b.getContext());
  if (!state)
    state = computeType(type);
  return linalg::GenericOp::create(b, loc, init.getType(), input, init,
                                   ArrayRef<AffineMap>{b.getMultiDimIdentityMap(rank), outMap}, iterators,
                                   [&](OpBuilder &, Location, ValueRange args) {
                                     Scalar next = combine(fromStorage(args[1], state), fromStorage(args[0], type));
                                     linalg::YieldOp::create(b, loc, toStorage(next, state));
                                   })
      .getResult(0);
}

} // namespace fsc
