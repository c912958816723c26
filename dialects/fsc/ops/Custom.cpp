//===- Custom.cpp - Operators of others -----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Custom.h"

using namespace mlir;

namespace fsc {

/// The type that the library gave a result; null if it gave none.
static RankedTensorType resultType(CustomOp op, unsigned result) {
  if (result >= op.getResultTypesAttr().size())
    return {};
  return dyn_cast<RankedTensorType>(cast<TypeAttr>(op.getResultTypesAttr()[result]).getValue());
}

LogicalResult CustomOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  // custom.C1: the operands are those whose places are filled.
  if (llvm::count(getPlaces(), true) != int64_t(getInputs().size()))
    return emitOpError() << "expected " << llvm::count(getPlaces(), true) << " operands, as places says, got "
                         << getInputs().size();
  // custom.C2: there is a type for each result, and a result.
  if (getResultTypesAttr().size() != getNumResults() || getNumResults() == 0)
    return emitOpError() << "expected result_types for " << getNumResults() << " results, at least one, got "
                         << getResultTypesAttr().size();
  for (unsigned result = 0; result < getNumResults(); ++result) {
    // custom.C3: the types are of tensors of known rank.
    RankedTensorType type = resultType(*this, result);
    if (!type || !isSupportedElementType(type.getElementType()))
      return emitOpError() << "expected result_types of ranked tensors, got " << getResultTypesAttr()[result];
    Shape &sizes = results.emplace_back();
    for (int64_t size : type.getShape())
      sizes.push_back(ShapedType::isDynamic(size) ? Dim::unknown(shapes) : Dim(size));
  }
  return success();
}

Type CustomOp::inferElementType(unsigned result) { return resultType(*this, result).getElementType(); }

} // namespace fsc
