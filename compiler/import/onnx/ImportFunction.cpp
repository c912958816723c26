//===- ImportFunction.cpp - Function bodies in place of calls -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inlines functions of the model, and the bodies that ONNX defines operators by.
// All ops of a body have the location of the node in the user's graph.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"

using namespace mlir;

namespace fsc {

static std::string functionKey(StringRef domain, StringRef name, StringRef overload) {
  return (normalizeDomain(domain) + ":" + name + ":" + overload).str();
}

void Importer::collectFunctions() {
  for (const onnx::FunctionProto &function : proto.functions()) {
    std::string key = functionKey(function.domain(), function.name(), function.overload());
    if (!functions.try_emplace(key, &function).second)
      problems.add(Code::invalidGraph, module->getLoc(),
                   "function '" + Twine(function.name()) + "' of domain '" + function.domain() + "' is defined twice");
  }
}

const onnx::FunctionProto *Importer::findFunction(const onnx::NodeProto &proto) const {
  return functions.lookup(functionKey(proto.domain(), proto.op_type(), proto.overload()));
}

using Arguments = llvm::StringMap<onnx::AttributeProto>;

/// The values of a function's attributes in one call.
static Arguments collectArguments(const onnx::NodeProto &call, const onnx::FunctionProto &function,
                                  const onnx::OpSchema *schema) {
  Arguments arguments;
  for (const onnx::AttributeProto &attribute : call.attribute())
    arguments[attribute.name()] = attribute;
  for (const onnx::AttributeProto &attribute : function.attribute_proto())
    arguments.try_emplace(attribute.name(), attribute);
  if (schema)
    for (const auto &[name, attribute] : schema->attributes())
      if (attribute.default_value.type() != onnx::AttributeProto::UNDEFINED)
        arguments.try_emplace(name, attribute.default_value);
  return arguments;
}

static void substituteInside(onnx::GraphProto &graph, const Arguments &arguments);

/// A node of a body with the attributes that it and the graphs in its attributes take from the call.
static onnx::NodeProto substitute(const onnx::NodeProto &node, const Arguments &arguments) {
  onnx::NodeProto result(node);
  result.clear_attribute();
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      onnx::AttributeProto &copy = *result.add_attribute();
      copy = attribute;
      if (copy.has_g())
        substituteInside(*copy.mutable_g(), arguments);
      for (onnx::GraphProto &graph : *copy.mutable_graphs())
        substituteInside(graph, arguments);
      continue;
    }
    auto argument = arguments.find(attribute.ref_attr_name());
    if (argument == arguments.end())
      continue; // absent in the call, so absent here
    onnx::AttributeProto &value = *result.add_attribute();
    value = argument->second;
    value.set_name(attribute.name());
  }
  return result;
}

static void substituteInside(onnx::GraphProto &graph, const Arguments &arguments) {
  for (onnx::NodeProto &node : *graph.mutable_node())
    node = substitute(node, arguments);
}

void Importer::inlineFunction(Node &node, const onnx::FunctionProto &function, Scope &scope) {
  if (scope.depth >= options.limits.depth)
    return refuse(node, scope, Code::limit,
                  "expected at most " + Twine(options.limits.depth) + " functions within functions, got more");
  if (int(node.inputs.size()) > function.input_size() || node.proto.output_size() > function.output_size())
    return refuse(node, scope, Code::invalidNode,
                  "expected at most " + Twine(function.input_size()) + " inputs and " + Twine(function.output_size()) +
                      " outputs as the function has");
  Scope inner;
  inner.caller = node.loc;
  inner.depth = scope.depth + 1;
  for (const onnx::OperatorSetIdProto &opset : function.opset_import()) {
    if (opset.version() < 1 || opset.version() > newestVersion(opset.domain()))
      return refuse(node, scope, Code::unknownOpset,
                    "the function is of opset " + Twine(opset.version()) + " of domain '" + opset.domain() +
                        "', which is not known");
    inner.opsets.try_emplace(normalizeDomain(opset.domain()).str(), int(opset.version()));
  }
  // A function that does not import a domain has the model's version of it.
  for (const auto &[domain, version] : scope.opsets)
    inner.opsets.try_emplace(domain, version);
  for (auto [index, name] : llvm::enumerate(function.input()))
    define(inner, name, index < node.inputs.size() ? node.inputs[index] : std::nullopt, node.loc);
  for (const onnx::NodeProto &bodyNode : function.node())
    collectReads(bodyNode, inner.used);
  for (const std::string &output : function.output())
    inner.used.insert(output);

  Arguments arguments = collectArguments(node.proto, function, node.schema);
  for (const onnx::NodeProto &bodyNode : function.node()) {
    if (numNodes > options.limits.nodes)
      break;
    importNode(substitute(bodyNode, arguments), inner);
  }
  for (auto [index, name] : llvm::enumerate(node.proto.output())) {
    if (name.empty())
      continue;
    Input value = Value();
    if (numNodes <= options.limits.nodes)
      value = lookup(inner, function.output(int(index)), node.loc);
    define(scope, name, value, node.loc);
  }
}

bool Importer::inlineBody(Node &node, Scope &scope) {
  const onnx::OpSchema *schema = node.schema;
  if (!schema)
    return false;
  // The operator's own rule finds what its body would compute without complaint.
  auto infers = [&] {
    SmallVector<Type> types;
    return !node.isKnown() || inferTypes(node, scope, types);
  };
  if (const onnx::FunctionProto *function = schema->GetFunction(node.version)) {
    if (infers())
      inlineFunction(node, *function, scope);
    else
      defineUnknown(node, scope);
    return true;
  }
  // The newest builder for this opset, asked for the body as of its own opset: its nodes are of that one.
  int version = 0;
  for (int candidate : schema->context_dependent_function_opset_versions())
    if (candidate <= node.version)
      version = std::max(version, candidate);
  if (version == 0)
    return false;
  if (!node.isKnown() || !infers()) {
    defineUnknown(node, scope);
    return true;
  }
  std::vector<onnx::TypeProto> types;
  for (Value value : node.values()) {
    types.emplace_back();
    if (value)
      exportType(cast<RankedTensorType>(value.getType()), types.back());
  }
  onnx::FunctionProto function;
  try {
    if (!schema->BuildContextDependentFunction(onnx::FunctionBodyBuildContextImpl(node.proto, types), function,
                                               version))
      return false;
  } catch (const std::exception &exception) {
    refuse(node, scope, Code::unsupportedForm, "ONNX could not give the operator's body: " + Twine(exception.what()));
    return true;
  }
  inlineFunction(node, function, scope);
  return true;
}

} // namespace fsc
