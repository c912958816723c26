//===- RecurrentOps.cpp - LSTM, GRU, RNN ----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Recurrence.h"
#include "dialects/fsc/ops/Recurrent.h"

using namespace mlir;

namespace fsc {

namespace {

size_t countDirections(StringRef direction) { return direction == "bidirectional" ? 2 : 1; }

template <typename Op> double clipOf(Op op) { return op.getClip() ? op.getClip()->convertToFloat() : 0; }

template <typename Op> FailureOr<SmallVector<Activation>> activationsOf(Op op, ArrayRef<StringRef> defaults) {
  return readActivations(op, op.getActivations(), defaults, op.getActivationAlpha(), op.getActivationBeta(), clipOf(op),
                         countDirections(op.getDirection()));
}

/// Fails unless `operand`, if it is there, has the shape `wanted` as far as is known.
template <typename Op>
LogicalResult verifyShape(Op op, ShapeBuilder &shapes, Value operand, const char *name, const Shape &wanted) {
  if (!operand)
    return success();
  Shape found = shapes.dims(operand);
  bool same = found.size() == wanted.size();
  for (size_t i = 0; same && i < found.size(); ++i)
    same = !found[i].isKnown() || !wanted[i].isKnown() || found[i].get() == wanted[i].get();
  // lstm.C5: operands have the shapes that x, r and the direction imply.
  if (!same)
    return op.emitOpError() << "expected " << name << " of type "
                            << tensorType(wanted, op.getX().getType().getElementType()) << ", got "
                            << operand.getType();
  return success();
}

/// Checks what the ops share, and gives the shapes of results.
template <typename Op>
LogicalResult inferRecurrent(Op op, int64_t gates, unsigned maxResults, ShapeBuilder &shapes,
                             SmallVectorImpl<Shape> &results) {
  Shape x = shapes.dims(op.getX()), r = shapes.dims(op.getR());
  StringRef direction = op.getDirection();
  // lstm.C4: the form is one that ONNX has.
  if (x.size() != 3 || r.size() != 3)
    return op.emitOpError() << "expected operands x and r of rank 3, got " << op.getX().getType() << " and "
                            << op.getR().getType();
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return op.emitOpError() << "expected direction forward, reverse or bidirectional, got '" << direction << "'";
  if (op.getNumResults() < 1 || op.getNumResults() > maxResults || op.getLayout() > 1)
    return op.emitOpError() << "expected layout 0 or 1 and 1 to " << maxResults << " results";
  bool batchFirst = op.getLayout() == 1;
  Dim steps = x[batchFirst ? 1 : 0], batch = x[batchFirst ? 0 : 1], input = x[2];
  Dim directions(countDirections(direction));
  Dim hidden = r[2];
  if (op.getHiddenSize() && hidden.isKnown() && hidden.get() != int64_t(*op.getHiddenSize()))
    return op.emitOpError() << "expected r of hidden_size " << int64_t(*op.getHiddenSize()) << ", got "
                            << op.getR().getType();
  Dim rows = hidden * Dim(gates);
  Shape state = batchFirst ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
  if (failed(verifyShape(op, shapes, op.getR(), "r", {directions, rows, hidden})) ||
      failed(verifyShape(op, shapes, op.getW(), "w", {directions, rows, input})) ||
      failed(verifyShape(op, shapes, op.getB(), "b", {directions, rows * Dim(2)})) ||
      failed(verifyShape(op, shapes, op.getSequenceLens(), "sequence_lens", {batch})) ||
      failed(verifyShape(op, shapes, op.getInitialH(), "initial_h", state)))
    return failure();
  results.assign(op.getNumResults(), state);
  results[0] = batchFirst ? Shape{batch, steps, directions, hidden} : Shape{steps, directions, batch, hidden};
  return success();
}

template <typename Op> RecurrentForm formOf(Op op, unsigned gates) {
  RecurrentForm form{
      gates, countDirections(op.getDirection()), op.getDirection() == "reverse", op.getLayout() == 1, {}, {}, {}, {},
      {}};
  unsigned next = 3;
  if (op.getB())
    form.bias = next++;
  if (op.getSequenceLens())
    form.lengths = next++;
  if (op.getInitialH())
    form.initialH = next++;
  return form;
}

template <typename Op> double countRecurrent(Op op) {
  double weights = detail::countElements(op.getW()) + detail::countElements(op.getR());
  int64_t steps = op.getX().getType().getDimSize(0), batch = op.getX().getType().getDimSize(1);
  return 2 * weights * double(std::max<int64_t>(steps, 1)) * double(std::max<int64_t>(batch, 1));
}

} // namespace

//===----------------------------------------------------------------------===//
// LSTM
//===----------------------------------------------------------------------===//

static const StringRef lstmActivations[] = {"sigmoid", "tanh", "tanh"};

Anchor LSTMOp::getAnchor() { return Anchor::recurrence; }
double LSTMOp::countFlops() { return countRecurrent(*this); }

LogicalResult LSTMOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(inferRecurrent(*this, 4, 3, shapes, results)) || failed(activationsOf(*this, lstmActivations)))
    return failure();
  Shape x = shapes.dims(getX());
  Dim hidden = shapes.dims(getR())[2], directions(countDirections(getDirection())), batch = x[getLayout() == 1 ? 0 : 1];
  Shape state = getLayout() == 1 ? Shape{batch, directions, hidden} : Shape{directions, batch, hidden};
  if (failed(verifyShape(*this, shapes, getInitialC(), "initial_c", state)) ||
      failed(verifyShape(*this, shapes, getP(), "p", {directions, hidden * Dim(3)})))
    return failure();
  return success();
}

