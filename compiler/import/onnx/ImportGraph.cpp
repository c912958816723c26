//===- ImportGraph.cpp - Inputs, constants, order, outputs ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses graphs that are no graphs: names defined twice or never, cycles. Nodes
// that are merely in the wrong order are put into the right one.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"
#include "dialects/fsc/ops/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

#include <queue>

using namespace mlir;

namespace fsc {

/// The name of a size; "" if it has none. Some exporters write "?" for every size that is not known, which is no name:
/// equal names are equal sizes.
static std::string sizeName(const onnx::TensorShapeProto::Dimension &dim) {
  return dim.dim_param() == "?" ? "" : dim.dim_param();
}

Importer::Importer(MLIRContext *context, OnnxModel &model, const ImportOptions &options)
    : context(context), model(model), proto(model.getProto()), options(options), builder(context),
      shapes(UnknownLoc::get(context)) {}

static Location namedLocation(MLIRContext *context, const Twine &kind, StringRef name) {
  return NameLoc::get(StringAttr::get(context, kind + " '" + name + "'"));
}

OwningOpRef<ModuleOp> Importer::run() {
  StringRef name = proto.graph().name().empty() ? "model" : StringRef(proto.graph().name());
  module = ModuleOp::create(UnknownLoc::get(context), name);
  builder.setInsertionPointToEnd(module->getBody());
  auto main = func::FuncOp::create(builder, UnknownLoc::get(context), "main", builder.getFunctionType({}, {}));
  body = main.addEntryBlock();

  Scope scope;
  scope.persistent = true;
  bool good = importOpsets(scope);
  collectFunctions();
  importConstants(scope, proto.graph());
  importInputs(scope);
  checkBindings();
  importRanges();
  checkCounts();
  if (!good)
    return std::move(module);
  builder.setInsertionPointToEnd(body);
  importNodes(scope, proto.graph());
  importOutputs(scope);
  return std::move(module);
}

bool Importer::importOpsets(Scope &scope) {
  Location loc = module->getLoc();
  if (proto.ir_version() > onnx::Version::IR_VERSION)
    problems.add(Code::unknownOpset, loc,
                 "expected a model of ONNX's IR version " + Twine(int(onnx::Version::IR_VERSION)) + " or older, got " +
                     Twine(proto.ir_version()),
                 "export the model with an older version of onnx");
  for (const onnx::OperatorSetIdProto &opset : proto.opset_import()) {
    std::string domain = normalizeDomain(opset.domain()).str();
    int newest = newestVersion(domain);
    if (opset.version() > newest || opset.version() < (domain.empty() ? 1 : 0)) {
      problems.add(Code::unknownOpset, loc,
                   "expected opset 1 to " + Twine(newest) + (domain.empty() ? "" : " of domain '" + domain + "'") +
                       ", got " + Twine(opset.version()),
                   opset.version() > newest ? "export the model for an older opset" : "");
      continue;
    }
    auto [at, isNew] = scope.opsets.try_emplace(domain, int(opset.version()));
    if (!isNew && at->second != opset.version())
      problems.add(Code::unknownOpset, loc,
                   "expected one version of the domain '" + Twine(domain) + "', got " + Twine(at->second) + " and " +
                       Twine(opset.version()));
  }
  if (proto.opset_import().empty())
    problems.add(Code::unknownOpset, loc, "expected a model that says which opset it is of, got none",
                 "set its opset_import");
  if (auto version = scope.opsets.find(""); version != scope.opsets.end())
    module.get()->setAttr("fsc.opset", builder.getI64IntegerAttr(version->second));
  return problems.empty();
}

void Importer::define(Scope &scope, StringRef name, Input value, Location loc) {
  if (name.empty())
    return;
  bool constant = scope.tensors.contains(name) || scope.sparseTensors.contains(name);
  if (constant || !scope.values.try_emplace(name, value).second)
    problems.add(Code::invalidGraph, loc, "value '" + name + "' is defined twice");
}

void Importer::importConstants(Scope &scope, const onnx::GraphProto &graph) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    Location loc = namedLocation(context, "initializer", tensor.name());
    if (tensor.name().empty() || !scope.tensors.try_emplace(tensor.name(), &tensor).second)
      problems.add(Code::invalidGraph, loc, "expected a name of its own, got '" + Twine(tensor.name()) + "'");
  }
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer()) {
    const std::string &name = tensor.values().name();
    Location loc = namedLocation(context, "sparse initializer", name);
    if (name.empty() || scope.tensors.contains(name) || !scope.sparseTensors.try_emplace(name, &tensor).second)
      problems.add(Code::invalidGraph, loc, "expected a name of its own, got '" + Twine(name) + "'");
  }
}

