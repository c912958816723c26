//===- ImportControl.cpp - If, Loop and Scan ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A graph in an attribute sees the names of the graph around it; its own hide
// them. An If whose condition is known is the branch that it takes.
//
// Of an If whose branches give tensors of different ranks, which no type could
// describe, the branch 'then' is taken, and the run ends if the condition does not
// hold: exporters write so what removes a dim if its size is 1. Tensors of one
// element get the greater of two ranks, as if they were broadcast. Refuses branches
// of different element types, loops whose values change their rank, and
// loops that nothing ends. See docs/decisions/control-flow.md.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensors.h"
#include "dialects/fsc/ops/Control.h"
#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Lists.h"
#include "dialects/fsc/ops/Movement.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace fsc {

static const onnx::AttributeProto *findAttribute(const onnx::NodeProto &node, StringRef name) {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

/// The graph in an attribute, which ONNX's check of the node has found to be there.
static const onnx::GraphProto &graphOf(const onnx::NodeProto &node, StringRef name) {
  const onnx::AttributeProto *attribute = findAttribute(node, name);
  return attribute ? attribute->g() : onnx::GraphProto::default_instance();
}

bool Importer::importControl(Node &node, Scope &scope) {
  using Import = void (Importer::*)(Node &, Scope &);
  auto import =
      llvm::StringSwitch<Import>(node.proto.op_type())
          .Case("If", &Importer::importIf)
          .Case("Loop", &Importer::importLoop)
          .Case("Scan", node.schema->since_version() < 9 ? &Importer::importBatchedScan : &Importer::importScan)
          .Default(nullptr);
  if (!import)
    return false;
  auto isList = [](const Input &input) {
    return input && *input && isListType(cast<RankedTensorType>(input->getType()).getElementType());
  };
  if (node.proto.op_type() == "Scan" && llvm::any_of(node.inputs, isList))
    refuse(node, scope, Code::invalidNode, "expected states and scan inputs that are tensors");
  else if (scope.depth >= options.limits.depth)
    refuse(node, scope, Code::limit,
           "expected at most " + Twine(options.limits.depth) + " graphs within graphs, got more");
  else
    (this->*import)(node, scope);
  return true;
}

Importer::Scope Importer::nest(Scope &scope, Operation *owner) {
  Scope inner;
  inner.opsets = scope.opsets;
  inner.caller = scope.caller;
  inner.persistent = scope.persistent;
  inner.depth = scope.depth + 1;
  inner.parent = &scope;
  inner.owner = owner;
  return inner;
}

/// Imports a graph at the insertion point. Fails if one of its results could not be imported.
bool Importer::importBody(const Node &node, const onnx::GraphProto &graph, ArrayRef<Value> arguments, Scope &inner,
                          SmallVectorImpl<Value> &results) {
  importConstants(inner, graph);
  if (graph.input_size() != int(arguments.size())) {
    problems.add(Code::invalidNode, node.loc,
                 "expected the graph '" + Twine(graph.name()) + "' to have " + Twine(arguments.size()) +
                     " inputs, got " + Twine(graph.input_size()));
    return false;
  }
  for (auto [info, argument] : llvm::zip_equal(graph.input(), arguments)) {
    // What a loop gives its body hides a constant of the same name.
    inner.tensors.erase(info.name());
    inner.sparseTensors.erase(info.name());
    define(inner, info.name(), argument, node.loc);
  }
  importNodes(inner, graph);
  bool good = numNodes <= options.limits.nodes;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Input found = lookup(inner, output.name(), node.loc);
    if (!found)
      problems.add(Code::invalidGraph, node.loc,
                   "expected outputs of the graph '" + Twine(graph.name()) + "' to have names");
    results.push_back(found.value_or(Value()));
    good &= bool(results.back());
  }
  return good;
}

/// Erases an op of ours with all that is inside it; nothing may be known of values that are gone.
void Importer::forget(Operation *op) {
  op->erase();
  shapes = ShapeBuilder(UnknownLoc::get(context));
}

/// Reports what is wrong inside of a graph that cannot be imported for other reasons.
void Importer::diagnoseBody(const Node &node, const onnx::GraphProto &graph, Scope &scope) {
  OpBuilder::InsertionGuard guard(builder);
  auto holder = UnrealizedConversionCastOp::create(builder, node.loc, TypeRange(), ValueRange());
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(node.loc);
  builder.setInsertionPointToStart(scratch->getBody());
  Scope inner = nest(scope, holder);
  SmallVector<Value> results;
  importBody(node, graph, SmallVector<Value>(graph.input_size()), inner, results);
  scratch = {};
  forget(holder);
}

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

