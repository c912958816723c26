//===- Lists.cpp - Sequences, optionals and maps --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/Lists.h"

#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Elementwise.h"
#include "dialects/fsc/ops/Lists.h"
#include "runtime/abi/Artifact.h"

using namespace mlir;

namespace fsc {

bool isListType(Type element) { return isa<SequenceType, OptionalType, MapType>(element); }

int32_t abiElementOfType(Type element) {
  if (isa<SequenceType>(element))
    return FSC_ABI_SEQUENCE;
  if (isa<OptionalType>(element))
    return FSC_ABI_OPTIONAL;
  if (isa<MapType>(element))
    return FSC_ABI_MAP;
  return int32_t(onnxElementOfType(element));
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

static LogicalResult verifyListElement(llvm::function_ref<InFlightDiagnostic()> emitError, Type element) {
  auto tensor = dyn_cast<TensorType>(element);
  Type inner = tensor ? tensor.getElementType() : element;
  if (!isSupportedElementType(inner) || (tensor && isListType(inner) && !(tensor.hasRank() && tensor.getRank() == 0)))
    return emitError() << "expected a list of tensors or of tensor<!fsc...>, got one of " << element;
  return success();
}

LogicalResult SequenceType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, Type element) {
  return verifyListElement(emitError, element);
}

LogicalResult OptionalType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, Type element) {
  return verifyListElement(emitError, element);
}

LogicalResult MapType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, Type key, Type value) {
  if (!isa<IntegerType, StringType>(key) || isListType(value) || !isSupportedElementType(key) ||
      !isSupportedElementType(value))
    return emitError() << "expected a map from integers or strings to elements of tensors, got one from " << key
                       << " to " << value;
  return success();
}

/// The same of what lists are of.
static Type joinListElements(Type a, Type b) {
  auto x = dyn_cast<TensorType>(a), y = dyn_cast<TensorType>(b);
  Type element = joinElementTypes(x ? x.getElementType() : a, y ? y.getElementType() : b);
  if (!element || (!x && !y))
    return element;
  if (!x || !y)
    return (x ? x : y).cloneWith(std::nullopt, element);
  auto ranked = dyn_cast<RankedTensorType>(a), other = dyn_cast<RankedTensorType>(b);
  if (!ranked || !other || ranked.getRank() != other.getRank())
    return UnrankedTensorType::get(element);
  return joinTypes(ranked, other);
}

Type joinElementTypes(Type a, Type b) {
  if (a == b)
    return a;
  if (auto x = dyn_cast<SequenceType>(a), y = dyn_cast<SequenceType>(b); x && y) {
    Type element = joinListElements(x.getElement(), y.getElement());
    return element ? SequenceType::get(a.getContext(), element) : Type();
  }
  if (auto x = dyn_cast<OptionalType>(a), y = dyn_cast<OptionalType>(b); x && y) {
    Type element = joinListElements(x.getElement(), y.getElement());
    return element ? OptionalType::get(a.getContext(), element) : Type();
  }
  return {};
}

LogicalResult detail::verifyLists(Operation *op) {
  if (op->hasTrait<Lists>())
    return success();
  for (Type type : op->getOperandTypes())
    if (isListType(getElementTypeOrSelf(type)))
      return op->emitOpError() << "expected tensors, got " << type;
  return success();
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// Where a position says an element is in a sequence of `size`, which it may count from the end of; nothing if that is
/// not known or out of range. Without a position it is `otherwise`.
static std::optional<int64_t> knownPosition(Value position, int64_t size, int64_t otherwise) {
  int64_t place = otherwise;
  if (position) {
    auto known = ShapeBuilder(position.getLoc()).constants(position);
    if (!known || known->size() != 1)
      return std::nullopt;
    place = known->front() < 0 ? known->front() + size : known->front();
  }
  return place < 0 || place > size ? std::nullopt : std::optional(place);
}

std::optional<SmallVector<Value>> knownElements(Value sequence) {
  constexpr size_t mostOps = 4096;
  SmallVector<Operation *> edits;
  SmallVector<Value> elements;
  for (Operation *op = sequence.getDefiningOp();; op = op->getOperand(0).getDefiningOp()) {
    if (!op || edits.size() == mostOps)
      return std::nullopt;
    if (isa<SequenceEmptyOp>(op))
      break;
    if (auto construct = dyn_cast<SequenceConstructOp>(op)) {
      llvm::append_range(elements, construct.getInputs());
      break;
    }
    if (!isa<SequenceInsertOp, SequenceEraseOp, IdentityOp>(op))
      return std::nullopt;
    edits.push_back(op);
  }
  for (Operation *op : llvm::reverse(edits)) {
    int64_t size = int64_t(elements.size());
    if (auto insert = dyn_cast<SequenceInsertOp>(op)) {
      std::optional<int64_t> place = knownPosition(insert.getPosition(), size, size);
      if (!place)
        return std::nullopt;
      elements.insert(elements.begin() + *place, insert.getTensor());
    } else if (auto erase = dyn_cast<SequenceEraseOp>(op)) {
      std::optional<int64_t> place = knownPosition(erase.getPosition(), size, size - 1);
      if (!place || *place == size)
        return std::nullopt;
      elements.erase(elements.begin() + *place);
    }
  }
  return elements;
}

} // namespace fsc
