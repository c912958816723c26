//===- Irregular.cpp - Ops whose sizes depend on data ---------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Irregular.h"

using namespace mlir;

namespace fsc {

/// The axis counted from 0, or failure with a diagnostic.
static FailureOr<int64_t> checkAxis(Operation *op, int64_t axis, int64_t rank) {
  if (std::optional<int64_t> normal = normalizeAxis(axis, rank))
    return *normal;
  return op->emitOpError() << "expected axis in [" << -rank << ", " << rank << "), got " << axis;
}

//===----------------------------------------------------------------------===//
// NonZero
//===----------------------------------------------------------------------===//

LogicalResult NonZeroOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  results.push_back({Dim(getX().getType().getRank()), Dim::unknown(shapes)});
  return success();
}

Type NonZeroOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }

//===----------------------------------------------------------------------===//
// Compress
//===----------------------------------------------------------------------===//

LogicalResult CompressOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape sizes = shapes.dims(getInput());
  RankedTensorType condition = getCondition().getType();
  // compress.C1: the condition is a row of bools.
  if (condition.getRank() != 1 || !condition.getElementType().isInteger(1))
    return emitOpError() << "expected a condition of bools with rank 1, got " << condition;
  if (!getAxis()) {
    results.push_back({Dim::unknown(shapes)});
    return success();
  }
  // compress.C2: the axis is in range.
  FailureOr<int64_t> axis = checkAxis(*this, *getAxis(), sizes.size());
  if (failed(axis))
    return failure();
  sizes[*axis] = Dim::unknown(shapes);
  results.push_back(sizes);
  return success();
}

//===----------------------------------------------------------------------===//
// Unique
//===----------------------------------------------------------------------===//

LogicalResult UniqueOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape sizes = shapes.dims(getX());
  Dim found = Dim::unknown(shapes), count = shapes.product(sizes);
  if (getAxis()) {
    // unique.C1: the axis is in range.
    FailureOr<int64_t> axis = checkAxis(*this, *getAxis(), sizes.size());
    if (failed(axis))
      return failure();
    count = sizes[*axis];
    sizes[*axis] = found;
  } else {
    sizes = {found};
  }
  results.append({sizes, {found}, {count}, {found}});
  return success();
}

Type UniqueOp::inferElementType(unsigned result) {
  return result == 0 ? getX().getType().getElementType() : IntegerType::get(getContext(), 64);
}

//===----------------------------------------------------------------------===//
// NonMaxSuppression
//===----------------------------------------------------------------------===//

LogicalResult NonMaxSuppressionOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  Shape boxes = shapes.dims(getBoxes()), scores = shapes.dims(getScores());
  // non_max_suppression.C1: boxes are [batches, boxes, 4] and scores [batches, classes, boxes], of f32.
  if (boxes.size() != 3 || (boxes[2].isKnown() && boxes[2].get() != 4) ||
      !getBoxes().getType().getElementType().isF32())
    return emitOpError() << "expected boxes of [batches, boxes, 4] in f32, got " << getBoxes().getType();
  if (scores.size() != 3 || !getScores().getType().getElementType().isF32())
    return emitOpError() << "expected scores of [batches, classes, boxes] in f32, got " << getScores().getType();
  // non_max_suppression.C2: there is a score for each box.
  if (differ(boxes[0], scores[0]) || differ(boxes[1], scores[2]))
    return emitOpError() << "expected as many boxes as scores, got " << getBoxes().getType() << " and "
                         << getScores().getType();
  // non_max_suppression.C3: the limits are one number each, an int64 and two floats.
  auto isNumber = [](Value value, bool isFloat) {
    if (!value)
      return true;
    auto type = cast<RankedTensorType>(value.getType());
    bool one = type.getRank() == 0 || (type.getRank() == 1 && (type.isDynamicDim(0) || type.getDimSize(0) <= 1));
    return one && (isFloat ? type.getElementType().isF32() : type.getElementType().isSignlessInteger(64));
  };
  if (!isNumber(getMaxOutputBoxesPerClass(), false) || !isNumber(getIouThreshold(), true) ||
      !isNumber(getScoreThreshold(), true))
    return emitOpError("expected one int64 as max_output_boxes_per_class, one f32 as each threshold");
  // non_max_suppression.C4: boxes are given by corners or by their centre.
  if (getCenterPointBox() != 0 && getCenterPointBox() != 1)
    return emitOpError() << "expected center_point_box 0 or 1, got " << int64_t(getCenterPointBox());
  results.push_back({Dim::unknown(shapes), Dim(3)});
  return success();
}

Type NonMaxSuppressionOp::inferElementType(unsigned) { return IntegerType::get(getContext(), 64); }

//===----------------------------------------------------------------------===//
// ImageDecoder
//===----------------------------------------------------------------------===//

LogicalResult ImageDecoderOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // image_decoder.C1: the operand is a row of bytes.
  RankedTensorType type = getEncodedStream().getType();
  if (type.getRank() != 1 || !type.getElementType().isUnsignedInteger(8))
    return emitOpError() << "expected a tensor of uint8 of rank 1, got " << type;
  // image_decoder.C2: the format is one that there is.
  if (!llvm::is_contained({"RGB", "BGR", "Grayscale"}, getPixelFormat()))
    return emitOpError() << "expected pixel_format RGB, BGR or Grayscale, got '" << getPixelFormat() << "'";
  Dim unknown = Dim::unknown(shapes);
  results.push_back({unknown, unknown, Dim(getPixelFormat() == "Grayscale" ? 1 : 3)});
  return success();
}

Type ImageDecoderOp::inferElementType(unsigned) { return getEncodedStream().getType().getElementType(); }

} // namespace fsc
