//===- MlModelHooks.cpp - Learned models of ai.onnx.ml --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linear models and support vector machines as products of matrices; trees keep
// their ops, and what becomes of their scores is written out. Refuses
// transformations of a single score on which implementations do not agree.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/MlHooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {

llvm::Expected<std::string> MlUpgrade::transform(const std::string &scores, StringRef how) {
  if (how == "NONE")
    return scores;
  if (how == "LOGISTIC")
    return op("Sigmoid", {scores});
  if (how == "SOFTMAX")
    return op("Softmax", {scores}, {{"axis", 1}});
  if (how == "SOFTMAX_ZERO") {
    // A softmax that leaves scores of zero out.
    std::string axis = upgrade.vector("axis", {1});
    std::string most = op("ReduceMax", {scores, axis});
    std::string isZero = op("LessOrEqual", {op("Abs", {scores}), number(1e-7F)});
    std::string power = op("Exp", {op("Sub", {scores, most})});
    std::string counted = op("Where", {isZero, number(0), power});
    std::string zero = op("Mul", {scores, op("Exp", {op("Neg", {most})})});
    return op("Div", {op("Where", {isZero, zero, power}), op("ReduceSum", {counted, axis})});
  }
  if (how == "PROBIT") {
    // sqrt (2) * erfinv (2 p - 1), with the approximation of the inverse by which ONNX's implementations define it:
    // S. Winitzki, "A handy approximation for the error function and its inverse", 2008.
    constexpr float a = 0.147F, pi = 3.14159F;
    std::string x = op("Sub", {op("Mul", {scores, number(2)}), number(1)});
    std::string log = op("Log", {op("Mul", {op("Sub", {number(1), x}), op("Add", {number(1), x})})});
    std::string half = op("Add", {op("Mul", {log, number(0.5F)}), number(2 / (pi * a))});
    std::string square = op("Sub", {op("Mul", {half, half}), op("Mul", {log, number(1 / a)})});
    std::string root = op("Sqrt", {op("Sub", {op("Sqrt", {square}), half})});
    std::string isNegative = op("Less", {x, number(0)});
    return op("Mul", {op("Where", {isNegative, op("Neg", {root}), root}), number(1.41421356F)});
  }
  return llvm::createStringError("expected a post_transform that ONNX names, got '" + how + "'");
}

namespace {

/// The labels of the classes: a list of strings or of numbers.
class Labels {
public:
  explicit Labels(MlUpgrade &ml) : ml(ml), text(ml.upgrade.attribute("classlabels_strings")) {
    if (text && text->strings_size() == 0)
      text = nullptr;
    numbers = ml.upgrade.ints("classlabels_ints");
  }

