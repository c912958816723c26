//===- Inference.cpp - ONNX's checks of one node --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX reports by exceptions; none of them leaves this file.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Inference.h"

#include "compiler/Diagnostics.h"
#include "compiler/Limits.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"
#include "onnx/shape_inference/implementation.h"

using namespace mlir;

namespace fsc {

StringRef normalizeDomain(StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

int newestVersion(StringRef domain) {
  const auto &known = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  auto range = known.find(normalizeDomain(domain).str());
  return range == known.end() ? INT32_MAX : range->second.second;
}

const onnx::OpSchema *findSchema(const onnx::NodeProto &node, int version) {
  std::string domain = normalizeDomain(node.domain()).str();
  auto find = [&](int newest) { return onnx::OpSchemaRegistry::Instance()->GetSchema(node.op_type(), newest, domain); };
  const onnx::OpSchema *schema = find(version), *newer = schema;
  // Optimizers put operators into models of opsets that did not have them yet (LayerNormalization into opset 11):
  // such a one is what it was at first.
  for (int newest = INT32_MAX; !schema && (newer = find(newest)); newest = newer->since_version() - 1)
    if (!find(newer->since_version() - 1))
      return newer;
  return schema;
}

/// What ONNX's exceptions say, as one line without their kind.
static llvm::Error translate(const std::exception &exception) {
  StringRef text = exception.what();
  if (text.starts_with("["))
    text = text.split("] ").second;
  std::string line;
  for (char c : text.trim())
    line += c == '\n' ? ' ' : c;
  return llvm::createStringError("ONNX's check of the node failed: " + line);
}

/// ONNX's own inference reads past the end of a shape for an axis that no tensor has, or a negative number of axes, and
/// takes the low half of the number of a type.
static llvm::Error checkNumbers(const onnx::NodeProto &node) {
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    StringRef name = attribute.name();
    bool isInteger = attribute.type() == onnx::AttributeProto::INT;
    if (isInteger && name == "batch_dims" && attribute.i() < 0)
      return codedError(Code::invalidNode, "attribute 'batch_dims': expected 0 or more, got " + Twine(attribute.i()));
    // What other numbers mean, ONNX's bodies and its reference do not agree on.
    if (isInteger && (name == "is_causal" || name == "align_corners") && attribute.i() != 0 && attribute.i() != 1)
      return codedError(Code::invalidNode, "attribute '" + name + "': expected 0 or 1, got " + Twine(attribute.i()));
    if (attribute.type() == onnx::AttributeProto::FLOAT && name == "softcap" && !(attribute.f() >= 0))
      return codedError(Code::invalidNode,
                        "attribute 'softcap': expected 0 or more, got " + Twine(std::to_string(attribute.f())));
    if (isInteger && (name == "to" || name.ends_with("dtype")) && attribute.i() != int32_t(attribute.i()))
      return codedError(Code::invalidNode,
                        "attribute '" + name + "': expected an element type, got number " + Twine(attribute.i()));
    if (!name.ends_with("axis") && !name.ends_with("axes") && name != "perm")
      continue;
    SmallVector<int64_t> axes(attribute.ints().begin(), attribute.ints().end());
    if (isInteger)
      axes.push_back(attribute.i());
    for (int64_t axis : axes)
      if (axis < -maxRank || axis >= maxRank)
        return codedError(Code::invalidNode, "attribute '" + name + "': expected axes of a tensor, got " + Twine(axis));
  }
  return llvm::Error::success();
}

/// ONNX's own inference reads past the end of a shape for a term with two ellipses.
static llvm::Error checkEquation(const onnx::NodeProto &node) {
  if (node.op_type() != "Einsum" || !normalizeDomain(node.domain()).empty())
    return llvm::Error::success();
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    StringRef equation = attribute.s();
    for (StringRef term : llvm::split(equation, ','))
      for (StringRef side : llvm::split(term, "->"))
        if (side.count("...") > 1)
          return codedError(Code::invalidNode,
                            "attribute 'equation': expected one ellipsis in a term, got '" + side + "'");
  }
  return llvm::Error::success();
}

llvm::Error checkNode(const onnx::NodeProto &node, const onnx::OpSchema &schema) {
  try {
    schema.Verify(node);
  } catch (const std::exception &exception) {
    return translate(exception);
  }
  if (llvm::Error error = checkEquation(node))
    return error;
  return checkNumbers(node);
}

namespace {

/// What is known of the inputs, under the names that the node has for them.
struct Known {
  std::unordered_map<std::string, onnx::TypeProto> types;
  std::unordered_map<std::string, onnx::TypeProto *> typePointers;
  std::unordered_map<std::string, onnx::TensorProto> tensors;
  std::unordered_map<std::string, const onnx::TensorProto *> tensorPointers;
  onnx::shape_inference::DataValueMap contents;

  void add(const std::string &name, Value value, ShapeBuilder &shapes);
};

} // namespace

void Known::add(const std::string &name, Value value, ShapeBuilder &shapes) {
  auto type = cast<RankedTensorType>(value.getType());
  onnx::TypeProto &proto = types[name];
  exportType(type, proto);
  typePointers[name] = &proto;
  onnx::TensorProto tensor;
  if (ElementsAttr constant = getConstant(value)) {
    if (exportTensor(constant, tensor))
      tensorPointers[name] = &(tensors[name] = std::move(tensor));
    return;
  }
  std::optional<Shape> content = shapes.content(value);
  if (!content)
    return;
  if (llvm::all_of(*content, [](Dim dim) { return dim.isKnown(); })) {
    unsigned width = type.getElementTypeBitWidth();
    auto elements =
        DenseIntElementsAttr::get(type, llvm::map_to_vector(*content, [&](Dim dim) {
                                    return APInt(width, uint64_t(dim.get()), /*isSigned=*/true, /*implicitTrunc=*/true);
                                  }));
    if (exportTensor(elements, tensor))
      tensorPointers[name] = &(tensors[name] = std::move(tensor));
    return;
  }
  onnx::TensorShapeProto &known = contents[name];
  for (Dim dim : *content) {
    onnx::TensorShapeProto::Dimension &element = *known.add_dim();
    if (dim.isKnown())
      element.set_dim_value(dim.get());
  }
}

llvm::Expected<std::vector<onnx::TypeProto>> inferNode(const onnx::NodeProto &node, const onnx::OpSchema &schema,
                                                       ArrayRef<Value> inputs, const Opsets &opsets,
                                                       ShapeBuilder &shapes) {
  try {
    onnx::NodeProto copy(node);
    Known known;
    for (auto [name, value] : llvm::zip_equal(node.input(), inputs))
      if (value && !known.types.contains(name))
        known.add(name, value, shapes);
    onnx::shape_inference::SymbolTableImpl symbols;
    onnx::shape_inference::GraphInferenceContext graph({}, opsets, &symbols);
    onnx::shape_inference::InferenceContextImpl context(copy, known.typePointers, known.tensorPointers, {},
                                                        onnx::ShapeInferenceOptions(), &known.contents, &graph);
    schema.GetTypeAndShapeInferenceFunction()(context);
    schema.CheckInputOutputType(context);
    return std::move(context.allOutputTypes_);
  } catch (const std::exception &exception) {
    return translate(exception);
  }
}

} // namespace fsc
