//===- ImportGradient.cpp - Derivatives of parts of a graph ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gradient, of ai.onnx.preview.training, names values of its graph: what `y` is by
// the values `xs`, other values being what they are. The nodes between them pass the
// gradient back, from y on (Derivatives.h). Where the node is given other values than
// those that it names, the nodes between are imported again for them. Refuses a y of
// several elements, and operators that are in no table of derivatives.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Derivatives.h"
#include "compiler/import/onnx/Importer.h"

using namespace mlir;

namespace fsc {

bool isGradient(const onnx::NodeProto &node) {
  return node.op_type() == "Gradient" && node.domain() == "ai.onnx.preview.training";
}

namespace {

/// A part of a graph: the nodes from some values to one.
struct Part {
  /// Each after those that it reads from.
  std::vector<onnx::NodeProto> nodes;
  /// What depends on the values that a gradient is by, and on those or others that are given.
  llvm::StringSet<> varies, given;
};

std::vector<std::string> stringsOf(const onnx::NodeProto &node, StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return attribute.type() == onnx::AttributeProto::STRING
                 ? std::vector<std::string>{attribute.s()}
                 : std::vector<std::string>(attribute.strings().begin(), attribute.strings().end());
  return {};
}

llvm::StringSet<> readsOf(const onnx::NodeProto &node) {
  llvm::StringSet<> names;
  collectReads(node, names);
  return names;
}

bool hasGraphs(const onnx::NodeProto &node) {
  return llvm::any_of(node.attribute(), [](const onnx::AttributeProto &attribute) {
    return attribute.has_g() || attribute.graphs_size() > 0;
  });
}

Part findPart(const onnx::GraphProto &graph, const std::string &y, ArrayRef<std::string> xs, ArrayRef<std::string> zs) {
  llvm::StringMap<int> producers;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string &output : graph.node(i).output())
      producers[output] = i;
  Part part;
  part.varies.insert(xs.begin(), xs.end());
  part.given = part.varies;
  part.given.insert(zs.begin(), zs.end());
  // Depth first: a node is done when all that it reads from is.
  enum State { fresh, open, done };
  std::vector<State> states(graph.node_size());
  std::vector<std::string> stack = {y};
  while (!stack.empty()) {
    auto producer = part.given.contains(stack.back()) ? producers.end() : producers.find(stack.back());
    if (producer == producers.end() || states[producer->second] == done) {
      stack.pop_back();
      continue;
    }
    const onnx::NodeProto &node = graph.node(producer->second);
    State &state = states[producer->second];
    if (state == fresh) {
      state = open;
      llvm::StringSet<> reads = readsOf(node);
      for (StringRef name : reads.keys())
        stack.push_back(name.str());
      continue;
    }
    state = done;
    stack.pop_back();
    auto isIn = [&](const llvm::StringSet<> &names) {
      return llvm::any_of(readsOf(node).keys(), [&](StringRef name) { return names.contains(name); });
    };
    bool varies = isIn(part.varies), given = isIn(part.given);
    for (const std::string &output : node.output()) {
      if (varies)
        part.varies.insert(output);
      if (given)
        part.given.insert(output);
    }
    if (given)
      part.nodes.push_back(node);
  }
  return part;
}

} // namespace