  size_t size() const { return text ? size_t(text->strings_size()) : numbers.size(); }
  /// A constant of the labels, and behind them what stands for no class.
  std::string values() const {
    if (!text) {
      SmallVector<int64_t> all(numbers);
      all.push_back(0);
      return ml.upgrade.vector("labels", all);
    }
    std::string name = ml.upgrade.fresh("labels");
    onnx::AttributeProto &value = *ml.upgrade.add("Constant", {}, {name}).add_attribute();
    value = *text;
    value.set_name("value_strings");
    value.add_strings("");
    return name;
  }
  /// Gives output 0 the labels of the numbers of classes.
  void finish(const std::string &classes) { ml.finish(0, ml.op("Gather", {values(), classes})); }

private:
  MlUpgrade &ml;
  const onnx::AttributeProto *text;
  ArrayRef<int64_t> numbers;
};

/// coefficients * x + intercepts, with one row of coefficients for each result
llvm::Expected<std::string> addLinear(MlUpgrade &ml, int64_t rows) {
  ArrayRef<float> coefficients = ml.floats("coefficients"), intercepts = ml.floats("intercepts");
  RankedTensorType type = ml.upgrade.type(0);
  if (rows < 1 || coefficients.empty() || int64_t(coefficients.size()) % rows != 0 || !type || type.getRank() != 2)
    return llvm::createStringError("expected a matrix and coefficients for each of its columns");
  if (!intercepts.empty() && int64_t(intercepts.size()) != rows)
    return llvm::createStringError("expected one intercept for each row of coefficients, or none");
  std::vector<std::string> inputs = {ml.real(), ml.matrix(coefficients, int64_t(coefficients.size()) / rows)};
  if (!intercepts.empty())
    inputs.push_back(ml.upgrade.floats("intercepts", intercepts));
  return ml.op("Gemm", inputs, {{"transB", 1}});
}

llvm::Error upgradeLinearRegressor(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  int64_t targets = upgrade.integer("targets", 1);
  std::string how = ml.text("post_transform", "NONE");
  if (how != "NONE" && targets == 1)
    return llvm::createStringError("a post_transform of one target is not supported");
  llvm::Expected<std::string> scores = addLinear(ml, targets);
  if (!scores)
    return scores.takeError();
  llvm::Expected<std::string> result = ml.transform(*scores, how);
  if (!result)
    return result.takeError();
  ml.finish(0, *result);
  return llvm::Error::success();
}

/// linear_classifier (x) of one class  ->  where (score reaches the threshold, label, none), score
llvm::Error classifyOne(MlUpgrade &ml, Labels &labels, StringRef how) {
  llvm::Expected<std::string> scores = addLinear(ml, 1);
  if (!scores)
    return scores.takeError();
  llvm::Expected<std::string> result = ml.transform(*scores, how);
  if (!result)
    return result.takeError();
  std::string isBelow = ml.op("Less", {*result, ml.number(how == "NONE" ? 0 : 0.5F)});
  labels.finish(ml.op("Reshape", {ml.cast(isBelow, onnx::TensorProto::INT64), ml.upgrade.vector("flat", {-1})}));
  ml.finish(1, *result);
  return llvm::Error::success();
}

/// linear_classifier (x)  ->  gather (labels, arg_max (scores)), scores
llvm::Error upgradeLinearClassifier(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  Labels labels(ml);
  std::string how = ml.text("post_transform", "NONE");
  RankedTensorType type = upgrade.type(0);
  if (labels.size() == 0)
    return llvm::createStringError("expected labels in classlabels_ints or classlabels_strings");
  if (labels.size() == 1)
    return classifyOne(ml, labels, how);
  int64_t columns = type && type.getRank() == 2 ? type.getDimSize(1) : 0;
  // Coefficients of one class alone are for it against the other.
  bool isOneSided = labels.size() == 2 && int64_t(ml.floats("coefficients").size()) == columns;
  if (isOneSided && how != "NONE" && how != "LOGISTIC")
    return llvm::createStringError("the post_transform '" + how + "' of one score is not supported");
  llvm::Expected<std::string> scores = addLinear(ml, isOneSided ? 1 : int64_t(labels.size()));
  if (!scores)
    return scores.takeError();
  if (isOneSided) {
    std::string other = how == "NONE" ? ml.op("Sub", {ml.number(1), *scores}) : ml.op("Neg", {*scores});
    std::string isSecond = ml.cast(ml.op("Greater", {*scores, ml.number(0)}), onnx::TensorProto::INT64);
    *scores = ml.op("Concat", {other, *scores}, {{"axis", 1}});
    labels.finish(ml.op("Reshape", {isSecond, upgrade.vector("flat", {-1})}));
  } else {
    labels.finish(ml.largest(*scores));
  }
  llvm::Expected<std::string> result = ml.transform(*scores, how);
  if (!result)
    return result.takeError();
  ml.finish(1, *result);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Support vectors
//===----------------------------------------------------------------------===//

/// kernel (x, v) for each row x and each vector v
llvm::Expected<std::string> addKernel(MlUpgrade &ml, int64_t count) {
  ArrayRef<float> vectors = ml.floats("support_vectors"), parameters = ml.floats("kernel_params");
  std::string kind = ml.text("kernel_type", "LINEAR");
  RankedTensorType type = ml.upgrade.type(0);
  if (!type || type.getRank() != 2 || count < 1 || vectors.empty() || int64_t(vectors.size()) % count != 0)
    return llvm::createStringError("expected a matrix and support vectors with as many elements as it has columns");
  if (kind != "LINEAR" && parameters.size() != 3)
    return llvm::createStringError("expected the three kernel_params gamma, coef0 and degree");
  std::string x = ml.real(), v = ml.matrix(vectors, int64_t(vectors.size()) / count);
  if (kind == "RBF") {
    std::string apart = ml.op("Sub", {ml.op("Unsqueeze", {x, ml.upgrade.vector("axis", {1})}), v});
    std::string distance = ml.op("ReduceSumSquare", {apart, ml.upgrade.vector("axis", {2})}, {{"keepdims", 0}});
    return ml.op("Exp", {ml.op("Mul", {distance, ml.number(-parameters[0])})});
  }
  std::string product = ml.op("Gemm", {x, v}, {{"transB", 1}});
  if (kind == "LINEAR")
    return product;
  if (kind != "POLY" && kind != "SIGMOID")
    return llvm::createStringError("expected a kernel_type that ONNX names, got '" + kind + "'");
  std::string shifted = ml.op("Add", {ml.op("Mul", {product, ml.number(parameters[0])}), ml.number(parameters[1])});
  return kind == "POLY" ? ml.op("Pow", {shifted, ml.number(parameters[2])}) : ml.op("Tanh", {shifted});
}

/// svm_regressor (x)  ->  kernel (x) * coefficients + rho
llvm::Error upgradeSvmRegressor(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  ArrayRef<float> coefficients = ml.floats("coefficients"), rho = ml.floats("rho");
  int64_t count = upgrade.integer("n_supports", 0);
  RankedTensorType type = upgrade.type(0);
  if (ml.text("post_transform", "NONE") != "NONE")
    return llvm::createStringError("a post_transform of one score is not supported");
  if (rho.empty() || coefficients.empty() || (count > 0 && int64_t(coefficients.size()) != count) || !type ||
      type.getRank() != 2)
    return llvm::createStringError("expected a matrix, rho, and a coefficient for each support vector");
  // Without support vectors the coefficients are those of the columns.
  llvm::Expected<std::string> features = count > 0 ? addKernel(ml, count) : llvm::Expected<std::string>(ml.real());
  if (!features)
    return features.takeError();
  std::string score = ml.op("Gemm", {*features, ml.matrix(coefficients, 1), ml.number(rho.front())});
  if (upgrade.integer("one_class", 0) != 0)
    score = ml.op("Where", {ml.op("Greater", {score, ml.number(0)}), ml.number(1), ml.number(-1)});
  ml.finish(0, score);
  return llvm::Error::success();
}

/// A score for each pair of classes, and the votes that they are for each class.
struct Votes {
  std::string scores, votes;
};

/// The vectors of a class have a row of coefficients for each other class.
llvm::Expected<Votes> addVotes(MlUpgrade &ml, ArrayRef<int64_t> perClass, ArrayRef<float> rho) {
  ArrayRef<float> coefficients = ml.floats("coefficients");
  size_t numClasses = perClass.size(), numPairs = numClasses * (numClasses - 1) / 2;
  constexpr int64_t mostVectors = 1 << 20;
  if (llvm::any_of(perClass, [](int64_t size) { return size < 0 || size > mostVectors; }))
    return llvm::createStringError("expected vectors_per_class of at least 0");
  size_t count = 0;
  SmallVector<size_t> first;
  for (int64_t size : perClass) {
    first.push_back(count);
    count += size_t(size);
  }
  if (rho.size() < numPairs || coefficients.size() != count * (numClasses - 1))
    return llvm::createStringError("expected rho for each pair of classes, and coefficients for each support vector");
  constexpr size_t mostWeights = size_t(1) << 26;
  if (numPairs * std::max(count, numClasses) > mostWeights)
    return llvm::createStringError("expected at most " + Twine(mostWeights) + " weights of pairs of classes, got " +
                                   Twine(numPairs * std::max(count, numClasses)));
  std::vector<float> weights(numPairs * count), wins(numPairs * numClasses), start(numClasses);
  size_t pair = 0;
  for (size_t i = 0; i < numClasses; ++i)
    for (size_t j = i + 1; j < numClasses; ++j, ++pair) {
      for (size_t k = first[i]; k < first[i] + size_t(perClass[i]); ++k)
        weights[pair * count + k] = coefficients[(j - 1) * count + k];
      for (size_t k = first[j]; k < first[j] + size_t(perClass[j]); ++k)
        weights[pair * count + k] = coefficients[i * count + k];
      // A positive score is a vote for the first of the two, any other for the second.
      wins[pair * numClasses + i] = 1;
      wins[pair * numClasses + j] = -1;
      start[j] += 1;
    }
  llvm::Expected<std::string> kernel = addKernel(ml, int64_t(count));
  if (!kernel)
    return kernel.takeError();
  std::string offsets = ml.upgrade.floats("rho", rho.take_front(numPairs));
  Votes result;
  result.scores = ml.op("Gemm", {*kernel, ml.matrix(weights, int64_t(count)), offsets}, {{"transB", 1}});
  std::string isFirst = ml.cast(ml.op("Greater", {result.scores, ml.number(0)}), onnx::TensorProto::FLOAT);
  result.votes = ml.op("Gemm", {isFirst, ml.matrix(wins, int64_t(numClasses)), ml.upgrade.floats("votes", start)});
  return result;
}

/// svm_classifier (x)  ->  gather (labels, arg_max (votes of the pairs of classes)), scores of the pairs, or the
/// probabilities that they stand for
llvm::Error upgradeSvmClassifier(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  Labels labels(ml);
  ArrayRef<int64_t> perClass = upgrade.ints("vectors_per_class");
  ArrayRef<float> rho = ml.floats("rho"), coefficients = ml.floats("coefficients");
  std::string how = ml.text("post_transform", "NONE");
  auto count = int64_t(labels.size());
  bool hasProbabilities = !ml.floats("prob_a").empty() && !perClass.empty();
  if (count < 2)
    return llvm::createStringError("expected labels of two classes or more");
  if (count == 2 && perClass.empty())
    return llvm::createStringError("two classes without support vectors are not supported");
  if (count == 2 && !hasProbabilities && how != "NONE" && how != "LOGISTIC")
    return llvm::createStringError("the post_transform '" + how + "' of one score is not supported");
  if (rho.empty() || (!perClass.empty() && perClass.size() != labels.size()))
    return llvm::createStringError("expected rho, and vectors_per_class for each label");
  std::string scores, classes;
  if (perClass.empty()) {
    if (coefficients.empty() || int64_t(coefficients.size()) % count != 0)
      return llvm::createStringError("expected a row of coefficients for each label");
    std::string weights = ml.matrix(coefficients, int64_t(coefficients.size()) / count);
    scores = ml.op("Gemm", {ml.real(), weights, ml.number(rho.front())}, {{"transB", 1}});
    classes = ml.largest(scores);
  } else {
    llvm::Expected<Votes> voted = addVotes(ml, perClass, rho);
    if (!voted)
      return voted.takeError();
    scores = voted->scores;
    classes = ml.largest(voted->votes);
    if (hasProbabilities) {
      llvm::Expected<std::string> found = ml.probabilities(scores, labels.size());
      if (!found)
        return found.takeError();
      scores = *found;
    } else if (count == 2)
      scores = ml.op("Concat", {ml.op("Neg", {scores}), scores}, {{"axis", 1}});
  }
  labels.finish(classes);
  llvm::Expected<std::string> result = ml.transform(scores, how);
  if (!result)
    return result.takeError();
  ml.finish(1, *result);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

/// trees {post_transform} (x)  ->  transform (trees (x)), so that labels are of the scores before it
llvm::Error splitTransform(Upgrade &upgrade, int output, StringRef how) {
  MlUpgrade ml(upgrade);
  std::string scores = upgrade.fresh("scores");
  upgrade.addCopy({"post_transform"}).set_output(output, scores);
  llvm::Expected<std::string> result = ml.transform(scores, how);
  if (!result)
    return result.takeError();
  ml.finish(output, *result);
  return llvm::Error::success();
}

llvm::Error upgradeTreeRegressor(Upgrade &upgrade) {
  const onnx::AttributeProto *given = upgrade.attribute("post_transform");
  if (!given || given->s() == "NONE")
    return llvm::Error::success();
  if (upgrade.integer("n_targets", 1) < 2)
    return llvm::createStringError("a post_transform of one target is not supported");
  return splitTransform(upgrade, 0, given->s());
}

llvm::Error upgradeTreeEnsemble(Upgrade &upgrade) {
  constexpr StringRef names[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};
  int64_t how = upgrade.integer("post_transform", 0);
  RankedTensorType type = upgrade.type(0);
  if (how == 0)
    return llvm::Error::success();
  if (how < 0 || how >= int64_t(std::size(names)) || upgrade.integer("n_targets", 1) < 2)
    return llvm::createStringError("expected a post_transform from 0 to 4, and two targets or more with it");
  if (!type || !type.getElementType().isF32())
    return llvm::createStringError("a post_transform of values other than f32 is not supported");
  return splitTransform(upgrade, 0, names[how]);
}

llvm::Error upgradeTreeClassifier(Upgrade &upgrade) {
  const onnx::AttributeProto *given = upgrade.attribute("post_transform");
  ArrayRef<int64_t> targets = upgrade.ints("class_ids");
  // Weights of one class alone: what they become is for the op to say.
  bool isOneSided = upgrade.ints("classlabels_int64s").size() == 2 && llvm::all_equal(targets);
  if (!given || given->s() == "NONE" || isOneSided || upgrade.node.output_size() < 2 ||
      upgrade.node.output(1).empty() || upgrade.attribute("classlabels_strings"))
    return llvm::Error::success();
  return splitTransform(upgrade, 1, given->s());
}

} // namespace

ArrayRef<HookEntry> modelHooks() {
  static constexpr HookEntry entries[] = {
      {"LinearRegressor", upgradeLinearRegressor},     {"LinearClassifier", upgradeLinearClassifier},
      {"SVMRegressor", upgradeSvmRegressor},           {"SVMClassifier", upgradeSvmClassifier},
      {"TreeEnsembleRegressor", upgradeTreeRegressor}, {"TreeEnsembleClassifier", upgradeTreeClassifier},
      {"TreeEnsemble", upgradeTreeEnsemble},
  };
  return entries;
}

} // namespace fsc
