//===- Shape.cpp - Sizes of tensors, known or computed --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/Shape.h"

#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Host.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fsc {

namespace {

/// Applies `fold` if both are known, else emits `emit` if there is a builder.
template <typename Fold, typename Emit> Dim combine(Dim a, Dim b, Fold fold, Emit emit) {
  if (a.isKnown() && b.isKnown())
    return Dim(fold(a.get(), b.get()));
  ShapeBuilder *shapes = a.isKnown() ? b.getBuilder() : a.getBuilder();
  if (!shapes->getBuilder())
    return Dim::unknown(*shapes);
  return Dim(*shapes, emit(*shapes->getBuilder(), shapes->getLoc(), shapes->materialize(a), shapes->materialize(b)));
}

/// Chooses between x and y by comparing a with b.
Dim selectIf(arith::CmpIPredicate predicate, Dim a, Dim b, Dim x, Dim y) {
  ShapeBuilder *shapes = nullptr;
  for (Dim dim : {a, b, x, y})
    if (!dim.isKnown())
      shapes = dim.getBuilder();
  if (!shapes->getBuilder())
    return Dim::unknown(*shapes);
  OpBuilder &builder = *shapes->getBuilder();
  Location loc = shapes->getLoc();
  Value condition = arith::CmpIOp::create(builder, loc, predicate, shapes->materialize(a), shapes->materialize(b));
  return Dim(*shapes, arith::SelectOp::create(builder, loc, condition, shapes->materialize(x), shapes->materialize(y)));
}

} // namespace

Dim operator+(Dim a, Dim b) {
  if (a.isKnown(0))
    return b;
  if (b.isKnown(0))
    return a;
  return combine(
      a, b, [](int64_t x, int64_t y) { return int64_t(uint64_t(x) + uint64_t(y)); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return builder.createOrFold<arith::AddIOp>(loc, x, y);
      });
}

Dim operator-(Dim a, Dim b) {
  if (b.isKnown(0))
    return a;
  return combine(
      a, b, [](int64_t x, int64_t y) { return int64_t(uint64_t(x) - uint64_t(y)); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return builder.createOrFold<arith::SubIOp>(loc, x, y);
      });
}

Dim operator*(Dim a, Dim b) {
  if (a.isKnown(1))
    return b;
  if (b.isKnown(1))
    return a;
  if (a.isKnown(0) || b.isKnown(0))
    return Dim(0);
  return combine(
      a, b, [](int64_t x, int64_t y) { return int64_t(uint64_t(x) * uint64_t(y)); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return builder.createOrFold<arith::MulIOp>(loc, x, y);
      });
}

// A divisor that is not known may turn out to be 0 in a hostile run, or -1, by which the least number must not be
// divided: both are replaced by 1. Dividing by max(|b|, 1) would hide other negative ones.
static Value safeDivisor(OpBuilder &builder, Location loc, Value value) {
  if (matchPattern(value, m_Constant()))
    return value;
  Value one = arith::ConstantIndexOp::create(builder, loc, 1), two = arith::ConstantIndexOp::create(builder, loc, 2);
  Value above = arith::AddIOp::create(builder, loc, value, one);
  Value isUnsafe = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, above, two);
  return arith::SelectOp::create(builder, loc, isUnsafe, one, value);
}

/// x / y by `Op`, for a divisor that may be anything.
template <typename Op> static Value divide(OpBuilder &builder, Location loc, Value x, Value y) {
  Value quotient = builder.createOrFold<Op>(loc, x, safeDivisor(builder, loc, y));
  if (matchPattern(y, m_Constant()))
    return quotient;
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0),
        minusOne = arith::ConstantIndexOp::create(builder, loc, -1);
  Value isMinusOne = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, y, minusOne);
  Value negated = arith::SubIOp::create(builder, loc, zero, x);
  return arith::SelectOp::create(builder, loc, isMinusOne, negated, quotient);
}

