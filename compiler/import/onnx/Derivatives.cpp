//===- Derivatives.cpp - How operators pass gradients back ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For a node y = op (x, ..) and the gradient g of a number by y, the gradients of
// that number by x, .. . Refuses operators that are not here, broadcasting of sizes
// that are not known, and products of vectors.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Derivatives.h"
#include "compiler/Diagnostics.h"

#include <numbers>

using namespace mlir;

namespace fsc {
namespace {

/// A node and the gradient of its output.
struct Step {
  NodeBuilder &build;
  const onnx::NodeProto &node;
  const std::string &g;
  const KnownValues &known;

  const std::string &x(int index = 0) const { return node.input(index); }
  const std::string &y() const { return node.output(0); }
  RankedTensorType type(int index = 0) const { return known.typeOf(node.input(index)); }
  /// A number of the type of the node's first float input.
  std::string number(double value) const {
    for (const std::string &input : node.input())
      if (RankedTensorType type = known.typeOf(input); type && isa<FloatType>(type.getElementType()))
        return build.scalar(value, type.getElementType());
    return build.f32(float(value));
  }
  const onnx::AttributeProto *attribute(StringRef name) const {
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.name() == name)
        return &attribute;
    return nullptr;
  }
  int64_t integer(StringRef name, int64_t otherwise) const {
    const onnx::AttributeProto *found = attribute(name);
    return found ? found->i() : otherwise;
  }
  double real(StringRef name, double otherwise) const {
    const onnx::AttributeProto *found = attribute(name);
    return found ? double(found->f()) : otherwise;
  }
  /// The axes of a reduction, counted from 0; all if none are given, nothing if they are not known.
  std::optional<SmallVector<int64_t>> axes() const {
    int64_t rank = type().getRank();
    SmallVector<int64_t> axes;
    if (const onnx::AttributeProto *found = attribute("axes")) {
      axes.assign(found->ints().begin(), found->ints().end());
    } else if (node.input_size() > 1 && !node.input(1).empty()) {
      auto given = known.integersOf(node.input(1));
      if (!given)
        return std::nullopt;
      axes = *given;
    }
    if (axes.empty() && integer("noop_with_empty_axes", 0) == 0)
      axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    for (int64_t &axis : axes)
      axis = axis < 0 ? axis + rank : axis;
    return axes;
  }

  std::string op(StringRef name, NodeBuilder::Names inputs) const { return build.op(name, inputs); }
  std::string square(const std::string &a) const { return build.mul(a, a); }
  std::string like(const std::string &value, const std::string &x) const {
    return build.op("Reshape", {value, build.op("Shape", {x})}, {attr("allowzero", int64_t(1))});
  }
  std::string turned(const std::string &matrix, int64_t rank) const {
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(perm[rank - 1], perm[rank - 2]);
    return build.transpose(matrix, perm);
  }
};

using Rule = llvm::Expected<std::string> (*)(const Step &, int index);

llvm::Expected<std::string> ofPow(const Step &s, int index) {
  if (index == 0)
    return s.build.mul(s.g, s.build.mul(s.x(1), s.op("Pow", {s.x(), s.build.sub(s.x(1), s.number(1))})));
  // Of a base of 0 the power does not change.
  std::string isPositive = s.op("Greater", {s.x(), s.number(0)});
  std::string log = s.op("Log", {s.build.where(isPositive, s.x(), s.number(1))});
  return s.build.mul(s.g, s.build.mul(s.y(), log));
}

llvm::Expected<std::string> ofMatMul(const Step &s, int index) {
  int64_t a = s.type(0).getRank(), b = s.type(1).getRank();
  if (a < 2 || b < 2)
    return llvm::createStringError("the gradient of MatMul with a vector is not supported");
  return index == 0 ? s.op("MatMul", {s.g, s.turned(s.x(1), b)}) : s.op("MatMul", {s.turned(s.x(0), a), s.g});
}

/// alpha op (a) op (b) + beta c
llvm::Expected<std::string> ofGemm(const Step &s, int index) {
  bool transA = s.integer("transA", 0) != 0, transB = s.integer("transB", 0) != 0;
  if (index == 2)
    return s.build.mul(s.g, s.number(s.real("beta", 1)));
  std::string g = s.build.mul(s.g, s.number(s.real("alpha", 1)));
  auto product = [&](const std::string &left, bool transLeft, const std::string &right, bool transRight) {
    return s.op("MatMul", {transLeft ? s.turned(left, 2) : left, transRight ? s.turned(right, 2) : right});
  };
  if (index == 0)
    return transA ? product(s.x(1), transB, g, true) : product(g, false, s.x(1), !transB);
  return transB ? product(g, true, s.x(0), transA) : product(s.x(0), !transA, g, false);
}

llvm::Expected<std::string> ofTranspose(const Step &s, int) {
  int64_t rank = s.type().getRank();
  SmallVector<int64_t> inverse(rank);
  const onnx::AttributeProto *perm = s.attribute("perm");
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t from = perm && perm->ints_size() == rank ? perm->ints(int(axis)) : rank - 1 - axis;
    if (from < 0 || from >= rank)
      return llvm::createStringError("expected a perm of the axes");
    inverse[from] = axis;
  }
  return s.build.transpose(s.g, inverse);
}