RankedTensorType Importer::importInputType(const onnx::ValueInfoProto &info, Location loc,
                                           SmallVectorImpl<Attribute> &names) {
  llvm::Expected<RankedTensorType> imported = importType(context, info.type());
  if (!imported) {
    problems.add(Code::unsupportedType, loc, imported.takeError());
    return {};
  }
  if (!*imported) {
    problems.add(Code::unknownSize, loc, "expected a tensor of known rank",
                 "give the input a shape; its sizes may be symbolic");
    return {};
  }
  SmallVector<int64_t> shape((*imported).getShape());
  for (auto [size, dim] : llvm::zip_equal(shape, info.type().tensor_type().shape().dim())) {
    std::string name = sizeName(dim);
    if (!name.empty())
      symbols.insert(name);
    if (std::optional<int64_t> bound = boundSize(name))
      size = *bound;
    names.push_back(builder.getStringAttr(ShapedType::isDynamic(size) ? name : ""));
  }
  llvm::Expected<RankedTensorType> type = makeTensorType(shape, (*imported).getElementType());
  if (!type) {
    problems.add(Code::unsupportedType, loc, type.takeError());
    return {};
  }
  return *type;
}

void Importer::importInputs(Scope &scope) {
  auto main = cast<func::FuncOp>(body->getParentOp());
  // Before this version every initializer had to be an input too.
  constexpr int sinceOptionalInputs = 4;
  std::string constants;
  int numConstants = 0;
  for (const onnx::ValueInfoProto &info : proto.graph().input()) {
    // A constant that is an input too is a constant: nobody can be made to give it.
    if (scope.tensors.contains(info.name()) || scope.sparseTensors.contains(info.name())) {
      constexpr int most = 8;
      if (++numConstants <= most)
        constants += (constants.empty() ? "'" : ", '") + info.name() + "'";
      continue;
    }
    Location loc = namedLocation(context, "input", info.name());
    SmallVector<Attribute> names;
    RankedTensorType type = importInputType(info, loc, names);
    if (!type) {
      define(scope, info.name(), Value(), loc);
      continue;
    }
    if (info.name().empty())
      problems.add(Code::invalidGraph, loc, "expected a name");
    unsigned index = main.getNumArguments();
    auto attributes = builder.getDictionaryAttr({builder.getNamedAttr("fsc.name", builder.getStringAttr(info.name())),
                                                 builder.getNamedAttr("fsc.dims", builder.getArrayAttr(names))});
    if (failed(main.insertArgument(index, type, attributes, loc)))
      continue;
    define(scope, info.name(), main.getArgument(index), loc);
  }
  if (numConstants > 0 && proto.ir_version() >= sinceOptionalInputs)
    problems.add(Code::constantInput, module->getLoc(),
                 Twine(numConstants) + " inputs have initializers and are constants: " + constants);
}

/// What the descriptor of the artefact lists.
void Importer::checkCounts() {
  int64_t most = std::max<int64_t>(body->getNumArguments(), proto.graph().output_size());
  if (most > options.limits.values)
    problems.add(Code::limit, module->getLoc(),
                 "expected at most " + Twine(options.limits.values) + " inputs and outputs, got " + Twine(most));
  if (int64_t(symbols.size()) > options.limits.symbols)
    problems.add(Code::limit, module->getLoc(),
                 "expected at most " + Twine(options.limits.symbols) + " named sizes, got " + Twine(symbols.size()));
}

