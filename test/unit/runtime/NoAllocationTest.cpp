//===- NoAllocationTest.cpp - A run of static shapes allocates nothing ----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// malloc and its kin are replaced by ones that count.
//
//===----------------------------------------------------------------------===//

#include "Fakes.h"

#include "runtime/include/fsc/fsc.hpp"

#include <atomic>
#include <gtest/gtest.h>

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

namespace {
std::atomic<long> allocations = 0;
} // namespace

extern "C" {
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes) {
  ++allocations;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  ++allocations;
  return __libc_calloc(count, bytes);
}
void *realloc(void *memory, size_t bytes) {
  ++allocations;
  return __libc_realloc(memory, bytes);
}
int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  ++allocations;
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : 12;
}
}

using namespace fsc;
using namespace fsc::test;

namespace {

class NoAllocation : public testing::Test {
protected:
  /// Allocations of the runs after the first `warm` ones.
  long allocationsOf(const char *model, bool buffersGiven, int warm) {
    Module module(fake(model));
    Session session(module, 2);
    float x[12] = {1}, mask[4] = {1}, y[12], total;
    int64_t dims[2] = {4, 3};
    fsc_tensor inputs[2] = {{x, FSC_FLOAT32, 2, dims, nullptr}, {mask, FSC_FLOAT32, 1, dims, nullptr}};
    long before = 0;
    for (int i = 0; i < warm + 10; ++i) {
      fsc_tensor outputs[2] = {};
      if (buffersGiven) {
        outputs[0] = {y, FSC_FLOAT32, 2, dims, nullptr};
        outputs[1] = {&total, FSC_FLOAT32, 0, nullptr, nullptr};
      }
      if (i == warm)
        before = allocations;
      check(fsc_session_run(session.get(), inputs, 2, outputs, 2));
    }
    return allocations - before;
  }
};

TEST_F(NoAllocation, with_static_shapes_and_buffers_given) { EXPECT_EQ(allocationsOf("static.so", true, 0), 0); }

TEST_F(NoAllocation, with_static_shapes_and_buffers_of_the_session) {
  EXPECT_EQ(allocationsOf("static.so", false, 1), 0);
}

TEST_F(NoAllocation, with_dynamic_shapes_that_repeat) { EXPECT_EQ(allocationsOf("dynamic.so", false, 1), 0); }

} // namespace

#endif
