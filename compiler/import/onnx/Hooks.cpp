//===- Hooks.cpp - Nodes whose old form differs ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Refuses what the newest form cannot say: training.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/ContribHooks.h"
#include "compiler/import/onnx/MlHooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {

/// op {axes = [..]} (x) -> op (x, axes)
static llvm::Error upgradeAxes(Upgrade &upgrade, int opset, StringRef attribute = "axes") {
  upgrade.opset = opset;
  std::string axes;
  if (upgrade.attribute(attribute))
    axes = upgrade.vector(attribute, upgrade.ints(attribute));
  onnx::NodeProto &node = upgrade.addCopy({attribute});
  if (!axes.empty())
    setInput(node, 1, axes);
  return llvm::Error::success();
}

static llvm::Error upgradeSqueeze(Upgrade &upgrade) { return upgradeAxes(upgrade, 13); }

static llvm::Error upgradeAnySqueeze(Upgrade &upgrade) {
  constexpr int sinceInput = 13;
  if (!upgrade.attribute("axes"))
    if (llvm::Error error = upgradeOpenSqueeze(upgrade))
      return error;
  bool isOld = upgrade.version < sinceInput && upgrade.nodes.empty();
  return isOld ? upgradeSqueeze(upgrade) : llvm::Error::success();
}

static llvm::Error upgradeReduction(Upgrade &upgrade) { return upgradeAxes(upgrade, 18); }

/// split {axis, split = [..]} (x) -> split {axis} (x, split); without sizes, {num_outputs} says how many parts
static llvm::Error upgradeSplit(Upgrade &upgrade) {
  if (llvm::Error error = upgradeAxes(upgrade, 18, "split"))
    return error;
  onnx::NodeProto &node = upgrade.nodes.back();
  if (node.input_size() < 2 || node.input(1).empty())
    setAttribute(node, "num_outputs", node.output_size());
  return llvm::Error::success();
}

/// optional_get_element (x) -> x, unless that is an optional
static llvm::Error upgradeOptionalGetElement(Upgrade &upgrade) {
  if (!upgrade.type(0) || isa<OptionalType>(upgrade.type(0).getElementType()))
    return llvm::Error::success();
  upgrade.opset = 25;
  upgrade.add("Identity", {upgrade.node.input(0)}, {upgrade.node.output(0)});
  return llvm::Error::success();
}

/// clip {min, max} (x) -> clip (x, min, max)
static llvm::Error upgradeClip(Upgrade &upgrade) {
  upgrade.opset = 13;
  constexpr StringRef names[2] = {"min", "max"};
  std::string bounds[2];
  for (int i = 0; i < 2; ++i)
    if (const onnx::AttributeProto *value = upgrade.attribute(names[i]))
      bounds[i] = upgrade.scalarLikeInput(names[i], value->f());
  onnx::NodeProto &node = upgrade.addCopy({"min", "max"});
  for (int i = 0; i < 2; ++i)
    if (!bounds[i].empty())
      setInput(node, 1 + i, bounds[i]);
  return llvm::Error::success();
}

/// pad {pads, value} (x) -> pad (x, pads, value)
static llvm::Error upgradePad(Upgrade &upgrade) {
  upgrade.opset = 13;
  std::string pads = upgrade.vector("pads", upgrade.ints("pads"));
  const onnx::AttributeProto *value = upgrade.attribute("value");
  std::string fill = upgrade.scalarLikeInput("value", value ? value->f() : 0);
  onnx::NodeProto &node = upgrade.addCopy({"pads", "value"});
  setInput(node, 1, pads);
  setInput(node, 2, fill);
  return llvm::Error::success();
}

/// slice {starts, ends, axes} (x) -> slice (x, starts, ends, axes)
static llvm::Error upgradeSlice(Upgrade &upgrade) {
  upgrade.opset = 13;
  std::string starts = upgrade.vector("starts", upgrade.ints("starts"));
  std::string ends = upgrade.vector("ends", upgrade.ints("ends"));
  std::string axes = upgrade.attribute("axes") ? upgrade.vector("axes", upgrade.ints("axes")) : "";
  onnx::NodeProto &node = upgrade.addCopy({"starts", "ends", "axes"});
  setInput(node, 1, starts);
  setInput(node, 2, ends);
  if (!axes.empty())
    setInput(node, 3, axes);
  return llvm::Error::success();
}

