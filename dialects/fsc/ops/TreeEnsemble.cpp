//===- TreeEnsemble.cpp - Decision trees of ai.onnx.ml --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Forest.h"
#include "dialects/fsc/ops/MachineLearning.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSwitch.h"

#include <map>

using namespace mlir;

namespace fsc {

namespace {

using Ints = std::optional<ArrayRef<int64_t>>;

ArrayRef<int64_t> given(Ints ints) { return ints.value_or(ArrayRef<int64_t>()); }

/// The numbers of a pair of attributes, of which the second is a tensor.
SmallVector<double> readNumbers(std::optional<ArrayRef<float>> floats, std::optional<ElementsAttr> tensor) {
  if (tensor)
    return readFloats(*tensor).value_or(SmallVector<double>());
  ArrayRef<float> list = floats.value_or(ArrayRef<float>());
  return SmallVector<double>(list.begin(), list.end());
}

std::optional<Forest::Mode> parseMode(StringRef name) {
  return llvm::StringSwitch<std::optional<Forest::Mode>>(name)
      .Case("BRANCH_LEQ", Forest::leq)
      .Case("BRANCH_LT", Forest::lt)
      .Case("BRANCH_GTE", Forest::gte)
      .Case("BRANCH_GT", Forest::gt)
      .Case("BRANCH_EQ", Forest::eq)
      .Case("BRANCH_NEQ", Forest::neq)
      .Case("LEAF", Forest::leaf)
      .Default(std::nullopt);
}

/// A leaf's weights as the attributes of an op list them.
struct LeafWeights {
  ArrayRef<int64_t> trees, nodes, targets;
  SmallVector<double> weights;
};

/// Sorts the weights to their nodes.
template <typename Op>
LogicalResult placeWeights(Op op, Forest &forest, const std::map<std::pair<int64_t, int64_t>, int32_t> &indexOf,
                           const LeafWeights &leaves) {
  size_t count = leaves.targets.size();
  // tree_ensemble.C3: lists that belong together have one length.
  if (leaves.trees.size() != count || leaves.nodes.size() != count || leaves.weights.size() != count)
    return op.emitOpError("expected as many weights as trees, nodes and targets that they are for");
  SmallVector<SmallVector<size_t, 1>> own(forest.size());
  for (size_t i = 0; i < count; ++i) {
    auto node = indexOf.find({leaves.trees[i], leaves.nodes[i]});
    if (node == indexOf.end())
      return op.emitOpError() << "expected weights of nodes that exist, got node " << leaves.nodes[i] << " of tree "
                              << leaves.trees[i];
    // Weights of inner nodes have no meaning.
    if (forest.modes[node->second] == Forest::leaf)
      own[node->second].push_back(i);
  }
  for (size_t node = 0; node < own.size(); ++node) {
    forest.weightsBegin[node] = int32_t(forest.weights.size());
    for (size_t i : own[node]) {
      forest.targets.push_back(int32_t(std::clamp<int64_t>(leaves.targets[i], -1, INT32_MAX)));
      forest.weights.push_back(leaves.weights[i]);
    }
    forest.weightsEnd[node] = int32_t(forest.weights.size());
  }
  return success();
}

/// The forest of an op whose nodes have numbers.
template <typename Op> FailureOr<Forest> readNumbered(Op op, const LeafWeights &leaves, int64_t numTargets) {
  ArrayRef<int64_t> trees = given(op.getNodesTreeids()), nodes = given(op.getNodesNodeids());
  ArrayRef<int64_t> features = given(op.getNodesFeatureids()), missing = given(op.getNodesMissingValueTracksTrue());
  ArrayRef<int64_t> ifTrue = given(op.getNodesTruenodeids()), ifFalse = given(op.getNodesFalsenodeids());
  SmallVector<double> values = readNumbers(op.getNodesValues(), op.getNodesValuesAsTensor());
  ArrayAttr modes = op.getNodesModes().value_or(ArrayAttr::get(op.getContext(), {}));
  size_t count = trees.size();
  if (count == 0 || count > INT32_MAX || nodes.size() != count || features.size() != count || ifTrue.size() != count ||
      ifFalse.size() != count || values.size() != count || modes.size() != count ||
      (!missing.empty() && missing.size() != count))
    return op.emitOpError("expected at least one node, and all that describes nodes as often as there are nodes");
  Forest forest;
  forest.numTargets = numTargets;
  std::map<std::pair<int64_t, int64_t>, int32_t> indexOf;
  std::map<int64_t, int32_t> roots;
  for (size_t i = 0; i < count; ++i) {
    std::optional<Forest::Mode> mode = parseMode(cast<StringAttr>(modes[i]).getValue());
    // tree_ensemble.C4: modes are those that ONNX names.
    if (!mode)
      return op.emitOpError() << "expected a mode that ONNX names, got " << modes[i];
    auto feature = int32_t(*mode == Forest::leaf ? 0 : std::clamp<int64_t>(features[i], -1, INT32_MAX));
    int32_t index = forest.addNode(feature, *mode, values[i], !missing.empty() && missing[i] != 0);
    if (!indexOf.insert({{trees[i], nodes[i]}, index}).second)
      return op.emitOpError() << "expected one node " << nodes[i] << " of tree " << trees[i];
    roots.insert({trees[i], index});
  }
  for (size_t i = 0; i < count; ++i) {
    if (forest.modes[i] == Forest::leaf)
      continue;
    auto yes = indexOf.find({trees[i], ifTrue[i]}), no = indexOf.find({trees[i], ifFalse[i]});
    if (yes == indexOf.end() || no == indexOf.end())
      return op.emitOpError() << "expected branches to nodes of the tree at node " << nodes[i];
    forest.ifTrue[i] = yes->second;
    forest.ifFalse[i] = no->second;
  }
  for (auto [tree, root] : roots)
    forest.roots.push_back(root);
  if (failed(placeWeights(op, forest, indexOf, leaves)) || failed(forest.finish(op)))
    return failure();
  return forest;
}

template <typename Op> FailureOr<Dim> inferRowCount(Op op, ShapeBuilder &shapes, const Forest &forest) {
  Shape x = shapes.dims(op.getX());
  int32_t last = *llvm::max_element(forest.features);
  // tree_ensemble.C5: rows have the features that nodes look at.
  if (x.size() != 2 || (x[1].isKnown() && x[1].get() <= last))
    return op.emitOpError() << "expected an operand of rank 2 with more than " << last << " columns, got "
                            << op.getX().getType();
  return x[0];
}

} // namespace

//===----------------------------------------------------------------------===//
// TreeEnsembleRegressor
//===----------------------------------------------------------------------===//

static FailureOr<Forest> readForest(TreeEnsembleRegressorOp op) {
  // tree_ensemble.C6: results are what the trees give.
  if (op.getPostTransform() != "NONE")
    return op.emitOpError() << "expected post_transform NONE, got '" << op.getPostTransform() << "'";
  LeafWeights leaves{given(op.getTargetTreeids()), given(op.getTargetNodeids()), given(op.getTargetIds()),
                     readNumbers(op.getTargetWeights(), op.getTargetWeightsAsTensor())};
  return readNumbered(op, leaves, op.getNTargets());
}

static std::optional<Aggregate> parseAggregate(StringRef name) {
  return llvm::StringSwitch<std::optional<Aggregate>>(name)
      .Case("AVERAGE", Aggregate::average)
      .Case("SUM", Aggregate::sum)
      .Case("MIN", Aggregate::min)
      .Case("MAX", Aggregate::max)
      .Default(std::nullopt);
}

Type TreeEnsembleRegressorOp::inferElementType(unsigned) { return Float32Type::get(getContext()); }

LogicalResult TreeEnsembleRegressorOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Forest> forest = readForest(*this);
  if (failed(forest))
    return failure();
  FailureOr<Dim> rows = inferRowCount(*this, shapes, *forest);
  if (failed(rows))
    return failure();
  size_t bases = readNumbers(getBaseValues(), getBaseValuesAsTensor()).size();
  // tree_ensemble.C7: the aggregate is one that ONNX names, and there is a base value for each target, or none.
  if (!parseAggregate(getAggregateFunction()) || (bases != 0 && bases != getNTargets()))
    return emitOpError() << "expected aggregate_function SUM, AVERAGE, MIN or MAX and " << int64_t(getNTargets())
                         << " base values or none, got '" << getAggregateFunction() << "' and " << bases;
  results.push_back({*rows, Dim(getNTargets())});
  return success();
}

LogicalResult TreeEnsembleRegressorOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Forest> forest = readForest(*this);
  if (failed(forest))
    return failure();
  ForestLowering lowering(b, *forest);
  SmallVector<double> bases = readNumbers(getBaseValues(), getBaseValuesAsTensor());
  Value base = bases.empty() ? Value() : lowering.table(bases);
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    Scalar score = lowering.score(at[0], at[1], *parseAggregate(getAggregateFunction()));
    return base ? score + b.load(base, lowering.getCompute(), at[1]) : score;
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// TreeEnsembleClassifier
//===----------------------------------------------------------------------===//

static FailureOr<Forest> readForest(TreeEnsembleClassifierOp op) {
  LeafWeights leaves{given(op.getClassTreeids()), given(op.getClassNodeids()), given(op.getClassIds()),
                     readNumbers(op.getClassWeights(), op.getClassWeightsAsTensor())};
  return readNumbered(op, leaves, int64_t(given(op.getClasslabelsInt64s()).size()));
}

/// Whether all weights are for one of two classes: then they say how likely the second one is.
static bool isOneSided(TreeEnsembleClassifierOp op) {
  return given(op.getClasslabelsInt64s()).size() == 2 && llvm::all_equal(given(op.getClassIds()));
}

Type TreeEnsembleClassifierOp::inferElementType(unsigned result) {
  return result == 0 ? Type(IntegerType::get(getContext(), 64)) : Type(Float32Type::get(getContext()));
}

LogicalResult TreeEnsembleClassifierOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  int64_t classes = int64_t(given(getClasslabelsInt64s()).size());
  StringRef transform = getPostTransform();
  // tree_ensemble_classifier.C1: labels are numbers, of two classes or more.
  if (classes < 2 || getClasslabelsStrings())
    return emitOpError("expected at least two classlabels_int64s, and no classlabels_strings");
  FailureOr<Forest> forest = readForest(*this);
  if (failed(forest))
    return failure();
  // tree_ensemble_classifier.C2: scores are left as they are, or become probabilities.
  if (transform != "NONE" && transform != "LOGISTIC" && transform != "SOFTMAX")
    return emitOpError() << "expected post_transform NONE, LOGISTIC or SOFTMAX, got '" << transform << "'";
  bool isPositive = llvm::none_of(forest->weights, [](double weight) { return weight < 0; });
  size_t bases = readNumbers(getBaseValues(), getBaseValuesAsTensor()).size();
  // tree_ensemble_classifier.C3: weights of one class alone are probabilities, or logits that become probabilities.
  // What else they could be is not agreed on.
  if (isOneSided(*this) && (bases > 1 || !(isPositive ? transform == "NONE" : transform == "LOGISTIC")))
    return emitOpError(
        "expected weights for both classes, or probabilities with post_transform NONE, or logits with LOGISTIC");
  if (!isOneSided(*this) && bases != 0 && int64_t(bases) != classes)
    return emitOpError() << "expected " << classes << " base values or none, got " << bases;
  FailureOr<Dim> rows = inferRowCount(*this, shapes, *forest);
  if (failed(rows))
    return failure();
  results.push_back({*rows});
  results.push_back({*rows, Dim(classes)});
  return success();
}

/// The scores of one class against the other, from weights for one of them.
static Value lowerOneSided(TreeEnsembleClassifierOp op, LinalgBuilder &b, const Forest &forest,
                           ForestLowering &lowering) {
  SmallVector<double> bases = readNumbers(op.getBaseValues(), op.getBaseValuesAsTensor());
  Value weighted = b.index(forest.targets.empty() ? 0 : forest.targets.front());
  return b.generate(1, [&](ArrayRef<Value> at) {
    Scalar score = lowering.score(at[0], weighted, Aggregate::sum);
    if (!bases.empty())
      score = score + score.like(bases[0]);
    Value isSecond = arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::eq, at[1], b.index(1));
    if (op.getPostTransform() == "NONE")
      return b.choose(isSecond, score, score.like(1) - score);
    return sigmoid(b.choose(isSecond, score, -score));
  });
}