llvm::Expected<std::string> ofReduceSum(const Step &s, int index) {
  std::optional<SmallVector<int64_t>> axes = s.axes();
  if (index != 0 || !axes)
    return codedError(Code::unknownSize, "expected axes that are known");
  std::string g = s.integer("keepdims", 1) != 0 || axes->empty() ? s.g : s.build.unsqueeze(s.g, *axes);
  return s.op("Expand", {g, s.op("Shape", {s.x()})});
}

llvm::Expected<std::string> ofReduceMean(const Step &s, int index) {
  llvm::Expected<std::string> sum = ofReduceSum(s, index);
  if (!sum)
    return sum;
  auto size = [&](const std::string &value) { return s.op("CastLike", {s.op("Size", {value}), s.g}); };
  return s.op("Div", {s.build.mul(*sum, size(s.y())), size(s.x())});
}

llvm::Expected<std::string> ofConcat(const Step &s, int index) {
  int64_t axis = s.integer("axis", 0), rank = s.type().getRank();
  axis = axis < 0 ? axis + rank : axis;
  std::string start = s.build.ints(0);
  for (int i = 0; i < index; ++i)
    start = s.build.add(start, s.build.size(s.x(i), axis));
  return s.build.slice(s.g, start, s.build.add(start, s.build.size(s.x(index), axis)), axis);
}

/// Of softmax, and of its logarithm.
llvm::Expected<std::string> ofSoftmax(const Step &s, int) {
  int64_t axis = s.integer("axis", -1);
  auto sum = [&](const std::string &value) { return s.op("ReduceSum", {value, s.build.ints(axis)}); };
  if (s.node.op_type() == "LogSoftmax")
    return s.build.sub(s.g, s.build.mul(s.op("Exp", {s.y()}), sum(s.g)));
  return s.build.mul(s.y(), s.build.sub(s.g, sum(s.build.mul(s.g, s.y()))));
}

struct Entry {
  StringRef op;
  Rule rule;
  bool broadcasts = false;
  /// The version of the form that the rule is for; older ones have none.
  int since = 1;
};

