//===- OpTable.cpp - The fsc ops that are ONNX operators ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/OpTable.h"

#include "dialects/fsc/FscDialect.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace fsc {

namespace {

/// The number N of OpTrait::NOperands<N>, or of AtLeastNOperands<N>, from 2.
template <typename Op, unsigned N = 2> constexpr std::optional<unsigned> exactOperands() {
  if constexpr (Op::template hasTrait<OpTrait::ZeroOperands>())
    return 0;
  else if constexpr (Op::template hasTrait<OpTrait::OneOperand>())
    return 1;
  else if constexpr (N > 16)
    return std::nullopt;
  else if constexpr (Op::template hasTrait<OpTrait::NOperands<N>::template Impl>())
    return N;
  else
    return exactOperands<Op, N + 1>();
}

template <typename Op, unsigned N = 1> constexpr unsigned leastOperands() {
  if constexpr (N > 16)
    return 0;
  else if constexpr (Op::template hasTrait<OpTrait::AtLeastNOperands<N>::template Impl>())
    return N;
  else
    return leastOperands<Op, N + 1>();
}

template <typename Op, unsigned N = 2> constexpr std::optional<unsigned> exactResults() {
  if constexpr (Op::template hasTrait<OpTrait::ZeroResults>())
    return 0;
  else if constexpr (Op::template hasTrait<OpTrait::OneResult>())
    return 1;
  else if constexpr (N > 8)
    return std::nullopt;
  else if constexpr (Op::template hasTrait<OpTrait::NResults<N>::template Impl>())
    return N;
  else
    return exactResults<Op, N + 1>();
}

template <typename Op> LogicalResult setSegments(OperationState &state, ArrayRef<bool> present) {
  return detail::setOperandSegments(present, *detail::operandSegments<Op>(state));
}

template <typename Op> OpEntry makeEntry() {
  OpEntry entry{
      Op::onnx.name, Op::onnx.domain, Op::onnx.since, Op::getOperationName(), Op::getAttributeNames(), 0, {}, {},
      nullptr};
  entry.maxOperands = exactOperands<Op>();
  entry.minOperands = entry.maxOperands.value_or(leastOperands<Op>());
  entry.numResults = exactResults<Op>();
  if constexpr (detail::numOperandSegments<Op>() != 0)
    entry.setSegments = setSegments<Op>;
  return entry;
}

template <typename... Ops> llvm::StringMap<SmallVector<OpEntry, 1>> makeTable() {
  llvm::StringMap<SmallVector<OpEntry, 1>> table;
  auto add = [&]<typename Op>() {
    if (*Op::onnx.name)
      table[(Twine(Op::onnx.domain) + ":" + Op::onnx.name).str()].push_back(makeEntry<Op>());
  };
  (add.template operator()<Ops>(), ...);
  for (auto &forms : table)
    llvm::sort(forms.second, [](const OpEntry &a, const OpEntry &b) { return a.since < b.since; });
  return table;
}

} // namespace

const OpEntry *findOp(StringRef name, StringRef domain, int version) {
  static const llvm::StringMap<SmallVector<OpEntry, 1>> table = makeTable<
#define GET_OP_LIST
#include "dialects/fsc/FscOps.cpp.inc"
      >();
  auto forms = table.find((domain + ":" + name).str());
  if (forms == table.end())
    return nullptr;
  const OpEntry *best = &forms->second.front();
  for (const OpEntry &entry : forms->second)
    if (entry.since <= version)
      best = &entry;
  return best;
}

} // namespace fsc
