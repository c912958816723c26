//===- Routine.cpp - Calls of the runtime's routines ----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"

using namespace mlir;

namespace fsc {

LogicalResult CallRoutineOp::verify() {
  auto present = [](ArrayRef<int32_t> types) { return llvm::count_if(types, [](int32_t type) { return type != 0; }); };
  // call_routine.C1: there is a buffer for each operand that is not absent.
  if (present(getPlaces()) != int64_t(getInputs().size()))
    return emitOpError() << "expected " << present(getPlaces()) << " inputs, got " << getInputs().size();
  // call_routine.C2: there is a buffer for each result that is wanted, and it is known whose.
  if (present(getWanted()) != int64_t(getNumResults()))
    return emitOpError() << "expected " << present(getWanted()) << " results, got " << getNumResults();
  if (getOutputs().size() != getWanted().size())
    return emitOpError() << "expected one of outputs for each result, got " << getOutputs().size();
  return success();
}

} // namespace fsc
