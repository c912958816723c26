//===- Recurrence.cpp - Steps over a sequence -----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Recurrence.h"

#include "dialects/fsc/FscDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace fsc {

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

namespace {

/// What is known of an activation function: which values it takes, and those it has by default (NaN: none).
struct ActivationKind {
  const char *name;
  bool takesAlpha, takesBeta;
  double alpha, beta;
  Scalar (*apply)(Scalar x, Scalar alpha, Scalar beta);
};

constexpr double none = std::numeric_limits<double>::quiet_NaN();

const ActivationKind activationKinds[] = {
    {"relu", false, false, 0, 0, [](Scalar x, Scalar, Scalar) { return fsc::max(x, x.like(0)); }},
    {"tanh", false, false, 0, 0, [](Scalar x, Scalar, Scalar) { return fsc::tanh(x); }},
    {"sigmoid", false, false, 0, 0, [](Scalar x, Scalar, Scalar) { return sigmoid(x); }},
    {"affine", true, true, 1, 0, [](Scalar x, Scalar a, Scalar c) { return a * x + c; }},
    {"leakyrelu", true, false, 0.01, 0, [](Scalar x, Scalar a, Scalar) { return select(x < x.like(0), a * x, x); }},
    {"thresholdedrelu", true, false, 1, 0, [](Scalar x, Scalar a, Scalar) { return select(x < a, x.like(0), x); }},
    {"scaledtanh", true, true, none, none, [](Scalar x, Scalar a, Scalar c) { return a * fsc::tanh(c * x); }},
    {"hardsigmoid", true, true, 0.2, 0.5,
     [](Scalar x, Scalar a, Scalar c) { return fsc::min(fsc::max(a * x + c, x.like(0)), x.like(1)); }},
    {"elu", true, false, 1, 0, [](Scalar x, Scalar a, Scalar) { return select(x < x.like(0), a * fsc::expm1(x), x); }},
    {"softsign", false, false, 0, 0, [](Scalar x, Scalar, Scalar) { return x / (x.like(1) + fsc::abs(x)); }},
    {"softplus", false, false, 0, 0,
     [](Scalar x, Scalar, Scalar) { return fsc::max(x, x.like(0)) + fsc::log1p(fsc::exp(-fsc::abs(x))); }},
};

const ActivationKind *findActivation(StringRef name) {
  for (const ActivationKind &kind : activationKinds)
    if (name.equals_insensitive(kind.name))
      return &kind;
  return nullptr;
}

} // namespace

Scalar Activation::operator()(Scalar x) const {
  if (clip > 0)
    x = fsc::max(fsc::min(x, x.like(clip)), x.like(-clip));
  return findActivation(name)->apply(x, x.like(alpha), x.like(beta));
}