/// topk {k} (x) -> topk (x, [k])
static llvm::Error upgradeTopK(Upgrade &upgrade) {
  upgrade.opset = 11;
  std::string k = upgrade.vector("k", upgrade.integer("k", 0));
  setInput(upgrade.addCopy({"k"}), 1, k);
  return llvm::Error::success();
}

/// bernoulli (p) -> cast (random_uniform_like (p) < p). ONNX's body of it has `>`, which draws 1 with probability 1 -
/// p.
static llvm::Error upgradeBernoulli(Upgrade &upgrade) {
  RankedTensorType type = upgrade.type(0);
  if (!type)
    return llvm::createStringError("expected an operand of known type");
  upgrade.opset = 22;
  std::string draw = upgrade.fresh("draw"), p = upgrade.fresh("p"), isOne = upgrade.fresh("one");
  const std::string &x = upgrade.node.input(0);
  // In f64 no draw is rounded to 1.
  onnx::NodeProto &uniform = upgrade.add("RandomUniformLike", {x}, {draw});
  setAttribute(uniform, "dtype", onnx::TensorProto::DOUBLE);
  if (const onnx::AttributeProto *seed = upgrade.attribute("seed"))
    *uniform.add_attribute() = *seed;
  setAttribute(upgrade.add("Cast", {x}, {p}), "to", onnx::TensorProto::DOUBLE);
  upgrade.add("Less", {draw, p}, {isOne});
  setAttribute(upgrade.add("Cast", {isOne}, {upgrade.node.output(0)}), "to",
               upgrade.integer("dtype", onnxElementOfType(type.getElementType())));
  return llvm::Error::success();
}

/// upsample (x, scales) -> resize {asymmetric, floor} (x, _, scales)
static llvm::Error upgradeUpsample(Upgrade &upgrade) {
  upgrade.opset = 13;
  std::string scales;
  if (const onnx::AttributeProto *values = upgrade.attribute("scales"))
    scales = upgrade.floats("scales", ArrayRef<float>(values->floats().data(), values->floats_size()));
  else if (upgrade.node.input_size() > 1)
    scales = upgrade.node.input(1);
  else
    return llvm::createStringError("expected scales");
  onnx::NodeProto &node = upgrade.addCopy({"scales"});
  node.set_op_type("Resize");
  setInput(node, 1, "");
  setInput(node, 2, scales);
  setAttribute(node, "coordinate_transformation_mode", "asymmetric");
  setAttribute(node, "nearest_mode", "floor");
  return llvm::Error::success();
}

/// Resize-10 (x, scales) -> resize {asymmetric} (x, _, scales). Of nearest elements, it takes the one before where an
/// axis grows and the one after where it shrinks, for which there are two resizes if both may happen.
static llvm::Error upgradeResize10(Upgrade &upgrade) {
  const onnx::AttributeProto *mode = upgrade.attribute("mode");
  bool isNearest = !mode || mode->s() == "nearest";
  std::optional<SmallVector<double>> scales = upgrade.floats(1);
  auto shrinks = [](double scale) { return scale < 1; };
  if (llvm::Error error = upgradeUpsample(upgrade))
    return error;
  if (!isNearest || (scales && llvm::none_of(*scales, shrinks)))
    return llvm::Error::success();
  if (scales && llvm::none_of(*scales, [](double scale) { return scale > 1; })) {
    setAttribute(upgrade.nodes.back(), "nearest_mode", "ceil");
    return llvm::Error::success();
  }
  onnx::NodeProto growing = upgrade.nodes.back(), shrinking = growing;
  upgrade.nodes.clear();
  std::string one = upgrade.floats("one", 1.0F), up = upgrade.fresh("up"), down = upgrade.fresh("down");
  upgrade.add("Max", {upgrade.node.input(1), one}, {up});
  upgrade.add("Min", {upgrade.node.input(1), one}, {down});
  setInput(growing, 2, up);
  growing.set_output(0, upgrade.fresh("grown"));
  setInput(shrinking, 0, growing.output(0));
  setInput(shrinking, 2, down);
  setAttribute(shrinking, "nearest_mode", "ceil");
  upgrade.nodes.push_back(growing);
  upgrade.nodes.push_back(shrinking);
  return llvm::Error::success();
}

