//===- MlHooks.cpp - Operators of ai.onnx.ml ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Those that are arithmetic on whole tensors, as operators of ONNX itself. Refuses
// labels that are strings, transformations of scores that are rarely asked for, and
// what implementations do not agree on.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {
namespace {

constexpr int opset = 22;

ArrayRef<float> floatsOf(const Upgrade &upgrade, StringRef name) {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? ArrayRef<float>(found->floats().data(), found->floats_size()) : ArrayRef<float>();
}
std::string textOf(const Upgrade &upgrade, StringRef name, StringRef otherwise) {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? found->s() : otherwise.str();
}

/// An input as f32.
std::string real(Upgrade &upgrade, int index = 0) {
  const std::string &x = upgrade.node.input(index);
  if (RankedTensorType type = upgrade.type(index); type && type.getElementType().isF32())
    return x;
  std::string result = upgrade.fresh("real");
  setAttribute(upgrade.add("Cast", {x}, {result}), "to", onnx::TensorProto::FLOAT);
  return result;
}

/// binarizer {threshold} (x)  ->  cast (x > threshold)
llvm::Error upgradeBinarizer(Upgrade &upgrade) {
  RankedTensorType type = upgrade.type(0);
  if (!type)
    return llvm::createStringError("expected an operand of known type");
  upgrade.opset = opset;
  const onnx::AttributeProto *given = upgrade.attribute("threshold");
  float threshold = given ? given->f() : 0;
  std::string above = upgrade.fresh("above"), x = upgrade.node.input(0);
  bool isFloat = isa<FloatType>(type.getElementType());
  // The threshold of integers need not be one.
  upgrade.add("Greater",
              {isFloat ? x : real(upgrade),
               isFloat ? upgrade.scalarLikeInput("threshold", threshold) : upgrade.floats("threshold", threshold)},
              {above});
  setAttribute(upgrade.add("Cast", {above}, {upgrade.node.output(0)}), "to", onnxElementOfType(type.getElementType()));
  return llvm::Error::success();
}

/// scaler {offset, scale} (x)  ->  (x - offset) * scale
llvm::Error upgradeScaler(Upgrade &upgrade) {
  ArrayRef<float> offset = floatsOf(upgrade, "offset"), scale = floatsOf(upgrade, "scale");
  if (offset.empty() || scale.empty())
    return llvm::createStringError("expected an offset and a scale");
  upgrade.opset = opset;
  std::string shifted = upgrade.fresh("shifted"), x = real(upgrade);
  upgrade.add("Sub", {x, upgrade.floats("offset", offset)}, {shifted});
  upgrade.add("Mul", {shifted, upgrade.floats("scale", scale)}, {upgrade.node.output(0)});
  return llvm::Error::success();
}

/// normalizer {norm} (x)  ->  lp_normalization {p} (x)
llvm::Error upgradeNormalizer(Upgrade &upgrade) {
  std::string norm = textOf(upgrade, "norm", "MAX");
  if (norm != "L1" && norm != "L2")
    return llvm::createStringError("the norm '" + norm + "' is not supported");
  upgrade.opset = opset;
  std::string x = real(upgrade);
  onnx::NodeProto &node = upgrade.add("LpNormalization", {x}, {upgrade.node.output(0)});
  setAttribute(node, "axis", -1);
  setAttribute(node, "p", norm == "L1" ? 1 : 2);
  return llvm::Error::success();
}

/// coefficients * x + intercepts, with one row of coefficients for each result
llvm::Expected<std::string> addLinear(Upgrade &upgrade, int64_t rows) {
  ArrayRef<float> coefficients = floatsOf(upgrade, "coefficients"), intercepts = floatsOf(upgrade, "intercepts");
  RankedTensorType type = upgrade.type(0);
  if (rows < 1 || coefficients.empty() || int64_t(coefficients.size()) % rows != 0 || !type || type.getRank() != 2)
    return llvm::createStringError("expected a matrix and coefficients for each of its columns");
  std::string x = real(upgrade), weights = upgrade.fresh("weights"), scores = upgrade.fresh("scores");
  upgrade.add("Reshape", {upgrade.floats("coefficients", coefficients), upgrade.vector("rows", {rows, -1})}, {weights});
  std::vector<std::string> inputs = {x, weights};
  if (!intercepts.empty())
    inputs.push_back(upgrade.floats("intercepts", intercepts));
  setAttribute(upgrade.add("Gemm", inputs, {scores}), "transB", 1);
  return scores;
}

llvm::Error upgradeLinearRegressor(Upgrade &upgrade) {
  if (textOf(upgrade, "post_transform", "NONE") != "NONE")
    return llvm::createStringError("a post_transform is not supported");
  upgrade.opset = opset;
  llvm::Expected<std::string> scores = addLinear(upgrade, upgrade.integer("targets", 1));
  if (!scores)
    return scores.takeError();
  upgrade.add("Identity", {*scores}, {upgrade.node.output(0)});
  return llvm::Error::success();
}

/// linear_classifier (x)  ->  gather (labels, arg_max (scores)), scores
llvm::Error upgradeLinearClassifier(Upgrade &upgrade) {
  ArrayRef<int64_t> labels = upgrade.ints("classlabels_ints");
  std::string transform = textOf(upgrade, "post_transform", "NONE");
  if (labels.size() < 2 || upgrade.attribute("classlabels_strings"))
    return llvm::createStringError("labels that are strings, or of one class, are not supported");
  if (transform != "NONE" && transform != "LOGISTIC" && transform != "SOFTMAX")
    return llvm::createStringError("the post_transform '" + transform + "' is not supported");
  upgrade.opset = opset;
  RankedTensorType type = upgrade.type(0);
  int64_t columns = type && type.getRank() == 2 ? type.getDimSize(1) : 0;
  // Coefficients of one class alone are for it against the other.
  bool isOneSided = labels.size() == 2 && int64_t(floatsOf(upgrade, "coefficients").size()) == columns;
  llvm::Expected<std::string> linear = addLinear(upgrade, isOneSided ? 1 : int64_t(labels.size()));
  if (!linear)
    return linear.takeError();
  std::string scores = *linear, best = upgrade.fresh("best");
  std::string result = upgrade.node.output_size() > 1 ? upgrade.node.output(1) : upgrade.fresh("scores");
  if (isOneSided) {
    std::string negative = upgrade.fresh("negative"), both = upgrade.fresh("both");
    upgrade.add("Neg", {scores}, {negative});
    setAttribute(upgrade.add("Concat", {negative, scores}, {both}), "axis", 1);
    scores = both;
  }
  upgrade.add(transform == "NONE" ? "Identity" : transform == "LOGISTIC" ? "Sigmoid" : "Softmax", {scores}, {result});
  onnx::NodeProto &largest = upgrade.add("ArgMax", {result}, {best});
  setAttribute(largest, "axis", 1);
  setAttribute(largest, "keepdims", int64_t(0));
  upgrade.add("Gather", {upgrade.vector("labels", labels), best}, {upgrade.node.output(0)});
  return llvm::Error::success();
}

/// array_feature_extractor (x, indices)  ->  gather {axis = -1} (x, indices), at least a matrix
llvm::Error upgradeArrayFeatureExtractor(Upgrade &upgrade) {
  RankedTensorType type = upgrade.type(0);
  if (!type || type.getRank() < 1)
    return llvm::createStringError("expected an operand of known rank");
  upgrade.opset = opset;
  std::string flat = upgrade.fresh("indices"), picked = upgrade.fresh("picked");
  upgrade.add("Reshape", {upgrade.node.input(1), upgrade.vector("flat", {-1})}, {flat});
  setAttribute(upgrade.add("Gather", {upgrade.node.input(0), flat}, {picked}), "axis", -1);
  if (type.getRank() == 1)
    upgrade.add("Reshape", {picked, upgrade.vector("row", {1, -1})}, {upgrade.node.output(0)});
  else
    upgrade.add("Identity", {picked}, {upgrade.node.output(0)});
  return llvm::Error::success();
}

/// feature_vectorizer (x, ..)  ->  concat {axis = 1} (x, ..)
llvm::Error upgradeFeatureVectorizer(Upgrade &upgrade) {
  ArrayRef<int64_t> sizes = upgrade.ints("inputdimensions");
  std::vector<std::string> parts;
  upgrade.opset = opset;
  for (int i = 0; i < upgrade.node.input_size(); ++i) {
    RankedTensorType type = upgrade.type(i);
    if (!type || type.getRank() != 2 || i >= int(sizes.size()) || type.getDimSize(1) != sizes[i])
      return llvm::createStringError("expected matrices with as many columns as inputdimensions says");
    parts.push_back(real(upgrade, i));
  }
  setAttribute(upgrade.add("Concat", parts, {upgrade.node.output(0)}), "axis", 1);
  return llvm::Error::success();
}

/// imputer {replaced, imputed} (x)  ->  where (x == replaced, imputed, x)
llvm::Error upgradeImputer(Upgrade &upgrade) {
  ArrayRef<float> values = floatsOf(upgrade, "imputed_value_floats");
  RankedTensorType type = upgrade.type(0);
  if (values.empty() || !type || !type.getElementType().isF32())
    return llvm::createStringError("values other than f32 are not supported");
  upgrade.opset = opset;
  const onnx::AttributeProto *given = upgrade.attribute("replaced_value_float");
  float replaced = given ? given->f() : 0;
  std::string found = upgrade.fresh("found"), x = upgrade.node.input(0);
  if (std::isnan(replaced))
    upgrade.add("IsNaN", {x}, {found});
  else
    upgrade.add("Equal", {x, upgrade.floats("replaced", replaced)}, {found});
  upgrade.add("Where", {found, upgrade.floats("imputed", values), x}, {upgrade.node.output(0)});
  return llvm::Error::success();
}

} // namespace

ArrayRef<HookEntry> mlHooks() {
  static constexpr HookEntry entries[] = {
      {"Binarizer", upgradeBinarizer},
      {"Scaler", upgradeScaler},
      {"Normalizer", upgradeNormalizer},
      {"LinearRegressor", upgradeLinearRegressor},
      {"LinearClassifier", upgradeLinearClassifier},
      {"ArrayFeatureExtractor", upgradeArrayFeatureExtractor},
      {"FeatureVectorizer", upgradeFeatureVectorizer},
      {"Imputer", upgradeImputer},
  };
  return entries;
}

} // namespace fsc
