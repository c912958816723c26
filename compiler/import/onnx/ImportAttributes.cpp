//===- ImportAttributes.cpp - From a node's attributes to an op's ---------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses attributes that the op does not have, unless they say nothing.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {

llvm::Expected<Attribute> Importer::importAttribute(const onnx::AttributeProto &attribute, bool persistent) {
  switch (attribute.type()) {
  case onnx::AttributeProto::INT:
    return builder.getI64IntegerAttr(attribute.i());
  case onnx::AttributeProto::FLOAT:
    return builder.getF32FloatAttr(attribute.f());
  case onnx::AttributeProto::STRING:
    return builder.getStringAttr(attribute.s());
  case onnx::AttributeProto::INTS:
    return builder.getDenseI64ArrayAttr(ArrayRef<int64_t>(attribute.ints().data(), attribute.ints_size()));
  case onnx::AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(ArrayRef<float>(attribute.floats().data(), attribute.floats_size()));
  case onnx::AttributeProto::STRINGS: {
    SmallVector<Attribute> strings;
    for (const std::string &string : attribute.strings())
      strings.push_back(builder.getStringAttr(string));
    return builder.getArrayAttr(strings);
  }
  case onnx::AttributeProto::TENSOR:
    return importTensor(context, model, attribute.t(), persistent);
  case onnx::AttributeProto::TYPE_PROTO: {
    llvm::Expected<Type> type = importAnyType(context, attribute.tp());
    return type ? llvm::Expected<Attribute>(TypeAttr::get(*type)) : type.takeError();
  }
  default:
    return llvm::createStringError("attributes of kind " + onnx::AttributeProto::AttributeType_Name(attribute.type()) +
                                   " are not supported");
  }
}

/// Whether an attribute that the op does not have says nothing: it is private to a tool, or has the value that ONNX
/// takes when it is absent.
static bool saysNothing(const onnx::AttributeProto &attribute, const onnx::OpSchema *schema) {
  if (StringRef(attribute.name()).starts_with("__"))
    return true;
  if (!schema)
    return false;
  auto known = schema->attributes().find(attribute.name());
  if (known == schema->attributes().end())
    return false;
  auto plain = [](onnx::AttributeProto copy) {
    copy.clear_name();
    copy.clear_doc_string();
    return copy.SerializeAsString();
  };
  return plain(attribute) == plain(known->second.default_value);
}

bool Importer::importAttributes(Node &node, const OpEntry &entry, Scope &scope, OperationState &state) {
  bool good = true;
  for (const onnx::AttributeProto &attribute : node.proto.attribute()) {
    if (!entry.hasAttribute(attribute.name())) {
      if (saysNothing(attribute, node.schema))
        continue;
      // What an optimizer put into a model of an older opset was never checked, and has been run without it.
      if (node.schema && node.schema->since_version() > node.version &&
          !node.schema->attributes().contains(attribute.name())) {
        problems.add(Code::ignoredAttribute, node.loc, "attribute '" + Twine(attribute.name()) + "' is ignored");
        continue;
      }
      problems.add(Code::unsupportedForm, node.loc, "attribute '" + Twine(attribute.name()) + "' is not supported");
      good = false;
      continue;
    }
    llvm::Expected<Attribute> value = importAttribute(attribute, scope.persistent);
    if (!value) {
      CodedMessage said = takeMessage(value.takeError(), Code::unsupportedForm);
      problems.add(said.code, node.loc, "attribute '" + Twine(attribute.name()) + "': " + said.message);
      good = false;
      continue;
    }
    state.addAttribute(attribute.name(), *value);
  }
  return good;
}

} // namespace fsc
