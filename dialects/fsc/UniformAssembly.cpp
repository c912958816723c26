//===- UniformAssembly.cpp - How every fsc op is printed ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/UniformAssembly.h"

using namespace mlir;

namespace fsc::detail {

ParseResult parseUniformParts(OpAsmParser &parser, OperationState &result, SmallVectorImpl<bool> &present) {
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  auto parseOperand = [&]() -> ParseResult {
    if (succeeded(parser.parseOptionalKeyword("_"))) {
      present.push_back(false);
      return success();
    }
    present.push_back(true);
    return parser.parseOperand(operands.emplace_back());
  };
  FunctionType type;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseOperand) ||
      parser.parseOptionalAttrDict(result.attributes) || parser.parseColonType(type))
    return failure();
  result.addTypes(type.getResults());
  return parser.resolveOperands(operands, type.getInputs(), loc, result.operands);
}

void printUniformParts(Operation *op, OpAsmPrinter &printer, ArrayRef<int32_t> segments) {
  printer << '(';
  if (segments.empty()) {
    printer.printOperands(op->getOperands());
  } else {
    SmallVector<Value> places;
    unsigned next = 0;
    for (int32_t count : segments) {
      for (int32_t i = 0; i < count; ++i)
        places.push_back(op->getOperand(next++));
      if (count == 0)
        places.push_back(nullptr);
    }
    while (!places.empty() && !places.back())
      places.pop_back();
    llvm::interleaveComma(places, printer, [&](Value place) {
      if (place)
        printer << place;
      else
        printer << '_';
    });
  }
  printer << ')';
  printer.printOptionalAttrDict(op->getAttrDictionary().getValue(), {"operandSegmentSizes"});
  printer << " : ";
  printer.printFunctionalType(op);
}

LogicalResult setOperandSegments(ArrayRef<bool> present, MutableArrayRef<int32_t> segments) {
  for (int32_t &segment : segments)
    segment = 0;
  for (auto [place, filled] : llvm::enumerate(present)) {
    if (!filled && place >= segments.size())
      return failure();
    if (filled)
      ++segments[std::min(place, segments.size() - 1)];
  }
  return success();
}

} // namespace fsc::detail