/// resize (x, roi, scales, sizes) -> the same with `_` for inputs of no elements, which say that they are absent
static llvm::Error upgradeResize(Upgrade &upgrade) {
  auto isEmpty = [&](unsigned index) {
    RankedTensorType type = upgrade.type(index);
    return type && type.hasStaticShape() && type.getNumElements() == 0;
  };
  if (llvm::none_of(llvm::seq(1u, 4u), isEmpty))
    return llvm::Error::success();
  upgrade.opset = std::max(upgrade.version, 13);
  onnx::NodeProto &node = upgrade.addCopy();
  for (int i = 1; i < node.input_size(); ++i)
    if (isEmpty(i))
      node.set_input(i, "");
  return llvm::Error::success();
}

/// dropout {ratio} (x) -> dropout (x), which drops nothing
static llvm::Error upgradeDropout(Upgrade &upgrade) {
  constexpr int sinceInference = 7, sinceBoolMask = 10;
  if (upgrade.version < sinceInference && upgrade.integer("is_test", 0) == 0)
    return llvm::createStringError("dropout in training mode (is_test = 0) is not supported");
  bool hasMask =
      upgrade.node.output_size() > 1 && !upgrade.node.output(1).empty() && upgrade.isUsed(upgrade.node.output(1));
  if (hasMask && upgrade.version < sinceBoolMask)
    return llvm::createStringError("the mask of a dropout is not supported in this form");
  upgrade.opset = 13;
  onnx::NodeProto &node = upgrade.addCopy({"ratio", "is_test"});
  if (!hasMask)
    node.mutable_output()->DeleteSubrange(1, node.output_size() - 1);
  return llvm::Error::success();
}

/// softmax {axis} (x) of the operand seen as a matrix -> reshape (softmax {axis = -1} (flatten {axis} (x)), shape (x))
static llvm::Error upgradeSoftmax(Upgrade &upgrade) {
  upgrade.opset = 13;
  int64_t axis = upgrade.integer("axis", 1);
  RankedTensorType type = upgrade.type(0);
  if (type && axis < 0)
    axis += type.getRank();
  const onnx::NodeProto &node = upgrade.node;
  if (!type || axis == type.getRank() - 1) {
    setAttribute(upgrade.addCopy(), "axis", -1);
    return llvm::Error::success();
  }
  std::string flat = upgrade.fresh("flat"), result = upgrade.fresh("softmax"), shape = upgrade.fresh("shape");
  setAttribute(upgrade.add("Flatten", {node.input(0)}, {flat}), "axis", axis);
  setAttribute(upgrade.add(node.op_type(), {flat}, {result}), "axis", -1);
  upgrade.add("Shape", {node.input(0)}, {shape});
  // With 0 for a size that is 0, not for the operand's own.
  upgrade.opset = 14;
  setAttribute(upgrade.add("Reshape", {result, shape}, {node.output(0)}), "allowzero", 1);
  return llvm::Error::success();
}

/// batch_normalization {spatial = 0} (x, scale, bias, mean, var), the last four with a place for each of x but the
/// batch's
///   -> (x - mean) / sqrt (var + epsilon) * scale + bias
static llvm::Error normalizePlaces(Upgrade &upgrade) {
  const onnx::AttributeProto *epsilon = upgrade.attribute("epsilon");
  const onnx::NodeProto &node = upgrade.node;
  auto op = [&](StringRef name, ArrayRef<std::string> inputs) {
    std::string result = upgrade.fresh(name);
    upgrade.add(name, inputs, {result});
    return result;
  };
  upgrade.opset = 14;
  std::string small = upgrade.scalarLikeInput("epsilon", epsilon ? epsilon->f() : 1e-5F);
  std::string deviation = op("Sqrt", {op("Add", {node.input(4), small})});
  std::string normal = op("Div", {op("Sub", {node.input(0), node.input(3)}), deviation});
  upgrade.add("Add", {op("Mul", {normal, node.input(1)}), node.input(2)}, {node.output(0)});
  return llvm::Error::success();
}