/// The one size that a named dim may have; nothing where it is not bound.
std::optional<int64_t> Importer::boundSize(StringRef name) const {
  if (name.empty())
    return std::nullopt;
  if (auto binding = options.bindings.find(name.str()); binding != options.bindings.end())
    return binding->second;
  auto range = options.ranges.find(name.str());
  bool isOne = range != options.ranges.end() && range->second.first == range->second.second;
  return isOne ? std::optional(range->second.first) : std::nullopt;
}

void Importer::checkDimName(StringRef name) {
  if (symbols.contains(name))
    return;
  SmallVector<StringRef> known(symbols.keys());
  llvm::sort(known);
  std::string list = known.empty() ? "the model has none" : "the model has '" + llvm::join(known, "', '") + "'";
  problems.add(Code::unknownDim, module->getLoc(),
               "expected the name of a dim of the inputs, got '" + Twine(name) + "'", list);
}

void Importer::checkBindings() {
  for (const auto &[name, size] : options.bindings) {
    if (size < 0)
      problems.add(Code::badOption, module->getLoc(),
                   "expected a size of at least 0 for dim '" + Twine(name) + "', got " + Twine(size));
    checkDimName(name);
  }
  for (const auto &[name, range] : options.ranges) {
    auto [least, most] = range;
    auto binding = options.bindings.find(name);
    if (least < 0 || least > most)
      problems.add(Code::badOption, module->getLoc(),
                   "expected a range of sizes for dim '" + Twine(name) + "', got " + Twine(least) + " to " +
                       Twine(most));
    else if (binding != options.bindings.end() && (binding->second < least || binding->second > most))
      problems.add(Code::badOption, module->getLoc(),
                   "dim '" + Twine(name) + "' is bound to " + Twine(binding->second) + ", which its range " +
                       Twine(least) + ".." + Twine(most) + " leaves out");
    checkDimName(name);
  }
}

/// The ranges of the dims that are still dynamic go to the function.
void Importer::importRanges() {
  SmallVector<NamedAttribute> ranges;
  for (const auto &[name, range] : options.ranges)
    if (!boundSize(name) && symbols.contains(name))
      ranges.push_back(builder.getNamedAttr(name, builder.getDenseI64ArrayAttr({range.first, range.second})));
  if (!ranges.empty())
    body->getParentOp()->setAttr(kRangesAttr, builder.getDictionaryAttr(ranges));
}

Importer::Input Importer::defineConstant(Scope &scope, StringRef name, llvm::Expected<ElementsAttr> value,
                                         Location loc) {
  Value constant;
  if (value)
    constant = ConstantOp::create(builder, loc, (*value).getType(), cast<TypedAttr>(*value));
  else
    problems.add(Code::invalidTensor, loc, value.takeError());
  define(scope, name, constant, loc);
  return constant;
}

Importer::Input Importer::lookup(Scope &scope, StringRef name, Location user) {
  if (name.empty())
    return std::nullopt;
  if (auto value = scope.values.find(name); value != scope.values.end())
    return value->second;
  // Constants are made where they are first read.
  if (auto tensor = scope.tensors.find(name); tensor != scope.tensors.end()) {
    const onnx::TensorProto *constant = tensor->second;
    scope.tensors.erase(tensor);
    return defineConstant(scope, constant->name(), importTensor(context, model, *constant, scope.persistent),
                          namedLocation(context, "initializer", constant->name()));
  }
  if (auto tensor = scope.sparseTensors.find(name); tensor != scope.sparseTensors.end()) {
    const onnx::SparseTensorProto *constant = tensor->second;
    scope.sparseTensors.erase(tensor);
    return defineConstant(scope, constant->values().name(), importSparseTensor(context, model, *constant),
                          namedLocation(context, "sparse initializer", constant->values().name()));
  }
  if (scope.parent) {
    // A constant of the graph around is made there.
    OpBuilder::InsertionGuard guard(builder);
    if (scope.owner)
      builder.setInsertionPoint(scope.owner);
    return lookup(*scope.parent, name, user);
  }
  problems.add(Code::invalidGraph, user, "value '" + name + "' is not defined");
  scope.values[name] = Value();
  return Value();
}

