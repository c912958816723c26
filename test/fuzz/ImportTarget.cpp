//===- ImportTarget.cpp - Any bytes as a model, imported ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "compiler/import/onnx/Import.h"
#include "mlir/IR/MLIRContext.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // A context keeps every type it has seen: a new one now and then bounds the memory.
  static std::unique_ptr<mlir::MLIRContext> context;
  static unsigned runs = 0;
  if (runs++ % 500 == 0) {
    mlir::DialectRegistry registry;
    fsc::registerDialects(registry);
    context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  }
  mlir::ScopedDiagnosticHandler handler(context.get(), [](mlir::Diagnostic &) {});
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  auto model = fsc::readModel(context.get(), "model.onnx", bytes);
  if (succeeded(model))
    (void)fsc::importModel(context.get(), **model);
  return 0;
}