FailureOr<SmallVector<Activation>> readActivations(Operation *op, std::optional<ArrayAttr> names,
                                                   ArrayRef<StringRef> defaults, std::optional<ArrayRef<float>> alpha,
                                                   std::optional<ArrayRef<float>> beta, double clip,
                                                   size_t directions) {
  SmallVector<StringRef> listed;
  if (names)
    for (Attribute name : *names)
      listed.push_back(cast<StringAttr>(name).getValue());
  else
    for (size_t i = 0; i < directions; ++i)
      listed.append(defaults.begin(), defaults.end());
  // lstm.C1: each direction has its activations.
  if (listed.size() != directions * defaults.size())
    return op->emitOpError() << "expected " << directions * defaults.size() << " activations, got " << listed.size();
  SmallVector<Activation> result;
  ArrayRef<float> alphas = alpha.value_or(ArrayRef<float>()), betas = beta.value_or(ArrayRef<float>());
  auto take = [](bool takes, ArrayRef<float> &given, double fallback) {
    if (!takes || given.empty())
      return fallback;
    double value = given.front();
    given = given.drop_front();
    return value;
  };
  for (StringRef name : listed) {
    const ActivationKind *kind = findActivation(name);
    // lstm.C2: activations are those that ONNX names.
    if (!kind)
      return op->emitOpError() << "expected an activation that ONNX names, got '" << name << "'";
    Activation activation{kind->name, take(kind->takesAlpha, alphas, kind->alpha),
                          take(kind->takesBeta, betas, kind->beta), clip};
    // lstm.C3: values without a default are given.
    if (std::isnan(activation.alpha) || std::isnan(activation.beta))
      return op->emitOpError() << "expected activation_alpha and activation_beta for '" << name << "'";
    result.push_back(activation);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Recurrence
//===----------------------------------------------------------------------===//

Recurrence::Recurrence(LinalgBuilder &b, const RecurrentForm &form, size_t direction, unsigned slots)
    : b(b), form(form), direction(direction), compute(computeType(b.elementType(0))),
      steps(b.dim(0, form.batchFirst ? 1 : 0)), batch(b.dim(0, form.batchFirst ? 0 : 1)), hidden(b.dim(2, 2)),
      which(b.index(direction)), tensor(b.empty({b.index(slots), batch, hidden}, compute)) {}

Value Recurrence::each(Value target, llvm::function_ref<Value(Value, Indices)> body) {
  auto loop = [&](Value high, Value state, llvm::function_ref<Value(Value, Value)> step) -> Value {
    return scf::ForOp::create(b.b, b.loc, b.index(0), high, b.index(1), state,
                              [&](OpBuilder &, Location, Value iv, ValueRange inner) {
                                scf::YieldOp::create(b.b, b.loc, step(iv, inner[0]));
                              })
        .getResult(0);
  };
  return loop(batch, target, [&](Value row, Value outer) {
    return loop(hidden, outer, [&](Value unit, Value inner) { return body(inner, {row, unit}); });
  });
}

Scalar Recurrence::get(unsigned slot, Indices at) { return b.load(tensor, compute, {b.index(slot), at[0], at[1]}); }

void Recurrence::assign(unsigned slot, ElementFn element) {
  tensor = each(tensor, [&](Value inner, Indices at) -> Value {
    // What is read must be what is written to, or a copy would be made.
    tensor = inner;
    Value value = b.toStorage(element(at), compute);
    return tensor::InsertOp::create(b.b, b.loc, value, inner, ValueRange{b.index(slot), at[0], at[1]});
  });
}

void Recurrence::advance(Value time, unsigned slot, ElementFn element) {
  assign(slot, [&](Indices at) {
    Scalar next = element(at);
    Value running = isRunning(time, at[0]);
    return running ? b.choose(running, next, get(slot, at)) : next;
  });
}

SmallVector<Value> Recurrence::statePlace(Indices at) const {
  return form.batchFirst ? SmallVector<Value>{at[0], which, at[1]} : SmallVector<Value>{which, at[0], at[1]};
}

void Recurrence::initialize(unsigned slot, std::optional<unsigned> operand) {
  assign(slot, [&](Indices at) { return operand ? b.load(*operand, statePlace(at)) : b.constant(0, compute); });
}

Value Recurrence::row(unsigned gate, Value unit) { return b.add(b.mul(hidden, b.index(gate)), unit); }

Scalar Recurrence::weightInput(unsigned gate, Value time, Indices at) {
  Value unit = row(gate, at[1]);
  Scalar bias = form.bias ? b.load(*form.bias, {which, unit}) : b.constant(0, compute);
  return b.loop(b.index(0), b.dim(0, 2), bias, [&](Value k, Scalar sum) {
    Scalar x = form.batchFirst ? b.load(0, {at[0], time, k}) : b.load(0, {time, at[0], k});
    return sum + x * b.load(1, {which, unit, k});
  });
}

Scalar Recurrence::weightState(unsigned gate, Indices at, ElementFn element) {
  Value unit = row(gate, at[1]);
  Scalar bias = form.bias ? b.load(*form.bias, {which, row(form.gates + gate, at[1])}) : b.constant(0, compute);
  return b.loop(b.index(0), hidden, bias,
                [&](Value k, Scalar sum) { return sum + element({at[0], k}) * b.load(2, {which, unit, k}); });
}

/// Whether the sequence of `row` of the batch has not ended; null if all run to the end.
Value Recurrence::isRunning(Value time, Value row) {
  if (!form.lengths)
    return {};
  Value length = b.toIndex(b.load(*form.lengths, row));
  return arith::CmpIOp::create(b.b, b.loc, arith::CmpIPredicate::slt, time, length);
}

Scalar Recurrence::peephole(unsigned gate, Value unit) { return b.load(*form.peepholes, {which, row(gate, unit)}); }

/// The hidden state as the output of step `time`; 0 where the sequence has ended.
Value Recurrence::store(Value output, Value time) {
  Type type = b.resultType(0).getElementType();
  return each(output, [&](Value inner, Indices at) -> Value {
    Scalar value = get(0, at);
    if (Value running = isRunning(time, at[0]))
      value = b.choose(running, value, value.like(0));
    SmallVector<Value> place =
        form.batchFirst ? SmallVector<Value>{at[0], time, which, at[1]} : SmallVector<Value>{time, which, at[0], at[1]};
    return tensor::InsertOp::create(b.b, b.loc, b.toStorage(value, type), inner, place);
  });
}

void Recurrence::finish(unsigned index, unsigned slot) {
  Type type = b.resultType(index).getElementType();
  Value output = b.getResults()[index] ? b.getResults()[index] : b.destination(index);
  b.setResult(index, each(output, [&](Value inner, Indices at) -> Value {
                return tensor::InsertOp::create(b.b, b.loc, b.toStorage(get(slot, at), type), inner, statePlace(at));
              }));
}

void Recurrence::run(llvm::function_ref<void(Value)> step) {
  bool backwards = direction == 1 || form.reverse;
  SmallVector<Value> init = {tensor, b.getResults()[0] ? b.getResults()[0] : b.destination(0)};
  auto loop = scf::ForOp::create(b.b, b.loc, b.index(0), steps, b.index(1), init,
                                 [&](OpBuilder &, Location, Value iv, ValueRange state) {
                                   Value time = backwards ? b.sub(b.sub(steps, b.index(1)), iv) : iv;
                                   tensor = state[0];
                                   step(time);
                                   Value output = store(state[1], time);
                                   scf::YieldOp::create(b.b, b.loc, ValueRange{tensor, output});
                                 });
  tensor = loop.getResult(0);
  b.setResult(0, loop.getResult(1));
}

} // namespace fsc
