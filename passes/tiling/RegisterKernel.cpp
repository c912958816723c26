//===- RegisterKernel.cpp - Loops around a tile of accumulators -----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// forall (batch, row block, panel group)                        one task
//   for panel: for tile of rows                                 B panel stays in cache
//     accumulators = bias
//     for tap: find each row's address; for k: accumulators += A[row][k] * B[k][vector]
//     store epilogue(accumulators)
//
// Rows that do not fill a tile get one of their own, the last panel a mask.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Contraction.h"
#include "dialects/fsc/ops/Convolution.h"
#include "passes/tiling/Epilogue.h"
#include "passes/tiling/InputRows.h"

#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_EMITREGISTERKERNEL
#include "passes/tiling/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {
namespace {

using Values = IndexBuilder::Values;

/// Columns of the second operand that are computed together.
struct Panel {
  Value index;
  Value column; // the first
  int64_t vectors;
  Values masks; // of each vector; null: all lanes
};

class RegisterKernel {
public:
  RegisterKernel(func::FuncOp function, const Contraction &contraction, ArrayRef<int64_t> tile)
      : buffers(function), body(function.front()), what(contraction), ib(buffers.builder, function.getLoc()),
        tileRows(tile[0]), tileVectors(tile[1]), lanes(tile[2]), taskRows(tile[3]), taskPanels(tile[4]),
        panelColumns(tileVectors * lanes) {
    Value output = buffers.output();
    Values sizes = ib.dims(output);
    columns = sizes.back();
    bool isBatched = isa<MatMulOp>(what.op) && what.pack == 0;
    Values leading(sizes.begin(), sizes.end() - (isBatched ? 2 : 1));
    batches = isBatched ? ib.product(leading) : ib.index(1);
    rows = isBatched ? sizes[sizes.size() - 2] : ib.product(leading);
    flatOutput = buffers.flatOutput();
    epilogue.emplace(ib, body, what.op->getResult(0), buffers, sizes, lanes);
  }

  void emit() {
    Value panels = ib.ceilDiv(columns, panelColumns);
    Values counts = {batches, ib.ceilDiv(rows, taskRows), ib.ceilDiv(panels, taskPanels)};
    ib.tasks(counts, [&](ValueRange place) { emitTask(place[0], place[1], place[2], panels); });
    buffers.finish();
  }

private:
  void emitTask(Value batch, Value block, Value group, Value panels) {
    input = makeInputRows(ib, what.op, buffers, batch, lanes);
    batchRow = ib.mul(batch, rows);
    prepareWeights(batch);
    constexpr int64_t mostUnrolled = 16;
    if (epilogue->countInstructions() > mostUnrolled)
      tileBuffer = ib.allocate(tileRows * panelColumns);
    Value firstRow = ib.mul(block, taskRows), firstPanel = ib.mul(group, taskPanels);
    Value lastRow = ib.min(ib.add(firstRow, taskRows), rows);
    Value lastPanel = ib.min(ib.add(firstPanel, taskPanels), panels);
    Value fullPanels = ib.div(columns, ib.index(panelColumns));
    ib.loop(firstPanel, ib.min(lastPanel, fullPanels), 1, [&](Value index) {
      Panel panel{index, ib.mul(index, panelColumns), tileVectors, Values(tileVectors)};
      emitRows(panel, firstRow, lastRow);
    });
    std::optional<int64_t> known = IndexBuilder::known(columns);
    if (known && *known % panelColumns == 0)
      return;
    ib.ifThen(ib.less(fullPanels, lastPanel), [&] { emitRows(raggedPanel(fullPanels), firstRow, lastRow); });
  }

  /// The last panel, which has fewer columns than the others.
  Panel raggedPanel(Value index) {
    Panel panel{index, ib.mul(index, panelColumns), tileVectors, {}};
    Value left = ib.sub(columns, panel.column);
    std::optional<int64_t> known = IndexBuilder::known(left);
    if (known)
      panel.vectors = llvm::divideCeil(*known, lanes);
    for (int64_t j = 0; j < panel.vectors; ++j) {
      bool full = known && *known >= (j + 1) * lanes;
      panel.masks.push_back(full ? Value() : ib.mask(ib.sub(left, ib.index(j * lanes)), lanes));
    }
    return panel;
  }

  /// Tiles for the rows [first, last).
  void emitRows(const Panel &panel, Value first, Value last) {
    if (!ShapedType::isDynamic(what.rows)) {
      // Only the last rows of all leave a rest, of known size.
      int64_t rest = what.rows % tileRows;
      Value end = ib.min(last, ib.index(what.rows - rest));
      ib.loop(first, end, tileRows, [&](Value row) { emitTile(panel, row, tileRows); });
      if (rest != 0)
        ib.ifThen(ib.equal(last, rows), [&] { emitTile(panel, ib.index(what.rows - rest), rest); });
      return;
    }
    // Full tiles, then halves of what can be left.
    for (int64_t size = tileRows; size > 0; size = size == 1 ? 0 : int64_t(llvm::bit_floor(uint64_t(size - 1)))) {
      Value end = ib.add(first, ib.mul(ib.div(ib.sub(last, first), ib.index(size)), size));
      ib.loop(first, end, size, [&](Value row) { emitTile(panel, row, size); });
      first = end;
    }
  }

