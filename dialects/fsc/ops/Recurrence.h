//===- Recurrence.h - Steps over a sequence ------------------- -*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPS_RECURRENCE_H
#define FSC_DIALECTS_FSC_OPS_RECURRENCE_H

#include "dialects/fsc/LinalgBuilder.h"

namespace fsc {

/// An activation function of a recurrence, with the values it takes.
struct Activation {
  std::string name; // in lower case
  double alpha = 0, beta = 0;
  double clip = 0; // 0 for none
  Scalar operator()(Scalar x) const;
};

/// The activations for each direction in turn: `defaults` for each if `names` is absent, and alpha and beta taken from
/// the lists by those that need them. Fails with a diagnostic on op.
mlir::FailureOr<llvm::SmallVector<Activation>>
readActivations(mlir::Operation *op, std::optional<mlir::ArrayAttr> names, llvm::ArrayRef<llvm::StringRef> defaults,
                std::optional<llvm::ArrayRef<float>> alpha, std::optional<llvm::ArrayRef<float>> beta, double clip,
                size_t directions);

/// The operands of a recurrence by their positions, as far as they are there, and its attributes.
struct RecurrentForm {
  unsigned gates;
  size_t directions;
  bool reverse; // the first direction runs backwards
  bool batchFirst;
  std::optional<unsigned> bias, lengths, initialH, initialC, peepholes;
};

/// One direction of a recurrence. Its state is one tensor [slots, batch, hidden] of the compute type: the hidden state
/// in slot 0, then what else the op needs. All is written as loops that update the tensor element by element, which
/// bufferize in place whatever the sizes are. (Slots in tensors of their own, empty at first, would become one buffer.)
class Recurrence {
public:
  using Indices = llvm::ArrayRef<mlir::Value>;
  /// An element at [batch, hidden].
  using ElementFn = llvm::function_ref<Scalar(Indices)>;

  Recurrence(LinalgBuilder &b, const RecurrentForm &form, size_t direction, unsigned slots);

  /// Runs `step` for each time of the sequence; the hidden state after each step goes to result 0.
  void run(llvm::function_ref<void(mlir::Value)> step);
  /// Sets a slot to the initial state from an operand, or to zeros.
  void initialize(unsigned slot, std::optional<unsigned> operand);
  /// Writes a slot to result `index`.
  void finish(unsigned index, unsigned slot);

  Scalar get(unsigned slot, Indices at);
  void assign(unsigned slot, ElementFn element);
  /// The same, but where the sequence has ended the old value stays.
  void advance(mlir::Value time, unsigned slot, ElementFn element);

  /// The weighted input of a gate at `time`, and the weighted `element`s of a hidden state, each with its bias.
  Scalar weightInput(unsigned gate, mlir::Value time, Indices at);
  Scalar weightState(unsigned gate, Indices at, ElementFn element);
  /// The peephole weight of a hidden unit.
  Scalar peephole(unsigned gate, mlir::Value unit);

private:
  /// Folds `body` over all places [batch, hidden]; it gets the tensor so far and gives the next.
  mlir::Value each(mlir::Value target, llvm::function_ref<mlir::Value(mlir::Value, Indices)> body);
  mlir::Value row(unsigned gate, mlir::Value unit);
  mlir::Value isRunning(mlir::Value time, mlir::Value row);
  mlir::Value store(mlir::Value output, mlir::Value time);
  llvm::SmallVector<mlir::Value> statePlace(Indices at) const;

  LinalgBuilder &b;
  const RecurrentForm &form;
  size_t direction;
  mlir::Type compute;
  mlir::Value steps, batch, hidden, which;
  mlir::Value tensor;
};

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPS_RECURRENCE_H
