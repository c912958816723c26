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
// Offsets that are formulas are proven: of every value in them it is known for which
// buffers p it is certainly at least offset(p) + bytes(p). A sum with p's bytes adds p, a
// maximum has what both sides have.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SetVector.h"

namespace fsc {
#define GEN_PASS_DEF_VERIFYARENA
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

/// The op that gives a buffer of the arena, or null.
static Operation *arenaOf(Value buffer) {
  while (isa_and_nonnull<BufferViewOp, ElementOp>(buffer.getDefiningOp()))
    buffer = buffer.getDefiningOp()->getOperand(0);
  Operation *op = buffer.getDefiningOp();
  return isa_and_nonnull<ArenaOp, PlaceOp>(op) ? op : nullptr;
}

/// From the first launch to the last.
static std::pair<int64_t, int64_t> lifetimeOf(Operation *op) {
  if (auto arena = dyn_cast<ArenaOp>(op))
    return {int64_t(arena.getFirst()), int64_t(arena.getLast())};
  auto place = cast<PlaceOp>(op);
  return {int64_t(place.getFirst()), int64_t(place.getLast())};
}

namespace {

struct VerifyArena : impl::VerifyArenaBase<VerifyArena> {
  void runOnOperation() override {
    if (failed(checkPlaces()) || failed(checkLifetimes()) || failed(checkSharing()) || failed(checkFormulas()))
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
    llvm::SetVector<Operation *> used;
    return checkLifetimes(getOperation().front(), launch, used);
  }

  LogicalResult checkLifetimes(Block &block, int64_t &launch, llvm::SetVector<Operation *> &used) {
    for (Operation &op : block) {
      launch += isa<LaunchOp>(op);
      if (isa<BufferViewOp, ElementOp>(op))
        continue;
      for (Value operand : op.getOperands())
        if (Operation *arena = arenaOf(operand)) {
          used.insert(arena);
          if (failed(checkAccess(&op, arena, launch)))
            return failure();
        }
      int64_t before = launch;
      llvm::SetVector<Operation *> inside;
      for (Region &region : op.getRegions())
        if (!region.empty() && failed(checkLifetimes(region.front(), launch, inside)))
          return failure();
      // What an iteration finds in a buffer from around the loop, and leaves there, must survive all others.
      for (Operation *arena : inside)
        if (isa<scf::WhileOp>(op) && !op.isProperAncestor(arena) &&
            (failed(checkAccess(&op, arena, std::min(before + 1, launch))) || failed(checkAccess(&op, arena, launch))))
          return failure();
      used.insert(inside.begin(), inside.end());
    }
    return success();
  }

  static LogicalResult checkAccess(Operation *op, Operation *arena, int64_t launch) {
    int64_t at = std::max<int64_t>(launch, 0);
    auto [first, last] = lifetimeOf(arena);
    if (at >= first && at <= last)
      return success();
    InFlightDiagnostic error = op->emitOpError() << "uses a buffer at launch " << at << ", outside its lifetime";
    error.attachNote(arena->getLoc()) << "the buffer is live from " << first << " to " << last;
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

  //===--- formulas -------------------------------------------------------===//

  LogicalResult checkFormulas() {
    places.clear();
    getOperation().walk([&](PlaceOp op) { places.push_back(op); });
    if (places.empty())
      return success();
    if (failed(checkReserve()))
      return failure();
    for (auto [index, op] : llvm::enumerate(places)) {
      auto bytes = op.getBytes().getDefiningOp<BytesOp>();
      if (!bytes || bytes.getOf() != op.getType() || !llvm::equal(bytes.getSizes(), op.getSizes()))
        return op.emitOpError("expected the bytes of the buffer's own sizes");
      startsAt[op.getOffset()].push_back(unsigned(index));
    }
    bound(getOperation().front());
    for (auto [index, op] : llvm::enumerate(places)) {
      if (!bounds.contains(op.getOffset()))
        return op.emitOpError(
            "expected an offset of sums of bytes, maxima and multiples of 64 behind the static buffers");
      auto total = bounds.find(reserve.getBytes());
      if (total == bounds.end() || !total->second.test(unsigned(index)))
        return op.emitOpError("expected a place inside of what is reserved");
    }
    return checkOverlaps();
  }

  /// What is placed is placed after the one fsc.reserve.
  LogicalResult checkReserve() {
    reserve = {};
    for (auto op : getOperation().front().getOps<ReserveOp>()) {
      if (reserve)
        return op.emitOpError("expected one fsc.reserve");
      reserve = op;
    }
    for (PlaceOp op : places) {
      Operation *beside = getOperation().front().findAncestorOpInBlock(*op);
      if (!reserve || !reserve->isBeforeInBlock(beside))
        return op.emitOpError("expected fsc.reserve before it");
    }
    return success();
  }

  /// Finds the values that can be in a formula, and what they are certainly behind of.
  void bound(Block &block) {
    bounds.clear();
    int64_t fixedEnd = 0;
    for (ArenaOp op : arenaOps())
      fixedEnd = std::max(fixedEnd, int64_t(op.getOffset() + op.getSize()));
    for (Operation &op : block) {
      if (auto constant = dyn_cast<arith::ConstantIndexOp>(op);
          constant && constant.value() % 64 == 0 && constant.value() >= fixedEnd)
        bounds[constant] = llvm::BitVector(unsigned(places.size()));
      bool isSum = isa<arith::AddIOp>(op), isMaximum = isa<arith::MaxSIOp>(op);
      if (!isSum && !isMaximum)
        continue;
      Value a = op.getOperand(0), b = op.getOperand(1);
      if (!bounds.contains(a) || (isMaximum ? !bounds.contains(b) : !b.getDefiningOp<BytesOp>()))
        continue;
      llvm::BitVector behind = bounds[a];
      if (isMaximum)
        behind |= bounds[b];
      else if (auto starts = startsAt.find(a); starts != startsAt.end())
        for (unsigned index : starts->second)
          if (places[index].getBytes() == b)
            behind.set(index);
      bounds[op.getResult(0)] = std::move(behind);
    }
  }

  LogicalResult checkOverlaps() {
    for (unsigned b = 0; b < places.size(); ++b)
      for (unsigned a = 0; a < b; ++a) {
        auto [firstA, lastA] = lifetimeOf(places[a]);
        auto [firstB, lastB] = lifetimeOf(places[b]);
        if (firstA > lastB || firstB > lastA || bounds[places[a].getOffset()].test(b) ||
            bounds[places[b].getOffset()].test(a))
          continue;
        InFlightDiagnostic error = places[b].emitOpError("may share bytes with a buffer that is live at the same time");
        error.attachNote(places[a].getLoc()) << "the other buffer";
        return error;
      }
    return success();
  }

  SmallVector<PlaceOp> places;
  ReserveOp reserve;
  llvm::DenseMap<Value, SmallVector<unsigned>> startsAt; // places by their offset
  llvm::DenseMap<Value, llvm::BitVector> bounds;         // of formulas: the places that end before
};

} // namespace
} // namespace fsc
