//===- RowKernel.cpp - Softmax over the last dim --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// forall row block: for row:
//   maximum = max of x;  sum = sum of exp(x - maximum);  store exp(x - maximum) / sum
//
// Refused: another axis than the last, elements that are not f32, an operand
// computed in the kernel.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Normalization.h"
#include "passes/tiling/Epilogue.h"

#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace fsc {
#define GEN_PASS_DEF_EMITROWKERNEL
#include "passes/tiling/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

Operation *matchRow(Block &body, const char *&why) {
  Operation *found = nullptr;
  why = "there is no softmax, or several";
  for (Operation &op : body)
    if (isa<SoftmaxOp, LogSoftmaxOp>(op)) {
      if (found)
        return nullptr;
      found = &op;
    }
  if (!found)
    return nullptr;
  int64_t rank = cast<RankedTensorType>(found->getResult(0).getType()).getRank();
  auto axis = found->getAttrOfType<IntegerAttr>("axis");
  why = "the axis is not the last";
  if (rank == 0 || normalizeAxis(axis ? axis.getInt() : -1, rank) != rank - 1)
    return nullptr;
  why = "the operand is computed in the kernel";
  if (!isa<BlockArgument>(found->getOperand(0)))
    return nullptr;
  why = refuseEpilogue(body, found->getResult(0));
  return why ? nullptr : found;
}

namespace {

using Values = IndexBuilder::Values;

class RowKernel {
public:
  RowKernel(func::FuncOp function, Operation *op, int64_t lanes)
      : buffers(function), op(op), ib(buffers.builder, function.getLoc()), lanes(lanes) {
    Values sizes = ib.dims(buffers.output());
    rows = ib.product(ValueRange(sizes).drop_back());
    length = sizes.back();
    rest = ib.rem(length, ib.index(lanes));
    whole = ib.sub(length, rest);
    flat = buffers.flat(op->getOperand(0));
    epilogue.emplace(ib, function.front(), op->getResult(0), buffers, sizes, lanes);
  }

  void emit(int64_t taskRows) {
    ib.tasks(ib.ceilDiv(rows, taskRows), [&](ValueRange place) {
      Value first = ib.mul(place[0], taskRows);
      ib.loop(first, ib.min(ib.add(first, taskRows), rows), 1, [&](Value row) { emitRow(row); });
    });
    buffers.finish();
  }

private:
  void emitRow(Value row) {
    bool logarithm = isa<LogSoftmaxOp>(op);
    Value start = ib.mul(row, length);
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    Value maximum = fold(ib.splat(lowest, lanes), [&](Value column, Value mask, Value state) -> Value {
      Value x = ib.loadVector(flat, ib.add(start, column), lanes, mask, lowest);
      return arith::MaximumFOp::create(ib.b, ib.loc, state, x);
    });
    Value shift = across(maximum, vector::CombiningKind::MAXIMUMF);
    auto shifted = [&](Value column, Value mask) -> Value {
      Value x = ib.loadVector(flat, ib.add(start, column), lanes, mask);
      return arith::SubFOp::create(ib.b, ib.loc, x, shift);
    };
    Value partial = fold(ib.splat(0.0, lanes), [&](Value column, Value mask, Value state) -> Value {
      Value power = math::ExpOp::create(ib.b, ib.loc, shifted(column, mask));
      if (!logarithm)
        ib.storeVector(power, buffers.flatOutput(), ib.add(start, column), mask);
      if (mask)
        power = ib.select(mask, power, ib.splat(0.0, lanes));
      return arith::AddFOp::create(ib.b, ib.loc, state, power);
    });
    Value sum = across(partial, vector::CombiningKind::ADD);
    if (logarithm)
      sum = math::LogOp::create(ib.b, ib.loc, sum);
    visit([&](Value column, Value mask) {
      Value at = ib.add(start, column), result;
      if (logarithm)
        result = arith::SubFOp::create(ib.b, ib.loc, shifted(column, mask), sum);
      else
        result = arith::DivFOp::create(ib.b, ib.loc, ib.loadVector(buffers.flatOutput(), at, lanes, mask), sum);
      ib.storeVector(epilogue->apply(result, {row, column, mask}), buffers.flatOutput(), at, mask);
    });
  }

  /// All vectors of a row: body(first column, mask or null).
  void visit(llvm::function_ref<void(Value, Value)> body) {
    ib.loop(ib.index(0), whole, lanes, [&](Value column) { body(column, {}); });
    if (IndexBuilder::known(rest) != 0)
      body(whole, ib.mask(rest, lanes));
  }

  /// The same with a vector as the state.
  Value fold(Value init, llvm::function_ref<Value(Value, Value, Value)> body) {
    Values state = ib.loop(ib.index(0), whole, lanes, init,
                           [&](Value column, ValueRange inner) -> Values { return {body(column, {}, inner[0])}; });
    return IndexBuilder::known(rest) == 0 ? state[0] : body(whole, ib.mask(rest, lanes), state[0]);
  }

  /// All lanes combined, in every lane.
  Value across(Value vector, vector::CombiningKind kind) {
    Value scalar = vector::ReductionOp::create(ib.b, ib.loc, kind, vector, arith::FastMathFlags::reassoc);
    return ib.splat(scalar, lanes);
  }

  KernelBuffers buffers;
  Operation *op;
  IndexBuilder ib;
  int64_t lanes;
  Value rows, length, whole, rest; // rest: elements of a row that do not fill a vector
  Value flat;
  std::optional<Epilogue> epilogue;
};

struct EmitRowKernel : impl::EmitRowKernelBase<EmitRowKernel> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto schedule = function->getAttrOfType<ScheduleAttr>(kScheduleAttr);
    if (!schedule || schedule.getKind() != kRowTemplate || function.isDeclaration() ||
        !llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<RankedTensorType>))
      return;
    const char *why = nullptr;
    Operation *op = matchRow(function.front(), why);
    if (!op || schedule.getTile().size() != 2) {
      function.emitError("internal: the schedule does not fit the kernel: ") << (why ? why : "expected two tile sizes");
      return signalPassFailure();
    }
    RowKernel(function, op, schedule.getTile()[0]).emit(schedule.getTile()[1]);
  }
};

} // namespace
} // namespace fsc
