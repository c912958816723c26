//===- ArenaPlan.h - Buffers and their places in the arena ------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_LOWERING_ARENAPLAN_H
#define FSC_PASSES_LOWERING_ARENAPLAN_H

#include "dialects/fsc/ops/Host.h"
#include "passes/lowering/Lowering.h"

#include "mlir/Interfaces/InferIntRangeInterface.h"

namespace fsc {

/// Of the arena, and of each buffer in it: FSC_ABI_ALIGNMENT, for vector loads and for cache lines.
constexpr int64_t kArenaAlignment = 64;
/// What counts as more than any memory.
constexpr int64_t kMostBytes = int64_t(1) << 48;

/// A buffer and the launches between which it is in use.
struct ArenaBuffer {
  mlir::Value value;
  int64_t size = 0;
  int64_t first = 0, last = 0; // launches
  int64_t offset = 0;
  mlir::Operation *lastUser = nullptr;

  bool overlapsInTime(const ArenaBuffer &other) const { return first <= other.last && other.first <= last; }
};

/// Greedy by size: places the largest first, at the lowest offset free for its lifetime. Returns the arena's size.
int64_t placeBuffers(llvm::MutableArrayRef<ArenaBuffer> buffers);

/// The plan for buffers of dynamic sizes that follow from the sizes and values of the inputs.
///
/// The buffers are placed for sample sizes. What lies below what in that plan is then kept for all sizes: a buffer
/// begins where the last of those below it ends that are in use at the same time,
///
///   offset(b) = max over a below b of offset(a) + bytes(a),
///
/// so that the plan is right for any sizes, and as tight as the planner made it where sizes grow in proportion.
class ArenaFormula {
public:
  explicit ArenaFormula(mlir::func::FuncOp main) : main(main) {}

  /// Follows sizes through the program.
  void analyze();
  /// Whether the sizes of a buffer are known before the run has begun.
  bool isPlannable(AllocateOp op) const;
  /// Makes fsc.place of the buffers' fsc.allocate, in the arena from `base` on. Returns the bytes that the arena has
  /// from the start: all that it can need, if ranges of the sizes say how much that is.
  int64_t place(llvm::MutableArrayRef<ArenaBuffer> buffers, int64_t base);

private:
  void resolveDims();
  llvm::StringRef symbolOf(mlir::Operation *op) const;
  std::pair<int64_t, int64_t> rangeOf(mlir::Operation *op) const;
  void inferBounds(mlir::Operation *op);
  mlir::Attribute sampleOf(mlir::Operation *op, unsigned result);
  int64_t sampleOf(mlir::Value size) const;
  int64_t mostOf(mlir::Value size) const;
  void hoistSizes(llvm::ArrayRef<ArenaBuffer> buffers, mlir::Operation *marker);
  void emitBytes(llvm::MutableArrayRef<ArenaBuffer> buffers, mlir::OpBuilder &builder);
  mlir::Value emitOffsets(llvm::ArrayRef<ArenaBuffer *> byOffset, mlir::Value start, int64_t &most,
                          mlir::OpBuilder &builder);

  mlir::func::FuncOp main;
  llvm::DenseMap<mlir::Value, mlir::Attribute> samples; // of the values that follow from the inputs
  llvm::DenseMap<mlir::Value, mlir::ConstantIntRanges> bounds;
  llvm::DenseMap<const ArenaBuffer *, int64_t> mostBytes;
  llvm::DenseMap<const ArenaBuffer *, mlir::Value> offsets, bytes;
};

} // namespace fsc

#endif // FSC_PASSES_LOWERING_ARENAPLAN_H
