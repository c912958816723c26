//===- TypeHooks.cpp - Forms that depend on types of inputs ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Hooks for nodes whose newest form too is not always an op: sizes that are not
// known, an element type that ONNX's own body of the operator does not take.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {

/// squeeze (x), where some sizes are not known -> if (none of them is 1) squeeze (x, the axes whose size is 1), which
/// the importer takes behind a check, because the other branch is of another rank
llvm::Error upgradeOpenSqueeze(Upgrade &upgrade) {
  RankedTensorType type = upgrade.type(0);
  if (upgrade.hasInput(1) || !type || type.hasStaticShape())
    return llvm::Error::success();
  upgrade.opset = 13;
  const std::string &x = upgrade.node.input(0);
  auto op = [&](StringRef name, ArrayRef<std::string> inputs) {
    std::string result = upgrade.fresh(name);
    upgrade.add(name, inputs, {result});
    return result;
  };
  SmallVector<int64_t> ones, open;
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    if (ShapedType::isDynamic(size))
      open.push_back(int64_t(axis));
    else if (size == 1)
      ones.push_back(int64_t(axis));
  std::string shape = op("Shape", {x}), isOther;
  for (int64_t axis : open) {
    std::string size =
        op("Gather", {shape, upgrade.scalar("axis", double(axis), IntegerType::get(type.getContext(), 64))});
    std::string isOne = op("Equal", {size, upgrade.scalar("one", 1, IntegerType::get(type.getContext(), 64))});
    std::string here = op("Not", {isOne});
    isOther = isOther.empty() ? here : op("And", {isOther, here});
  }
  auto branch = [&](ArrayRef<int64_t> axes) {
    std::string result = upgrade.fresh("squeezed"), list = upgrade.vector("axes", axes);
    onnx::GraphProto graph;
    graph.add_output()->set_name(result);
    onnx::NodeProto &node = *graph.add_node();
    node.set_op_type(axes.empty() ? "Identity" : "Squeeze");
    node.add_input(x);
    if (!axes.empty())
      node.add_input(list);
    node.add_output(result);
    return graph;
  };
  onnx::GraphProto then = branch(ones);
  ones.push_back(open.front());
  onnx::GraphProto otherwise = branch(ones);
  onnx::NodeProto &node = upgrade.add("If", {isOther}, {upgrade.node.output(0)});
  for (auto [name, graph] : {std::pair("then_branch", &then), std::pair("else_branch", &otherwise)}) {
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::GRAPH);
    *attribute.mutable_g() = *graph;
  }
  onnx::AttributeProto &reason = *node.add_attribute();
  reason.set_name(reasonAttribute);
  reason.set_type(onnx::AttributeProto::STRING);
  reason.set_s("without axes, no size that is not known when the model is compiled may be 1; fix it with --bind");
  return llvm::Error::success();
}

/// softmax_cross_entropy_loss (x, labels, weights) of bf16 -> the same of f32; ONNX's body of it is not legal in bf16
llvm::Error upgradeCrossEntropy(Upgrade &upgrade) {
  RankedTensorType type = upgrade.type(0);
  if (!type || !type.getElementType().isBF16())
    return llvm::Error::success();
  upgrade.opset = 13;
  auto castTo = [&](const std::string &x, const std::string &result, onnx::TensorProto::DataType element) {
    setAttribute(upgrade.add("Cast", {x}, {result}), "to", element);
  };
  onnx::NodeProto node = upgrade.node;
  for (int i : {0, 2})
    if (upgrade.hasInput(i)) {
      node.set_input(i, upgrade.fresh("wide"));
      castTo(upgrade.node.input(i), node.input(i), onnx::TensorProto::FLOAT);
    }
  SmallVector<std::pair<std::string, std::string>> results;
  for (std::string &output : *node.mutable_output())
    if (!output.empty())
      results.emplace_back(std::exchange(output, upgrade.fresh("loss")), output);
  upgrade.nodes.push_back(node);
  for (auto &[result, wide] : results)
    castTo(wide, result, onnx::TensorProto::BFLOAT16);
  return llvm::Error::success();
}

} // namespace fsc
