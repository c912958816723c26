//===- PlanArena.cpp - Places in the arena --------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lowering/Lowering.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

namespace fsc {
#define GEN_PASS_DEF_PLANARENA
#include "passes/lowering/Passes.h.inc"
} // namespace fsc

using namespace mlir;

namespace fsc {

namespace {

constexpr int64_t alignment = 64; // FSC_ABI_ALIGNMENT: of vector loads and of cache lines

struct Buffer {
  AllocateOp op;
  int64_t size = 0;
  int64_t first = 0, last = 0; // launches
  int64_t offset = 0;
  Operation *lastUser = nullptr;

  bool overlapsInTime(const Buffer &other) const { return first <= other.last && other.first <= last; }
};

struct PlanArena : impl::PlanArenaBase<PlanArena> {
  void runOnOperation() override {
    SmallVector<Buffer> planned;
    SmallVector<Buffer> dynamic;
    llvm::DenseMap<Operation *, int64_t> order;
    for (auto [index, launch] : llvm::enumerate(getOperation().getOps<LaunchOp>()))
      order[launch] = index;
    for (AllocateOp op : getOperation().getOps<AllocateOp>()) {
      Buffer buffer = lifetime(op, order);
      if (!op.getType().hasStaticShape()) {
        dynamic.push_back(buffer);
        continue;
      }
      buffer.size = llvm::alignTo(std::max<int64_t>(byteSize(op.getType()), 1), alignment);
      planned.push_back(buffer);
    }
    int64_t total = place(planned);
    for (Buffer &buffer : planned) {
      OpBuilder builder(buffer.op);
      auto arena = ArenaOp::create(builder, buffer.op.getLoc(), buffer.op.getType(), uint64_t(buffer.offset),
                                   uint64_t(buffer.size), uint64_t(buffer.first), uint64_t(buffer.last));
      buffer.op.replaceAllUsesWith(arena.getResult());
      buffer.op.erase();
    }
    for (Buffer &buffer : dynamic) {
      OpBuilder builder(buffer.op);
      if (buffer.lastUser)
        builder.setInsertionPointAfter(buffer.lastUser);
      ReleaseOp::create(builder, buffer.op.getLoc(), buffer.op.getBuffer());
    }
    getOperation()->setAttr(kArenaBytesAttr, Builder(&getContext()).getI64IntegerAttr(total));
    arenaBytes = total;
    lowerBound = mostInUse(planned, order.size());
  }

  /// From the first launch that uses the buffer, or a view of it, to the last one; reads by the host count as at the
  /// launch before them.
  static Buffer lifetime(AllocateOp op, const llvm::DenseMap<Operation *, int64_t> &order) {
    Buffer buffer{op};
    buffer.first = INT64_MAX;
    SmallVector<Value> views = {op.getBuffer()};
    while (!views.empty()) {
      Value view = views.pop_back_val();
      for (Operation *user : view.getUsers()) {
        if (!buffer.lastUser || buffer.lastUser->isBeforeInBlock(user))
          buffer.lastUser = user;
        if (auto again = dyn_cast<BufferViewOp>(user)) {
          views.push_back(again.getResult());
          continue;
        }
        Operation *launch = user;
        while (launch && !order.contains(launch))
          launch = launch->getPrevNode();
        int64_t index = launch ? order.lookup(launch) : 0;
        buffer.first = std::min(buffer.first, index);
        buffer.last = std::max(buffer.last, index);
      }
    }
    buffer.first = std::min(buffer.first, buffer.last);
    return buffer;
  }

  /// Greedy by size: places the largest first, at the lowest offset free for its lifetime. Returns the arena's size.
  static int64_t place(MutableArrayRef<Buffer> buffers) {
    SmallVector<Buffer *> bySize = llvm::map_to_vector(buffers, [](Buffer &b) { return &b; });
    llvm::stable_sort(bySize, [](Buffer *a, Buffer *b) { return a->size > b->size; });
    SmallVector<Buffer *> placed; // by offset
    int64_t total = 0;
    for (Buffer *buffer : bySize) {
      int64_t offset = 0;
      for (Buffer *other : placed) {
        if (!buffer->overlapsInTime(*other))
          continue;
        if (other->offset >= offset + buffer->size)
          break;
        offset = std::max(offset, other->offset + other->size);
      }
      buffer->offset = offset;
      total = std::max(total, offset + buffer->size);
      placed.insert(llvm::upper_bound(placed, buffer, [](Buffer *a, Buffer *b) { return a->offset < b->offset; }),
                    buffer);
    }
    return total;
  }

  static int64_t mostInUse(ArrayRef<Buffer> buffers, int64_t launches) {
    SmallVector<int64_t> change(launches + 2, 0);
    for (const Buffer &buffer : buffers) {
      change[buffer.first] += buffer.size;
      change[buffer.last + 1] -= buffer.size;
    }
    int64_t inUse = 0, most = 0;
    for (int64_t delta : change)
      most = std::max(most, inUse += delta);
    return most;
  }
};

} // namespace
} // namespace fsc
