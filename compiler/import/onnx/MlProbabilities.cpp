//===- MlProbabilities.cpp - Probabilities of support vector machines -----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score of two classes becomes the probability of one against the other by a
// logistic curve (Platt, 1999); of those, the probabilities of all classes are the
// end of an iteration (Wu, Lin and Weng, 2004, second method), which is a loop here.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/MlHooks.h"

#include "onnx/defs/parser.h"

using namespace mlir;

namespace fsc {
namespace {

/// The iteration for all rows at once; a row that is done stays what it is. Names in capitals are of values around it.
constexpr const char *iteration = R"(
rounds (int64 i, bool go, float[n, k] p, bool[n, 1] done) => (bool again, float[n, k] p_next, bool[n, 1] over) {
  column = Unsqueeze(p, LAST)
  product = MatMul(Q, column)
  qp = Squeeze(product, LAST)
  terms = Mul(p, qp)
  pqp = ReduceSum(terms, FIRST)
  apart = Sub(qp, pqp)
  errors = Abs(apart)
  worst = ReduceMax(errors, FIRST)
  small = Less(worst, EPSILON)
  over = Or(done, small)
  p_stepped, qp_stepped, pqp_stepped = Loop(CLASSES, go, p, qp, pqp) <body =
    step (int64 t, bool c, float[n, k] p_in, float[n, k] qp_in, float[n, 1] pqp_in)
        => (bool c_out, float[n, k] p_out, float[n, k] qp_out, float[n, 1] pqp_out) {
      c_out = Identity(c)
      at = Reshape(t, FIRST)
      qp_t = Gather<axis = 1>(qp_in, at)
      rows = Gather<axis = 1>(Q, at)
      row = Squeeze(rows, FIRST)
      q_tt = Gather<axis = 1>(row, at)
      missing = Sub(pqp_in, qp_t)
      diff = Div(missing, q_tt)
      scale = Add(diff, ONE)
      is_here = Equal(PLACES, t)
      here = Cast<to = 1>(is_here)
      added = Mul(diff, here)
      p_added = Add(p_in, added)
      p_out = Div(p_added, scale)
      part = Mul(diff, q_tt)
      twice = Add(qp_t, qp_t)
      parts = Add(part, twice)
      grown = Mul(diff, parts)
      pqp_grown = Add(pqp_in, grown)
      square = Mul(scale, scale)
      pqp_out = Div(pqp_grown, square)
      along = Mul(diff, row)
      qp_grown = Add(qp_in, along)
      qp_out = Div(qp_grown, scale)
    }>
  p_next = Where(over, p, p_stepped)
  is_open = Not(over)
  open = Cast<to = 6>(is_open)
  some = ReduceMax<keepdims = 0>(open)
  again = Cast<to = 9>(some)
}
)";

/// Gives the values that a graph reads from around it their names.
void rename(onnx::GraphProto &graph, const llvm::StringMap<std::string> &names) {
  for (onnx::NodeProto &node : *graph.mutable_node()) {
    for (std::string &input : *node.mutable_input())
      if (auto found = names.find(input); found != names.end())
        input = found->second;
    for (onnx::AttributeProto &attribute : *node.mutable_attribute())
      if (attribute.has_g())
        rename(*attribute.mutable_g(), names);
  }
}

/// For each row, the probabilities r (i, j) of class i against class j, with r (j, i) = 1 - r (i, j), as matrices.
std::string addPairs(MlUpgrade &ml, const std::string &scores, ArrayRef<float> a, ArrayRef<float> b, size_t classes) {
  size_t numPairs = classes * (classes - 1) / 2, cells = classes * classes, pair = 0;
  std::vector<float> place(numPairs * cells), start(cells);
  for (size_t i = 0; i < classes; ++i)
    for (size_t j = i + 1; j < classes; ++j, ++pair) {
      place[pair * cells + i * classes + j] = 1;
      place[pair * cells + j * classes + i] = -1;
      start[j * classes + i] = 1;
    }
  std::string curve = ml.op("Add", {ml.op("Mul", {scores, ml.upgrade.floats("a", a)}), ml.upgrade.floats("b", b)});
  std::string one = ml.number(1), likely = ml.op("Sub", {one, ml.op("Sigmoid", {curve})});
  constexpr float least = 1e-7F;
  std::string bounded = ml.op("Min", {ml.op("Max", {likely, ml.number(least)}), ml.number(1 - least)});
  std::string flat =
      ml.op("Add", {ml.op("MatMul", {bounded, ml.matrix(place, int64_t(cells))}), ml.upgrade.floats("start", start)});
  auto size = int64_t(classes);
  return ml.op("Reshape", {flat, ml.upgrade.vector("sizes", {-1, size, size})});
}

} // namespace