void Importer::importIf(Node &node, Scope &scope) {
  const onnx::GraphProto &first = graphOf(node.proto, "then_branch"), &second = graphOf(node.proto, "else_branch");
  Value condition = node.isKnown() && node.inputs.size() == 1 && node.inputs[0] ? *node.inputs[0] : Value();
  if (!condition || !isOneElement(condition.getType(), 1)) {
    if (condition)
      problems.add(Code::invalidNode, node.loc, "expected a condition of one bool");
    diagnoseBody(node, first, scope);
    diagnoseBody(node, second, scope);
    return defineUnknown(node, scope);
  }
  for (const onnx::GraphProto *graph : {&first, &second})
    if (graph->output_size() != node.proto.output_size())
      return refuse(node, scope, Code::invalidNode,
                    "expected branches with " + Twine(node.proto.output_size()) + " outputs, got " +
                        Twine(graph->output_size()));
  if (auto known = shapes.constants(condition)) {
    Scope inner = nest(scope, nullptr);
    SmallVector<Value> results;
    importBody(node, known->front() ? first : second, {}, inner, results);
    for (auto [name, value] : llvm::zip_equal(node.proto.output(), results))
      define(scope, name, value, node.loc);
    return;
  }
  auto op = IfOp::create(builder, node.loc, TypeRange(), condition);
  bool good = true;
  for (auto [graph, region] : {std::pair(&first, &op.getThenRegion()), std::pair(&second, &op.getElseRegion())}) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(region);
    Scope inner = nest(scope, op);
    SmallVector<Value> results;
    if (importBody(node, *graph, {}, inner, results))
      YieldOp::create(builder, node.loc, results);
    else
      good = false;
  }
  if (!good || !joinBranches(node, op, scope))
    defineUnknown(node, scope);
  forget(op);
}

/// A tensor of one element in as many dims as `like`, if that is one of one element in more dims.
static Value viewOneElement(OpBuilder &builder, Location loc, Value value, RankedTensorType like) {
  auto type = cast<RankedTensorType>(value.getType());
  bool isOne = type.hasStaticShape() && type.getNumElements() == 1 && like.hasStaticShape() &&
               like.getNumElements() == 1 && type.getElementType() == like.getElementType();
  if (!isOne || type.getRank() >= like.getRank())
    return value;
  auto shapeType = RankedTensorType::get({like.getRank()}, builder.getI64Type());
  Value shape = ConstantOp::create(builder, loc, shapeType, DenseElementsAttr::get(shapeType, like.getShape()));
  return ReshapeOp::create(builder, loc, like, value, shape);
}

/// Makes the If, or what takes its place, of an op that has its branches and no results yet.
bool Importer::joinBranches(Node &node, IfOp op, Scope &scope) {
  Block &first = op.getThenRegion().front(), &second = op.getElseRegion().front();
  SmallVector<Type> types;
  bool sameRanks = true;
  for (auto [a, b] : llvm::zip_equal(first.getTerminator()->getOpOperands(), second.getTerminator()->getOpOperands())) {
    OpBuilder inFirst(a.getOwner()), inSecond(b.getOwner());
    a.set(viewOneElement(inFirst, node.loc, a.get(), cast<RankedTensorType>(b.get().getType())));
    b.set(viewOneElement(inSecond, node.loc, b.get(), cast<RankedTensorType>(a.get().getType())));
  }
  for (auto [name, a, b] : llvm::zip_equal(node.proto.output(), first.getTerminator()->getOperands(),
                                           second.getTerminator()->getOperands())) {
    auto x = cast<RankedTensorType>(a.getType()), y = cast<RankedTensorType>(b.getType());
    if (!joinElementTypes(x.getElementType(), y.getElementType())) {
      problems.add(Code::unsupportedForm, node.loc,
                   "expected branches that give output '" + Twine(name) + "' the same element type, got " +
                       nameOfType(x) + " and " + nameOfType(y));
      return false;
    }
    types.push_back(joinTypes(x, y));
    sameRanks &= bool(types.back());
  }
  if (!sameRanks) {
    takeBranch(node, op.getThenRegion(), op, scope);
    return true;
  }
  auto joined = IfOp::create(builder, node.loc, types, op.getCondition());
  joined.getThenRegion().takeBody(op.getThenRegion());
  joined.getElseRegion().takeBody(op.getElseRegion());
  for (auto [name, result] : llvm::zip_equal(node.proto.output(), joined.getResults()))
    define(scope, name, result, node.loc);
  return true;
}