constexpr Entry rules[] = {
    {"Identity", [](const Step &s, int) -> llvm::Expected<std::string> { return s.g; }},
    {"Cast", [](const Step &s, int) -> llvm::Expected<std::string> { return s.op("CastLike", {s.g, s.x()}); }},
    {"Neg", [](const Step &s, int) -> llvm::Expected<std::string> { return s.op("Neg", {s.g}); }},
    {"Add", [](const Step &s, int) -> llvm::Expected<std::string> { return s.g; }, true, 7},
    {"Sum", [](const Step &s, int) -> llvm::Expected<std::string> { return s.g; }, true, 8},
    {"Sub", [](const Step &s, int i) -> llvm::Expected<std::string> { return i == 0 ? s.g : s.op("Neg", {s.g}); }, true,
     7},
    {"Mul", [](const Step &s, int i) -> llvm::Expected<std::string> { return s.build.mul(s.g, s.x(1 - i)); }, true, 7},
    {"Div",
     [](const Step &s, int i) -> llvm::Expected<std::string> {
       std::string part = s.op("Div", {s.g, s.x(1)});
       return i == 0 ? part : s.op("Neg", {s.build.mul(part, s.y())});
     },
     true, 7},
    {"Pow", ofPow, true, 7},
    {"Where",
     [](const Step &s, int i) -> llvm::Expected<std::string> {
       return i == 1 ? s.build.where(s.x(), s.g, s.number(0)) : s.build.where(s.x(), s.number(0), s.g);
     },
     true},
    {"Abs", [](const Step &s, int) -> llvm::Expected<std::string> { return s.build.mul(s.g, s.op("Sign", {s.x()})); }},
    {"Exp", [](const Step &s, int) -> llvm::Expected<std::string> { return s.build.mul(s.g, s.y()); }},
    {"Log", [](const Step &s, int) -> llvm::Expected<std::string> { return s.op("Div", {s.g, s.x()}); }},
    {"Sqrt",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       return s.op("Div", {s.g, s.build.mul(s.y(), s.number(2))});
     }},
    {"Reciprocal",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       return s.op("Neg", {s.build.mul(s.g, s.square(s.y()))});
     }},
    {"Sin", [](const Step &s, int) -> llvm::Expected<std::string> { return s.build.mul(s.g, s.op("Cos", {s.x()})); }},
    {"Cos",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       return s.op("Neg", {s.build.mul(s.g, s.op("Sin", {s.x()}))});
     }},
    {"Tanh",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       return s.build.mul(s.g, s.build.sub(s.number(1), s.square(s.y())));
     }},
    {"Sigmoid",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       return s.build.mul(s.g, s.build.mul(s.y(), s.build.sub(s.number(1), s.y())));
     }},
    {"Softplus",
     [](const Step &s, int) -> llvm::Expected<std::string> { return s.build.mul(s.g, s.op("Sigmoid", {s.x()})); }},
    {"Erf",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       std::string bell = s.op("Exp", {s.op("Neg", {s.square(s.x())})});
       return s.build.mul(s.g, s.build.mul(bell, s.number(2 * std::numbers::inv_sqrtpi)));
     }},
    {"Relu",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       return s.build.where(s.op("Greater", {s.x(), s.number(0)}), s.g, s.number(0));
     }},
    {"LeakyRelu",
     [](const Step &s, int) -> llvm::Expected<std::string> {
       std::string less = s.build.mul(s.g, s.number(s.real("alpha", 0.01F)));
       return s.build.where(s.op("Less", {s.x(), s.number(0)}), less, s.g);
     }},
    {"MatMul", ofMatMul, true},
    {"Gemm", ofGemm, true, 7},
    {"Transpose", ofTranspose},
    {"Reshape", [](const Step &s, int) -> llvm::Expected<std::string> { return s.like(s.g, s.x()); }},
    {"Flatten", [](const Step &s, int) -> llvm::Expected<std::string> { return s.like(s.g, s.x()); }},
    {"Squeeze", [](const Step &s, int) -> llvm::Expected<std::string> { return s.like(s.g, s.x()); }},
    {"Unsqueeze", [](const Step &s, int) -> llvm::Expected<std::string> { return s.like(s.g, s.x()); }},
    {"Expand", [](const Step &s, int) -> llvm::Expected<std::string> { return s.g; }, true},
    {"ReduceSum", ofReduceSum},
    {"ReduceMean", ofReduceMean},
    {"Concat", ofConcat, false, 4},
    {"Softmax", ofSoftmax, false, 13},
    {"LogSoftmax", ofSoftmax, false, 13},
};

/// The gradient summed over the dims along which an operand was broadcast.
llvm::Expected<std::string> sumToOperand(const Step &s, const std::string &gradient, int index) {
  RankedTensorType from = s.type(index), to = s.known.typeOf(s.y());
  int64_t added = to.getRank() - from.getRank();
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, added));
  int64_t numMatrixDims = s.node.op_type() == "MatMul" ? 2 : 0;
  for (int64_t axis = 0; axis < from.getRank() - numMatrixDims; ++axis) {
    int64_t size = from.getDimSize(axis), result = to.getDimSize(added + axis);
    if (ShapedType::isDynamic(size) && s.node.input_size() > 1)
      return llvm::createStringError("the gradient of " + s.node.op_type() +
                                     " with sizes that are not known is not supported");
    if (size == 1 && result != 1)
      axes.push_back(added + axis);
  }
  if (axes.empty())
    return gradient;
  return s.like(s.op("ReduceSum", {gradient, s.build.ints(axes)}), s.x(index));
}

} // namespace

llvm::Expected<std::string> addDerivative(NodeBuilder &build, const onnx::NodeProto &node, int version, int index,
                                          const std::string &gradient, const KnownValues &known) {
  const Entry *entry = llvm::find_if(rules, [&](const Entry &entry) { return entry.op == node.op_type(); });
  if (entry == std::end(rules) || !node.domain().empty() || version < entry->since)
    return llvm::createStringError("the gradient of " + node.op_type() + " is not supported");
  auto isUnknown = [&](const std::string &value) { return !value.empty() && !known.typeOf(value); };
  if (llvm::any_of(node.input(), isUnknown) || llvm::any_of(node.output(), isUnknown))
    return llvm::createStringError("expected values of known types around " + node.op_type());
  Step step{build, node, gradient, known};
  if (!isa<FloatType>(step.type(index).getElementType()))
    return llvm::createStringError("expected floats, by which there are gradients, in " + node.op_type());
  llvm::Expected<std::string> result = entry->rule(step, index);
  if (!result || !entry->broadcasts)
    return result;
  return sumToOperand(step, *result, index);
}

} // namespace fsc
