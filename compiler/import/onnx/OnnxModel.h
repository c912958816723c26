//===- OnnxModel.h - An ONNX file, read -------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_ONNXMODEL_H
#define FSC_COMPILER_IMPORT_ONNX_ONNXMODEL_H

#include "compiler/import/onnx/DetachWeights.h"
#include "compiler/import/onnx/MappedFile.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

#include <memory>
#include <optional>

namespace onnx {
class ModelProto;
class TensorProto;
} // namespace onnx

namespace fsc {

/// An ONNX file, read. Weights stay in the file and are mapped: a graph that was imported from the model refers to
/// them, so the model must outlive it.
class OnnxModel {
public:
  static llvm::Expected<std::unique_ptr<OnnxModel>> read(llvm::StringRef path, const Limits &limits = {});
  /// A model in memory, which must outlive the result. External data has no folder and is refused.
  static llvm::Expected<std::unique_ptr<OnnxModel>> read(llvm::StringRef name, llvm::StringRef bytes,
                                                         const Limits &limits = {});
  ~OnnxModel();

  llvm::StringRef getPath() const { return path; }
  const onnx::ModelProto &getProto() const { return *proto; }

  /// The bytes of a tensor of this model that holds `size` bytes, where they are bytes of a file: raw data that was
  /// detached, or external data. Nothing if the tensor itself has them.
  llvm::Expected<std::optional<llvm::ArrayRef<char>>> mappedData(const onnx::TensorProto &tensor, uint64_t size);

  /// Counts a sparse constant that is made dense, of which a few bytes can stand for a tensor of any size.
  llvm::Error takeDense(int64_t size);

private:
  OnnxModel(llvm::StringRef path, std::optional<MappedFile> file, llvm::StringRef bytes);

  static llvm::Expected<std::unique_ptr<OnnxModel>> read(llvm::StringRef path, std::optional<MappedFile> file,
                                                         llvm::StringRef bytes, const Limits &limits);
  llvm::Expected<llvm::ArrayRef<char>> externalData(const onnx::TensorProto &tensor, uint64_t size);

  std::string path;
  std::optional<MappedFile> file; // none if the caller has the bytes
  llvm::StringRef bytes;
  std::unique_ptr<onnx::ModelProto> proto;
  int64_t dense = 0, maxDense = 0;
  llvm::StringMap<MappedFile> external; // by resolved path
};

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_ONNXMODEL_H
