//===- VerifyArena.cpp - The arena plan, checked --------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shares no code with PlanArena. Works forward: at every launch, which arena
// buffers does it touch, and which are claimed to be live?
//
//===----------------------------------------------------------------------===//

#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

namespace fsc {
#define GEN_PASS_DEF_VERIFYARENA
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

static ArenaOp arenaOf(Value buffer) {
  while (isa_and_nonnull<BufferViewOp, ElementOp>(buffer.getDefiningOp()))
    buffer = buffer.getDefiningOp()->getOperand(0);
  return buffer.getDefiningOp<ArenaOp>();
}

namespace {

struct VerifyArena : impl::VerifyArenaBase<VerifyArena> {
  void runOnOperation() override {
    if (failed(checkPlaces()) || failed(checkLifetimes()) || failed(checkSharing()))
      signalPassFailure();
  }

  LogicalResult checkPlaces() {
    auto total = getOperation()->getAttrOfType<IntegerAttr>(kArenaBytesAttr);
    for (ArenaOp op : arenaOps()) {
      int64_t offset = op.getOffset(), size = op.getSize();
      if (!op.getType().hasStaticShape() || byteSize(op.getType()) > size)
        return op.emitOpError("expected a place as large as the buffer");
      if (offset < 0 || offset % 64 != 0)
        return op.emitOpError() << "expected an offset aligned to 64 bytes, got " << offset;
      if (!total || offset + size > total.getInt())
        return op.emitOpError("expected a place inside the arena");
    }
    return success();
  }

  SmallVector<ArenaOp> arenaOps() {
    SmallVector<ArenaOp> ops;
    getOperation().walk([&](ArenaOp op) { ops.push_back(op); });
    return ops;
  }

  /// Every access falls between the first and the last launch of the buffer's lifetime.
  LogicalResult checkLifetimes() {
    int64_t launch = -1;
    llvm::SetVector<ArenaOp> used;
    return checkLifetimes(getOperation().front(), launch, used);
  }

  LogicalResult checkLifetimes(Block &block, int64_t &launch, llvm::SetVector<ArenaOp> &used) {
    for (Operation &op : block) {
      launch += isa<LaunchOp>(op);
      if (isa<BufferViewOp, ElementOp>(op))
        continue;
      for (Value operand : op.getOperands())
        if (ArenaOp arena = arenaOf(operand)) {
          used.insert(arena);
          if (failed(checkAccess(&op, arena, launch)))
            return failure();
        }
      int64_t before = launch;
      llvm::SetVector<ArenaOp> inside;
      for (Region &region : op.getRegions())
        if (failed(checkLifetimes(region.front(), launch, inside)))
          return failure();
      // What an iteration finds in a buffer from around the loop, and leaves there, must survive all others.
      for (ArenaOp arena : inside)
        if (isa<scf::WhileOp>(op) && !op.isProperAncestor(arena) &&
            (failed(checkAccess(&op, arena, std::min(before + 1, launch))) || failed(checkAccess(&op, arena, launch))))
          return failure();
      used.insert(inside.begin(), inside.end());
    }
    return success();
  }

  static LogicalResult checkAccess(Operation *op, ArenaOp arena, int64_t launch) {
    int64_t at = std::max<int64_t>(launch, 0);
    if (at >= int64_t(arena.getFirst()) && at <= int64_t(arena.getLast()))
      return success();
    InFlightDiagnostic error = op->emitOpError() << "uses a buffer at launch " << at << ", outside its lifetime";
    error.attachNote(arena.getLoc()) << "the buffer is live from " << arena.getFirst() << " to " << arena.getLast();
    return error;
  }

  LogicalResult checkSharing() {
    SmallVector<ArenaOp> buffers = arenaOps();
    llvm::sort(buffers, [](ArenaOp a, ArenaOp b) { return a.getOffset() < b.getOffset(); });
    for (auto [index, a] : llvm::enumerate(buffers))
      for (ArenaOp b : ArrayRef(buffers).drop_front(index + 1)) {
        if (b.getOffset() >= a.getOffset() + a.getSize())
          break;
        if (a.getFirst() <= b.getLast() && b.getFirst() <= a.getLast()) {
          InFlightDiagnostic error = b.emitOpError("shares bytes with a buffer that is live at the same time");
          error.attachNote(a.getLoc()) << "the other buffer";
          return error;
        }
      }
    return success();
  }
};

} // namespace
} // namespace fsc
