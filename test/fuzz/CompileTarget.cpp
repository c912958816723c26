//===- CompileTarget.cpp - Any bytes as a model, compiled -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All phases but emit: what LLVM makes of a module that is right is LLVM's.
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "mlir/IR/MLIRContext.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static std::unique_ptr<mlir::MLIRContext> context;
  static unsigned runs = 0;
  if (runs++ % 100 == 0) {
    mlir::DialectRegistry registry;
    fsc::registerDialects(registry);
    context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  }
  mlir::ScopedDiagnosticHandler handler(context.get(), [](mlir::Diagnostic &) {});
  fsc::CompileRequest request;
  request.input = "model.onnx";
  request.inputBytes = llvm::StringRef(reinterpret_cast<const char *>(data), size);
  request.output = "/dev/null";
  request.stopAfter = fsc::Phase::lower;
  request.options.optLevel = size % 2 == 0 ? 0 : 2;
  request.options.threads = 1;
  fsc::CompileReport report;
  if (fsc::compile(*context, request, report) == fsc::CompileStatus::internal)
    std::abort(); // a defect of the compiler, however politely it is told
  return 0;
}
