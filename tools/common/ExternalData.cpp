//===- ExternalData.cpp - Where a model keeps its weights -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/ExternalData.h"

#include <algorithm>
#include <climits>
#include <filesystem>
#include <onnx/onnx_pb.h>
#include <set>

using namespace fsc::tools;
namespace fs = std::filesystem;

namespace {

/// Collects the locations of all tensors below `message`, wherever they are.
void collect(const google::protobuf::Message &message, std::set<std::string> &locations) {
  if (auto *tensor = dynamic_cast<const onnx::TensorProto *>(&message)) {
    for (const onnx::StringStringEntryProto &entry : tensor->external_data())
      if (entry.key() == "location")
        locations.insert(entry.value());
    return;
  }
  const google::protobuf::Reflection *reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor *> fields;
  reflection->ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor *field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE)
      continue;
    if (!field->is_repeated()) {
      collect(reflection->GetMessage(message, field), locations);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i)
      collect(reflection->GetRepeatedMessage(message, field, i), locations);
  }
}

} // namespace

std::vector<std::string> fsc::tools::externalDataFiles(const std::string &path, std::string_view model) {
  // Most models have none, and need not be parsed.
  if (model.find("location") == std::string_view::npos || model.size() > INT_MAX)
    return {};
  onnx::ModelProto proto;
  if (!proto.ParseFromArray(model.data(), int(model.size())))
    return {};
  std::set<std::string> locations;
  collect(proto, locations);

  std::error_code error;
  fs::path folder = fs::canonical(fs::absolute(path).parent_path(), error);
  std::vector<std::string> files;
  for (const std::string &location : locations) {
    fs::path file = fs::weakly_canonical(folder / location, error);
    auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    if (!error && end == folder.end() && fs::is_regular_file(file, error))
      files.push_back(file.string());
  }
  return files;
}