/// batch_normalization {spatial = 1} -> the same without, and without outputs that only training has
static llvm::Error upgradeBatchNormalization(Upgrade &upgrade) {
  constexpr int sinceInference = 7;
  if (upgrade.version < sinceInference && upgrade.integer("is_test", 0) == 0)
    return llvm::createStringError("batch normalization in training mode (is_test = 0) is not supported");
  for (int i = 1; i < upgrade.node.output_size(); ++i)
    if (!upgrade.node.output(i).empty() && upgrade.isUsed(upgrade.node.output(i)))
      return llvm::createStringError("batch normalization in training mode is not supported");
  if (upgrade.integer("spatial", 1) == 0)
    return normalizePlaces(upgrade);
  upgrade.opset = 15;
  onnx::NodeProto &node = upgrade.addCopy({"spatial", "is_test"});
  node.mutable_output()->DeleteSubrange(1, node.output_size() - 1);
  return llvm::Error::success();
}

/// group_normalization (x, scale, bias), with one of either for a group -> the same with one for a channel. The body
/// that ONNX gives takes the variance as a difference of squares, which leaves nothing of it where the mean is large.
static llvm::Error upgradeGroupNormalization(Upgrade &upgrade) {
  if (upgrade.node.input_size() != 3 || upgrade.integer("num_groups", 0) < 1)
    return llvm::createStringError("expected x, scale and bias, and num_groups of at least 1");
  upgrade.opset = 21;
  const onnx::NodeProto &node = upgrade.node;
  auto op = [&](StringRef name, ArrayRef<std::string> inputs) -> std::string {
    return upgrade.add(name, inputs, {upgrade.fresh(name)}).output(0);
  };
  std::string groups = upgrade.vector("groups", {upgrade.integer("num_groups", 0)}), all = upgrade.vector("all", {-1});
  std::string perGroup = op("Div", {op("Gather", {op("Shape", {node.input(0)}), upgrade.vector("axis", {1})}), groups});
  std::string sizes = upgrade.fresh("sizes");
  setAttribute(upgrade.add("Concat", {groups, perGroup}, {sizes}), "axis", 0);
  SmallVector<std::string> inputs = {node.input(0)};
  for (int i : {1, 2})
    inputs.push_back(
        op("Reshape", {op("Expand", {op("Unsqueeze", {node.input(i), upgrade.vector("last", {1})}), sizes}), all}));
  onnx::NodeProto &copy = upgrade.addCopy();
  for (int i : {1, 2})
    setInput(copy, i, inputs[i]);
  return llvm::Error::success();
}

/// y with dims of size 1 after its own, so that they are aligned with those of x from `axis` on.
static std::string alignAt(Upgrade &upgrade, int64_t axis) {
  const std::string &name = upgrade.node.input(1);
  RankedTensorType x = upgrade.type(0), y = upgrade.type(1);
  if (!x || !y || axis + y.getRank() >= x.getRank())
    return name;
  SmallVector<int64_t> added = llvm::to_vector(llvm::seq<int64_t>(y.getRank(), x.getRank() - axis));
  std::string axes = upgrade.vector("axes", added), aligned = upgrade.fresh("aligned");
  upgrade.add("Unsqueeze", {name, axes}, {aligned});
  return aligned;
}

