//===- ImportCustom.cpp - Operators that the user's libraries define ------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks the library for the types of a node's results, and keeps them in the op. What the
// library says is checked as what a file says is.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/CustomOps.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Custom.h"
#include "passes/lowering/LowerRoutine.h"

#include <deque>

using namespace mlir;

namespace fsc {

llvm::Error CustomOps::load(ArrayRef<std::string> paths) {
  for (const std::string &path : paths)
    if (std::string problem = libraries.emplace_back().load(path); !problem.empty())
      return llvm::createStringError(problem);
  return llvm::Error::success();
}

CustomMatch CustomOps::find(StringRef domain, StringRef name, int version) const {
  CustomMatch best;
  for (const runtime::CustomLibrary &library : libraries)
    for (const fsc_custom_op &op : library.ops()) {
      if (domain != op.domain || name != op.name)
        continue;
      // Forms that are not newer than the model count for more, and of these the newer one.
      auto better = [&](const fsc_custom_op &other) {
        return op.since <= version ? other.since > version || op.since > other.since
                                   : other.since > version && op.since < other.since;
      };
      if (!best.op || better(*best.op))
        best = {&op, library.name()};
    }
  return best;
}

namespace {

/// A node as the library's shape function sees it.
class InferredNode : public runtime::CustomNode {
public:
  InferredNode(MLIRContext *context, StringRef attributes, size_t attributeCount, size_t outputCount)
      : CustomNode(reinterpret_cast<const fsc_abi_attribute *>(attributes.data()), int64_t(attributeCount)),
        context(context), types(outputCount), undefined(outputCount) {
    outputs = undefined.data();
    output_count = outputCount;
  }

  void addInput(Value value) {
    fsc_custom_tensor &tensor = tensors.emplace_back();
    if (value) {
      auto type = cast<RankedTensorType>(value.getType());
      std::vector<int64_t> &sizes = dims.emplace_back();
      for (int64_t size : type.getShape())
        sizes.push_back(ShapedType::isDynamic(size) ? -1 : size);
      tensor = {constantData(value), int32_t(onnxElementOfType(type.getElementType())), int32_t(sizes.size()),
                sizes.data()};
    }
    inputs = tensors.data();
    input_count = tensors.size();
  }

  /// The types that the function gave; null where it gave none.
  ArrayRef<RankedTensorType> resultTypes() const { return types; }

private:
  /// The elements of a small constant, as a run would have them; null for any other value.
  const void *constantData(Value value) {
    constexpr int64_t maxElements = 1024;
    ElementsAttr constant = getConstant(value);
    if (!constant || constant.getNumElements() > maxElements)
      return nullptr;
    Type element = constant.getElementType();
    unsigned width = std::max(1u, element.isIntOrFloat() ? element.getIntOrFloatBitWidth() / 8 : 0);
    std::vector<char> bytes;
    auto append = [&](const void *value) {
      bytes.insert(bytes.end(), static_cast<const char *>(value), static_cast<const char *>(value) + width);
    };
    if (auto integers = readIntegers(constant)) {
      for (int64_t integer : *integers)
        append(&integer); // little endian: the low bytes come first
    } else if (auto floats = readFloats(constant); floats && (element.isF32() || element.isF64())) {
      for (double real : *floats) {
        auto single = float(real);
        append(element.isF32() ? static_cast<const void *>(&single) : &real);
      }
    } else {
      return nullptr;
    }
    bytes.reserve(1); // that there is an address
    return data.emplace_back(std::move(bytes)).data();
  }

  int setType(size_t output, int32_t dtype, int32_t rank, const int64_t *sizes) override {
    Type element = typeOfOnnxElement(context, dtype);
    if (output >= types.size() || !element || rank < 0 || (rank > 0 && !sizes))
      return fail("the custom operator gives output " + std::to_string(output) + " an illegal type");
    SmallVector<int64_t> shape;
    for (int32_t axis = 0; axis < rank; ++axis)
      shape.push_back(sizes[axis] < 0 ? ShapedType::kDynamic : sizes[axis]);
    llvm::Expected<RankedTensorType> type = makeTensorType(shape, element);
    if (!type)
      return fail(toString(type.takeError()));
    types[output] = *type;
    return 0;
  }

  MLIRContext *context;
  std::vector<fsc_custom_tensor> tensors;
  std::deque<std::vector<int64_t>> dims;
  std::deque<std::vector<char>> data;
  SmallVector<RankedTensorType> types;
  std::vector<fsc_custom_tensor> undefined;
};

} // namespace

/// Makes an op of a node that a library of the user defines; false if none does.
bool Importer::importCustom(Node &node, Scope &scope) {
  StringRef domain = normalizeDomain(node.proto.domain());
  CustomMatch match = options.customOps && !domain.empty()
                          ? options.customOps->find(domain, node.proto.op_type(), node.version)
                          : CustomMatch();
  if (!match.op)
    return false;
  if (match.op->since > node.version)
    refuse(node, scope, Code::unknownOperator,
           "expected version " + Twine(match.op->since) + " of the domain '" + domain + "' or newer, since which '" +
               match.library + "' has " + node.proto.op_type() + ", got " + Twine(node.version));
  else if (node.proto.output_size() == 0)
    refuse(node, scope, Code::invalidNode, "expected a node with outputs, got none");
  else
    createCustom(node, match, scope);
  return true;
}

void Importer::createCustom(Node &node, const CustomMatch &custom, Scope &scope) {
  NamedAttrList settings;
  bool good = node.isKnown();
  for (const onnx::AttributeProto &attribute : node.proto.attribute()) {
    llvm::Expected<Attribute> value = importAttribute(attribute, scope.persistent);
    if (value) {
      settings.set(attribute.name(), *value);
      continue;
    }
    CodedMessage said = takeMessage(value.takeError(), Code::unsupportedForm);
    problems.add(said.code, node.loc, "attribute '" + Twine(attribute.name()) + "': " + said.message);
    good = false;
  }
  if (!good)
    return defineUnknown(node, scope);

  DictionaryAttr dictionary = settings.getDictionary(context);
  std::string table = layOutAttributes(dictionary);
  InferredNode inferred(context, table, dictionary.size(), size_t(node.proto.output_size()));
  SmallVector<Value> operands;
  SmallVector<bool> places;
  for (const Input &input : node.inputs) {
    inferred.addInput(input.value_or(Value()));
    places.push_back(input.has_value());
    if (input)
      operands.push_back(*input);
  }
  bool inferredAll = inferred.run(custom.op->infer);
  SmallVector<Attribute> types;
  for (auto [index, type] : llvm::enumerate(inferred.resultTypes())) {
    if (inferredAll && !type)
      return refuse(node, scope, Code::customLibrary,
                    "'" + custom.library + "' gives no type for output " + Twine(index));
    types.push_back(type ? TypeAttr::get(type) : TypeAttr());
  }
  if (!inferredAll)
    return refuse(node, scope, Code::invalidNode, inferred.reason());
  SmallVector<Type> results(inferred.resultTypes());
  auto op = CustomOp::create(builder, node.loc, results, operands, runtime::routineName(*custom.op), custom.library,
                             dictionary, places, builder.getArrayAttr(types));
  if (!finishOp(node, op, {})) {
    op->erase();
    return defineUnknown(node, scope);
  }
  for (auto [index, name] : llvm::enumerate(node.proto.output()))
    define(scope, name, op->getResult(unsigned(index)), node.loc);
}

} // namespace fsc
