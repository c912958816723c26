//===- Einsum.cpp - Einsum and Det ----------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Contraction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

#include <map>

using namespace mlir;

namespace fsc {

namespace {

/// An equation with its dims named: letters by their code, the dims of an ellipsis, counted from the last, by larger
/// numbers.
struct Equation {
  SmallVector<SmallVector<int>> operands;
  SmallVector<int> result;
  SmallVector<int> summed;
};

constexpr int firstEllipsis = 256;

/// The names of the dims of one term; `rank`, where given, says how many an ellipsis stands for.
std::optional<SmallVector<int>> readTerm(StringRef term, std::optional<int64_t> rank, int64_t &ellipsis) {
  SmallVector<int> names;
  size_t dots = term.find("...");
  int64_t letters = int64_t(term.size()) - (dots == StringRef::npos ? 0 : 3);
  if (rank) {
    if (dots == StringRef::npos ? letters != *rank : letters > *rank)
      return std::nullopt;
    if (dots != StringRef::npos)
      ellipsis = std::max(ellipsis, *rank - letters);
  }
  int64_t dims = rank ? *rank - letters : ellipsis;
  for (size_t i = 0; i < term.size(); ++i) {
    if (i == dots) {
      for (int64_t j = dims; j-- > 0;)
        names.push_back(firstEllipsis + int(j));
      i += 2;
    } else if (llvm::isAlpha(term[i])) {
      names.push_back(term[i]);
    } else {
      return std::nullopt;
    }
  }
  return names;
}

FailureOr<Equation> readEquation(EinsumOp op) {
  std::string text;
  for (char c : op.getEquation())
    if (c != ' ')
      text.push_back(c);
  auto [left, right] = StringRef(text).split("->");
  bool hasResult = StringRef(text).contains("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  Equation equation;
  int64_t ellipsis = 0;
  // einsum.C1: the equation has a term for each operand, with a letter for each dim.
  bool legal = terms.size() == op.getInputs().size();
  for (size_t i = 0; legal && i < terms.size(); ++i) {
    auto names = readTerm(terms[i], cast<RankedTensorType>(op.getInputs()[i].getType()).getRank(), ellipsis);
    legal = names.has_value();
    if (legal)
      equation.operands.push_back(*names);
  }
  std::map<int, int> uses;
  for (ArrayRef<int> names : equation.operands)
    for (int name : names)
      ++uses[name];
  if (legal && hasResult) {
    auto names = readTerm(right, std::nullopt, ellipsis);
    legal = names.has_value();
    if (legal)
      equation.result = *names;
  } else if (legal) {
    // The ellipsis, then what is named once, in alphabetical order.
    for (int64_t j = ellipsis; j-- > 0;)
      equation.result.push_back(firstEllipsis + int(j));
    for (auto [name, count] : uses)
      if (name < firstEllipsis && count == 1)
        equation.result.push_back(name);
  }
  // einsum.C2: the result names dims of the operands, each once, and all of the ellipsis.
  for (auto [i, name] : llvm::enumerate(equation.result))
    legal = legal && uses.count(name) && !llvm::is_contained(ArrayRef(equation.result).take_front(i), name);
  for (auto [name, count] : uses)
    if (!llvm::is_contained(equation.result, name)) {
      equation.summed.push_back(name);
      legal = legal && name < firstEllipsis;
    }
  if (!legal)
    return op.emitOpError() << "expected an equation for " << op.getOperandTypes() << ", got '" << op.getEquation()
                            << "'";
  return equation;
}

/// The size of each name. Fails with a diagnostic if operands disagree.
FailureOr<std::map<int, Dim>> nameSizes(EinsumOp op, const Equation &equation, ShapeBuilder &shapes) {
  std::map<int, Dim> sizes;
  for (auto [operand, names] : llvm::zip(op.getInputs(), equation.operands))
    for (auto [dim, name] : llvm::zip(shapes.dims(operand), names)) {
      auto [known, isNew] = sizes.try_emplace(name, dim);
      FailureOr<Dim> both = isNew ? FailureOr<Dim>(dim) : shapes.broadcast(known->second, dim);
      // einsum.C3: dims of one name have one size, or 1.
      if (failed(both))
        return op.emitOpError() << "expected equal sizes of equal letters, got " << op.getOperandTypes();
      known->second = *both;
    }
  return sizes;
}

} // namespace

LogicalResult EinsumOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Equation> equation = readEquation(*this);
  if (failed(equation))
    return failure();
  // einsum.C4: operands have one element type, of numbers.
  for (Value operand : getInputs())
    if (cast<RankedTensorType>(operand.getType()).getElementType() != inferElementType(0) ||
        inferElementType(0).isInteger(1))
      return emitOpError() << "expected numbers of one type, got " << getOperandTypes();
  FailureOr<std::map<int, Dim>> sizes = nameSizes(*this, *equation, shapes);
  if (failed(sizes))
    return failure();
  results.emplace_back();
  for (int name : equation->result)
    results.back().push_back(sizes->at(name));
  return success();
}

double EinsumOp::countFlops() {
  ShapeBuilder shapes(getLoc());
  FailureOr<Equation> equation = readEquation(*this);
  if (failed(equation))
    return 0;
  FailureOr<std::map<int, Dim>> sizes = nameSizes(*this, *equation, shapes);
  double flops = double(getInputs().size());
  if (succeeded(sizes))
    for (auto [name, dim] : *sizes)
      flops *= dim.isKnown() ? double(dim.get()) : 1;
  return flops;
}

LogicalResult EinsumOp::lowerToLinalg(LinalgBuilder &b) {
  ShapeBuilder shapes = b.shapes();
  FailureOr<Equation> equation = readEquation(*this);
  if (failed(equation))
    return failure();
  FailureOr<std::map<int, Dim>> sizes = nameSizes(*this, *equation, shapes);
  if (failed(sizes))
    return failure();
  SmallVector<Value> summed;
  for (int name : equation->summed)
    summed.push_back(shapes.materialize(sizes->at(name)));
  for (auto [i, names] : llvm::enumerate(equation->operands))
    for (auto [axis, name] : llvm::enumerate(names))
      if (b.operandType(i).isDynamicDim(axis)) {
        Value size = b.dim(i, axis), one = b.equal(size, b.index(1));
        b.check(b.pick(one, one, b.equal(size, shapes.materialize(sizes->at(name)))),
                "Einsum: sizes of equal letters differ");
      }
  Type type = b.elementType(0);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    return b.loops(summed, b.constant(0, type), [&](ArrayRef<Value> k, Scalar sum) {
      std::map<int, Value> indices;
      for (auto [name, index] : llvm::zip(equation->result, at))
        indices[name] = index;
      for (auto [name, index] : llvm::zip(equation->summed, k))
        indices[name] = index;
      Scalar product;
      for (auto [i, names] : llvm::enumerate(equation->operands)) {
        SmallVector<Value> place;
        for (auto [axis, name] : llvm::enumerate(names)) {
          int64_t size = b.operandType(i).getDimSize(axis);
          Value index = indices[name];
          // A size of 1 is read again and again.
          if (size == 1)
            index = b.index(0);
          else if (ShapedType::isDynamic(size))
            index = b.minimum(index, b.sub(b.dim(i, axis), b.index(1)));
          place.push_back(index);
        }
        Scalar element = b.load(i, place);
        product = product ? product * element : element;
      }
      return sum + product;
    });
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// Det
//===----------------------------------------------------------------------===//

LogicalResult DetOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX());
  // det.C1: the last two dims are square matrices of floats.
  if (x.size() < 2 || !isa<FloatType>(getX().getType().getElementType()) || differ(x.back(), x[x.size() - 2]))
    return emitOpError() << "expected square matrices of floats, got " << getX().getType();
  results.emplace_back(x.begin(), x.end() - 2);
  return success();
}

