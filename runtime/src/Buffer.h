//===- Buffer.h - Aligned memory that a session keeps -----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_BUFFER_H
#define FSC_RUNTIME_SRC_BUFFER_H

#include <cstddef>
#include <utility>

namespace fsc::runtime {

/// Grows and is kept for the next run. Its contents do not survive growth.
class Buffer {
public:
  Buffer() = default;
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;
  ~Buffer();

  /// Makes room for `bytes`; a buffer of 0 bytes has an address too. False if there
  /// is no memory.
  bool reserve(size_t bytes);

  void *data() const { return memory; }
  size_t size() const { return capacity; }

  void swap(Buffer &other) {
    std::swap(memory, other.memory);
    std::swap(capacity, other.capacity);
  }

private:
  void *memory = nullptr;
  size_t capacity = 0;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_BUFFER_H