static void stepLSTM(LSTMOp op, Recurrence &cell, ArrayRef<Activation> act, Value time) {
  using Indices = Recurrence::Indices;
  // Of the gates, I, O, F and G are first the weighted sums, then what their activations make of them.
  enum { H, C, I, O, F, G };
  bool peepholes = bool(op.getP());
  auto weighted = [&](unsigned gate, unsigned peephole, Indices at) {
    Scalar sum = cell.get(I + gate, at);
    return peepholes ? sum + cell.peephole(peephole, at[1]) * cell.get(C, at) : sum;
  };
  for (unsigned gate = 0; gate < 4; ++gate)
    cell.assign(I + gate, [&](Indices at) {
      return cell.weightInput(gate, time, at) + cell.weightState(gate, at, [&](Indices k) { return cell.get(H, k); });
    });
  cell.assign(I, [&](Indices at) { return act[0](weighted(0, 0, at)); });
  cell.assign(F, [&](Indices at) {
    Scalar input = cell.get(I, at);
    return op.getInputForget() ? input.like(1) - input : act[0](weighted(2, 2, at));
  });
  cell.advance(time, C, [&](Indices at) {
    return cell.get(F, at) * cell.get(C, at) + cell.get(I, at) * act[1](cell.get(G, at));
  });
  cell.advance(time, H, [&](Indices at) { return act[0](weighted(1, 1, at)) * act[2](cell.get(C, at)); });
}

