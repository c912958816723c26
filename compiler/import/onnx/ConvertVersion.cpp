//===- ConvertVersion.cpp - ONNX's version converter for one node ---------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What has no hook is upgraded by ONNX itself, as a model of one node. Values
// that the converter adds get names of their own.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"
#include "onnx/version_converter/convert.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace fsc {

/// A model of the upgrade's node alone, its inputs typed and, where they are small constants, known.
static onnx::ModelProto makeModel(const Upgrade &upgrade, int opset) {
  constexpr int irVersion = 8;
  onnx::ModelProto model;
  model.set_ir_version(irVersion);
  model.add_opset_import()->set_version(opset);
  onnx::GraphProto &graph = *model.mutable_graph();
  graph.set_name("node");
  *graph.add_node() = upgrade.node;
  llvm::StringSet<> seen;
  for (auto [index, name] : llvm::enumerate(upgrade.node.input())) {
    RankedTensorType type = upgrade.type(index);
    if (!type || !seen.insert(name).second)
      continue;
    onnx::ValueInfoProto &info = *graph.add_input();
    info.set_name(name);
    exportType(type, *info.mutable_type());
    onnx::TensorProto tensor;
    if (ElementsAttr constant = upgrade.constant(index); constant && exportTensor(constant, tensor)) {
      tensor.set_name(name);
      *graph.add_initializer() = std::move(tensor);
    }
  }
  for (const std::string &name : upgrade.node.output())
    if (!name.empty())
      graph.add_output()->set_name(name);
  return model;
}

llvm::Error convertVersion(Upgrade &upgrade, int opset) {
  onnx::ModelProto model;
  try {
    model = onnx::version_conversion::ConvertVersion(makeModel(upgrade, upgrade.version), opset);
  } catch (const std::exception &exception) {
    return llvm::createStringError("ONNX cannot convert it: " + Twine(exception.what()));
  }
  llvm::StringMap<std::string> names;
  for (const std::string &name : upgrade.node.input())
    names[name] = name;
  for (const std::string &name : upgrade.node.output())
    names[name] = name;
  auto rename = [&](std::string &name) {
    if (name.empty())
      return; // absent
    auto [at, isNew] = names.try_emplace(name);
    if (isNew)
      at->second = upgrade.fresh(name);
    name = at->second;
  };
  upgrade.opset = opset;
  for (onnx::TensorProto &tensor : *model.mutable_graph()->mutable_initializer()) {
    if (llvm::is_contained(upgrade.node.input(), tensor.name()))
      continue;
    std::string name = tensor.name();
    rename(name);
    onnx::AttributeProto &value = *upgrade.add("Constant", {}, {name}).add_attribute();
    value.set_name("value");
    value.set_type(onnx::AttributeProto::TENSOR);
    *value.mutable_t() = std::move(tensor);
  }
  for (onnx::NodeProto &node : *model.mutable_graph()->mutable_node()) {
    for (std::string &input : *node.mutable_input())
      rename(input);
    for (std::string &output : *node.mutable_output())
      rename(output);
    upgrade.nodes.push_back(std::move(node));
  }
  return llvm::Error::success();
}

} // namespace fsc