/// The names that a graph reads from the graphs around it.
static void collectFreeNames(const onnx::GraphProto &graph, llvm::StringSet<> &free) {
  llvm::StringSet<> defined, names;
  for (const onnx::ValueInfoProto &input : graph.input())
    defined.insert(input.name());
  for (const onnx::TensorProto &tensor : graph.initializer())
    defined.insert(tensor.name());
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    defined.insert(tensor.values().name());
  for (const onnx::NodeProto &node : graph.node()) {
    collectReads(node, names);
    for (const std::string &output : node.output())
      defined.insert(output);
  }
  for (const onnx::ValueInfoProto &output : graph.output())
    names.insert(output.name());
  for (StringRef name : names.keys())
    if (!defined.contains(name))
      free.insert(name);
}

void collectReads(const onnx::NodeProto &node, llvm::StringSet<> &names) {
  for (const std::string &input : node.input())
    names.insert(input);
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.name() == "y" && isGradient(node))
      names.insert(attribute.s());
    if (attribute.has_g())
      collectFreeNames(attribute.g(), names);
    for (const onnx::GraphProto &graph : attribute.graphs())
      collectFreeNames(graph, names);
  }
}

static bool isConstant(const onnx::NodeProto &node) {
  return node.op_type() == "Constant" && normalizeDomain(node.domain()).empty();
}

/// The node that defines each value: of several Constants with one output, which some exporters make and others read
/// so, it is the last.
static llvm::StringMap<int> findProducers(const onnx::GraphProto &graph) {
  llvm::StringMap<int> producers;
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string &output : graph.node(i).output()) {
      auto [at, isNew] = producers.try_emplace(output, i);
      if (!isNew && isConstant(graph.node(i)) && isConstant(graph.node(at->second)))
        at->second = i;
    }
  return producers;
}

/// The nodes in an order in which each comes after those it reads from, the given one where it is such an order. Nodes
/// on a cycle, and those that read from them, are left out.
static std::vector<int> sortNodes(const onnx::GraphProto &graph, const llvm::StringMap<int> &producers) {
  std::vector<std::vector<int>> readers(graph.node_size());
  std::vector<int> waitsFor(graph.node_size()), order;
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i) {
    llvm::StringSet<> names;
    collectReads(graph.node(i), names);
    for (StringRef input : names.keys())
      if (auto producer = producers.find(input); !input.empty() && producer != producers.end()) {
        readers[producer->second].push_back(i);
        ++waitsFor[i];
      }
    if (waitsFor[i] == 0)
      ready.push(i);
  }
  while (!ready.empty()) {
    int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (int reader : readers[node])
      if (--waitsFor[reader] == 0)
        ready.push(reader);
  }
  return order;
}

void Importer::importNodes(Scope &scope, const onnx::GraphProto &graph) {
  scope.graph = &graph;
  for (const onnx::NodeProto &node : graph.node())
    collectReads(node, scope.used);
  for (const onnx::ValueInfoProto &output : graph.output())
    scope.used.insert(output.name());

  llvm::StringMap<int> producers = findProducers(graph);
  std::vector<bool> sorted(graph.node_size());
  int last = -1;
  for (int i : sortNodes(graph, producers)) {
    const onnx::NodeProto &node = graph.node(i);
    sorted[i] = true;
    if (i < last)
      problems.add(Code::nodeOrder, module->getLoc(), "nodes stand before those that they read from");
    last = i;
    if (isConstant(node) && node.output_size() == 1 && producers.lookup(node.output(0)) > i)
      problems.add(Code::repeatedConstant, nodeLocation(context, node, scope.opsets[""]),
                   "another constant of the same name is taken");
    else
      importNode(node, scope);
  }
  for (int i = 0; i < graph.node_size(); ++i)
    if (!sorted[i]) {
      const onnx::NodeProto &node = graph.node(i);
      auto opset = scope.opsets.find(normalizeDomain(node.domain()).str());
      problems.add(Code::invalidGraph, nodeLocation(context, node, opset == scope.opsets.end() ? 0 : opset->second),
                   "the node reads what follows from its own output");
      for (const std::string &output : node.output())
        scope.values.try_emplace(output, Value());
    }
}

