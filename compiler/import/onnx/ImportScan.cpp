//===- ImportScan.cpp - Scan as a loop ------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scan is a loop over an axis of its inputs: the body reads a slice of each, and
// its elements are stacked along an axis of the outputs. In opset 8 a loop over
// the batch is around it. Refuses sequences of different lengths in a batch.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Importer.h"
#include "dialects/fsc/ops/Comparison.h"
#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Elementwise.h"
#include "dialects/fsc/ops/Movement.h"

using namespace mlir;

namespace fsc {

/// What a Scan scans, without a batch.
struct Importer::ScanForm {
  const onnx::GraphProto *graph;
  SmallVector<Value> states, inputs;
  SmallVector<int64_t> inputAxes, outputAxes;
  SmallVector<bool> inputReversed, outputReversed;
};

static ArrayRef<int64_t> integersOf(const onnx::NodeProto &node, StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return ArrayRef<int64_t>(attribute.ints().data(), attribute.ints_size());
  return {};
}

/// One integer for each of `count`: those of an attribute, or 0 if it is absent.
static std::optional<SmallVector<int64_t>> readEach(const onnx::NodeProto &node, StringRef name, size_t count) {
  ArrayRef<int64_t> values = integersOf(node, name);
  if (values.empty())
    return SmallVector<int64_t>(count, 0);
  if (values.size() != count)
    return std::nullopt;
  return SmallVector<int64_t>(values);
}

/// The form of the node but for its operands; nothing, with a problem, if it has none.
std::optional<Importer::ScanForm> Importer::readScan(Node &node) {
  ScanForm form;
  int64_t numInputs = 0;
  for (const onnx::AttributeProto &attribute : node.proto.attribute()) {
    if (attribute.name() == "body")
      form.graph = &attribute.g();
    if (attribute.name() == "num_scan_inputs")
      numInputs = attribute.i();
  }
  bool batched = node.schema->since_version() < 9;
  int64_t operands = int64_t(node.inputs.size()) - (batched ? 1 : 0);
  if (numInputs < 1 || numInputs > operands) {
    problems.add(Code::invalidNode, node.loc,
                 "expected 1 to " + Twine(operands) + " scan inputs, got " + Twine(numInputs));
    return std::nullopt;
  }
  int64_t states = operands - numInputs, outputs = node.proto.output_size() - states;
  if (form.graph->output_size() != node.proto.output_size() || outputs < 0 || form.graph->input_size() != operands) {
    problems.add(Code::invalidNode, node.loc,
                 "expected a body with " + Twine(operands) + " inputs and " + Twine(node.proto.output_size()) +
                     " outputs, got " + Twine(form.graph->input_size()) + " and " + Twine(form.graph->output_size()));
    return std::nullopt;
  }
  auto inputAxes = readEach(node.proto, "scan_input_axes", numInputs);
  auto outputAxes = readEach(node.proto, "scan_output_axes", outputs);
  auto inputs = readEach(node.proto, batched ? "directions" : "scan_input_directions", numInputs);
  auto reversed = readEach(node.proto, "scan_output_directions", outputs);
  if (!inputAxes || !outputAxes || !inputs || !reversed) {
    problems.add(Code::invalidNode, node.loc, "expected an axis and a direction for each scan input and output");
    return std::nullopt;
  }
  for (int64_t direction : llvm::concat<int64_t>(*inputs, *reversed))
    if (direction != 0 && direction != 1) {
      problems.add(Code::invalidNode, node.loc,
                   "expected a direction of 0, forwards, or 1, backwards, got " + Twine(direction));
      return std::nullopt;
    }
  form.inputAxes = *inputAxes;
  form.outputAxes = *outputAxes;
  form.inputReversed.assign(inputs->begin(), inputs->end());
  form.outputReversed.assign(reversed->begin(), reversed->end());
  if (!node.isKnown())
    return form;
  SmallVector<Value> values = node.values();
  ArrayRef<Value> rest = ArrayRef(values).drop_front(batched ? 1 : 0);
  if (llvm::is_contained(rest, Value())) {
    problems.add(Code::invalidNode, node.loc, "expected all states and scan inputs");
    return std::nullopt;
  }
  form.states.assign(rest.begin(), rest.end() - numInputs);
  form.inputs.assign(rest.end() - numInputs, rest.end());
  return form;
}

/// All scan inputs must be as long as the first, whose length is given; where that is not known it is checked when run.
bool Importer::checkLengths(Node &node, const ScanForm &form, Value length) {
  auto known = shapes.constants(length);
  for (auto [input, axis] : llvm::drop_begin(llvm::zip(form.inputs, form.inputAxes))) {
    Value other = makeSize(node, input, axis);
    if (!other)
      return false;
    auto size = shapes.constants(other);
    if (known && size && *known != *size) {
      problems.add(Code::mismatch, node.loc,
                   "expected scan inputs of the same length, got " + Twine(known->front()) + " and " +
                       Twine(size->front()));
      return false;
    }
    Value same = known && size ? Value() : make(node, EqualOp::getOperationName(), {length, other});
    if (same)
      RequireOp::create(builder, node.loc, same, describe(node.loc) + ": the scan inputs are of different lengths");
  }
  return true;
}

bool Importer::scan(Node &node, const ScanForm &given, Scope &scope, SmallVectorImpl<Value> &results) {
  ScanForm form = given;
  for (auto [input, axis] : llvm::zip_equal(form.inputs, form.inputAxes)) {
    std::optional<int64_t> normal = normalizeAxis(axis, cast<RankedTensorType>(input.getType()).getRank());
    if (!normal) {
      problems.add(Code::invalidNode, node.loc, "expected a scan input with an axis " + Twine(axis));
      return false;
    }
    axis = *normal;
  }
  Value length = makeSize(node, form.inputs[0], form.inputAxes[0]);
  if (!length || !checkLengths(node, form, length))
    return false;
  auto scalar = RankedTensorType::get({}, builder.getI64Type());
  LoopOp loop = buildLoop(node, length, Value(), form.states, scalar, [&](LoopOp op, SmallVectorImpl<Value> &yields) {
    Scope inner = nest(scope, op);
    SmallVector<Value> arguments(op.getCarriedArguments());
    for (auto [input, axis, reversed] : llvm::zip_equal(form.inputs, form.inputAxes, form.inputReversed)) {
      Value index = op.getIteration();
      if (reversed) {
        Value last = make(node, SubOp::getOperationName(), {length, makeIntegers(node.loc, {}, 1)});
        index = last ? make(node, SubOp::getOperationName(), {last, index}) : Value();
      }
      arguments.push_back(index ? makeSlice(node, input, index, axis) : Value());
      if (!arguments.back())
        return false;
    }
    yields.push_back(makeTrue(node.loc));
    return importBody(node, *form.graph, arguments, inner, yields);
  });
  if (!loop)
    return false;
  llvm::append_range(results, loop.getResults().take_front(form.states.size()));
  for (auto [stacked, axis, reversed] : llvm::zip_equal(loop.getStacked(), form.outputAxes, form.outputReversed)) {
    Value output = stacked;
    int64_t rank = cast<RankedTensorType>(output.getType()).getRank();
    std::optional<int64_t> normal = normalizeAxis(axis, rank);
    if (!normal) {
      problems.add(Code::invalidNode, node.loc, "expected a scan output with an axis " + Twine(axis));
      return false;
    }
    if (reversed)
      output = make(node, SliceOp::getOperationName(),
                    {output, makeIntegers(node.loc, 1, -1), makeIntegers(node.loc, 1, INT64_MIN),
                     makeIntegers(node.loc, 1, 0), makeIntegers(node.loc, 1, -1)},
                    builder.getNamedAttr("operandSegmentSizes", builder.getDenseI32ArrayAttr({1, 1, 1, 1, 1})));
    SmallVector<int64_t> perm;
    for (int64_t dim = 1; dim < rank; ++dim)
      perm.push_back(dim);
    perm.insert(perm.begin() + *normal, 0);
    if (output && *normal != 0)
      output = make(node, TransposeOp::getOperationName(), output,
                    builder.getNamedAttr("perm", builder.getDenseI64ArrayAttr(perm)));
    if (!output)
      return false;
    results.push_back(output);
  }
  return true;
}

void Importer::importScan(Node &node, Scope &scope) {
  std::optional<ScanForm> form = readScan(node);
  SmallVector<Value> results;
  if (form && !node.isKnown())
    diagnoseBody(node, *form->graph, scope);
  if (!form || !node.isKnown() || !scan(node, *form, scope, results))
    return defineUnknown(node, scope);
  for (auto [name, result] : llvm::zip_equal(node.proto.output(), results))
    define(scope, name, result, node.loc);
}

/// Scan-8: a loop over the batch, whose iterations scan.
void Importer::importBatchedScan(Node &node, Scope &scope) {
  std::optional<ScanForm> form = readScan(node);
  if (form && !node.isKnown())
    diagnoseBody(node, *form->graph, scope);
  if (!form || !node.isKnown())
    return defineUnknown(node, scope);
  if (node.inputs[0])
    return refuse(node, scope, Code::unsupportedForm,
                  "sequences of different lengths (the input sequence_lens) are not supported");
  for (Value input : llvm::concat<Value>(form->states, form->inputs))
    if (cast<RankedTensorType>(input.getType()).getRank() == 0)
      return refuse(node, scope, Code::invalidNode, "expected states and scan inputs with a dim of batches");
  Value batches = makeSize(node, form->inputs[0], 0);
  auto scalar = RankedTensorType::get({}, builder.getI64Type());
  LoopOp loop;
  if (batches)
    loop = buildLoop(node, batches, Value(), {}, scalar, [&](LoopOp op, SmallVectorImpl<Value> &yields) {
      Scope inner = nest(scope, op);
      ScanForm one = *form;
      for (SmallVector<Value> *values : {&one.states, &one.inputs})
        for (Value &value : *values)
          if (!(value = makeSlice(node, value, op.getIteration(), 0)))
            return false;
      yields.push_back(makeTrue(node.loc));
      return scan(node, one, inner, yields);
    });
  if (!loop)
    return defineUnknown(node, scope);
  for (auto [name, result] : llvm::zip_equal(node.proto.output(), loop.getResults()))
    define(scope, name, result, node.loc);
}

} // namespace fsc
