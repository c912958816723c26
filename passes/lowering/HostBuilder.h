//===- HostBuilder.h - The host program on buffers --------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites @main op by op, in order; BufferizeHost.cpp has kernels and what
// lies between them, BufferizeControl.cpp branches and loops.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LOWERING_HOSTBUILDER_H
#define FSC_PASSES_LOWERING_HOSTBUILDER_H

#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Kernel.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

namespace fsc {

class HostBuilder {
public:
  /// Builds into `block`; kernels become modules in `module`.
  HostBuilder(mlir::ModuleOp module, mlir::Block *block, mlir::Pass::Statistic *numShared)
      : module(module), builder(mlir::OpBuilder::atBlockBegin(block)), numShared(numShared) {}

  /// The body of a function on tensors, whose arguments and results are those of the model.
  mlir::LogicalResult convertFunction(mlir::Block &block);

  /// The strings of the constants, but for the empty one, in the order of their numbers.
  llvm::ArrayRef<llvm::StringRef> getStrings() const { return strings.getArrayRef(); }

private:
  struct LoopState;

  // BufferizeHost.cpp
  mlir::LogicalResult convertBlock(mlir::Block &block);
  mlir::LogicalResult convert(mlir::Operation *op);
  void convertDim(mlir::tensor::DimOp dim);
  void convertView(ViewOp view);
  void checkProduct(mlir::Location loc, mlir::MemRefType type, mlir::ValueRange sizes);
  void checkElements(mlir::Location loc, mlir::Value source, mlir::MemRefType type, mlir::ValueRange sizes);
  mlir::ElementsAttr storedElements(mlir::ElementsAttr elements);
  void convertRoutine(FscOpInterface op);
  void convertKernel(KernelOp kernel);
  mlir::SymbolRefAttr outline(KernelOp kernel);
  std::string kernelName(KernelOp kernel);

  // BufferizeControl.cpp
  mlir::LogicalResult convertIf(IfOp op);
  mlir::LogicalResult convertLoop(LoopOp op);
  void enterLoop(LoopOp op, LoopState &state);
  mlir::LogicalResult convertBody(LoopOp op, LoopState &state, mlir::ValueRange arguments);
  void placeElements(LoopOp op, LoopState &state, mlir::Value iteration);
  void appendElement(LoopOp op, LoopState &state, mlir::Value element, mlir::MemRefType stack, mlir::Value iteration,
                     mlir::ValueRange grown, llvm::SmallVectorImpl<mlir::Value> &next);
  void tellLoop(LoopOp op, llvm::StringRef routine, mlir::ValueRange carried = {});
  void handOn(mlir::Location loc, mlir::Value buffer, llvm::SmallVectorImpl<mlir::Value> &values);
  mlir::Value receive(mlir::Location loc, mlir::MemRefType type, mlir::ValueRange &values, bool owned);
  llvm::SmallVector<mlir::Value> dynamicSizes(mlir::Location loc, mlir::Value buffer);
  mlir::Value index(mlir::Location loc, int64_t value);

  mlir::Value number(mlir::Value value) { return values.lookup(value); }

  mlir::ModuleOp module;
  mlir::OpBuilder builder;
  mlir::Pass::Statistic *numShared;
  mlir::IRMapping buffers;                         // tensors to memrefs
  mlir::IRMapping values;                          // sizes
  llvm::DenseMap<mlir::Value, unsigned> outputs;   // tensors that are results of the model
  llvm::DenseMap<mlir::Value, mlir::Value> places; // buffers that kernels' results are to be written to
  llvm::StringMap<mlir::SymbolRefAttr> kernels;
  llvm::SetVector<llvm::StringRef> strings;
};

} // namespace fsc

#endif // FSC_PASSES_LOWERING_HOSTBUILDER_H