void Importer::importGradient(Node &node, Scope &scope) {
  std::vector<std::string> xs = stringsOf(node.proto, "xs"), zs = stringsOf(node.proto, "zs"), names = xs;
  names.insert(names.end(), zs.begin(), zs.end());
  std::vector<std::string> target = stringsOf(node.proto, "y");
  if (target.size() != 1 || int(names.size()) != node.proto.input_size() || node.proto.output_size() > int(xs.size()))
    return refuse(node, scope, Code::invalidNode,
                  "expected an input for each of xs and zs, and an output for each of xs at most");
  if (!scope.graph || scope.parent)
    return refuse(node, scope, Code::unsupportedForm, "a gradient in a function or in control flow is not supported");
  if (!node.isKnown())
    return defineUnknown(node, scope);
  Upgrade upgrade(node.proto, node.version, node.inputs, shapes, numNodes, [](StringRef) { return true; });
  NodeBuilder build(upgrade);
  Part part = findPart(*scope.graph, target[0], xs, zs);

  // At other values than those of the graph, its nodes are imported again.
  llvm::StringMap<std::string> renamed;
  bool isElsewhere = false;
  for (auto [name, input] : llvm::zip_equal(names, node.proto.input())) {
    renamed[name] = input;
    isElsewhere |= name != input;
  }
  auto nameOf = [&](const std::string &name) {
    auto found = renamed.find(name);
    return found == renamed.end() ? name : found->second;
  };
  for (onnx::NodeProto &step : part.nodes) {
    if (isElsewhere)
      for (std::string &output : *step.mutable_output())
        if (!output.empty())
          renamed[output] = upgrade.fresh("again");
    for (auto *values : {step.mutable_input(), step.mutable_output()})
      for (std::string &value : *values)
        value = nameOf(value);
    // Such a node reads more than its inputs.
    if (hasGraphs(step))
      return refuse(node, scope, Code::unsupportedForm,
                    "the gradient of " + Twine(step.op_type()) + " is not supported");
    if (isElsewhere) {
      // The copy does not live as long as the model.
      bool persistent = std::exchange(scope.persistent, false);
      importNode(step, scope);
      scope.persistent = persistent;
    }
  }
  llvm::StringSet<> varies;
  for (StringRef name : part.varies.keys())
    varies.insert(nameOf(name.str()));

  auto typeOf = [&](StringRef name) {
    Input value = lookup(scope, name, node.loc);
    return value && *value ? cast<RankedTensorType>(value->getType()) : RankedTensorType();
  };
  auto integersOf = [&](StringRef name) {
    Input value = lookup(scope, name, node.loc);
    return value && *value ? shapes.constants(*value) : std::nullopt;
  };
  KnownValues known{typeOf, integersOf};
  std::string y = nameOf(target[0]);
  RankedTensorType type = typeOf(y);
  if (!type)
    return defineUnknown(node, scope);
  if (!type.hasStaticShape() || type.getNumElements() != 1 || !isa<FloatType>(type.getElementType()))
    return refuse(node, scope, Code::unsupportedForm,
                  "expected a y of one float, got one of rank " + Twine(type.getRank()));
  int version = scope.opsets[""];
  llvm::StringMap<std::string> gradients;
  auto add = [&](const std::string &name, const std::string &gradient) {
    std::string &sum = gradients[name];
    sum = sum.empty() ? gradient : build.add(sum, gradient);
  };
  auto filled = [&](const std::string &like, double value) {
    return build.op("Expand", {build.scalar(value, typeOf(like).getElementType()), build.op("Shape", {like})});
  };
  add(y, filled(y, 1));
  for (const onnx::NodeProto &step : llvm::reverse(part.nodes)) {
    auto reached = [&](const std::string &output) { return gradients.contains(output); };
    if (llvm::none_of(step.output(), reached) || !varies.contains(step.output(0)))
      continue;
    if (llvm::any_of(llvm::drop_begin(step.output()), reached))
      return refuse(node, scope, Code::unsupportedForm,
                    "the gradient of " + Twine(step.op_type()) + " is not supported");
    std::string g = gradients[step.output(0)];
    for (auto [index, input] : llvm::enumerate(step.input())) {
      if (input.empty() || !varies.contains(input))
        continue;
      llvm::Expected<std::string> derivative = addDerivative(build, step, version, int(index), g, known);
      if (!derivative)
        return refuse(node, scope, Code::unsupportedForm, derivative.takeError());
      add(input, *derivative);
    }
  }
  for (auto [index, output] : llvm::enumerate(node.proto.output()))
    if (!output.empty()) {
      const std::string &x = node.proto.input(int(index));
      auto gradient = gradients.find(x);
      build.result(int(index), gradient == gradients.end() ? filled(x, 0) : gradient->second);
    }
  importUpgraded(node, upgrade, scope);
}

} // namespace fsc