  void emitTile(const Panel &panel, Value row, int64_t count) {
    Values start;
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < panel.vectors; ++j)
        start.push_back(i == 0 ? startVector(panel, j) : start[j]);
    Value weightsBase =
        what.pack ? ib.mul(panel.index, what.taps * what.depth * what.pack) : ib.add(weightsBatch, panel.column);
    Values sums = input->forEachRun(
        row, count, start, [&](ValueRange addresses, Value weightRow, Value length, ValueRange state) {
          Value base = ib.add(weightsBase, ib.mul(weightRow, weightStride));
          return ib.loop(ib.index(0), length, 1, state,
                         [&](Value k, ValueRange inner) { return multiply(panel, addresses, base, k, inner); });
        });
    if (tileBuffer)
      storeInLoop(panel, row, count, sums);
    else
      storeUnrolled(panel, row, count, sums);
  }

  /// Applies the elementwise ops to all sums, then stores them.
  void storeUnrolled(const Panel &panel, Value row, int64_t count, ValueRange sums) {
    Values results;
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < panel.vectors; ++j)
        results.push_back(epilogue->apply(sums[i * panel.vectors + j], place(panel, ib.add(row, i), j)));
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < panel.vectors; ++j)
        store(results[i * panel.vectors + j], place(panel, ib.add(row, i), j));
  }

  /// The same row by row, through memory: elementwise ops that make much code make it once.
  void storeInLoop(const Panel &panel, Value row, int64_t count, ValueRange sums) {
    for (auto [i, sum] : llvm::enumerate(sums))
      ib.storeVector(sum, tileBuffer, ib.index(int64_t(i) * lanes), {});
    ib.loop(ib.index(0), ib.index(count), 1, [&](Value i) {
      for (int64_t j = 0; j < panel.vectors; ++j) {
        VectorPlace at = place(panel, ib.add(row, i), j);
        Value sum = ib.loadVector(tileBuffer, ib.add(ib.mul(i, panel.vectors * lanes), j * lanes), lanes, {});
        store(epilogue->apply(sum, at), at);
      }
    });
  }

  void store(Value vector, const VectorPlace &at) {
    ib.storeVector(vector, flatOutput, ib.add(ib.mul(at.row, columns), at.column), at.mask);
  }

  VectorPlace place(const Panel &panel, Value row, int64_t j) {
    return {ib.add(batchRow, row), ib.add(panel.column, j * lanes), panel.masks[j]};
  }

  /// What the sums of vector j start from: the bias.
  Value startVector(const Panel &panel, int64_t j) {
    auto conv = dyn_cast<ConvOp>(what.op);
    if (conv && conv.getB())
      return epilogue->loadOperand(conv.getB(), {ib.index(0), ib.add(panel.column, j * lanes), panel.masks[j]});
    return ib.splat(0.0, lanes);
  }

  /// One step of the sums: the products of element k of each row with row k of the panel.
  Values multiply(const Panel &panel, ValueRange addresses, Value base, Value k, ValueRange state) {
    Values weights, next;
    Value at = ib.add(base, ib.mul(k, weightStride));
    for (int64_t j = 0; j < panel.vectors; ++j)
      weights.push_back(ib.loadVector(flatWeights, ib.add(at, j * lanes), lanes, what.pack ? Value() : panel.masks[j]));
    for (auto [i, address] : llvm::enumerate(addresses)) {
      Value element = ib.splat(ib.load(address, k), lanes);
      for (int64_t j = 0; j < panel.vectors; ++j)
        next.push_back(ib.fma(element, weights[j], state[i * panel.vectors + j]));
    }
    return next;
  }

  void prepareWeights(Value batch) {
    Value operand = what.op->getOperand(1);
    flatWeights = buffers.flat(operand);
    weightStride = what.pack ? ib.index(what.pack) : columns;
    weightsBatch = ib.index(0);
    if (what.pack == 0)
      weightsBatch = batchOffset(ib, what.op, 1, buffers, batch);
  }

  KernelBuffers buffers;
  Block &body;
  const Contraction &what;
  IndexBuilder ib;
  int64_t tileRows, tileVectors, lanes, taskRows, taskPanels, panelColumns;
  Value batches, rows, columns; // sizes
  Value flatOutput, flatWeights, weightStride, weightsBatch, batchRow;
  Value tileBuffer; // for the sums of a tile; null where they stay in registers
  std::optional<Epilogue> epilogue;
  std::unique_ptr<InputRows> input;
};

struct EmitRegisterKernel : impl::EmitRegisterKernelBase<EmitRegisterKernel> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto schedule = function->getAttrOfType<ScheduleAttr>(kScheduleAttr);
    if (!schedule || schedule.getKind() != kRegisterTemplate || function.isDeclaration() ||
        !llvm::any_of(function.getArgumentTypes(), llvm::IsaPred<RankedTensorType>))
      return;
    const char *why = nullptr;
    std::optional<Contraction> contraction = matchContraction(function.front(), why);
    if (!contraction || schedule.getTile().size() != 5) {
      function.emitError("internal: the schedule does not fit the kernel: ")
          << (why ? why : "expected five tile sizes");
      return signalPassFailure();
    }
    RegisterKernel(function, *contraction, schedule.getTile()).emit();
  }
};

} // namespace
} // namespace fsc
