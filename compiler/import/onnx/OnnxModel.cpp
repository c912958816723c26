//===- OnnxModel.cpp - An ONNX file, read ---------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/OnnxModel.h"

#include "compiler/Diagnostics.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/Path.h"

namespace fsc {

OnnxModel::OnnxModel(llvm::StringRef path, std::optional<MappedFile> file, llvm::StringRef bytes)
    : path(path), file(std::move(file)), bytes(bytes), proto(std::make_unique<onnx::ModelProto>()) {}

OnnxModel::~OnnxModel() = default;

llvm::Expected<std::unique_ptr<OnnxModel>> OnnxModel::read(llvm::StringRef path, const Limits &limits) {
  llvm::Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  llvm::StringRef bytes = file->bytes();
  return read(path, std::move(*file), bytes, limits);
}

llvm::Expected<std::unique_ptr<OnnxModel>> OnnxModel::read(llvm::StringRef name, llvm::StringRef bytes,
                                                           const Limits &limits) {
  return read(name, std::nullopt, bytes, limits);
}

llvm::Expected<std::unique_ptr<OnnxModel>> OnnxModel::read(llvm::StringRef path, std::optional<MappedFile> file,
                                                           llvm::StringRef bytes, const Limits &limits) {
  auto refused = [&](Code code, llvm::Twine reason) { return codedError(code, "model '" + path + "': " + reason); };
  if (bytes.starts_with("version https://git-lfs"))
    return refused(Code::malformedModel,
                   "expected a model, got a Git LFS pointer to one; fetch it with 'git lfs pull'");
  llvm::Expected<std::string> parsed = detachWeights(bytes, limits);
  if (!parsed) {
    CodedMessage said = takeMessage(parsed.takeError(), Code::malformedModel);
    return refused(said.code, said.message);
  }

  std::unique_ptr<OnnxModel> model(new OnnxModel(path, std::move(file), bytes));
  model->maxDense = limits.dense;
  google::protobuf::io::ArrayInputStream stream(parsed->data(), int(parsed->size()));
  google::protobuf::io::CodedInputStream input(&stream);
  input.SetRecursionLimit(int(limits.messages) + 1);
  // A missing required field is no matter of the format: ONNX has none.
  if (!model->proto->MergePartialFromCodedStream(&input) || !input.ConsumedEntireMessage())
    return refused(Code::malformedModel, "expected a model in ONNX's protobuf format");
  if (!model->proto->has_graph())
    return refused(Code::malformedModel, "expected a model with a graph");
  return model;
}

llvm::Error OnnxModel::takeDense(int64_t size) {
  if (size <= maxDense - dense) {
    dense += size;
    return llvm::Error::success();
  }
  return codedError(Code::limit, "expected sparse constants of at most " + llvm::Twine(maxDense) +
                                     " bytes together when dense, got more");
}

llvm::Expected<std::optional<llvm::ArrayRef<char>>> OnnxModel::mappedData(const onnx::TensorProto &tensor,
                                                                          uint64_t size) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    llvm::Expected<llvm::ArrayRef<char>> data = externalData(tensor, size);
    if (!data)
      return data.takeError();
    return *data;
  }
  std::optional<llvm::StringRef> data = detachedData(tensor, bytes);
  if (!data)
    return std::nullopt;
  if (tensor.has_raw_data() || data->size() != size)
    return llvm::createStringError("expected " + llvm::Twine(size) + " bytes of data, got " +
                                   llvm::Twine(data->size() + tensor.raw_data().size()));
  return llvm::ArrayRef<char>(data->data(), data->size());
}

llvm::Expected<llvm::ArrayRef<char>> OnnxModel::externalData(const onnx::TensorProto &tensor, uint64_t size) {
  if (!file)
    return codedError(Code::externalData,
                      "expected weights inside the model, got external data: give the path of the model's file");
  llvm::StringRef location;
  uint64_t offset = 0, length = size;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    if (entry.key() == "location")
      location = entry.value();
    else if ((entry.key() == "offset" && llvm::StringRef(entry.value()).getAsInteger(10, offset)) ||
             (entry.key() == "length" && llvm::StringRef(entry.value()).getAsInteger(10, length)))
      return codedError(Code::externalData, "external data: expected a number of bytes as " + llvm::Twine(entry.key()) +
                                                ", got '" + entry.value() + "'");
  }
  llvm::Expected<std::string> resolved = resolveInside(llvm::sys::path::parent_path(path), location);
  if (!resolved)
    return resolved.takeError();
  auto mapped = external.find(*resolved);
  if (mapped == external.end()) {
    llvm::Expected<MappedFile> opened = MappedFile::open(*resolved);
    if (!opened)
      return codedError(Code::externalData, takeMessage(opened.takeError(), Code::externalData).message);
    mapped = external.try_emplace(*resolved, std::move(*opened)).first;
  }
  llvm::StringRef content = mapped->second.bytes();
  if (length != size)
    return codedError(Code::externalData, "external data '" + location + "': expected a length of " +
                                              llvm::Twine(size) + " bytes, got " + llvm::Twine(length));
  if (offset > content.size() || size > content.size() - offset)
    return codedError(Code::externalData, "external data '" + location + "': expected " + llvm::Twine(size) +
                                              " bytes at offset " + llvm::Twine(offset) + ", got a file of " +
                                              llvm::Twine(content.size()));
  return llvm::ArrayRef<char>(content.data() + offset, size);
}

} // namespace fsc
