//===- OpFamily.h - The ops of one file of ops/ -----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The build makes a header and a source of each ops/<Family>.td. Nothing includes
// all the headers: what is made of every op, its registration and its entry in
// the importer's table, is made in the family's source and found here.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPFAMILY_H
#define FSC_DIALECTS_FSC_OPFAMILY_H

#include "dialects/fsc/FscDialect.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace fsc {

/// An fsc op that is an ONNX operator, as the importer knows it.
struct OpEntry {
  llvm::StringRef name;   // of the ONNX operator
  llvm::StringRef domain; // "" for ONNX's own
  int since = 0;          // the first opset with the op's form
  llvm::StringRef op;     // the MLIR name
  llvm::ArrayRef<llvm::StringRef> attributes;
  unsigned minOperands = 0;
  std::optional<unsigned> maxOperands; // nothing if not known before verification
  std::optional<unsigned> numResults;  // nothing if variadic
  /// Sets which operand places are filled; null for an op whose optional operands can only come last.
  mlir::LogicalResult (*setSegments)(mlir::OperationState &state, llvm::ArrayRef<bool> present) = nullptr;

  /// Whether the op has an attribute that a model may set.
  bool hasAttribute(llvm::StringRef attribute) const {
    return !attribute.ends_with("SegmentSizes") && llvm::is_contained(attributes, attribute);
  }
};

namespace detail {

/// The number N of OpTrait::NOperands<N>, or of AtLeastNOperands<N>, from 2.
template <typename Op, unsigned N = 2> constexpr std::optional<unsigned> exactOperands() {
  if constexpr (Op::template hasTrait<mlir::OpTrait::ZeroOperands>())
    return 0;
  else if constexpr (Op::template hasTrait<mlir::OpTrait::OneOperand>())
    return 1;
  else if constexpr (N > 16)
    return std::nullopt;
  else if constexpr (Op::template hasTrait<mlir::OpTrait::NOperands<N>::template Impl>())
    return N;
  else
    return exactOperands<Op, N + 1>();
}

template <typename Op, unsigned N = 1> constexpr unsigned leastOperands() {
  if constexpr (N > 16)
    return 0;
  else if constexpr (Op::template hasTrait<mlir::OpTrait::AtLeastNOperands<N>::template Impl>())
    return N;
  else
    return leastOperands<Op, N + 1>();
}

template <typename Op, unsigned N = 2> constexpr std::optional<unsigned> exactResults() {
  if constexpr (Op::template hasTrait<mlir::OpTrait::ZeroResults>())
    return 0;
  else if constexpr (Op::template hasTrait<mlir::OpTrait::OneResult>())
    return 1;
  else if constexpr (N > 8)
    return std::nullopt;
  else if constexpr (Op::template hasTrait<mlir::OpTrait::NResults<N>::template Impl>())
    return N;
  else
    return exactResults<Op, N + 1>();
}

template <typename Op> mlir::LogicalResult setSegments(mlir::OperationState &state, llvm::ArrayRef<bool> present) {
  return setOperandSegments(present, *operandSegments<Op>(state));
}

/// Gives the entry of an op that is an ONNX operator; others have none.
template <typename Op> void describe(llvm::function_ref<void(const OpEntry &)> take) {
  if constexpr (requires { Op::onnx; }) {
    OpEntry entry{
        Op::onnx.name, Op::onnx.domain, Op::onnx.since, Op::getOperationName(), Op::getAttributeNames(), 0, {}, {}};
    entry.maxOperands = exactOperands<Op>();
    entry.minOperands = entry.maxOperands.value_or(leastOperands<Op>());
    entry.numResults = exactResults<Op>();
    if constexpr (numOperandSegments<Op>() != 0)
      entry.setSegments = setSegments<Op>;
    take(entry);
  }
}

} // namespace detail

/// What is made of the ops of a family.
struct OpFamily {
  void (*registerOps)(FscDialect &dialect);
  /// Calls `take` with the entry of each op that is an ONNX operator.
  void (*describe)(llvm::function_ref<void(const OpEntry &)> take);

  template <typename... Ops> static constexpr OpFamily of() {
    return {[](FscDialect &dialect) { dialect.addOperations<Ops...>(); },
            [](llvm::function_ref<void(const OpEntry &)> take) { (detail::describe<Ops>(take), ...); }};
  }
};

/// Every family, in no order that means anything.
llvm::ArrayRef<const OpFamily *> opFamilies();

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPFAMILY_H