Dim floorDiv(Dim a, Dim b) {
  if (b.isKnown(1))
    return a;
  return combine(
      a, b,
      [](int64_t x, int64_t y) { return y == 0 || (y == -1 && x == INT64_MIN) ? 0 : llvm::divideFloorSigned(x, y); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return divide<arith::FloorDivSIOp>(builder, loc, x, y);
      });
}

Dim ceilDiv(Dim a, Dim b) {
  if (b.isKnown(1))
    return a;
  return combine(
      a, b,
      [](int64_t x, int64_t y) { return y == 0 || (y == -1 && x == INT64_MIN) ? 0 : llvm::divideCeilSigned(x, y); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return divide<arith::CeilDivSIOp>(builder, loc, x, y);
      });
}

Dim truncDiv(Dim a, Dim b) {
  if (b.isKnown(1))
    return a;
  return combine(
      a, b, [](int64_t x, int64_t y) { return y == 0 || (y == -1 && x == INT64_MIN) ? 0 : x / y; },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return divide<arith::DivSIOp>(builder, loc, x, y);
      });
}

Dim min(Dim a, Dim b) {
  if (a == b)
    return a;
  return combine(
      a, b, [](int64_t x, int64_t y) { return std::min(x, y); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return builder.createOrFold<arith::MinSIOp>(loc, x, y);
      });
}

Dim max(Dim a, Dim b) {
  if (a == b)
    return a;
  return combine(
      a, b, [](int64_t x, int64_t y) { return std::max(x, y); },
      [](OpBuilder &builder, Location loc, Value x, Value y) -> Value {
        return builder.createOrFold<arith::MaxSIOp>(loc, x, y);
      });
}

Dim selectNegative(Dim a, Dim x, Dim y) {
  if (a.isKnown())
    return a.get() < 0 ? x : y;
  if (x == y)
    return x;
  return selectIf(arith::CmpIPredicate::slt, a, Dim(0), x, y);
}

Dim selectEqual(Dim a, Dim b, Dim x, Dim y) {
  if (a == b || x == y)
    return x;
  if (a.isKnown() && b.isKnown())
    return y;
  return selectIf(arith::CmpIPredicate::eq, a, b, x, y);
}

Dim selectLess(Dim a, Dim b, Dim x, Dim y) {
  if (a.isKnown() && b.isKnown())
    return a.get() < b.get() ? x : y;
  if (a == b || x == y)
    return y;
  return selectIf(arith::CmpIPredicate::slt, a, b, x, y);
}

Shape ShapeBuilder::dims(Value tensor) {
  Shape result;
  auto type = cast<RankedTensorType>(tensor.getType());
  const SmallVector<Value> *sizes = nullptr;
  if (known)
    if (auto entry = known->find(tensor); entry != known->end())
      sizes = &entry->second;
  for (auto [index, size] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size))
      result.push_back(Dim(size));
    else if (!builder)
      result.push_back(Dim::unknown(*this));
    else if (sizes != nullptr && (*sizes)[index])
      result.push_back(Dim(*this, (*sizes)[index]));
    else
      result.push_back(Dim(*this, tensor::DimOp::create(*builder, loc, lookup(tensor), int64_t(index)).getResult()));
  }
  return result;
}

static std::optional<Shape> constantContent(Value tensor) {
  ElementsAttr elements;
  if (!matchPattern(tensor, m_Constant(&elements)))
    return std::nullopt;
  auto type = dyn_cast<IntegerType>(elements.getElementType());
  if (!type)
    return std::nullopt;
  auto values = readIntegers(elements);
  if (!values)
    return std::nullopt;
  Shape result;
  for (int64_t value : *values)
    result.push_back(Dim(value));
  return result;
}

