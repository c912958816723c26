//===- Allocator.cpp - Memory whose size is known only during a run -------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Allocator.h"

#include "runtime/abi/Artifact.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

using namespace fsc::runtime;

/// Blocks of the classes 4k..4k+3 hold 64 * 2^k * {1, 1.25, 1.5, 1.75} bytes, rounded
/// up to a multiple of the alignment.
uint64_t Allocator::classBytes(unsigned sizeClass) {
  uint64_t quarter = uint64_t(16) << (sizeClass / 4);
  uint64_t bytes = quarter * (4 + sizeClass % 4);
  return (bytes + FSC_ABI_ALIGNMENT - 1) & ~uint64_t(FSC_ABI_ALIGNMENT - 1);
}

unsigned Allocator::classOf(uint64_t bytes) {
  if (bytes <= 64)
    return 0;
  unsigned power = unsigned(std::bit_width(bytes - 1)) - 1; // 2^power < bytes <= 2^(power + 1)
  uint64_t quarter = uint64_t(1) << (power - 2);
  unsigned quarters = unsigned((bytes - 1) / quarter) + 1; // 5 to 8
  return 4 * (power - 6) + (quarters - 4);
}

Allocator::~Allocator() {
  reclaim();
  for (Block *&head : freeBlocks)
    while (Block *block = head) {
      head = block->next;
      std::free(block);
    }
}

Allocator::Block *Allocator::take(unsigned sizeClass) {
  uint64_t bytes = classBytes(sizeClass);
  if (Block *block = freeBlocks[sizeClass]) {
    freeBlocks[sizeClass] = block->next;
    cached -= bytes;
    return block;
  }
  void *memory = nullptr;
  if (posix_memalign(&memory, FSC_ABI_ALIGNMENT, headerBytes + bytes) != 0)
    return nullptr;
  Block *block = new (memory) Block;
  block->sizeClass = sizeClass;
  return block;
}

void *Allocator::allocate(int64_t bytes) {
  if (bytes < 0 || uint64_t(bytes) > classBytes(classCount - 1))
    return nullptr;
  unsigned sizeClass = classOf(uint64_t(bytes));
  std::lock_guard<std::mutex> lock(mutex);
  Block *block = take(sizeClass);
  if (!block)
    return nullptr;
  block->previous = nullptr;
  block->next = liveBlocks;
  if (liveBlocks)
    liveBlocks->previous = block;
  liveBlocks = block;
  live += classBytes(sizeClass);
  peak = std::max(peak, live);
  return reinterpret_cast<char *>(block) + headerBytes;
}

/// Moves a live block to the free ones.
void Allocator::unlink(Block *block) {
  if (block->previous)
    block->previous->next = block->next;
  else
    liveBlocks = block->next;
  if (block->next)
    block->next->previous = block->previous;
  uint64_t bytes = classBytes(unsigned(block->sizeClass));
  live -= bytes;
  cached += bytes;
  block->next = freeBlocks[block->sizeClass];
  freeBlocks[block->sizeClass] = block;
}

void Allocator::release(void *memory) {
  if (!memory)
    return;
  std::lock_guard<std::mutex> lock(mutex);
  unlink(reinterpret_cast<Block *>(static_cast<char *>(memory) - headerBytes));
}

void Allocator::reclaim() {
  std::lock_guard<std::mutex> lock(mutex);
  while (liveBlocks)
    unlink(liveBlocks);
  uint64_t bound = 2 * peak;
  for (unsigned sizeClass = classCount; sizeClass-- > 0 && cached > bound;)
    while (cached > bound && freeBlocks[sizeClass]) {
      Block *block = freeBlocks[sizeClass];
      freeBlocks[sizeClass] = block->next;
      cached -= classBytes(sizeClass);
      std::free(block);
    }
  peak = 0;
}

uint64_t Allocator::liveBytes() const {
  std::lock_guard<std::mutex> lock(mutex);
  return live;
}

uint64_t Allocator::cachedBytes() const {
  std::lock_guard<std::mutex> lock(mutex);
  return cached;
}
