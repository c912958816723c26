//===- UniformAssembly.h - How every fsc op is printed ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// %y = fsc.conv(%x, %w, _) {group = 2 : i64} : (tensor<…>, tensor<…>) -> tensor<…>
//
// An absent optional operand is `_`; trailing ones are left out.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_UNIFORMASSEMBLY_H
#define FSC_DIALECTS_FSC_UNIFORMASSEMBLY_H

#include "mlir/IR/OpImplementation.h"

namespace fsc::detail {

/// The sizes of an op's operand groups, or null if it has no optional operands. Op is the op's class.
template <typename Op> auto *operandSegments(mlir::OperationState &state) {
  if constexpr (requires(typename Op::Properties properties) { properties.operandSegmentSizes; })
    return &state.getOrAddProperties<typename Op::Properties>().operandSegmentSizes;
  else
    return static_cast<std::array<int32_t, 0> *>(nullptr);
}

/// The number of operands that Op can have at most one of each; 0 if none is optional.
template <typename Op> constexpr size_t numOperandSegments() {
  if constexpr (requires(typename Op::Properties properties) { properties.operandSegmentSizes; })
    return std::tuple_size_v<decltype(Op::Properties::operandSegmentSizes)>;
  else
    return 0;
}

/// Parses `(%a, _, %b) {attributes} : (types) -> types`. `present` gets one entry for each operand place.
mlir::ParseResult parseUniformParts(mlir::OpAsmParser &parser, mlir::OperationState &result,
                                    llvm::SmallVectorImpl<bool> &present);
void printUniformParts(mlir::Operation *op, mlir::OpAsmPrinter &printer, llvm::ArrayRef<int32_t> segments);

/// Sets the operand group sizes from which places are filled: the last group takes all that is left over.
mlir::LogicalResult setOperandSegments(llvm::ArrayRef<bool> present, llvm::MutableArrayRef<int32_t> segments);

template <typename Op> mlir::ParseResult parseUniform(mlir::OpAsmParser &parser, mlir::OperationState &result) {
  llvm::SmallVector<bool> present;
  llvm::SMLoc loc = parser.getCurrentLocation();
  if (parseUniformParts(parser, result, present))
    return mlir::failure();
  if constexpr (numOperandSegments<Op>() != 0) {
    if (failed(setOperandSegments(present, *operandSegments<Op>(result))))
      return parser.emitError(loc, "too many operands");
  } else if (llvm::is_contained(present, false)) {
    return parser.emitError(loc, "the op has no optional operands");
  }
  return mlir::success();
}

template <typename Op> void printUniform(Op op, mlir::OpAsmPrinter &printer) {
  if constexpr (numOperandSegments<Op>() != 0)
    printUniformParts(op, printer, op.getProperties().operandSegmentSizes);
  else
    printUniformParts(op, printer, {});
}

} // namespace fsc::detail

#endif // FSC_DIALECTS_FSC_UNIFORMASSEMBLY_H