void Importer::takeBranch(Node &node, Region &branch, Operation *before, Scope &scope) {
  std::string assumed = "its branches give tensors of different ranks: only 'then' is compiled, and a run in which the "
                        "condition does not hold ends with an error";
  std::string reason = "its branches give tensors of different ranks; only 'then' was compiled, and the condition does "
                       "not hold";
  for (const onnx::AttributeProto &attribute : node.proto.attribute())
    if (attribute.name() == reasonAttribute)
      assumed = reason = attribute.s();
  problems.add(Code::assumedBranch, node.loc, assumed);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(before);
  RequireOp::create(builder, node.loc, cast<IfOp>(before).getCondition(), describe(node.loc) + ": " + reason);
  Operation *yield = branch.front().getTerminator();
  for (auto [name, value] : llvm::zip_equal(node.proto.output(), yield->getOperands()))
    define(scope, name, value, node.loc);
  yield->erase();
  Block *block = before->getBlock();
  block->getOperations().splice(before->getIterator(), branch.front().getOperations());
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

/// A loop whose carried values have the types that hold in all iterations: those of the initial values, with the sizes
/// dynamic that an iteration changes. Null, with a problem, if there are none.
LoopOp Importer::buildLoop(Node &node, Value tripCount, Value condition, ValueRange initial,
                           RankedTensorType iterationType, BodyFn body) {
  auto op = LoopOp::create(builder, node.loc, TypeRange(), tripCount, condition, initial);
  SmallVector<Type> types = {iterationType};
  llvm::append_range(types, initial.getTypes());
  SmallVector<Type> results;
  bool stable = false;
  while (!stable) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&op.getBody(), {}, types, SmallVector<Location>(types.size(), node.loc));
    SmallVector<Value> yields;
    size_t known = problems.size();
    bool good = body(op, yields), learned = false;
    stable = true;
    for (size_t i = 1; i < types.size(); ++i) {
      if (i >= yields.size() || !yields[i])
        continue;
      auto type = cast<RankedTensorType>(types[i]);
      RankedTensorType join = joinTypes(type, cast<RankedTensorType>(yields[i].getType()));
      if (!join) {
        problems.add(Code::unsupportedForm, node.loc,
                     "expected carried values whose rank and element type stay, got one that changes");
        good = learned = false;
        break;
      }
      stable &= join == type;
      learned |= join != type && isListType(type.getElementType());
      types[i] = join;
    }
    // What the body takes out of a list may be known once it is known what the body puts there.
    if (learned) {
      problems.forgetAfter(known);
      good = true;
    }
    if (!good) {
      forget(op);
      return {};
    }
    if (stable) {
      YieldOp::create(builder, node.loc, yields);
      results.assign(types.begin() + 1, types.end());
      for (Value element : ArrayRef(yields).drop_front(types.size())) {
        auto type = cast<RankedTensorType>(element.getType());
        if (isListType(type.getElementType())) {
          problems.add(Code::invalidNode, node.loc, "expected a tensor for each iteration, got " + nameOfType(type));
          forget(op);
          return {};
        }
        SmallVector<int64_t> shape = {ShapedType::kDynamic};
        llvm::append_range(shape, type.getShape());
        results.push_back(type.clone(shape));
      }
      break;
    }
    op.getBody().dropAllReferences();
    op.getBody().getBlocks().clear();
    shapes = ShapeBuilder(UnknownLoc::get(context));
  }
  auto loop = LoopOp::create(builder, node.loc, results, tripCount, condition, initial);
  loop.getBody().takeBody(op.getBody());
  loop.refineResults();
  forget(op);
  return loop;
}

