//===- Import.cpp - From an ONNX file to an fsc graph ---------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Import.h"

#include "compiler/import/onnx/Importer.h"
#include "dialects/fsc/FscDialect.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace fsc {

static FailureOr<std::unique_ptr<OnnxModel>> reportError(MLIRContext *context,
                                                         llvm::Expected<std::unique_ptr<OnnxModel>> model) {
  if (model)
    return std::move(*model);
  CodedMessage said = takeMessage(model.takeError(), Code::malformedModel);
  emitCoded(said.code, UnknownLoc::get(context), said.message).attachNote() << StringRef(getInfo(said.code).remedy);
  return failure();
}

FailureOr<std::unique_ptr<OnnxModel>> readModel(MLIRContext *context, StringRef path, const Limits &limits) {
  return reportError(context, OnnxModel::read(path, limits));
}

FailureOr<std::unique_ptr<OnnxModel>> readModel(MLIRContext *context, StringRef name, StringRef bytes,
                                                const Limits &limits) {
  return reportError(context, OnnxModel::read(name, bytes, limits));
}

FailureOr<OwningOpRef<ModuleOp>> importModel(MLIRContext *context, OnnxModel &model, const ImportOptions &options) {
  context->loadDialect<FscDialect>();
  Importer importer(context, model, options);
  OwningOpRef<ModuleOp> module = importer.run();
  importer.getProblems().emit();
  if (!importer.getProblems().empty() || failed(verify(*module)))
    return failure();
  return module;
}

} // namespace fsc