/// What the file says of an output's shape is not believed, but said where it cannot be true.
void Importer::checkDeclared(const onnx::ValueInfoProto &info, RankedTensorType type, Location loc) {
  if (!info.type().tensor_type().has_shape())
    return;
  const onnx::TensorShapeProto &shape = info.type().tensor_type().shape();
  bool fits = shape.dim_size() == type.getRank();
  for (int64_t i = 0; fits && i < type.getRank(); ++i)
    fits = type.isDynamicDim(i) || !shape.dim(int(i)).has_dim_value() || shape.dim(int(i)).dim_value() < 0 ||
           shape.dim(int(i)).dim_value() == type.getDimSize(i);
  if (fits)
    return;
  std::string got, declared;
  for (int64_t size : type.getShape())
    got += (got.empty() ? "" : ", ") + (ShapedType::isDynamic(size) ? std::string("?") : std::to_string(size));
  for (const onnx::TensorShapeProto::Dimension &dim : shape.dim())
    declared += (declared.empty() ? "" : ", ") + (dim.has_dim_value()       ? std::to_string(dim.dim_value())
                                                  : dim.dim_param().empty() ? "?"
                                                                            : dim.dim_param());
  problems.add(Code::declaredType, loc,
               "expected the shape [" + got + "] that the graph gives, got [" + declared + "]");
}

void Importer::importOutputs(Scope &scope) {
  auto main = cast<func::FuncOp>(body->getParentOp());
  SmallVector<Value> results;
  SmallVector<Attribute> attributes;
  llvm::StringSet<> seen;
  for (const onnx::ValueInfoProto &info : proto.graph().output()) {
    Location loc = namedLocation(context, "output", info.name());
    if (info.name().empty() || !seen.insert(info.name()).second)
      problems.add(Code::invalidGraph, loc, "expected a name of its own");
    Input found = lookup(scope, info.name(), loc);
    if (!found || !*found)
      continue;
    auto type = cast<RankedTensorType>(found->getType());
    // What the file claims of an output is checked, never believed.
    if (info.type().has_tensor_type() && info.type().tensor_type().elem_type() != 0 &&
        !isListType(type.getElementType()) &&
        typeOfOnnxElement(context, info.type().tensor_type().elem_type()) != type.getElementType())
      problems.add(Code::mismatch, loc,
                   "expected elements of type " + nameOfOnnxElement(onnxElementOfType(type.getElementType())) +
                       " as the graph gives, got " + nameOfOnnxType(info.type()));
    bool isList = isListType(type.getElementType()) || info.type().has_sequence_type() ||
                  info.type().has_optional_type() || info.type().has_map_type();
    std::string given = nameOfType(type), claimed = nameOfOnnxType(info.type());
    bool isKnown = !StringRef(claimed).contains("undefined") && !StringRef(claimed).contains("no type");
    if (isList && isKnown && given != claimed)
      problems.add(Code::mismatch, loc, "expected a value of type " + given + " as the graph gives, got " + claimed);
    if (!isList)
      checkDeclared(info, type, loc);
    SmallVector<Attribute> names;
    const onnx::TensorShapeProto &declared = info.type().tensor_type().shape();
    for (auto [axis, size] : llvm::enumerate(type.getShape())) {
      bool named = ShapedType::isDynamic(size) && declared.dim_size() == type.getRank();
      names.push_back(builder.getStringAttr(named ? sizeName(declared.dim(int(axis))) : ""));
    }
    attributes.push_back(
        builder.getDictionaryAttr({builder.getNamedAttr("fsc.name", builder.getStringAttr(info.name())),
                                   builder.getNamedAttr("fsc.dims", builder.getArrayAttr(names))}));
    results.push_back(*found);
  }
  if (proto.graph().output().empty())
    problems.add(Code::invalidGraph, module->getLoc(), "expected a graph with outputs, got none");
  func::ReturnOp::create(builder, UnknownLoc::get(context), results);
  main.setFunctionType(builder.getFunctionType(main.getArgumentTypes(), TypeRange(ValueRange(results))));
  main.setAllResultAttrs(attributes);
}

} // namespace fsc
