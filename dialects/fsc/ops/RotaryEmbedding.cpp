//===- RotaryEmbedding.cpp - Rotation by position -------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Attention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace fsc {

double RotaryEmbeddingOp::countFlops() { return 3 * detail::countElements(getX()); }

LogicalResult RotaryEmbeddingOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(getX());
  // rotary_embedding.C1: heads have a dim, or are told apart by their number.
  bool flat = x.size() == 3;
  if (!(x.size() == 4 || (flat && getNumHeads() > 0)))
    return emitOpError() << "expected an operand of rank 4, or of rank 3 and num_heads, got " << getX().getType();
  if (flat && x[2].isKnown() && x[2].get() % int64_t(getNumHeads()) != 0)
    return emitOpError() << "expected a last dim that num_heads " << int64_t(getNumHeads()) << " divides, got "
                         << getX().getType();
  // rotary_embedding.C2: what is rotated is a part of a head, in pairs.
  Dim head = flat ? floorDiv(x[2], Dim(getNumHeads())) : x[3];
  Dim rotated = getRotaryEmbeddingDim() ? Dim(getRotaryEmbeddingDim()) : head;
  if (rotated.isKnown() &&
      (rotated.get() % 2 != 0 || rotated.get() < 0 || (head.isKnown() && rotated.get() > head.get())))
    return emitOpError() << "expected an even rotary_embedding_dim within a head, got " << rotated.get();
  // rotary_embedding.C3: there is a cosine and a sine for each pair.
  size_t rank = getPositionIds() ? 2 : 3;
  for (Value cache : {getCosCache(), getSinCache()}) {
    Shape shape = shapes.dims(cache);
    if (shape.size() != rank || differ(shape.back(), floorDiv(rotated, Dim(2))))
      return emitOpError() << "expected caches of rank " << rank << " with one angle for each pair, got "
                           << cache.getType();
  }
  if (getPositionIds() && getPositionIds().getType().getRank() != 2)
    return emitOpError() << "expected position_ids of rank 2, got " << getPositionIds().getType();
  results.push_back(x);
  return success();
}

LogicalResult RotaryEmbeddingOp::lowerToLinalg(LinalgBuilder &b) {
  bool flat = b.rank(0) == 3;
  Value head = flat ? b.floorDiv(b.dim(0, 2), b.index(getNumHeads())) : b.dim(0, 3);
  Value rotated = getRotaryEmbeddingDim() ? b.index(getRotaryEmbeddingDim()) : head;
  Value half = b.floorDiv(rotated, b.index(2));
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) -> Value {
    return arith::CmpIOp::create(b.b, b.loc, predicate, x, y);
  };
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Value start = flat ? b.mul(b.floorDiv(at[2], head), head) : b.index(0);
    Value place = flat ? b.sub(at[2], start) : at[3];
    Value sequence = flat ? at[1] : at[2];
    auto rotate = [&] {
      Value pair = getInterleaved() ? b.floorDiv(place, b.index(2)) : b.rem(place, half);
      Value first = getInterleaved() ? b.mul(pair, b.index(2)) : pair;
      Value second = b.add(first, getInterleaved() ? b.index(1) : half);
      SmallVector<Value> angle = {at[0], sequence, pair};
      if (getPositionIds()) {
        Value position = b.toIndex(b.load(3, {at[0], sequence}));
        angle = {b.checkIndex(position, b.dim(1, 0), "expected position_ids within the caches"), pair};
      }
      SmallVector<Value> one(at), two(at);
      one.back() = b.add(start, first);
      two.back() = b.add(start, second);
      Type type = computeType(b.elementType(0));
      Scalar x1 = b.load(0, one), x2 = b.load(0, two);
      Scalar cosine = cast(b.load(1, angle), type), sine = cast(b.load(2, angle), type);
      return b.choose(compare(arith::CmpIPredicate::eq, place, first), cosine * x1 - sine * x2,
                      sine * x1 + cosine * x2);
    };
    if (!getRotaryEmbeddingDim())
      return rotate();
    return b.ifElse(compare(arith::CmpIPredicate::ult, place, rotated), rotate, [&] { return b.load(0, at); });
  }));
  return success();
}

} // namespace fsc