std::optional<Shape> ShapeBuilder::content(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  // Longer tensors than any rank are data, not shapes.
  constexpr int64_t maxElements = 64;
  if (!type || type.getRank() > 1 || !type.hasStaticShape() || type.getNumElements() > maxElements ||
      !type.getElementType().isInteger() || type.getElementType().isUnsignedInteger(64) ||
      isNarrowType(type.getElementType()))
    return std::nullopt;
  if (auto known = contents.find(tensor); known != contents.end())
    return known->second;

  std::optional<Shape> result = constantContent(tensor);
  // A chain of ops as long as the stack is deep is no shape arithmetic either.
  constexpr int maxDepth = 500;
  if (auto op = tensor.getDefiningOp<FscOpInterface>(); !result && op && depth < maxDepth) {
    ++depth;
    result = op.inferContent(*this, cast<OpResult>(tensor).getResultNumber());
    --depth;
  }
  if (result && int64_t(result->size()) != type.getNumElements())
    result = std::nullopt;
  if (!result) {
    result.emplace();
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      if (!builder) {
        result->push_back(Dim::unknown(*this));
        continue;
      }
      SmallVector<Value> indices;
      if (type.getRank() == 1)
        indices.push_back(arith::ConstantIndexOp::create(*builder, loc, i));
      Value element = tensor::ExtractOp::create(*builder, loc, lookup(tensor), indices);
      // A bool is 0 or 1.
      element = type.getElementType().isInteger(1)
                    ? arith::IndexCastUIOp::create(*builder, loc, builder->getIndexType(), element).getResult()
                    : arith::IndexCastOp::create(*builder, loc, builder->getIndexType(), element).getResult();
      result->push_back(Dim(*this, element));
    }
  }
  contents[tensor] = result;
  return result;
}

std::optional<SmallVector<int64_t>> ShapeBuilder::constants(Value tensor) {
  if (!tensor)
    return std::nullopt;
  // Inference alone never emits code, whatever this builder may do.
  ShapeBuilder inference(loc);
  std::optional<Shape> elements = inference.content(tensor);
  if (!elements)
    return std::nullopt;
  SmallVector<int64_t> result;
  for (Dim element : *elements) {
    if (!element.isKnown())
      return std::nullopt;
    result.push_back(element.get());
  }
  return result;
}

std::optional<Dim> ShapeBuilder::number(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() != 1)
    return std::nullopt;
  if (!isa<FloatType>(type.getElementType())) {
    std::optional<Shape> elements = content(tensor);
    return elements ? std::optional((*elements)[0]) : std::nullopt;
  }
  if (ElementsAttr constant = getConstant(tensor))
    if (auto values = readFloats(constant))
      return Dim(int64_t((*values)[0]));
  if (!builder)
    return Dim::unknown(*this);
  SmallVector<Value> indices(type.getRank(), arith::ConstantIndexOp::create(*builder, loc, 0));
  Value element = tensor::ExtractOp::create(*builder, loc, lookup(tensor), indices);
  Value wide = arith::FPToSIOp::create(*builder, loc, builder->getI64Type(), element);
  return Dim(*this, arith::IndexCastOp::create(*builder, loc, builder->getIndexType(), wide).getResult());
}

/// The input's dim that a size is read from: its name, or where it is; "" if it is none.
static std::string describe(Dim dim) {
  auto read = dim.getValue() ? dim.getValue().getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  auto argument = read ? dyn_cast<BlockArgument>(read.getSource()) : BlockArgument();
  auto function = argument ? dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp()) : FunctionOpInterface();
  std::optional<int64_t> axis = read ? read.getConstantIndex() : std::nullopt;
  if (!function || !axis)
    return "";
  auto dims = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "fsc.dims");
  auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "fsc.name");
  auto symbol = dims && *axis < int64_t(dims.size()) ? dyn_cast<StringAttr>(dims[*axis]) : StringAttr();
  if (symbol && !symbol.empty())
    return (" for '" + symbol.getValue() + "'").str();
  return name ? (" for dim " + Twine(*axis) + " of input '" + name.getValue() + "'").str() : "";
}