static Value lowerScores(TreeEnsembleClassifierOp op, LinalgBuilder &b, ForestLowering &lowering) {
  SmallVector<double> bases = readNumbers(op.getBaseValues(), op.getBaseValuesAsTensor());
  Value base = bases.empty() ? Value() : lowering.table(bases);
  Type compute = lowering.getCompute();
  auto score = [&](ArrayRef<Value> at) {
    Scalar sum = lowering.score(at[0], at[1], Aggregate::sum);
    return base ? sum + b.load(base, compute, at[1]) : sum;
  };
  if (op.getPostTransform() == "NONE")
    return b.generate(1, score);
  if (op.getPostTransform() == "LOGISTIC")
    return b.generate(1, [&](ArrayRef<Value> at) { return sigmoid(score(at)); });
  SmallVector<Value> sizes = b.resultDims(1);
  Value raw = b.generate(b.empty(sizes, compute), compute, score);
  return b.generate(1, [&](ArrayRef<Value> at) {
    Scalar own = b.load(raw, compute, at), zero = own.like(0);
    auto fold = [&](Scalar init, llvm::function_ref<Scalar(Scalar, Scalar)> step) {
      return b.loop(b.index(0), sizes[1], init,
                    [&](Value k, Scalar state) { return step(state, b.load(raw, compute, {at[0], k})); });
    };
    Scalar most = fold(zero.infinity(true), [](Scalar r, Scalar a) { return fsc::max(r, a); });
    Scalar sum = fold(zero, [&](Scalar r, Scalar a) { return r + fsc::exp(a - most); });
    return fsc::exp(own - most) / sum;
  });
}

LogicalResult TreeEnsembleClassifierOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Forest> forest = readForest(*this);
  if (failed(forest))
    return failure();
  ForestLowering lowering(b, *forest);
  Value scores = isOneSided(*this) ? lowerOneSided(*this, b, *forest, lowering) : lowerScores(*this, b, lowering);
  b.setResult(1, scores);
  ArrayRef<int64_t> labels = given(getClasslabelsInt64s());
  Type i64 = b.b.getI64Type(), f32 = b.b.getF32Type();
  auto labelType = RankedTensorType::get(int64_t(labels.size()), i64);
  Value table = arith::ConstantOp::create(b.b, b.loc, DenseElementsAttr::get(labelType, labels));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) {
    // The first of the largest scores.
    Scalar first = b.fromIndex(b.index(0), i64), most = b.load(scores, f32, {at[0], b.index(0)});
    SmallVector<Scalar> best =
        b.loop(b.index(1), b.index(int64_t(labels.size())), {first, most}, [&](Value k, ArrayRef<Scalar> state) {
          Scalar score = b.load(scores, f32, {at[0], k});
          Scalar isBetter = score > state[1];
          return SmallVector<Scalar>{select(isBetter, b.fromIndex(k, i64), state[0]),
                                     select(isBetter, score, state[1])};
        });
    return b.load(table, i64, b.toIndex(best[0]));
  }));
  return success();
}

//===----------------------------------------------------------------------===//
// TreeEnsemble
//===----------------------------------------------------------------------===//