/// add {broadcast, axis} (x, y) -> add (x, unsqueeze (y))
static llvm::Error upgradeBroadcast(Upgrade &upgrade) {
  upgrade.opset = 13;
  std::string y = upgrade.node.input(1);
  if (upgrade.integer("broadcast", 0) && upgrade.attribute("axis")) {
    RankedTensorType x = upgrade.type(0);
    int64_t axis = upgrade.integer("axis", 0);
    if (axis < 0 && x)
      axis += x.getRank();
    if (axis < 0)
      return llvm::createStringError("expected an axis of the first operand");
    y = alignAt(upgrade, axis);
  }
  setInput(upgrade.addCopy({"broadcast", "axis"}), 1, y);
  return llvm::Error::success();
}

/// prelu (x, slope) with one slope for each channel -> prelu (x, unsqueeze (slope))
static llvm::Error upgradePRelu(Upgrade &upgrade) {
  upgrade.opset = 13;
  RankedTensorType slope = upgrade.type(1);
  bool perChannel = slope && slope.getRank() == 1 && slope.getDimSize(0) != 1;
  std::string aligned = perChannel ? alignAt(upgrade, 1) : upgrade.node.input(1);
  setInput(upgrade.addCopy(), 1, aligned);
  return llvm::Error::success();
}

/// lp_pool {p} with a p of float -> the same with an integer
static llvm::Error upgradeLpPool(Upgrade &upgrade) {
  const onnx::AttributeProto *p = upgrade.attribute("p");
  float value = p ? p->f() : 2;
  if (!(value >= 1 && value <= 1 << 16) || value != std::floor(value))
    return llvm::createStringError("attribute 'p': expected a whole number of at least 1, got " +
                                   std::to_string(value));
  upgrade.opset = 2;
  setAttribute(upgrade.addCopy({"p"}), "p", int64_t(value));
  return llvm::Error::success();
}

/// gemm {broadcast} -> gemm, which broadcasts; or an op whose form only grew
static llvm::Error upgradePlainly(Upgrade &upgrade) {
  upgrade.opset = 13;
  upgrade.addCopy({"broadcast"});
  return llvm::Error::success();
}

/// cast_like (x, like) -> cast {to = the element type of like} (x)
static llvm::Error upgradeCastLike(Upgrade &upgrade) {
  RankedTensorType like = upgrade.type(1);
  if (!like)
    return llvm::Error::success();
  upgrade.opset = std::max(upgrade.version, 19);
  onnx::NodeProto &node = upgrade.addCopy();
  node.set_op_type("Cast");
  node.mutable_input()->DeleteSubrange(1, 1);
  setAttribute(node, "to", onnxElementOfType(like.getElementType()));
  return llvm::Error::success();
}

/// range (start, limit, delta) of vectors of one element -> range of scalars, as which ONNX's inference wants them
static llvm::Error upgradeRange(Upgrade &upgrade) {
  auto isVector = [&](int index) { return upgrade.type(index) && upgrade.type(index).getRank() == 1; };
  if (llvm::none_of(llvm::seq(0, 3), isVector))
    return llvm::Error::success();
  upgrade.opset = 13;
  onnx::NodeProto node = upgrade.node;
  for (int i = 0; i < std::min(node.input_size(), 3); ++i)
    if (isVector(i)) {
      node.set_input(i, upgrade.fresh("scalar"));
      upgrade.add("Squeeze", {upgrade.node.input(i), upgrade.vector("axes", 0)}, {node.input(i)});
    }
  upgrade.nodes.push_back(node);
  return llvm::Error::success();
}

/// scatter -> scatter_elements
static llvm::Error upgradeScatter(Upgrade &upgrade) {
  upgrade.opset = 13;
  upgrade.addCopy().set_op_type("ScatterElements");
  return llvm::Error::success();
}

