//===- LowerRoutine.h - Calls of the runtime's routines ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LOWERING_LOWERROUTINE_H
#define FSC_PASSES_LOWERING_LOWERROUTINE_H

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"
#include "passes/lowering/RuntimeCalls.h"

namespace fsc {

/// A routine's attributes as runtime/abi/Artifact.h has them, in one piece that must be aligned to 8 bytes.
std::string layOutAttributes(mlir::DictionaryAttr attributes);

/// Emits one fsc.call_routine as a call by runtime/abi/Artifact.h, a step at a time, since each may end the run.
class RoutineCall {
public:
  /// Memory for the call is taken at the begin of `entry`, the function's first block.
  RoutineCall(mlir::OpBuilder &builder, CallRoutineOp op, mlir::Value context, mlir::Block &entry);

  /// The routine's address; null if the runtime has none of the name.
  mlir::Value find();
  /// What is said then.
  std::string notFound();
  /// Calls it. `inputs` are the buffers' addresses and all sizes, for the inputs that are there.
  mlir::Value call(mlir::Value routine, llvm::ArrayRef<std::pair<mlir::Value, llvm::SmallVector<mlir::Value>>> inputs);
  /// After a good call: the address of a result's buffer and its dynamic sizes.
  std::pair<mlir::Value, llvm::SmallVector<mlir::Value>> result(unsigned index);

private:
  void store(int64_t word, mlir::Value value);
  mlir::Value address(int64_t word) { return runtime.offset(words, 8 * word); }
  /// Writes the argument at `word` whose sizes are at `dims`.
  void storeArgument(int64_t word, mlir::Value data, int64_t dims, int32_t dtype, int64_t rank, int64_t output);

  mlir::OpBuilder &builder;
  CallRoutineOp op;
  RuntimeCalls runtime;
  mlir::Value words;
  llvm::SmallVector<int64_t> resultWords, resultDims; // of the wanted results
};

} // namespace fsc

#endif // FSC_PASSES_LOWERING_LOWERROUTINE_H
