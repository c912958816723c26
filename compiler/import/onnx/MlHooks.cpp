//===- MlHooks.cpp - Operators of ai.onnx.ml ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Those that prepare features, as operators of ONNX itself. Refuses strings.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/MlHooks.h"
#include "dialects/fsc/FscDialect.h"

#include <cmath>

using namespace mlir;

namespace fsc {

ArrayRef<float> MlUpgrade::floats(StringRef name) const {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? ArrayRef<float>(found->floats().data(), found->floats_size()) : ArrayRef<float>();
}

std::string MlUpgrade::text(StringRef name, StringRef otherwise) const {
  const onnx::AttributeProto *found = upgrade.attribute(name);
  return found ? found->s() : otherwise.str();
}

std::string MlUpgrade::op(StringRef op, ArrayRef<std::string> inputs) {
  return this->op(op, inputs, ArrayRef<std::pair<StringRef, int64_t>>());
}

std::string MlUpgrade::op(StringRef op, ArrayRef<std::string> inputs,
                          ArrayRef<std::pair<StringRef, int64_t>> attributes) {
  std::string result = upgrade.fresh(op);
  onnx::NodeProto &node = upgrade.add(op, inputs, {result});
  for (auto [name, value] : attributes)
    setAttribute(node, name, value);
  return result;
}

std::string MlUpgrade::cast(const std::string &x, int64_t elementType) {
  return op("Cast", {x}, {{"to", elementType}});
}

std::string MlUpgrade::matrix(ArrayRef<float> elements, int64_t columns) {
  return op("Reshape", {upgrade.floats("matrix", elements), upgrade.vector("sizes", {-1, columns})});
}

std::string MlUpgrade::real(int index) {
  const std::string &x = upgrade.node.input(index);
  RankedTensorType type = upgrade.type(index);
  return type && type.getElementType().isF32() ? x : cast(x, onnx::TensorProto::FLOAT);
}

void MlUpgrade::finish(int output, const std::string &value) {
  if (output < upgrade.node.output_size() && !upgrade.node.output(output).empty())
    upgrade.add("Identity", {value}, {upgrade.node.output(output)});
}

namespace {

/// binarizer {threshold} (x)  ->  cast (x > threshold)
llvm::Error upgradeBinarizer(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  RankedTensorType type = upgrade.type(0);
  if (!type)
    return llvm::createStringError("expected an operand of known type");
  const onnx::AttributeProto *given = upgrade.attribute("threshold");
  float threshold = given ? given->f() : 0;
  bool isFloat = isa<FloatType>(type.getElementType());
  // The threshold of integers need not be one.
  std::string above = isFloat
                          ? ml.op("Greater", {upgrade.node.input(0), upgrade.scalarLikeInput("threshold", threshold)})
                          : ml.op("Greater", {ml.real(), ml.number(threshold)});
  ml.finish(0, ml.cast(above, onnxElementOfType(type.getElementType())));
  return llvm::Error::success();
}

/// array_feature_extractor (x, indices)  ->  gather {axis = -1} (x, indices), at least a matrix
llvm::Error upgradeArrayFeatureExtractor(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  RankedTensorType type = upgrade.type(0);
  if (!type || type.getRank() < 1)
    return llvm::createStringError("expected an operand of known rank");
  std::string flat = ml.op("Reshape", {upgrade.node.input(1), upgrade.vector("flat", {-1})});
  std::string picked = ml.op("Gather", {upgrade.node.input(0), flat}, {{"axis", -1}});
  ml.finish(0, type.getRank() == 1 ? ml.op("Reshape", {picked, upgrade.vector("row", {1, -1})}) : picked);
  return llvm::Error::success();
}

/// scaler {offset, scale} (x)  ->  (x - offset) * scale
llvm::Error upgradeScaler(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  ArrayRef<float> offset = ml.floats("offset"), scale = ml.floats("scale");
  if (offset.empty() || scale.empty())
    return llvm::createStringError("expected an offset and a scale");
  std::string shifted = ml.op("Sub", {ml.real(), upgrade.floats("offset", offset)});
  ml.finish(0, ml.op("Mul", {shifted, upgrade.floats("scale", scale)}));
  return llvm::Error::success();
}

/// normalizer {norm} (x)  ->  lp_normalization {p} (x), or x / max (x) where that is not 0
llvm::Error upgradeNormalizer(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  std::string norm = ml.text("norm", "MAX"), x = ml.real();
  RankedTensorType type = upgrade.type(0);
  if (!type || type.getRank() < 1 || type.getRank() > 2)
    return llvm::createStringError("expected an operand of rank 1 or 2");
  if (norm == "L1" || norm == "L2") {
    ml.finish(0, ml.op("LpNormalization", {x}, {{"axis", -1}, {"p", norm == "L1" ? 1 : 2}}));
    return llvm::Error::success();
  }
  if (norm != "MAX")
    return llvm::createStringError("expected the norm MAX, L1 or L2, got '" + norm + "'");
  std::string most = ml.op("ReduceMax", {x, upgrade.vector("axis", {-1})});
  std::string isZero = ml.op("Equal", {most, ml.number(0)});
  ml.finish(0, ml.op("Div", {x, ml.op("Where", {isZero, ml.number(1), most})}));
  return llvm::Error::success();
}

/// feature_vectorizer (x, ..)  ->  concat {axis = 1} (x, ..)
llvm::Error upgradeFeatureVectorizer(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  ArrayRef<int64_t> sizes = upgrade.ints("inputdimensions");
  std::vector<std::string> parts;
  for (int i = 0; i < upgrade.node.input_size(); ++i) {
    RankedTensorType type = upgrade.type(i);
    int64_t rank = type ? type.getRank() : 0;
    if (rank < 1 || rank > 2 || i >= int(sizes.size()) || type.getShape().back() != sizes[i])
      return llvm::createStringError("expected rows or matrices with as many columns as inputdimensions says");
    std::string part = ml.real(i);
    parts.push_back(rank == 2 ? part : ml.op("Reshape", {part, upgrade.vector("matrix", {1, -1})}));
  }
  ml.finish(0, ml.op("Concat", parts, {{"axis", 1}}));
  return llvm::Error::success();
}

/// imputer {replaced, imputed} (x)  ->  where (x == replaced, imputed, x)
llvm::Error upgradeImputer(Upgrade &upgrade) {
  MlUpgrade ml(upgrade);
  RankedTensorType type = upgrade.type(0);
  if (!type)
    return llvm::createStringError("expected an operand of known type");
  bool isFloat = isa<FloatType>(type.getElementType());
  ArrayRef<float> floats = ml.floats("imputed_value_floats");
  ArrayRef<int64_t> integers = upgrade.ints("imputed_value_int64s");
  if (isFloat ? floats.empty() : integers.empty())
    return llvm::createStringError(
        "expected values of the operand's kind, imputed_value_floats or imputed_value_int64s");
  int64_t element = onnxElementOfType(type.getElementType());
  const onnx::AttributeProto *given = upgrade.attribute("replaced_value_float");
  float replaced = given ? given->f() : 0;
  std::string x = upgrade.node.input(0), found;
  if (isFloat && std::isnan(replaced)) {
    found = ml.op("IsNaN", {x});
  } else {
    std::string value =
        isFloat ? ml.number(replaced) : upgrade.vector("replaced", {upgrade.integer("replaced_value_int64", 0)});
    found = ml.op("Equal", {x, ml.cast(value, element)});
  }
  std::string imputed = isFloat ? upgrade.floats("imputed", floats) : upgrade.vector("imputed", integers);
  ml.finish(0, ml.op("Where", {found, ml.cast(imputed, element), x}));
  return llvm::Error::success();
}

/// LabelEncoder-1 {classes_strings}  ->  category_mapper {cats_strings, cats_int64s = 0, 1, ...}
llvm::Error numberClasses(Upgrade &upgrade, const onnx::AttributeProto &classes) {
  upgrade.opset = 22;
  onnx::NodeProto &node = upgrade.addCopy({"classes_strings"});
  node.set_op_type("CategoryMapper");
  onnx::AttributeProto &names = *node.add_attribute(), &numbers = *node.add_attribute();
  names = classes;
  names.set_name("cats_strings");
  numbers.set_name("cats_int64s");
  numbers.set_type(onnx::AttributeProto::INTS);
  for (int i = 0; i < classes.strings_size(); ++i)
    numbers.add_ints(i);
  return llvm::Error::success();
}

/// Whether one of an encoder's lists is of strings, and so a routine does it.
bool hasText(const Upgrade &upgrade) {
  for (const onnx::AttributeProto &attribute : upgrade.node.attribute())
    if (attribute.strings_size() > 0 ||
        (attribute.has_t() && attribute.t().data_type() == onnx::TensorProto::STRING && attribute.t().dims_size() > 0))
      return true;
  return false;
}

/// one_hot_encoder {cats} (x)  ->  cast (unsqueeze (x) == cats); without zeros, what is no category is out of range
llvm::Error upgradeOneHotEncoder(Upgrade &upgrade) {
  if (hasText(upgrade))
    return llvm::Error::success();
  MlUpgrade ml(upgrade);
  ArrayRef<int64_t> categories = upgrade.ints("cats_int64s");
  RankedTensorType type = upgrade.type(0);
  if (!type || categories.empty() || upgrade.attribute("cats_strings"))
    return llvm::createStringError("categories other than cats_int64s are not supported");
  auto count = int64_t(categories.size());
  std::string x = ml.cast(upgrade.node.input(0), onnx::TensorProto::INT64), last = upgrade.vector("axis", {-1});
  std::string isCategory = ml.op("Equal", {ml.op("Unsqueeze", {x, last}), upgrade.vector("categories", categories)});
  std::string hot = ml.cast(isCategory, onnx::TensorProto::FLOAT);
  if (upgrade.integer("zeros", 1) != 0) {
    ml.finish(0, hot);
    return llvm::Error::success();
  }
  constexpr int64_t mostCategories = 4096;
  if (count > mostCategories)
    return llvm::createStringError("expected at most " + Twine(mostCategories) + " categories with zeros 0, got " +
                                   Twine(count));
  std::vector<float> unit(size_t(count * count));
  for (int64_t i = 0; i < count; ++i)
    unit[size_t(i * (count + 1))] = 1;
  std::string isKnown = ml.op("ReduceMax", {hot, last}, {{"keepdims", 0}});
  std::string place =
      ml.op("Where", {ml.cast(isKnown, onnx::TensorProto::BOOL),
                      ml.op("ArgMax", {hot}, {{"axis", -1}, {"keepdims", 0}}), upgrade.vector("unknown", {count})});
  ml.finish(0, ml.op("Gather", {ml.matrix(unit, count), place}));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// LabelEncoder
//===----------------------------------------------------------------------===//

/// A list of numbers that stands in one of three attributes, prefix_floats, prefix_int64s and prefix_tensor, as the
/// name of a constant; empty if none is there.
std::string listOf(MlUpgrade &ml, StringRef prefix, int64_t &size) {
  if (ArrayRef<float> floats = ml.floats((prefix + "_floats").str()); !floats.empty()) {
    size = int64_t(floats.size());
    return ml.upgrade.floats(prefix, floats);
  }
  if (ArrayRef<int64_t> integers = ml.upgrade.ints((prefix + "_int64s").str()); !integers.empty()) {
    size = int64_t(integers.size());
    return ml.upgrade.vector(prefix, integers);
  }
  const onnx::AttributeProto *tensor = ml.upgrade.attribute((prefix + "_tensor").str());
  if (!tensor || tensor->t().data_type() == onnx::TensorProto::STRING || tensor->t().dims_size() != 1)
    return "";
  size = tensor->t().dims(0);
  std::string name = ml.upgrade.fresh(prefix);
  onnx::AttributeProto &value = *ml.upgrade.add("Constant", {}, {name}).add_attribute();
  value = *tensor;
  value.set_name("value");
  return name;
}

/// The value of what is no key, of the values' type.
llvm::Expected<std::string> defaultOf(MlUpgrade &ml) {
  Upgrade &upgrade = ml.upgrade;
  if (const onnx::AttributeProto *tensor = upgrade.attribute("default_tensor")) {
    if (llvm::any_of(tensor->t().dims(), [](int64_t size) { return size != 1; }))
      return llvm::createStringError("expected a default_tensor of one element");
    std::string name = upgrade.fresh("default");
    onnx::AttributeProto &value = *upgrade.add("Constant", {}, {name}).add_attribute();
    value = *tensor;
    value.set_name("value");
    return ml.op("Squeeze", {name});
  }
  const onnx::AttributeProto *values = upgrade.attribute("values_tensor");
  int32_t type = values                               ? values->t().data_type()
                 : upgrade.attribute("values_floats") ? int32_t(onnx::TensorProto::FLOAT)
                                                      : int32_t(onnx::TensorProto::INT64);
  const onnx::AttributeProto *given = upgrade.attribute("default_float");
  if (type == onnx::TensorProto::FLOAT)
    return ml.op("Squeeze", {ml.number(given ? given->f() : -0.0F)});
  if (type == onnx::TensorProto::INT64)
    return ml.op("Squeeze", {upgrade.vector("default", {upgrade.integer("default_int64", -1)})});
  return llvm::createStringError("expected default_tensor with values_tensor that are neither float nor int64");
}

/// Leaves out the keys that are NaN, and their values; makes nothing of a node that has no such keys.
void dropNanKeys(Upgrade &upgrade) {
  const onnx::AttributeProto *given = upgrade.attribute("keys_floats");
  if (!given || llvm::none_of(given->floats(), [](float key) { return std::isnan(key); }))
    return;
  const auto keys = given->floats();
  auto keep = [&](auto &list) {
    int kept = 0;
    for (int i = 0; i < list.size(); ++i)
      if (i >= keys.size() || !std::isnan(keys[i]))
        list.SwapElements(kept++, i);
    while (list.size() > kept)
      list.RemoveLast();
  };
  for (onnx::AttributeProto &list : *upgrade.addCopy().mutable_attribute()) {
    keep(*list.mutable_floats());
    keep(*list.mutable_ints());
    keep(*list.mutable_strings());
  }
}

/// label_encoder {keys, values, default} (x)  ->  where (any (x == keys), gather (values, the first such), default)
llvm::Error upgradeLabelEncoder(Upgrade &upgrade) {
  if (const onnx::AttributeProto *classes = upgrade.attribute("classes_strings"))
    return numberClasses(upgrade, *classes);
  MlUpgrade ml(upgrade);
  // A key that is NaN is matched by NaN since version 4, by nothing before.
  bool matchesNan = upgrade.version >= 4;
  if (hasText(upgrade)) {
    if (!matchesNan)
      dropNanKeys(upgrade);
    return llvm::Error::success();
  }
  RankedTensorType type = upgrade.type(0);
  int64_t numKeys = 0, numValues = 0;
  std::string keys = listOf(ml, "keys", numKeys), values = listOf(ml, "values", numValues);
  if (!type || keys.empty() || values.empty() || upgrade.attribute("keys_strings") ||
      upgrade.attribute("values_strings") || upgrade.attribute("classes_strings"))
    return llvm::createStringError("keys or values that are strings are not supported");
  if (numKeys != numValues || numKeys == 0)
    return llvm::createStringError("expected as many keys as values");
  std::string last = upgrade.vector("axis", {-1});
  std::string x = ml.op("Unsqueeze", {upgrade.node.input(0), last}), isKey = ml.op("Equal", {x, keys});
  if (isa<FloatType>(type.getElementType()) && matchesNan)
    isKey = ml.op("Or", {isKey, ml.op("And", {ml.op("IsNaN", {x}), ml.op("IsNaN", {keys})})});
  std::string matches = ml.cast(isKey, onnx::TensorProto::INT32);
  std::string place = ml.op("ArgMax", {matches}, {{"axis", -1}, {"keepdims", 0}});
  std::string isKnown = ml.cast(ml.op("ReduceMax", {matches, last}, {{"keepdims", 0}}), onnx::TensorProto::BOOL);
  llvm::Expected<std::string> other = defaultOf(ml);
  if (!other)
    return other.takeError();
  ml.finish(0, ml.op("Where", {isKnown, ml.op("Gather", {values, place}), *other}));
  return llvm::Error::success();
}

} // namespace

ArrayRef<HookEntry> mlHooks() {
  static constexpr HookEntry entries[] = {
      {"Binarizer", upgradeBinarizer},
      {"Scaler", upgradeScaler},
      {"Normalizer", upgradeNormalizer},
      {"ArrayFeatureExtractor", upgradeArrayFeatureExtractor},
      {"FeatureVectorizer", upgradeFeatureVectorizer},
      {"Imputer", upgradeImputer},
      {"OneHotEncoder", upgradeOneHotEncoder},
      {"LabelEncoder", upgradeLabelEncoder},
  };
  return entries;
}

} // namespace fsc
