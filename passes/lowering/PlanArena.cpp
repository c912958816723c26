//===- PlanArena.cpp - Places in the arena --------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/ArenaPlan.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_PLANARENA
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

int64_t placeBuffers(MutableArrayRef<ArenaBuffer> buffers) {
  SmallVector<ArenaBuffer *> bySize = llvm::map_to_vector(buffers, [](ArenaBuffer &b) { return &b; });
  llvm::stable_sort(bySize, [](ArenaBuffer *a, ArenaBuffer *b) { return a->size > b->size; });
  SmallVector<ArenaBuffer *> placed; // by offset
  int64_t total = 0;
  for (ArenaBuffer *buffer : bySize) {
    int64_t offset = 0;
    for (ArenaBuffer *other : placed) {
      if (!buffer->overlapsInTime(*other))
        continue;
      if (other->offset >= offset + buffer->size)
        break;
      offset = std::max(offset, other->offset + other->size);
    }
    buffer->offset = offset;
    total = std::max(total, offset + buffer->size);
    placed.insert(
        llvm::upper_bound(placed, buffer, [](ArenaBuffer *a, ArenaBuffer *b) { return a->offset < b->offset; }),
        buffer);
  }
  return total;
}

namespace {

struct PlanArena : impl::PlanArenaBase<PlanArena> {
  void runOnOperation() override {
    ArenaFormula formula(getOperation());
    formula.analyze();
    SmallVector<ArenaBuffer> fixed, computed, rest;
    int64_t launches = numberOps();
    getOperation().walk([&](Operation *op) {
      if (auto call = dyn_cast<CallRoutineOp>(op))
        for (Value result : ownedResults(call))
          rest.push_back(lifetime(result));
      if (auto made = dyn_cast<BufferOp>(op); made && made.getOwned())
        rest.push_back(lifetime(made));
      auto allocate = dyn_cast<AllocateOp>(op);
      if (!allocate)
        return;
      ArenaBuffer buffer = lifetime(allocate);
      if (allocate.getType().hasStaticShape()) {
        buffer.size = llvm::alignTo(std::max<int64_t>(byteSize(allocate.getType()), 1), kArenaAlignment);
        fixed.push_back(buffer);
      } else {
        (formula.isPlannable(allocate) && !isHandedOn(allocate) ? computed : rest).push_back(buffer);
      }
    });
    int64_t total = placeBuffers(fixed);
    for (ArenaBuffer &buffer : fixed)
      fix(buffer);
    for (ArenaBuffer &buffer : rest)
      release(buffer);
    total = formula.place(computed, total);
    getOperation()->setAttr(kArenaBytesAttr, Builder(&getContext()).getI64IntegerAttr(total));
    arenaBytes = total;
    numComputed = computed.size();
    lowerBound = mostInUse(fixed, launches);
  }

  static void fix(ArenaBuffer &buffer) {
    Operation *op = buffer.value.getDefiningOp();
    OpBuilder builder(op);
    auto arena = ArenaOp::create(builder, op->getLoc(), buffer.value.getType(), uint64_t(buffer.offset),
                                 uint64_t(buffer.size), uint64_t(buffer.first), uint64_t(buffer.last));
    op->replaceAllUsesWith(arena);
    op->erase();
  }

  /// Whether someone else releases the buffer.
  static bool isHandedOn(Value buffer) {
    return llvm::any_of(buffer.getUsers(), [](Operation *user) {
      return isa<AddressOp>(user) || (isa<BufferViewOp, ElementOp>(user) && isHandedOn(user->getResult(0)));
    });
  }

  /// Numbers the launches, in the order of the program text, and gives each op the launch at it or before it. Returns
  /// how many there are.
  int64_t numberOps() {
    order.clear();
    int64_t launches = 0;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      launches += isa<LaunchOp>(op);
      order[op] = std::max<int64_t>(launches - 1, 0);
    });
    // The last launch inside of a loop.
    getOperation().walk([&](scf::WhileOp loop) { ends[loop] = order.lookup(loop.getAfterBody()->getTerminator()); });
    return launches;
  }

  /// The results of a routine for which the caller has no buffers.
  static SmallVector<Value> ownedResults(CallRoutineOp call) {
    SmallVector<Value> results;
    unsigned next = 0;
    for (auto [dtype, output] : llvm::zip_equal(call.getWanted(), call.getOutputs()))
      if (Value result = dtype ? call.getResult(next++) : Value(); result && output < 0)
        results.push_back(result);
    return results;
  }

  /// Releases a buffer after its last use, unless it is handed on.
  static void release(const ArenaBuffer &buffer) {
    if (llvm::any_of(buffer.value.getUsers(), llvm::IsaPred<AddressOp>))
      return;
    OpBuilder builder(buffer.value.getContext());
    builder.setInsertionPointAfter(buffer.lastUser ? buffer.lastUser : buffer.value.getDefiningOp());
    ReleaseOp::create(builder, buffer.value.getLoc(), buffer.value);
  }

  /// From the first launch that uses the buffer, or a view of it, to the last one; accesses by the host count as at the
  /// launch before them. A buffer from around a loop is in use through all of it.
  ArenaBuffer lifetime(Value value) {
    Operation *op = value.getDefiningOp();
    ArenaBuffer buffer{value};
    buffer.first = INT64_MAX;
    SmallVector<Value> views = {value};
    while (!views.empty()) {
      Value view = views.pop_back_val();
      for (Operation *user : view.getUsers()) {
        Operation *beside = op->getBlock()->findAncestorOpInBlock(*user);
        if (!buffer.lastUser || buffer.lastUser->isBeforeInBlock(beside))
          buffer.lastUser = beside;
        if (isa<BufferViewOp, ElementOp>(user)) {
          views.push_back(user->getResult(0));
          continue;
        }
        buffer.first = std::min(buffer.first, order.lookup(user));
        buffer.last = std::max(buffer.last, order.lookup(user));
        for (Operation *around = user->getParentOp(); !around->isAncestor(op); around = around->getParentOp())
          if (isa<scf::WhileOp>(around)) {
            buffer.first = std::min(buffer.first, order.lookup(around));
            buffer.last = std::max(buffer.last, ends.lookup(around));
          }
      }
    }
    buffer.first = std::min(buffer.first, buffer.last);
    return buffer;
  }

  static int64_t mostInUse(ArrayRef<ArenaBuffer> buffers, int64_t launches) {
    SmallVector<int64_t> change(launches + 2, 0);
    for (const ArenaBuffer &buffer : buffers) {
      change[buffer.first] += buffer.size;
      change[buffer.last + 1] -= buffer.size;
    }
    int64_t inUse = 0, most = 0;
    for (int64_t delta : change)
      most = std::max(most, inUse += delta);
    return most;
  }

  llvm::DenseMap<Operation *, int64_t> order; // ops to launches
  llvm::DenseMap<Operation *, int64_t> ends;  // loops to their last launch
};

} // namespace
} // namespace fsc
