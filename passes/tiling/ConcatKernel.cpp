//===- ConcatKernel.cpp - Concatenations as copies of vectors -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// forall row block: for row: for operand: copy its part, a vector at a time
//
// Refused: elements that are not f32, operands computed in the kernel,
// elementwise ops where the axis is not the last.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Movement.h"
#include "passes/tiling/Epilogue.h"

#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace fsc {
#define GEN_PASS_DEF_EMITCONCATKERNEL
#include "passes/tiling/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

ConcatOp matchConcat(Block &body, const char *&why) {
  auto found = body.getOps<ConcatOp>();
  why = "there is no concatenation, or several";
  if (!llvm::hasSingleElement(found))
    return {};
  ConcatOp op = *found.begin();
  why = "an operand is computed in the kernel";
  if (!llvm::all_of(op.getOperands(), llvm::IsaPred<BlockArgument>))
    return {};
  why = refuseEpilogue(body, op.getResult());
  if (why)
    return {};
  bool isLast = normalizeAxis(op.getAxis(), op.getType().getRank()) == op.getType().getRank() - 1;
  why = "the axis is not the last, and there are elementwise ops";
  if (!isLast && body.getTerminator()->getOperand(0) != op.getResult())
    return {};
  why = nullptr;
  return op;
}

namespace {

using Values = IndexBuilder::Values;

class ConcatKernel {
public:
  ConcatKernel(func::FuncOp function, ConcatOp op, int64_t lanes)
      : buffers(function), op(op), ib(buffers.builder, function.getLoc()), lanes(lanes) {
    Values sizes = ib.dims(buffers.output());
    int64_t axis = *normalizeAxis(op.getAxis(), sizes.size());
    rows = ib.product(ValueRange(sizes).take_front(axis));
    rowLength = ib.product(ValueRange(sizes).drop_front(axis));
    for (Value operand : op.getOperands())
      lengths.push_back(ib.product(ValueRange(ib.dims(buffers.get(operand))).drop_front(axis)));
    epilogue.emplace(ib, function.front(), op.getResult(), buffers, sizes, lanes);
  }

  void emit(int64_t taskRows) {
    ib.tasks(ib.ceilDiv(rows, taskRows), [&](ValueRange place) {
      Value first = ib.mul(place[0], taskRows);
      ib.loop(first, ib.min(ib.add(first, taskRows), rows), 1, [&](Value row) {
        Value column = ib.index(0);
        for (auto [operand, length] : llvm::zip(op.getOperands(), lengths)) {
          copyPart(buffers.flat(operand), length, row, column);
          column = ib.add(column, length);
        }
      });
    });
    buffers.finish();
  }

private:
  /// Copies row `row` of an operand to `column` of the result's.
  void copyPart(Value from, Value length, Value row, Value column) {
    Value start = ib.mul(row, length), rest = ib.rem(length, ib.index(lanes)), whole = ib.sub(length, rest);
    ib.loop(ib.index(0), whole, lanes,
            [&](Value i) { copyVector(from, ib.add(start, i), row, ib.add(column, i), {}); });
    if (IndexBuilder::known(rest) != 0)
      copyVector(from, ib.add(start, whole), row, ib.add(column, whole), ib.mask(rest, lanes));
  }

  void copyVector(Value from, Value at, Value row, Value column, Value mask) {
    Value vector = epilogue->apply(ib.loadVector(from, at, lanes, mask), {row, column, mask});
    ib.storeVector(vector, buffers.flatOutput(), ib.add(ib.mul(row, rowLength), column), mask);
  }

  KernelBuffers buffers;
  ConcatOp op;
  IndexBuilder ib;
  int64_t lanes;
  Value rows, rowLength;
  Values lengths; // of each operand's part of a row
  std::optional<Epilogue> epilogue;
};

struct EmitConcatKernel : impl::EmitConcatKernelBase<EmitConcatKernel> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto schedule = function->getAttrOfType<ScheduleAttr>(kScheduleAttr);
    if (!schedule || schedule.getKind() != kConcatTemplate || function.isDeclaration() ||
        !llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<RankedTensorType>))
      return;
    const char *why = nullptr;
    ConcatOp op = matchConcat(function.front(), why);
    if (!op || schedule.getTile().size() != 2) {
      function.emitError("internal: the schedule does not fit the kernel: ") << (why ? why : "expected two tile sizes");
      return signalPassFailure();
    }
    ConcatKernel(function, op, schedule.getTile()[0]).emit(schedule.getTile()[1]);
  }
};

} // namespace
} // namespace fsc