static FailureOr<Forest> readForest(TreeEnsembleOp op) {
  ArrayRef<int64_t> features = op.getNodesFeatureids(), missing = given(op.getNodesMissingValueTracksTrue());
  ArrayRef<int64_t> targets = op.getLeafTargetids();
  auto modes = readIntegers(op.getNodesModes());
  auto splits = readFloats(op.getNodesSplits()), weights = readFloats(op.getLeafWeights());
  auto members = op.getMembershipValues() ? readFloats(*op.getMembershipValues()) : SmallVector<double>();
  size_t count = features.size();
  if (!modes || !splits || !weights || !members || modes->size() != count || splits->size() != count ||
      op.getNodesTruenodeids().size() != count || op.getNodesFalsenodeids().size() != count ||
      op.getNodesTrueleafs().size() != count || op.getNodesFalseleafs().size() != count ||
      (!missing.empty() && missing.size() != count) || weights->size() != targets.size() || count == 0 ||
      count + weights->size() > INT32_MAX / 2)
    return op.emitOpError("expected at least one node, and all that describes nodes as often as there are nodes");
  // tree_ensemble.C6: results are what the trees give.
  if (op.getPostTransform() != 0 || op.getAggregateFunction() > 3)
    return op.emitOpError("expected post_transform 0 and aggregate_function 0 to 3");
  Forest forest;
  forest.numTargets = op.getNTargets();
  constexpr int64_t member = 6;
  for (size_t i = 0; i < count; ++i) {
    // tree_ensemble.C4: modes are those that ONNX names.
    if ((*modes)[i] < 0 || (*modes)[i] > member)
      return op.emitOpError() << "expected modes 0 to 6, got " << (*modes)[i];
    auto mode = (*modes)[i] == member ? Forest::eq : Forest::Mode((*modes)[i]);
    forest.addNode(int32_t(std::clamp<int64_t>(features[i], -1, INT32_MAX)), mode, (*splits)[i],
                   !missing.empty() && missing[i] != 0);
  }
  for (size_t i = 0; i < weights->size(); ++i) {
    int32_t leaf = forest.addNode(0, Forest::leaf, 0, false);
    forest.weightsBegin[leaf] = int32_t(i);
    forest.weightsEnd[leaf] = int32_t(i + 1);
    forest.targets.push_back(int32_t(std::clamp<int64_t>(targets[i], -1, INT32_MAX)));
    forest.weights.push_back((*weights)[i]);
  }
  auto nodeOf = [&](int64_t index, int64_t isLeaf) {
    int64_t limit = isLeaf ? int64_t(weights->size()) : int64_t(count);
    return index < 0 || index >= limit ? -1 : int32_t(isLeaf ? int64_t(count) + index : index);
  };
  size_t nextMember = 0;
  for (size_t i = 0; i < count; ++i) {
    forest.ifTrue[i] = nodeOf(op.getNodesTruenodeids()[i], op.getNodesTrueleafs()[i]);
    forest.ifFalse[i] = nodeOf(op.getNodesFalsenodeids()[i], op.getNodesFalseleafs()[i]);
    if ((*modes)[i] != member)
      continue;
    // A set, ended by NaN, is a chain of comparisons: the first one is the node itself.
    int32_t last = int32_t(i), yes = forest.ifTrue[i], no = forest.ifFalse[i];
    for (bool isFirst = true; nextMember < members->size() && !std::isnan((*members)[nextMember]); isFirst = false) {
      double value = (*members)[nextMember++];
      if (isFirst) {
        forest.values[i] = value;
        continue;
      }
      int32_t next = forest.addNode(forest.features[i], Forest::eq, value, false);
      forest.ifFalse[last] = next;
      forest.ifTrue[next] = yes;
      forest.ifFalse[next] = no;
      last = next;
    }
    ++nextMember;
  }
  for (int64_t root : op.getTreeRoots())
    forest.roots.push_back(nodeOf(root, 0));
  if (failed(forest.finish(op)))
    return failure();
  return forest;
}

LogicalResult TreeEnsembleOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  FailureOr<Forest> forest = readForest(*this);
  if (failed(forest))
    return failure();
  FailureOr<Dim> rows = inferRowCount(*this, shapes, *forest);
  if (failed(rows))
    return failure();
  results.push_back({*rows, Dim(getNTargets())});
  return success();
}

LogicalResult TreeEnsembleOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<Forest> forest = readForest(*this);
  if (failed(forest))
    return failure();
  ForestLowering lowering(b, *forest);
  auto aggregate = Aggregate(int64_t(getAggregateFunction()));
  b.setResult(0, b.generate(0, [&](ArrayRef<Value> at) { return lowering.score(at[0], at[1], aggregate); }));
  return success();
}

} // namespace fsc
