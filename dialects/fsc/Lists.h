//===- Lists.h - Sequences, optionals and maps ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is no tensor in ONNX is a tensor of rank 0 whose element type is a list type. What
// such a type says of its elements is a claim, as precise as it was possible to follow: what takes an
// element out of a list checks it at run time.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_LISTS_H
#define FSC_DIALECTS_FSC_LISTS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"

#include <optional>

namespace fsc {

/// Whether tensors of this element type are lists.
bool isListType(mlir::Type element);

/// The element type that holds for what is of either type: of lists, what is known of elements of both. Null if there
/// is none, which for other types means that they differ.
mlir::Type joinElementTypes(mlir::Type a, mlir::Type b);

/// The number of an element type in the ABI: ONNX's, or that of a list type. 0 for an unsupported one.
int32_t abiElementOfType(mlir::Type element);

/// The elements of a sequence as far as they follow from the ops that make it; nothing where they do not.
std::optional<llvm::SmallVector<mlir::Value>> knownElements(mlir::Value sequence);

/// Marks the ops that take or give lists.
template <typename Op> class Lists : public mlir::OpTrait::TraitBase<Op, Lists> {};

namespace detail {
/// Fails, with a diagnostic, if the op has operands that are lists and is not marked for them.
mlir::LogicalResult verifyLists(mlir::Operation *op);
} // namespace detail

} // namespace fsc

#endif // FSC_DIALECTS_FSC_LISTS_H
