//===- Allocator.h - Memory whose size is known only during a run --*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread-safe cache of blocks in front of malloc. Sizes are rounded up to
// classes, four to each power of two, and a released block is kept for the next
// request of its class, so that a repeated run asks the system for nothing. What a
// run does not release is reclaimed at its end. The cache is bounded: it keeps no more
// than twice what the last run needed at once.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ALLOCATOR_H
#define FSC_RUNTIME_SRC_ALLOCATOR_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace fsc::runtime {

class Allocator {
public:
  Allocator() = default;
  Allocator(const Allocator &) = delete;
  Allocator &operator=(const Allocator &) = delete;
  ~Allocator();

  /// `bytes` of memory aligned to FSC_ABI_ALIGNMENT; null if there is none, or if
  /// `bytes` is negative or no object can be that large. 0 bytes are a valid block.
  void *allocate(int64_t bytes);

  /// More than any memory: requests beyond it fail.
  static constexpr int64_t maxBytes = (int64_t(1) << 47) - 1;

  /// Gives back what allocate returned; null is allowed.
  void release(void *memory);

  /// The end of a run: reclaims every block and cuts the cache to its bound.
  void reclaim();

  /// Bytes in use, and bytes kept for later.
  uint64_t liveBytes() const;
  uint64_t cachedBytes() const;

  /// The class that serves `bytes`, and the size of that class's blocks.
  static unsigned classOf(uint64_t bytes);
  static uint64_t classBytes(unsigned sizeClass);

private:
  struct Block {
    uint64_t sizeClass;
    Block *previous; // among the live blocks
    Block *next;     // among the live blocks, or among the free ones of the class
  };
  static constexpr size_t headerBytes = 64;
  static constexpr unsigned classCount = 4 * 42;
  static_assert(sizeof(Block) <= headerBytes);

  Block *take(unsigned sizeClass);
  void unlink(Block *block);

  mutable std::mutex mutex;
  std::array<Block *, classCount> freeBlocks = {};
  Block *liveBlocks = nullptr;
  uint64_t live = 0, peak = 0, cached = 0;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ALLOCATOR_H