llvm::Expected<std::string> MlUpgrade::probabilities(const std::string &scores, size_t classes) {
  ArrayRef<float> a = floats("prob_a"), b = floats("prob_b");
  size_t numPairs = classes * (classes - 1) / 2;
  constexpr size_t mostClasses = 256;
  if (a.size() < numPairs || b.size() < numPairs || classes > mostClasses)
    return llvm::createStringError("expected prob_a and prob_b for each pair of at most " + Twine(mostClasses) +
                                   " classes");
  std::string r = addPairs(*this, scores, a.take_front(numPairs), b.take_front(numPairs), classes);
  std::string turned = upgrade.fresh("turned");
  onnx::AttributeProto &perm = *upgrade.add("Transpose", {r}, {turned}).add_attribute();
  perm.set_name("perm");
  perm.set_type(onnx::AttributeProto::INTS);
  for (int64_t axis : {0, 2, 1})
    perm.add_ints(axis);
  std::vector<float> unit(classes * classes), places(classes), even(classes, 1.0F / float(classes));
  for (size_t i = 0; i < classes; ++i) {
    unit[i * (classes + 1)] = 1;
    places[i] = float(i);
  }
  auto size = int64_t(classes);
  std::string first = upgrade.vector("first", {1}), last = upgrade.vector("last", {2});
  std::string diagonal = op("ReduceSum", {op("Mul", {r, r}), first});
  std::string q = op("Sub", {op("Mul", {diagonal, matrix(unit, size)}), op("Mul", {r, turned})});

  onnx::GraphProto body;
  onnx::OnnxParser parser(iteration);
  if (!parser.Parse(body).IsOK())
    return llvm::createStringError("internal: the iteration does not parse");
  std::string count = op("Squeeze", {upgrade.vector("classes", {size})});
  rename(body, {{"Q", q},
                {"FIRST", first},
                {"LAST", last},
                {"EPSILON", number(0.005F / float(classes))},
                {"ONE", number(1)},
                {"CLASSES", count},
                {"PLACES", cast(upgrade.floats("places", places), onnx::TensorProto::INT64)}});
  constexpr int64_t leastRounds = 100;
  std::string rounds = op("Squeeze", {upgrade.vector("rounds", {std::max(leastRounds, size)})});
  // A row of equal probabilities for each row of scores.
  std::string row = op("Mul", {op("ReduceSum", {scores, first}), number(0)});
  std::string zero = op("Where", {op("IsNaN", {row}), number(0), row});
  std::string p = upgrade.fresh("p"), done = upgrade.fresh("done");
  onnx::NodeProto &loop =
      upgrade.add("Loop",
                  {rounds, cast(op("Squeeze", {upgrade.vector("go", {1})}), onnx::TensorProto::BOOL),
                   op("Add", {zero, upgrade.floats("even", even)}), cast(zero, onnx::TensorProto::BOOL)},
                  {p, done});
  onnx::AttributeProto &attribute = *loop.add_attribute();
  attribute.set_name("body");
  attribute.set_type(onnx::AttributeProto::GRAPH);
  *attribute.mutable_g() = body;
  return p;
}

} // namespace fsc