LogicalResult LSTMOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<SmallVector<Activation>> activations = activationsOf(*this, lstmActivations);
  if (failed(activations))
    return failure();
  RecurrentForm form = formOf(*this, 4);
  unsigned next = 3 + bool(getB()) + bool(getSequenceLens()) + bool(getInitialH());
  if (getInitialC())
    form.initialC = next++;
  if (getP())
    form.peepholes = next;
  for (size_t direction = 0; direction < form.directions; ++direction) {
    Recurrence cell(b, form, direction, 6);
    cell.initialize(0, form.initialH);
    cell.initialize(1, form.initialC);
    ArrayRef<Activation> own = ArrayRef<Activation>(*activations).slice(3 * direction, 3);
    cell.run([&](Value time) { stepLSTM(*this, cell, own, time); });
    for (unsigned i = 1; i < getNumResults(); ++i)
      cell.finish(i, i - 1);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// GRU
//===----------------------------------------------------------------------===//

static const StringRef gruActivations[] = {"sigmoid", "tanh"};

Anchor GRUOp::getAnchor() { return Anchor::recurrence; }
double GRUOp::countFlops() { return countRecurrent(*this); }

LogicalResult GRUOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(activationsOf(*this, gruActivations)))
    return failure();
  return inferRecurrent(*this, 3, 2, shapes, results);
}

static void stepGRU(GRUOp op, Recurrence &cell, ArrayRef<Activation> act, Value time) {
  using Indices = Recurrence::Indices;
  enum { H, Z, R, Candidate };
  bool linear = op.getLinearBeforeReset() != 0;
  auto hidden = [&](Indices k) { return cell.get(H, k); };
  for (unsigned gate = 0; gate < 2; ++gate)
    cell.assign(Z + gate, [&](Indices at) {
      return act[0](cell.weightInput(gate, time, at) + cell.weightState(gate, at, hidden));
    });
  cell.assign(Candidate, [&](Indices at) {
    Scalar input = cell.weightInput(2, time, at);
    if (linear)
      return act[1](input + cell.get(R, at) * cell.weightState(2, at, hidden));
    return act[1](input + cell.weightState(2, at, [&](Indices k) { return cell.get(R, k) * cell.get(H, k); }));
  });
  cell.advance(time, H, [&](Indices at) {
    Scalar z = cell.get(Z, at);
    return (z.like(1) - z) * cell.get(Candidate, at) + z * cell.get(H, at);
  });
}

LogicalResult GRUOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<SmallVector<Activation>> activations = activationsOf(*this, gruActivations);
  if (failed(activations))
    return failure();
  RecurrentForm form = formOf(*this, 3);
  for (size_t direction = 0; direction < form.directions; ++direction) {
    Recurrence cell(b, form, direction, 4);
    cell.initialize(0, form.initialH);
    ArrayRef<Activation> own = ArrayRef<Activation>(*activations).slice(2 * direction, 2);
    cell.run([&](Value time) { stepGRU(*this, cell, own, time); });
    if (getNumResults() > 1)
      cell.finish(1, 0);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// RNN
//===----------------------------------------------------------------------===//

static const StringRef rnnActivations[] = {"tanh"};

Anchor RNNOp::getAnchor() { return Anchor::recurrence; }
double RNNOp::countFlops() { return countRecurrent(*this); }

LogicalResult RNNOp::inferShapes(ShapeBuilder &shapes, SmallVectorImpl<Shape> &results) {
  if (failed(activationsOf(*this, rnnActivations)))
    return failure();
  return inferRecurrent(*this, 1, 2, shapes, results);
}

LogicalResult RNNOp::lowerToLinalg(LinalgBuilder &b) {
  FailureOr<SmallVector<Activation>> activations = activationsOf(*this, rnnActivations);
  if (failed(activations))
    return failure();
  using Indices = Recurrence::Indices;
  enum { H, Next };
  RecurrentForm form = formOf(*this, 1);
  for (size_t direction = 0; direction < form.directions; ++direction) {
    Recurrence cell(b, form, direction, 2);
    cell.initialize(H, form.initialH);
    cell.run([&](Value time) {
      cell.assign(Next, [&](Indices at) {
        return (*activations)[direction](cell.weightInput(0, time, at) +
                                         cell.weightState(0, at, [&](Indices k) { return cell.get(H, k); }));
      });
      cell.advance(time, H, [&](Indices at) { return cell.get(Next, at); });
    });
    if (getNumResults() > 1)
      cell.finish(1, H);
  }
  return success();
}

} // namespace fsc