namespace {

/// `hook` is for versions of an operator of ONNX's own domain before `before`.
struct Entry {
  StringRef op;
  int before;
  Hook hook;
};

constexpr int always = INT32_MAX;

constexpr Entry entries[] = {
    {"Squeeze", always, upgradeAnySqueeze},
    {"Unsqueeze", 13, upgradeSqueeze},
    {"ReduceSum", 13, upgradeSqueeze},
    {"ReduceMean", 18, upgradeReduction},
    {"ReduceMax", 18, upgradeReduction},
    {"ReduceMin", 18, upgradeReduction},
    {"ReduceProd", 18, upgradeReduction},
    {"ReduceL1", 18, upgradeReduction},
    {"ReduceL2", 18, upgradeReduction},
    {"ReduceLogSum", 18, upgradeReduction},
    {"ReduceLogSumExp", 18, upgradeReduction},
    {"ReduceSumSquare", 18, upgradeReduction},
    {"Split", 18, upgradeSplit},
    {"Clip", 11, upgradeClip},
    {"Pad", 11, upgradePad},
    {"Slice", 10, upgradeSlice},
    {"TopK", 10, upgradeTopK},
    {"Upsample", always, upgradeUpsample},
    {"Resize", 11, upgradeResize10},
    {"Resize", always, upgradeResize},
    {"Dropout", 12, upgradeDropout},
    {"Softmax", 13, upgradeSoftmax},
    {"LogSoftmax", 13, upgradeSoftmax},
    {"Hardmax", 13, upgradeSoftmax},
    {"BatchNormalization", 14, upgradeBatchNormalization},
    {"GroupNormalization", 21, upgradeGroupNormalization},
    {"Scatter", 11, upgradeScatter},
    {"Range", always, upgradeRange},
    {"CastLike", always, upgradeCastLike},
    {"SoftmaxCrossEntropyLoss", always, upgradeCrossEntropy},
    {"Bernoulli", always, upgradeBernoulli},
    {"Add", 7, upgradeBroadcast},
    {"Sub", 7, upgradeBroadcast},
    {"Mul", 7, upgradeBroadcast},
    {"Div", 7, upgradeBroadcast},
    {"Pow", 7, upgradeBroadcast},
    {"And", 7, upgradeBroadcast},
    {"Or", 7, upgradeBroadcast},
    {"Xor", 7, upgradeBroadcast},
    {"Equal", 7, upgradeBroadcast},
    {"Greater", 7, upgradeBroadcast},
    {"Less", 7, upgradeBroadcast},
    {"PRelu", 7, upgradePRelu},
    {"Gemm", 7, upgradePlainly},
    {"AveragePool", 7, upgradePlainly},
    {"LpPool", 2, upgradeLpPool},
    {"GlobalLpPool", 2, upgradeLpPool},
    {"OptionalGetElement", always, upgradeOptionalGetElement},
};

} // namespace

Hook findHook(StringRef op, StringRef domain, int version) {
  SmallVector<ArrayRef<HookEntry>> others;
  if (domain == "ai.onnx.ml")
    others = {mlHooks(), modelHooks()};
  else if (domain == "ai.onnx.preview.training")
    others = {trainingHooks()};
  for (ArrayRef<HookEntry> known : others)
    for (const HookEntry &entry : known)
      if (entry.op == op)
        return entry.hook;
  if (!domain.empty())
    return nullptr;
  for (const Entry &entry : entries)
    if (entry.op == op && version < entry.before)
      return entry.hook;
  return nullptr;
}

const ContribEntry *findContribHook(StringRef op, StringRef domain) {
  auto findIn = [&](ArrayRef<ContribEntry> entries) {
    const ContribEntry *found = llvm::find_if(entries, [&](const ContribEntry &entry) { return entry.op == op; });
    return found == entries.end() ? nullptr : found;
  };
  if (domain.empty()) {
    // ONNX Runtime puts these into ONNX's own domain.
    bool isNorm = op == "SimplifiedLayerNormalization" || op == "LayerNormalization";
    return findIn(isNorm ? contribHooks() : experimentalHooks());
  }
  if (domain == "com.microsoft.nchwc")
    return findIn(blockedHooks());
  if (domain != "com.microsoft")
    return nullptr;
  for (ArrayRef<ContribEntry> entries :
       {contribHooks(), attentionHooks(), expertHooks(), productHooks(), movementHooks(), quantizedHooks(),
        quantizedProductHooks(), channelsLastHooks()})
    if (const ContribEntry *found = findIn(entries))
      return found;
  return nullptr;
}

} // namespace fsc