/// Swaps rows p and k of a matrix and subtracts multiples of row k from those below, so that column k becomes 0 there.
/// `placeOf(i, j)` is the place of an element.
static Value eliminateColumn(LinalgBuilder &b, Value matrix, Type type, Value size, Value k, Value p,
                             llvm::function_ref<SmallVector<Value>(Value, Value)> placeOf) {
  Value zero = b.index(0), one = b.index(1);
  Value swapped = b.fold(zero, size, matrix, [&](Value j, ValueRange state) {
    Scalar upper = b.load(state[0], type, placeOf(k, j)), lower = b.load(state[0], type, placeOf(p, j));
    return SmallVector<Value>{b.store(upper, type, b.store(lower, type, state[0], placeOf(k, j)), placeOf(p, j))};
  })[0];
  return b.fold(b.add(k, one), size, swapped, [&](Value i, ValueRange rows) {
    Scalar pivot = b.load(rows[0], type, placeOf(k, k)), isZero = pivot == pivot.like(0);
    Scalar factor = b.load(rows[0], type, placeOf(i, k)) / select(isZero, pivot.like(1), pivot);
    return b.fold(k, size, rows[0], [&](Value j, ValueRange row) {
      Scalar rest = b.load(row[0], type, placeOf(i, j)) - factor * b.load(row[0], type, placeOf(k, j));
      return SmallVector<Value>{b.store(rest, type, row[0], placeOf(i, j))};
    });
  })[0];
}

