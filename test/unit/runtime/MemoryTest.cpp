//===- MemoryTest.cpp - The allocator and the copies of strided arrays ----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/Artifact.h"
#include "runtime/src/Allocator.h"
#include "runtime/src/Tensor.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <thread>
#include <vector>

using namespace fsc::runtime;

namespace {

TEST(Allocator, classes_hold_what_they_serve_and_waste_at_most_a_quarter) {
  uint64_t previous = 0;
  for (unsigned c = 0; c < 120; ++c) {
    EXPECT_GE(Allocator::classBytes(c), previous);
    EXPECT_EQ(Allocator::classBytes(c) % FSC_ABI_ALIGNMENT, 0u);
    previous = Allocator::classBytes(c);
  }
  for (uint64_t bytes = 0; bytes < 100000; bytes = bytes + 1 + bytes / 37) {
    uint64_t given = Allocator::classBytes(Allocator::classOf(bytes));
    EXPECT_GE(given, bytes);
    EXPECT_LE(given, std::max<uint64_t>(bytes + bytes / 4 + 64, 64));
  }
  for (uint64_t bytes : {uint64_t(1) << 30, (uint64_t(1) << 40) + 1, uint64_t(3) << 44})
    EXPECT_GE(Allocator::classBytes(Allocator::classOf(bytes)), bytes);
}

TEST(Allocator, aligns_and_reuses) {
  Allocator allocator;
  void *first = allocator.allocate(1000);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % FSC_ABI_ALIGNMENT, 0u);
  std::memset(first, 1, 1000);
  allocator.release(first);
  EXPECT_EQ(allocator.allocate(1010), first);
  EXPECT_NE(allocator.allocate(0), nullptr);
  allocator.release(nullptr);
}

TEST(Allocator, refuses_sizes_that_cannot_be) {
  Allocator allocator;
  EXPECT_EQ(allocator.allocate(-1), nullptr);
  EXPECT_EQ(allocator.allocate(INT64_MIN), nullptr);
  EXPECT_EQ(allocator.allocate(INT64_MAX), nullptr);
  EXPECT_EQ(allocator.liveBytes(), 0u);
}

TEST(Allocator, reclaims_at_the_end_of_a_run_and_keeps_a_bounded_cache) {
  Allocator allocator;
  for (int i = 0; i < 10; ++i)
    allocator.allocate(1 << 20);
  EXPECT_EQ(allocator.liveBytes(), 10u << 20);
  allocator.reclaim();
  EXPECT_EQ(allocator.liveBytes(), 0u);
  EXPECT_EQ(allocator.cachedBytes(), 10u << 20);
  // The next run needs little: the cache shrinks to twice that.
  allocator.allocate(1000);
  allocator.reclaim();
  EXPECT_LE(allocator.cachedBytes(), 2048u);
  allocator.reclaim();
  EXPECT_EQ(allocator.cachedBytes(), 0u);
}

