//===- Buffer.cpp - Aligned memory that a session keeps -------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Buffer.h"

#include "runtime/abi/Artifact.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <sys/mman.h>

using namespace fsc::runtime;

Buffer::~Buffer() { std::free(memory); }

bool Buffer::reserve(size_t bytes) {
  bytes = std::max<size_t>(bytes, FSC_ABI_ALIGNMENT);
  if (bytes <= capacity)
    return true;
  if (bytes > size_t(PTRDIFF_MAX) / 2)
    return false;
  // Large buffers are worth huge pages: fewer faults at first, fewer TLB misses later.
  constexpr size_t hugePage = size_t(2) << 20;
  size_t alignment = bytes >= hugePage ? hugePage : FSC_ABI_ALIGNMENT;
  void *fresh = nullptr;
  if (posix_memalign(&fresh, alignment, bytes) != 0)
    return false;
  if (alignment == hugePage)
    madvise(fresh, bytes & ~(hugePage - 1), MADV_HUGEPAGE); // a hint: its failure changes nothing
  std::free(memory);
  memory = fresh;
  capacity = bytes;
  return true;
}