LogicalResult DetOp::lowerToLinalg(LinalgBuilder &b) {
  Type type = b.elementType(0), compute = computeType(type), i64 = b.b.getI64Type();
  SmallVector<Value> sizes = b.dims(0), batch(sizes.begin(), sizes.end() - 2), at;
  Value size = sizes.back(), zero = b.index(0), one = b.index(1);
  if (!getX().getType().hasStaticShape()) {
    b.check(b.equal(size, sizes[sizes.size() - 2]), "Det: a matrix is not square");
    size = b.minimum(size, sizes[sizes.size() - 2]);
  }
  Value work = b.map(b.empty(sizes, compute), compute, b.operand(0), type, b.b.getMultiDimIdentityMap(b.rank(0)),
                     [](ArrayRef<Scalar> args) { return args[0]; });
  std::function<SmallVector<Value>(ValueRange)> nest = [&](ValueRange tensors) -> SmallVector<Value> {
    if (at.size() < batch.size())
      return b.fold(zero, batch[at.size()], tensors, [&](Value i, ValueRange state) {
        at.push_back(i);
        SmallVector<Value> next = nest(state);
        at.pop_back();
        return next;
      });
    auto placeOf = [&](Value i, Value j) {
      SmallVector<Value> place(at);
      place.append({i, j});
      return place;
    };
    Scalar unit = b.constant(1, compute);
    // Gaussian elimination with the largest element of each column as its pivot.
    SmallVector<Value> done = b.fold(zero, size, {tensors[0], unit.getValue()}, [&](Value k, ValueRange state) {
      Scalar largest = fsc::abs(b.load(state[0], compute, placeOf(k, k)));
      SmallVector<Scalar> best =
          b.loop(b.add(k, one), size, {largest, b.fromIndex(k, i64)}, [&](Value i, ArrayRef<Scalar> found) {
            Scalar element = fsc::abs(b.load(state[0], compute, placeOf(i, k))), larger = element > found[0];
            return SmallVector<Scalar>{select(larger, element, found[0]),
                                       select(larger, b.fromIndex(i, i64), found[1])};
          });
      Value p = b.toIndex(best[1]);
      Value next = eliminateColumn(b, state[0], compute, size, k, p, placeOf);
      Scalar pivot = b.load(next, compute, placeOf(k, k));
      Scalar product = unit.with(state[1]) * b.choose(b.equal(p, k), pivot, -pivot);
      return SmallVector<Value>{next, product.getValue()};
    });
    return {done[0], b.store(unit.with(done[1]), type, tensors[1], at)};
  };
  b.setResult(0, nest({work, b.destination(0)})[1]);
  return success();
}

} // namespace fsc
