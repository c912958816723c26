//===- TrainingHooks.cpp - Optimizers of training by other operators ------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operators of ai.onnx.preview.training that step along a gradient. Their inputs are the rate R, the count of
// steps T, and for each tensor its value, its gradient and its state; all are elementwise and
// become Add, Mul and the like, which fuse.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Hooks.h"
#include "dialects/fsc/FscDialect.h"

using namespace mlir;

namespace fsc {

namespace {

constexpr int opset = 22;

/// Builds formulas in the type of one tensor.
class Formula {
public:
  Formula(Upgrade &upgrade, std::string tensor) : upgrade(upgrade), tensor(std::move(tensor)) {}

  std::string operator()(StringRef op, ArrayRef<std::string> inputs, std::string output = "") {
    if (output.empty())
      output = upgrade.fresh("step");
    upgrade.add(op, inputs, {output});
    return output;
  }
  std::string number(float value) { return like(upgrade.scalarLikeInput("number", value)); }
  std::string attribute(StringRef name, float otherwise) {
    const onnx::AttributeProto *found = upgrade.attribute(name);
    return number(found ? found->f() : otherwise);
  }
  /// An input in the tensor's type.
  std::string like(const std::string &value) { return (*this)("CastLike", {value, tensor}); }
  /// `then` if there was a step before this one, else `otherwise`.
  std::string ifLater(const std::string &count, const std::string &then, const std::string &otherwise) {
    return (*this)("Where", {(*this)("Greater", {like(count), number(0)}), then, otherwise});
  }
  /// The gradient g of x with that of the norm of x.
  std::string regularized(const std::string &x, const std::string &g) {
    return (*this)("Add", {(*this)("Mul", {attribute("norm_coefficient", 0), x}), g});
  }

private:
  Upgrade &upgrade;
  std::string tensor;
};

/// Calls step for each tensor with its inputs (value, gradient, states) and outputs (value, states).
llvm::Error forTensors(Upgrade &upgrade, int states,
                       llvm::function_ref<void(Formula &, ArrayRef<std::string>, ArrayRef<std::string>)> step) {
  const onnx::NodeProto &node = upgrade.node;
  int groups = 2 + states, count = (node.input_size() - 2) / groups;
  if (node.input_size() < 2 + groups || (node.input_size() - 2) % groups != 0 ||
      node.output_size() != count * (1 + states))
    return llvm::createStringError("expected a value, a gradient and " + Twine(states) + " states of each tensor");
  upgrade.opset = opset;
  for (int i = 0; i < count; ++i) {
    SmallVector<std::string> inputs, outputs;
    for (int group = 0; group < groups; ++group)
      inputs.push_back(node.input(2 + group * count + i));
    for (int group = 0; group <= states; ++group)
      outputs.push_back(node.output(group * count + i));
    Formula formula(upgrade, inputs[0]);
    step(formula, inputs, outputs);
  }
  return llvm::Error::success();
}

/// h' = h + g^2;  x' = x - r / (1 + t decay) g / (sqrt(h') + epsilon)
llvm::Error upgradeAdagrad(Upgrade &upgrade) {
  return forTensors(upgrade, 1, [&](Formula &f, ArrayRef<std::string> in, ArrayRef<std::string> out) {
    std::string one = f.number(1), r = f.like(upgrade.node.input(0)), t = f.like(upgrade.node.input(1));
    std::string rate = f("Div", {r, f("Add", {one, f("Mul", {t, f.attribute("decay_factor", 0)})})});
    std::string g = f.regularized(in[0], in[1]);
    std::string h = f("Add", {in[2], f("Mul", {g, g})}, out[1]);
    std::string root = f("Add", {f("Sqrt", {h}), f.attribute("epsilon", 1e-6f)});
    f("Sub", {in[0], f("Div", {f("Mul", {rate, g}), root})}, out[0]);
  });
}

/// v' = alpha v + (1 - alpha) g;  h' = beta h + (1 - beta) g^2;  x' = x - rate v' / (sqrt(h') + epsilon), where the
/// rate after the first step is r sqrt(1 - beta^t) / (1 - alpha^t).
llvm::Error upgradeAdam(Upgrade &upgrade) {
  return forTensors(upgrade, 2, [&](Formula &f, ArrayRef<std::string> in, ArrayRef<std::string> out) {
    std::string one = f.number(1), r = f.like(upgrade.node.input(0)), t = f.like(upgrade.node.input(1));
    std::string alpha = f.attribute("alpha", 0.9f), beta = f.attribute("beta", 0.999f);
    std::string g = f.regularized(in[0], in[1]);
    auto mix = [&](const std::string &factor, const std::string &old, const std::string &next, std::string output) {
      return f("Add", {f("Mul", {factor, old}), f("Mul", {f("Sub", {one, factor}), next})}, std::move(output));
    };
    std::string v = mix(alpha, in[2], g, out[1]), h = mix(beta, in[3], f("Mul", {g, g}), out[2]);
    std::string root = f("Add", {f("Sqrt", {h}), f.attribute("epsilon", 1e-6f)});
    std::string corrected = f("Div", {f("Mul", {r, f("Sqrt", {f("Sub", {one, f("Pow", {beta, t})})})}),
                                      f("Sub", {one, f("Pow", {alpha, t})})});
    std::string rate = f.ifLater(upgrade.node.input(1), corrected, r);
    std::string x = f("Sub", {in[0], f("Mul", {rate, f("Div", {v, root})})});
    f("Mul", {f("Sub", {one, f.attribute("norm_coefficient_post", 0)}), x}, out[0]);
  });
}

/// v' = alpha v + beta g (at first g);  x' = x - r v', or with Nesterov's mode x - r (g + alpha v')
llvm::Error upgradeMomentum(Upgrade &upgrade) {
  const onnx::AttributeProto *mode = upgrade.attribute("mode");
  if (!mode || (mode->s() != "standard" && mode->s() != "nesterov"))
    return llvm::createStringError("expected mode standard or nesterov");
  return forTensors(upgrade, 1, [&](Formula &f, ArrayRef<std::string> in, ArrayRef<std::string> out) {
    std::string r = f.like(upgrade.node.input(0)), alpha = f.attribute("alpha", 0);
    std::string g = f.regularized(in[0], in[1]);
    std::string factor = f.ifLater(upgrade.node.input(1), f.attribute("beta", 1), f.number(1));
    std::string v = f("Add", {f("Mul", {alpha, in[2]}), f("Mul", {factor, g})}, out[1]);
    std::string direction = mode->s() == "standard" ? v : f("Add", {g, f("Mul", {alpha, v})});
    f("Sub", {in[0], f("Mul", {r, direction})}, out[0]);
  });
}

} // namespace

ArrayRef<HookEntry> trainingHooks() {
  static constexpr HookEntry entries[] = {
      {"Adagrad", upgradeAdagrad},
      {"Adam", upgradeAdam},
      {"Momentum", upgradeMomentum},
  };
  return entries;
}

} // namespace fsc