void Importer::importLoop(Node &node, Scope &scope) {
  const onnx::GraphProto &graph = graphOf(node.proto, "body");
  node.inputs.resize(std::max<size_t>(node.inputs.size(), 2));
  auto refuseLoop = [&](const Twine &reason) {
    diagnoseBody(node, graph, scope);
    refuse(node, scope, Code::invalidNode, reason);
  };
  if (!node.isKnown()) {
    diagnoseBody(node, graph, scope);
    return defineUnknown(node, scope);
  }
  SmallVector<Value> operands = node.values();
  Value tripCount = operands[0], condition = operands[1];
  ArrayRef<Value> initial = ArrayRef(operands).drop_front(2);
  if (tripCount && !isOneElement(tripCount.getType(), 64))
    return refuseLoop("expected a number of iterations of one int64");
  if (condition && !isOneElement(condition.getType(), 1))
    return refuseLoop("expected a condition of one bool");
  if (llvm::is_contained(initial, Value()))
    return refuseLoop("expected an initial value for each carried value");
  int carried = int(initial.size());
  if (graph.output_size() < 1 + carried || graph.output_size() != 1 + node.proto.output_size())
    return refuseLoop("expected a body with " + Twine(1 + std::max(carried, node.proto.output_size())) +
                      " outputs, got " + Twine(graph.output_size()));
  // The number of the iteration is a scalar, or a vector of one, as the body has it.
  bool isVector = graph.input_size() > 0 && graph.input(0).type().tensor_type().shape().dim_size() == 1;
  auto iterationType =
      RankedTensorType::get(isVector ? ArrayRef<int64_t>(1) : ArrayRef<int64_t>(), builder.getI64Type());
  SmallVector<bool> isUnwrapped(node.proto.output_size());
  LoopOp loop =
      buildLoop(node, tripCount, condition, initial, iterationType, [&](LoopOp op, SmallVectorImpl<Value> &yields) {
        Scope inner = nest(scope, op);
        // Inside the body the condition holds.
        SmallVector<Value> arguments = {op.getIteration(), makeTrue(node.loc)};
        llvm::append_range(arguments, op.getCarriedArguments());
        bool good = importBody(node, graph, arguments, inner, yields);
        for (int i = 0; i < carried && 1 + i < int(yields.size()); ++i)
          isUnwrapped[i] = wrapOptional(node, op.getCarriedArguments()[i], yields[1 + i]);
        if (!good)
          return false;
        if (isOneElement(yields[0].getType(), 1))
          return true;
        problems.add(Code::invalidNode, node.loc, "expected a body whose first output is one bool");
        return false;
      });
  if (!loop)
    return defineUnknown(node, scope);
  auto begins = shapes.constants(condition);
  auto goesOn = shapes.constants(loop.getYield().getValues().front());
  if (!tripCount && goesOn && goesOn->front() && (!condition || (begins && begins->front())))
    return refuse(node, scope, Code::invalidNode,
                  "expected a loop that ends, got neither a number of iterations nor a condition");
  for (auto [name, result, unwrap] : llvm::zip_equal(node.proto.output(), loop.getResults(), isUnwrapped))
    define(scope, name, unwrap ? make(node, OptionalGetElementOp::getOperationName(), result) : Value(result),
           node.loc);
}

/// Where a loop begins with an optional and carries on what is in it, makes that an optional too.
bool Importer::wrapOptional(Node &node, Value argument, Value &yielded) {
  auto elementOf = [](Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); };
  if (!yielded || !isa<OptionalType>(elementOf(argument)) || isa<OptionalType>(elementOf(yielded)))
    return false;
  Value wrapped = make(node, OptionalOp::getOperationName(), yielded);
  if (!wrapped || !joinElementTypes(elementOf(argument), elementOf(wrapped)))
    return false;
  yielded = wrapped;
  return true;
}

//===----------------------------------------------------------------------===//
// Ops that a node needs
//===----------------------------------------------------------------------===//

/// An op with one result; null, with a problem, if it does not fit its operands.
Value Importer::make(Node &node, StringRef name, ValueRange operands, ArrayRef<NamedAttribute> attributes) {
  OperationState state(node.loc, name, operands, operands[0].getType(), attributes);
  Operation *op = builder.create(state);
  if (finishOp(node, op, {}))
    return op->getResult(0);
  op->erase();
  return {};
}

Value Importer::makeIntegers(Location loc, ArrayRef<int64_t> shape, ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(shape, builder.getI64Type());
  return ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, values));
}

Value Importer::makeTrue(Location loc) {
  auto type = RankedTensorType::get({}, builder.getI1Type());
  return ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, true));
}

/// The size of a dim, as a scalar.
Value Importer::makeSize(Node &node, Value tensor, int64_t axis) {
  Value shape = make(node, ShapeOp::getOperationName(), tensor);
  return shape ? makeSlice(node, shape, makeIntegers(node.loc, {}, axis), 0) : Value();
}

/// The slice of a tensor, without the dim `axis`, at an index.
Value Importer::makeSlice(Node &node, Value tensor, Value index, int64_t axis) {
  return make(node, GatherOp::getOperationName(), {tensor, index},
              builder.getNamedAttr("axis", builder.getI64IntegerAttr(axis)));
}

} // namespace fsc
