//===- ImportNode.cpp - From a node to an op ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses what an fsc op cannot express: inputs, outputs and attributes that the
// op does not have, and kinds of attributes other than the op's. An op is made
// only once ONNX's own check of the node has passed, so that an op's shape
// inference sees as many operands, and of such types, as ONNX specifies.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ChannelBlocks.h"
#include "compiler/import/onnx/ContribSignature.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Lists.h"

using namespace mlir;

namespace fsc {

void Importer::defineUnknown(const Node &node, Scope &scope) {
  for (const std::string &output : node.proto.output())
    define(scope, output, Value(), node.loc);
}

void Importer::refuse(Node &node, Scope &scope, Code code, const Twine &reason, const Twine &remedy) {
  problems.add(code, node.loc, reason, remedy);
  defineUnknown(node, scope);
}

void Importer::refuse(Node &node, Scope &scope, Code otherwise, llvm::Error error, const Twine &remedy) {
  problems.add(otherwise, node.loc, std::move(error), remedy);
  defineUnknown(node, scope);
}

void Importer::importNode(const onnx::NodeProto &proto, Scope &scope, bool upgraded) {
  std::string domain = normalizeDomain(proto.domain()).str();
  auto opset = scope.opsets.find(domain);
  // Exporters leave out the import of com.microsoft now and then, which has one version, and that of ai.onnx.ml.
  int assumed = domain == "com.microsoft" ? 1 : domain == "ai.onnx.ml" ? newestVersion(domain) : 0;
  int version = opset != scope.opsets.end() ? opset->second : assumed;
  Node node{proto, nullptr, scope.caller ? *scope.caller : nodeLocation(context, proto, version), version, {}};
  if (++numNodes > options.limits.nodes) {
    if (numNodes == options.limits.nodes + 1)
      problems.add(Code::limit, node.loc,
                   "expected at most " + Twine(options.limits.nodes) + " nodes with functions inlined, got more");
    return defineUnknown(node, scope);
  }
  for (const std::string &input : proto.input())
    node.inputs.push_back(lookup(scope, input, node.loc));

  if (const onnx::FunctionProto *function = findFunction(proto))
    return inlineFunction(node, *function, scope);
  if (version == 0 && opset == scope.opsets.end())
    return refuse(node, scope, Code::unknownOpset,
                  "expected the model to import a version of the domain '" + domain + "', got none",
                  "add the domain to the model's opset_import");
  node.schema = findSchema(proto, version);
  if (opset == scope.opsets.end() && version != 0)
    problems.add(Code::assumedOpset, node.loc, "the model does not import the domain '" + domain + "'");
  else if (node.schema && node.schema->since_version() > version && !scope.caller)
    problems.add(Code::assumedOpset, node.loc,
                 "opset " + Twine(version) + " has no operator " + proto.op_type() + "; that of opset " +
                     Twine(node.schema->since_version()) + " is taken");
  importKnownNode(node, scope, upgraded);
}

void Importer::importKnownNode(Node &node, Scope &scope, bool upgraded) {
  // GroupNormalization-18 is deprecated, but was an operator: its body still defines it.
  bool obsolete = node.schema && node.schema->deprecated() && node.schema->HasContextDependentFunction();
  if (node.schema && !obsolete)
    if (llvm::Error error = checkNode(node.proto, *node.schema))
      return refuse(node, scope, Code::invalidNode, std::move(error));
  StringRef domain = normalizeDomain(node.proto.domain());
  int version = node.schema ? node.schema->since_version() : std::max(node.version, 1);
  if (domain.empty() && node.proto.op_type() == "Constant" && node.schema)
    return importConstant(node, scope);
  if (domain.empty() && node.schema && importControl(node, scope))
    return;
  if (!checkLists(node, scope))
    return defineUnknown(node, scope);
  if (!node.schema && importCustom(node, scope))
    return;
  if (node.schema && isGradient(node.proto))
    return importGradient(node, scope);
  Hook hook = upgraded || !node.schema ? nullptr : findHook(node.proto.op_type(), domain, version);
  if (hook && upgradeNode(node, scope, hook))
    return;
  const ContribEntry *contrib = upgraded || node.schema ? nullptr : findContribHook(node.proto.op_type(), domain);
  if (contrib && upgradeContribNode(node, scope, *contrib))
    return;
  const OpEntry *entry = findOp(node.proto.op_type(), domain, version);
  if (entry && (entry->since <= version || !node.schema))
    return createOp(node, *entry, scope);
  if (inlineBody(node, scope))
    return;
  if (!entry || !domain.empty() || upgraded)
    return refuseUnsupported(node, scope);
  convertNode(node, scope, entry->since);
}

/// Whether the operator takes the lists that the node gives it: hooks ask only what tensors they have.
bool Importer::checkLists(Node &node, Scope &scope) {
  auto isList = [](const Input &input) {
    return input && *input && isListType(cast<RankedTensorType>(input->getType()).getElementType());
  };
  const auto *list = llvm::find_if(node.inputs, isList);
  if (list == node.inputs.end())
    return true;
  SmallVector<Type> types;
  if (node.schema)
    return !node.isKnown() || inferTypes(node, scope, types);
  problems.add(Code::unsupportedType, node.loc,
               "expected inputs that are tensors, got " + nameOfType(cast<RankedTensorType>((*list)->getType())));
  return false;
}

void Importer::refuseUnsupported(Node &node, Scope &scope) {
  StringRef domain = normalizeDomain(node.proto.domain());
  if (!node.schema && domain.empty())
    problems.add(Code::unknownOperator, node.loc,
                 "opset " + Twine(node.version) + " has no operator " + node.proto.op_type(),
                 "check the model's opset_import");
  else if (!node.schema)
    problems.add(Code::customOperator, node.loc,
                 "operator " + Twine(node.proto.op_type()) + " of domain '" + domain + "' is not supported");
  else
    problems.add(Code::unsupportedForm, node.loc, "operator " + Twine(node.proto.op_type()) + " is not supported",
                 "replace it by other operators before export");
  SmallVector<Type> types;
  if (!node.schema || !node.isKnown() || !inferTypes(node, scope, types))
    return defineUnknown(node, scope);
  // Where ONNX knows the type, what reads the value is still checked in full.
  for (auto [output, type] : llvm::zip(node.proto.output(), types)) {
    auto ranked = dyn_cast_or_null<RankedTensorType>(type);
    Value value;
    if (ranked)
      value = UnrealizedConversionCastOp::create(builder, node.loc, ranked, ValueRange()).getResult(0);
    define(scope, output, value, node.loc);
  }
}

/// Imports the nodes that took the place of an old one.
void Importer::importUpgraded(Node &node, const Upgrade &upgrade, Scope &scope) {
  // They are of another opset, but read and define names of this scope.
  int before = std::exchange(scope.opsets[""], upgrade.opset);
  std::optional<Location> caller = std::exchange(scope.caller, node.loc);
  bool persistent = std::exchange(scope.persistent, false);
  for (const onnx::NodeProto &replacement : upgrade.nodes) {
    for (const std::string &input : replacement.input())
      scope.used.insert(input);
    importNode(replacement, scope, /*upgraded=*/true);
  }
  scope.opsets[""] = before;
  scope.caller = caller;
  scope.persistent = persistent;
}

/// A hook of an operator of which ONNX has no definition has not seen what it did not ask for.
void Importer::warnOfIgnored(const Node &node, const Upgrade &upgrade) {
  for (StringRef name : upgrade.unreadAttributes())
    if (!name.starts_with("__"))
      problems.add(Code::ignoredAttribute, node.loc, "attribute '" + name + "' is ignored");
}

bool Importer::upgradeNode(Node &node, Scope &scope, Hook hook) {
  int version = node.schema ? node.schema->since_version() : std::max(node.version, 1);
  Upgrade upgrade(node.proto, version, node.inputs, shapes, numNodes,
                  [&](StringRef name) { return scope.used.contains(name); });
  if (llvm::Error error = hook(upgrade)) {
    // What a hook says of inputs that are not known is no news.
    if (!node.isKnown()) {
      llvm::consumeError(std::move(error));
      defineUnknown(node, scope);
      return true;
    }
    bool isOnnx = normalizeDomain(node.proto.domain()).empty();
    refuse(node, scope, Code::unsupportedForm, std::move(error),
           isOnnx ? "convert the model to a newer opset with onnx.version_converter"
                  : "replace it by other operators before export");
    return true;
  }
  if (upgrade.nodes.empty())
    return false;
  importUpgraded(node, upgrade, scope);
  return true;
}

/// Sets how many channels a block has, for the operators that have blocks.
llvm::Error Importer::findBlocks(Upgrade &upgrade) {
  if (normalizeDomain(upgrade.node.domain()) != "com.microsoft.nchwc")
    return llvm::Error::success();
  if (!channelBlock) {
    llvm::Expected<int64_t> found = findChannelBlock(proto.graph());
    if (!found)
      return found.takeError();
    channelBlock = *found;
  }
  if (options.channelBlock != 0 && *channelBlock != 0 && options.channelBlock != *channelBlock)
    return codedError(Code::badOption, "expected --nchwc-block=" + Twine(*channelBlock) +
                                           ", by the numbers of channels in the model, got " +
                                           Twine(options.channelBlock));
  upgrade.channelBlock = options.channelBlock != 0 ? options.channelBlock : *channelBlock;
  return llvm::Error::success();
}

/// Nothing has been checked of the node but that its inputs are defined.
bool Importer::upgradeContribNode(Node &node, Scope &scope, const ContribEntry &entry) {
  if (!node.isKnown()) {
    defineUnknown(node, scope);
    return true;
  }
  for (Value value : node.values())
    if (value && !cast<ShapedType>(value.getType()).getElementType().isIntOrFloat()) {
      refuse(node, scope, Code::unsupportedType, "expected inputs of numbers");
      return true;
    }
  Upgrade upgrade(node.proto, std::max(node.version, 1), node.inputs, shapes, numNodes,
                  [&](StringRef name) { return scope.used.contains(name); });
  if (llvm::Error error = checkSignature(upgrade, entry.signature)) {
    refuse(node, scope, Code::invalidNode, std::move(error));
    return true;
  }
  if (llvm::Error error = findBlocks(upgrade)) {
    refuse(node, scope, Code::unsupportedForm, std::move(error));
    return true;
  }
  if (llvm::Error error = entry.hook(upgrade)) {
    refuse(node, scope, Code::unsupportedForm, std::move(error),
           "export the model without this form, or save it without ONNX Runtime's fusions");
    return true;
  }
  if (upgrade.nodes.empty())
    return false;
  warnOfIgnored(node, upgrade);
  importUpgraded(node, upgrade, scope);
  return true;
}

bool Importer::convertNode(Node &node, Scope &scope, int version) {
  if (!node.isKnown()) {
    defineUnknown(node, scope);
    return true;
  }
  Upgrade upgrade(node.proto, node.version, node.inputs, shapes, numNodes, [](StringRef) { return true; });
  if (llvm::Error error = convertVersion(upgrade, version)) {
    refuse(node, scope, Code::unsupportedForm,
           "the form of " + Twine(node.proto.op_type()) + " before opset " + Twine(version) +
               " is not supported: " + toString(std::move(error)),
           "export the model for opset " + Twine(version) + " or newer");
    return true;
  }
  importUpgraded(node, upgrade, scope);
  return true;
}

void Importer::importConstant(Node &node, Scope &scope) {
  if (node.proto.attribute_size() != 1)
    return refuse(node, scope, Code::invalidNode,
                  "expected one attribute with the value, got " + Twine(node.proto.attribute_size()));
  const onnx::AttributeProto &attribute = node.proto.attribute(0);
  auto make = [&]() -> llvm::Expected<ElementsAttr> {
    auto vector = [&](int64_t size, Type type) { return RankedTensorType::get({size}, type); };
    switch (attribute.type()) {
    case onnx::AttributeProto::TENSOR:
      return importTensor(context, model, attribute.t(), scope.persistent);
    case onnx::AttributeProto::SPARSE_TENSOR:
      return importSparseTensor(context, model, attribute.sparse_tensor());
    case onnx::AttributeProto::FLOAT:
      return DenseElementsAttr::get(RankedTensorType::get({}, builder.getF32Type()), attribute.f());
    case onnx::AttributeProto::INT:
      return DenseElementsAttr::get(RankedTensorType::get({}, builder.getI64Type()), int64_t(attribute.i()));
    case onnx::AttributeProto::FLOATS:
      return DenseElementsAttr::get(vector(attribute.floats_size(), builder.getF32Type()),
                                    ArrayRef<float>(attribute.floats().data(), attribute.floats_size()));
    case onnx::AttributeProto::INTS:
      return DenseElementsAttr::get(vector(attribute.ints_size(), builder.getI64Type()),
                                    ArrayRef<int64_t>(attribute.ints().data(), attribute.ints_size()));
    case onnx::AttributeProto::STRING:
      return DenseStringElementsAttr::get(RankedTensorType::get({}, StringType::get(context)),
                                          StringRef(attribute.s()));
    case onnx::AttributeProto::STRINGS:
      return DenseStringElementsAttr::get(
          vector(attribute.strings_size(), StringType::get(context)),
          SmallVector<StringRef>(attribute.strings().begin(), attribute.strings().end()));
    default:
      return llvm::createStringError("expected a value that is a tensor, numbers or strings");
    }
  };
  llvm::Expected<ElementsAttr> value = make();
  if (!value)
    return refuse(node, scope, Code::invalidTensor, value.takeError());
  Value constant = ConstantOp::create(builder, node.loc, (*value).getType(), cast<TypedAttr>(*value));
  define(scope, node.proto.output(0), constant, node.loc);
}

bool Importer::inferTypes(Node &node, Scope &scope, SmallVectorImpl<Type> &types) {
  if (!node.schema)
    return true;
  llvm::Expected<std::vector<onnx::TypeProto>> inferred =
      inferNode(node.proto, *node.schema, node.values(), scope.opsets, shapes);
  if (!inferred) {
    problems.add(Code::invalidNode, node.loc, inferred.takeError());
    return false;
  }
  for (auto [name, type] : llvm::zip(node.proto.output(), *inferred)) {
    types.push_back({});
    bool known = type.value_case() != onnx::TypeProto::VALUE_NOT_SET &&
                 !(type.has_tensor_type() && type.tensor_type().elem_type() == 0);
    // What ONNX does not say of a list is left to the op.
    if (name.empty() || !known || !type.has_tensor_type())
      continue;
    llvm::Expected<RankedTensorType> imported = importType(context, type);
    if (!imported) {
      CodedMessage said = takeMessage(imported.takeError(), Code::unsupportedType);
      problems.add(said.code, node.loc, "output '" + Twine(name) + "': " + said.message);
      return false;
    }
    types.back() = *imported;
  }
  return true;
}

/// Whether the op has the node's inputs and outputs; what is too many is reported.
bool Importer::checkForm(Node &node, const OpEntry &entry, Scope &scope) {
  while (!node.inputs.empty() && !node.inputs.back())
    node.inputs.pop_back();
  auto missing = [](const Input &input) { return !input; };
  size_t required = std::min<size_t>(entry.minOperands, node.inputs.size());
  if (node.inputs.size() < entry.minOperands || llvm::any_of(ArrayRef(node.inputs).take_front(required), missing)) {
    problems.add(Code::invalidNode, node.loc, "expected at least " + Twine(entry.minOperands) + " inputs");
    return false;
  }
  if ((entry.maxOperands && node.inputs.size() > *entry.maxOperands) ||
      (!entry.setSegments && llvm::any_of(node.inputs, missing))) {
    problems.add(Code::unsupportedForm, node.loc, "the optional inputs of this node are not supported");
    return false;
  }
  for (int i = int(entry.numResults.value_or(node.proto.output_size())); i < node.proto.output_size(); ++i)
    if (!node.proto.output(i).empty() && scope.used.contains(node.proto.output(i))) {
      problems.add(Code::unsupportedForm, node.loc, "output '" + Twine(node.proto.output(i)) + "' is not supported",
                   "remove what reads this output");
      return false;
    }
  return true;
}

void Importer::createOp(Node &node, const OpEntry &entry, Scope &scope) {
  OperationState state(node.loc, entry.op);
  bool good = importAttributes(node, entry, scope, state);
  SmallVector<Type> types;
  good = good && node.isKnown() && inferTypes(node, scope, types) && checkForm(node, entry, scope);
  if (!good)
    return defineUnknown(node, scope);

  SmallVector<bool> present;
  for (const Input &input : node.inputs) {
    present.push_back(input.has_value());
    if (input)
      state.operands.push_back(*input);
  }
  if (entry.setSegments && failed(entry.setSegments(state, present)))
    return refuse(node, scope, Code::unsupportedForm, "the optional inputs of this node are not supported");
  int numOutputs = node.proto.output_size();
  while (numOutputs > 0 && node.proto.output(numOutputs - 1).empty())
    --numOutputs;
  unsigned numResults = entry.numResults.value_or(numOutputs);
  // The types are set once the op exists to infer them.
  state.addTypes(SmallVector<Type>(numResults, RankedTensorType::get({}, builder.getF32Type())));
  Operation *op = builder.create(state);
  for (const NamedAttribute &attribute : state.attributes)
    if (op->getInherentAttr(attribute.getName()) != std::optional(attribute.getValue())) {
      op->erase();
      return refuse(node, scope, Code::unsupportedForm,
                    "attribute '" + attribute.getName().getValue() + "' is of a kind that is not supported");
    }
  if (!finishOp(node, op, types)) {
    op->erase();
    return defineUnknown(node, scope);
  }
  // What takes from a list an element that is known is that element, whose type may say more than the list's.
  SmallVector<OpFoldResult> folded;
  bool isKnown = isa<SequenceAtOp, OptionalGetElementOp>(op) && succeeded(op->fold(folded)) && folded.size() == 1 &&
                 isa<Value>(folded.front());
  for (auto [index, name] : llvm::enumerate(node.proto.output()))
    define(scope, name,
           isKnown              ? cast<Value>(folded.front())
           : index < numResults ? op->getResult(index)
                                : Value(),
           node.loc);
  if (isKnown)
    op->erase();
}

/// Sets the result types. What the op says against it is reported without MLIR's name of the op.
bool Importer::finishOp(Node &node, Operation *op, TypeRange known) {
  std::string message;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
    return success();
  });
  std::string prefix = ("'" + op->getName().getStringRef() + "' op ").str();
  bool good = succeeded(refineResultTypes(op, known));
  for (Type type : good ? TypeRange(op->getResultTypes()) : TypeRange()) {
    auto ranked = cast<RankedTensorType>(type);
    llvm::Expected<RankedTensorType> checked = makeTensorType(ranked.getShape(), ranked.getElementType());
    bool negative =
        llvm::any_of(ranked.getShape(), [](int64_t size) { return size < 0 && !ShapedType::isDynamic(size); });
    if (checked && !negative)
      continue;
    message = checked ? "expected an output whose sizes are at least 0" : toString(checked.takeError());
    good = false;
    break;
  }
  if (!good) {
    StringRef reason = message;
    reason.consume_front(prefix);
    problems.add(Code::mismatch, node.loc, reason.empty() ? "the node's shapes do not fit" : reason);
  }
  return good;
}

} // namespace fsc
