//===- Inspect.cpp - A model's summary ------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/FscDialect.h"
#include "llvm/Support/Format.h"

#include <map>

using namespace mlir;

namespace fsc {

/// "1.27 M" with three digits or so.
static std::string scaled(double value) {
  constexpr const char *units[] = {"", " k", " M", " G", " T", " P"};
  size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(units); ++unit)
    value /= 1000;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(unit == 0 ? "%.0f" : "%.2f", value) << units[unit];
  return text;
}

static void printType(const onnx::TypeProto &type, llvm::raw_ostream &os) {
  os << nameOfOnnxType(type);
  if (!type.has_tensor_type())
    return;
  if (!type.tensor_type().has_shape()) {
    os << " of unknown rank";
    return;
  }
  os << " [";
  llvm::interleaveComma(type.tensor_type().shape().dim(), os, [&](const onnx::TensorShapeProto::Dimension &dim) {
    if (dim.has_dim_value())
      os << dim.dim_value();
    else
      os << (dim.dim_param().empty() ? "?" : dim.dim_param());
  });
  os << ']';
}

/// The elements of a tensor as its sizes say, which nobody has checked.
static double countElements(const onnx::TensorProto &tensor) {
  double count = 1;
  for (int64_t size : tensor.dims())
    count *= double(size);
  return count;
}

static void printValues(StringRef title, const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> &values,
                        const llvm::StringSet<> &constants, llvm::raw_ostream &os) {
  os << title << ":\n";
  for (const onnx::ValueInfoProto &info : values) {
    if (constants.contains(info.name()))
      continue;
    os << "  " << info.name() << ": ";
    printType(info.type(), os);
    os << '\n';
  }
}

/// What a summary counts, in a graph and in those inside of it.
struct Counts {
  std::map<std::string, size_t> nodes;
  size_t total = 0;
  double parameters = 0;

  void add(const onnx::GraphProto &graph) {
    for (const onnx::TensorProto &tensor : graph.initializer())
      parameters += countElements(tensor);
    for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
      parameters += countElements(tensor.values());
    for (const onnx::NodeProto &node : graph.node()) {
      StringRef domain = normalizeDomain(node.domain());
      ++nodes[domain.empty() ? node.op_type() : (domain + "." + node.op_type()).str()];
      ++total;
      for (const onnx::AttributeProto &attribute : node.attribute()) {
        if (node.op_type() == "Constant" && domain.empty() && attribute.has_t())
          parameters += countElements(attribute.t());
        if (attribute.has_g())
          add(attribute.g());
        for (const onnx::GraphProto &inner : attribute.graphs())
          add(inner);
      }
    }
  }
};

static void printGraph(const onnx::ModelProto &proto, llvm::raw_ostream &os) {
  const onnx::GraphProto &graph = proto.graph();
  llvm::StringSet<> constants;
  for (const onnx::TensorProto &tensor : graph.initializer())
    constants.insert(tensor.name());
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    constants.insert(tensor.values().name());
  Counts counts;
  counts.add(graph);

  os << "graph: " << graph.name() << '\n';
  if (!proto.producer_name().empty())
    os << "producer: " << proto.producer_name() << ' ' << proto.producer_version() << '\n';
  os << "opsets:";
  for (const onnx::OperatorSetIdProto &opset : proto.opset_import())
    os << ' ' << (normalizeDomain(opset.domain()).empty() ? "ai.onnx" : opset.domain()) << ' ' << opset.version();
  os << '\n';
  printValues("inputs", graph.input(), constants, os);
  printValues("outputs", graph.output(), {}, os);
  os << "parameters: " << scaled(counts.parameters) << '\n';
  os << "functions: " << proto.functions_size() << '\n';
  os << "nodes: " << counts.total << '\n';
  std::vector<std::pair<std::string, size_t>> sorted(counts.nodes.begin(), counts.nodes.end());
  llvm::stable_sort(sorted, [](const auto &a, const auto &b) { return a.second > b.second; });
  for (const auto &[op, count] : sorted)
    os << llvm::format("  %6zu  ", count) << op << '\n';
}

void inspectModel(MLIRContext *context, OnnxModel &model, const ImportOptions &options, llvm::raw_ostream &os) {
  context->loadDialect<FscDialect>();
  printGraph(model.getProto(), os);
  Importer importer(context, model, options);
  OwningOpRef<ModuleOp> module = importer.run();
  double flops = 0;
  bool dynamic = false;
  module->walk([&](FscOpInterface op) {
    flops += op.countFlops();
    for (Type type : op->getResultTypes())
      dynamic |= !cast<ShapedType>(type).hasStaticShape();
  });
  bool complete = importer.getProblems().empty();
  os << "FLOPs: " << scaled(flops) << (dynamic ? ", sizes that are not known counted as 1" : "")
     << (complete ? "" : ", of what is supported") << '\n';
  os << "unsupported: " << (complete ? "nothing" : "") << '\n';
  importer.getProblems().print(os);
}

} // namespace fsc