TEST(Allocator, serves_many_threads) {
  Allocator allocator;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::minstd_rand random(t);
      std::vector<std::pair<unsigned char *, size_t>> held;
      for (int i = 0; i < 3000; ++i) {
        size_t bytes = random() % 5000;
        auto *memory = static_cast<unsigned char *>(allocator.allocate(int64_t(bytes)));
        std::memset(memory, int(t + 1), bytes);
        held.push_back({memory, bytes});
        if (held.size() < 20)
          continue;
        auto [block, size] = held[random() % held.size()];
        std::erase(held, std::pair(block, size));
        for (size_t b = 0; b < size; ++b)
          ASSERT_EQ(block[b], t + 1);
        allocator.release(block);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  allocator.reclaim();
  EXPECT_EQ(allocator.liveBytes(), 0u);
}

fsc_tensor make(void *data, int32_t dtype, const std::vector<int64_t> &dims, const std::vector<int64_t> &strides) {
  return {data, dtype, int32_t(dims.size()), dims.data(), strides.empty() ? nullptr : strides.data()};
}

TEST(Tensor, sizes_do_not_overflow) {
  int64_t bytes = -7;
  auto fits = [&](int32_t dtype, std::vector<int64_t> dims) {
    return arrayBytes(dtype, int32_t(dims.size()), dims.data(), bytes);
  };
  EXPECT_TRUE(fits(FSC_FLOAT32, {2, 3}));
  EXPECT_EQ(bytes, 24);
  EXPECT_TRUE(fits(FSC_INT4, {3}));
  EXPECT_EQ(bytes, 2);
  EXPECT_TRUE(fits(FSC_FLOAT32, {}));
  EXPECT_EQ(bytes, 4);
  EXPECT_TRUE(fits(FSC_FLOAT32, {INT64_MAX, 0, INT64_MAX}));
  EXPECT_EQ(bytes, 0);
  EXPECT_FALSE(fits(FSC_FLOAT32, {INT64_MAX, 2}));
  EXPECT_FALSE(fits(FSC_FLOAT64, {INT64_MAX / 8}));
  EXPECT_FALSE(fits(FSC_FLOAT32, {-1}));
  EXPECT_FALSE(fits(0, {1}));
}

TEST(Tensor, knows_what_can_be_used_in_place) {
  alignas(16) char data[256];
  auto inPlace = [&](void *at, int32_t dtype, const std::vector<int64_t> &dims, const std::vector<int64_t> &strides) {
    return isUsableInPlace(make(at, dtype, dims, strides));
  };
  EXPECT_TRUE(inPlace(data, FSC_FLOAT32, {2, 3}, {}));
  EXPECT_TRUE(inPlace(data, FSC_FLOAT32, {2, 3}, {12, 4}));
  EXPECT_TRUE(inPlace(data, FSC_FLOAT32, {1, 3}, {999, 4})) << "the stride of one index is not used";
  EXPECT_TRUE(inPlace(data, FSC_FLOAT32, {0, 3}, {1, 1})) << "nothing to read";
  EXPECT_FALSE(inPlace(data, FSC_FLOAT32, {2, 3}, {4, 8}));
  EXPECT_FALSE(inPlace(data + 2, FSC_FLOAT32, {2, 3}, {}));
  EXPECT_TRUE(inPlace(data + 1, FSC_INT8, {2, 3}, {}));
}

TEST(Tensor, packed_elements_have_a_byte_each_for_compiled_code) {
  uint8_t packed[2] = {0xa7, 0x0d}, elements[5] = {}, back[2] = {};
  gather(make(packed, FSC_INT4, {3}, {}), elements);
  EXPECT_EQ(std::vector<int>(elements, elements + 4), (std::vector<int>{0x7, 0xa, 0xd, 0}));
  scatter(elements, make(back, FSC_INT4, {3}, {}));
  EXPECT_EQ(std::memcmp(back, packed, 2), 0);

  gather(make(packed, FSC_UINT2, {5}, {}), elements);
  EXPECT_EQ(std::vector<int>(elements, elements + 5), (std::vector<int>{3, 1, 2, 2, 1}));
  scatter(elements, make(elements, FSC_UINT2, {5}, {}));
  EXPECT_EQ(elements[0], 0xa7);
  EXPECT_EQ(elements[1], 0x01) << "what is left of the last byte is 0";

  // Four of 6 bits fill three bytes.
  uint8_t stream[4] = {0xbf, 0x16, 0xfc, 0x2a}, six[5] = {}, again[4] = {};
  gather(make(stream, FSC_FLOAT6E2M3, {5}, {}), six);
  EXPECT_EQ(std::vector<int>(six, six + 5), (std::vector<int>{0x3f, 0x1a, 0x01, 0x3f, 0x2a}));
  scatter(six, make(again, FSC_FLOAT6E2M3, {5}, {}));
  EXPECT_EQ(std::memcmp(again, stream, 4), 0);

  int64_t dims[2] = {3, 3}, bytes = 0;
  EXPECT_TRUE(arrayBytes(FSC_FLOAT6E3M2, 2, dims, bytes));
  EXPECT_EQ(bytes, 7);
  EXPECT_TRUE(storedBytes(FSC_INT2, 2, dims, bytes));
  EXPECT_EQ(bytes, 9);
  EXPECT_TRUE(arrayBytes(FSC_INT2, 2, dims, bytes));
  EXPECT_EQ(bytes, 3);
  EXPECT_FALSE(isUsableInPlace(make(packed, FSC_UINT4, {3}, {})));
}

TEST(Tensor, scatter_undoes_gather_for_every_element_size) {
  for (int32_t dtype : {FSC_UINT8, FSC_FLOAT16, FSC_FLOAT32, FSC_INT64, FSC_COMPLEX128}) {
    int64_t element = int64_t(fsc_dtype_bits(dtype) / 8);
    std::vector<int64_t> dims = {3, 2, 4}, strides = {element, 4 * 3 * element, -3 * element};
    std::vector<unsigned char> data(size_t(24 * element)), packed(data.size()), back(data.size());
    for (size_t i = 0; i < data.size(); ++i)
      data[i] = (unsigned char)(i * 7 + 1);
    fsc_tensor from = make(data.data() + 9 * element, dtype, dims, strides);
    fsc_tensor to = make(back.data() + 9 * element, dtype, dims, strides);
    EXPECT_FALSE(overlapsItself(to));
    gather(from, packed.data());
    for (int64_t i = 0; i < 24; ++i) {
      const unsigned char *expected =
          data.data() + 9 * element + i / 8 * strides[0] + i / 4 % 2 * strides[1] + i % 4 * strides[2];
      EXPECT_EQ(std::memcmp(packed.data() + i * element, expected, size_t(element)), 0);
    }
    scatter(packed.data(), to);
    EXPECT_EQ(back, data);
  }
}

} // namespace
