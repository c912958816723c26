//===- RuntimeCalls.h - What compiled code asks of the runtime --*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits, in the LLVM dialect, accesses to the structs of runtime/abi/Artifact.h.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LOWERING_RUNTIMECALLS_H
#define FSC_PASSES_LOWERING_RUNTIMECALLS_H

#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Host.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace fsc {

class RuntimeCalls {
public:
  /// `context` is the fsc_abi_context of the run; globals go to the module around the insertion point.
  RuntimeCalls(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value context)
      : builder(builder), loc(loc), context(context) {}

  mlir::Value inputData(int64_t index);
  mlir::Value inputDim(int64_t index, int64_t axis);
  mlir::Value arena();
  mlir::Value weights();
  mlir::Value output(int64_t index, mlir::Value dims);
  mlir::Value allocate(mlir::Value bytes);
  void release(mlir::Value address);
  /// Returns the status.
  mlir::Value reserve(mlir::Value bytes);
  mlir::Value parallel(mlir::Value kernel, mlir::Value function, mlir::Value words, mlir::Value tasks,
                       mlir::Value cost);
  /// The address of a routine, null if there is none.
  mlir::Value routine(llvm::StringRef name);
  /// Calls it with an fsc_abi_call and returns the status.
  mlir::Value callRoutine(mlir::Value routine, mlir::Value call);
  /// Returns the status.
  mlir::Value fail(int32_t code, llvm::StringRef message);
  /// The same for an fsc.check that does not hold. Its message begins with the node.
  mlir::Value fail(CheckOp check);

  /// The address of constant bytes, aligned to 8; and of a text that ends in 0.
  mlir::Value bytes(llvm::StringRef data);
  mlir::Value text(llvm::StringRef text) { return bytes((text + llvm::Twine('\0')).str()); }
  mlir::Value constant(int64_t value, unsigned width = 64);
  mlir::Value offset(mlir::Value address, int64_t bytes);
  mlir::Value load(mlir::Value address, int64_t byteOffset, mlir::Type type);

private:
  mlir::Value callHost(size_t offset, mlir::Type result, mlir::ValueRange arguments);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Value context;
};

} // namespace fsc

#endif // FSC_PASSES_LOWERING_RUNTIMECALLS_H