void ShapeBuilder::check(Value condition, StringRef what, Dim a, Dim b) {
  std::string message = ("expected " + what + ", got {0}" + describe(a) + " and {1}" + describe(b)).str();
  CheckOp::create(*builder, loc, condition, builder->getStringAttr(message),
                  ValueRange{materialize(a), materialize(b)});
}

/// The builder of two sizes of which not both are known, if it checks.
static ShapeBuilder *checking(Dim a, Dim b) {
  ShapeBuilder *shapes = a.isKnown() ? b.getBuilder() : a.getBuilder();
  return shapes && shapes->isChecking() ? shapes : nullptr;
}

static Value isSame(ShapeBuilder &shapes, Dim a, Dim b) {
  return arith::CmpIOp::create(*shapes.getBuilder(), shapes.getLoc(), arith::CmpIPredicate::eq, shapes.materialize(a),
                               shapes.materialize(b));
}

static Value either(ShapeBuilder &shapes, Value a, Value b) {
  return arith::OrIOp::create(*shapes.getBuilder(), shapes.getLoc(), a, b);
}

bool differ(Dim a, Dim b) {
  if (a.isKnown() && b.isKnown())
    return a.get() != b.get();
  if (ShapeBuilder *shapes = checking(a, b); shapes && !(a == b))
    shapes->check(isSame(*shapes, a, b), "equal sizes", a, b);
  return false;
}

bool cannotStretch(Dim from, Dim to) {
  if (from == to || from.isKnown(1))
    return false;
  if (from.isKnown() && to.isKnown())
    return true;
  if (ShapeBuilder *shapes = checking(from, to))
    shapes->check(either(*shapes, isSame(*shapes, from, to), isSame(*shapes, from, Dim(1))),
                  "a size that broadcasts to another", from, to);
  return false;
}

FailureOr<Dim> ShapeBuilder::broadcast(Dim a, Dim b) {
  if (a == b || b.isKnown(1))
    return a;
  if (a.isKnown(1))
    return b;
  if (a.isKnown() && b.isKnown())
    return failure();
  if (known) {
    Value fit = isSame(*this, a, b);
    for (Dim dim : {a, b})
      if (!dim.isKnown())
        fit = either(*this, fit, isSame(*this, dim, Dim(1)));
    check(fit, "sizes that broadcast", a, b);
  }
  // A known size other than 1 is what both broadcast to.
  if (a.isKnown())
    return a;
  if (b.isKnown())
    return b;
  return selectEqual(a, Dim(1), b, a);
}

FailureOr<Shape> ShapeBuilder::broadcast(const Shape &a, const Shape &b) {
  const Shape &longer = a.size() >= b.size() ? a : b;
  const Shape &shorter = a.size() >= b.size() ? b : a;
  Shape result(longer);
  size_t offset = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    FailureOr<Dim> dim = broadcast(longer[offset + i], shorter[i]);
    if (failed(dim))
      return failure();
    result[offset + i] = *dim;
  }
  return result;
}

Dim ShapeBuilder::product(ArrayRef<Dim> dims) {
  Dim result(1);
  for (Dim dim : dims)
    result = result * dim;
  return result;
}

Value ShapeBuilder::materialize(Dim dim) {
  if (!dim.isKnown())
    return dim.getValue();
  return arith::ConstantIndexOp::create(*builder, loc, dim.get());
}

SmallVector<Value> ShapeBuilder::materialize(ArrayRef<Dim> dims) {
  return llvm::map_to_vector(dims, [&](Dim dim) { return materialize(dim); });
}

RankedTensorType tensorType(const Shape &shape, Type elementType) {
  return RankedTensorType::get(llvm::map_to_vector(shape, [](Dim dim) { return dim.getStatic(); }), elementType);
}

std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank)
    return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

} // namespace fsc
