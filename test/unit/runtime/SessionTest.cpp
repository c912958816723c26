//===- SessionTest.cpp - Runs: what is checked, copied, owned and reported -===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fakes.h"

#include "runtime/include/fsc/fsc.hpp"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <cstring>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>

using namespace fsc;
using namespace fsc::test;

namespace {

class SessionTest : public testing::Test {
protected:
  Module module = Module(fake("dynamic.so"));
  Session session = Session(module, 2);
  float x[6] = {1, 2, 3, 4, 5, 6}, mask[2] = {1, 10};
  std::vector<Tensor> inputs = {tensor(x, {2, 3}), tensor(mask, {2})};
  const std::vector<float> expected = {2, 3, 4, 50, 60, 70};

  std::string failureOf(const std::vector<Tensor> &given, std::vector<Tensor> outputs = std::vector<Tensor>(2)) {
    try {
      session.run(given, outputs);
    } catch (const Error &error) {
      return std::string(fsc_code_name(error.code())) + ": " + error.what();
    }
    return "ran";
  }

  std::string failureOfOrder(float order) {
    x[0] = order;
    std::string text = failureOf(inputs);
    x[0] = 1;
    return text;
  }

  static std::vector<float> values(const Tensor &tensor) {
    return std::vector<float>(tensor.as<float>(), tensor.as<float>() + tensor.size());
  }
};

TEST_F(SessionTest, computes) {
  std::vector<Tensor> outputs = session.run(inputs);
  EXPECT_EQ(values(outputs[0]), expected);
  EXPECT_EQ(outputs[0].dims, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(values(outputs[1]), std::vector<float>{189});
  EXPECT_TRUE(outputs[1].dims.empty());
}

TEST_F(SessionTest, follows_dynamic_dims_from_run_to_run) {
  for (int64_t batch : {5, 0, 1, 100, 3}) {
    std::vector<float> wide(size_t(batch * 3), 1.0f), ones(size_t(batch), 1.0f);
    std::vector<Tensor> outputs = session.run({tensor(wide.data(), {batch, 3}), tensor(ones.data(), {batch})});
    EXPECT_EQ(outputs[0].dims, (std::vector<int64_t>{batch, 3}));
    EXPECT_EQ(*outputs[1].as<float>(), 6 * float(batch));
  }
}

TEST_F(SessionTest, names_the_input_and_dim_that_is_wrong) {
  EXPECT_EQ(failureOf({inputs[0], tensor(x, {6})}), "input: input 'mask': dim 0 is 6, but 'batch' is 2 from input 'x'");
  EXPECT_EQ(failureOf({tensor(x, {3, 2}), inputs[1]}), "input: input 'x': dim 1 is 2, expected 3");
  EXPECT_EQ(failureOf({tensor(x, {6}), inputs[1]}), "input: input 'x': expected rank 2, got rank 1");
  EXPECT_EQ(failureOf({tensor(x, {-2, 3}), inputs[1]}), "input: input 'x': dim 0 is -2, expected a size of 0 or more");
  int32_t ints[6] = {};
  EXPECT_EQ(failureOf({tensor(ints, {2, 3}), inputs[1]}), "input: input 'x': expected float32, got int32");
  EXPECT_EQ(failureOf({inputs[0]}), "input: expected 2 inputs, got 1");
  EXPECT_EQ(failureOf({Tensor{nullptr, FSC_FLOAT32, {2, 3}, {}}, inputs[1]}), "argument: input 'x': its data is null");
  EXPECT_EQ(failureOf({tensor(x, {int64_t(1) << 62, 3}), tensor(mask, {int64_t(1) << 62})}),
            "input: input 'x': no memory holds an array of 4611686018427387904x3");
}

TEST_F(SessionTest, keeps_symbols_to_their_ranges) {
  session = Session(Module(fake("ranged.so")), 1);
  EXPECT_EQ(failureOf(inputs), "ran");
  float wide[15] = {}, ones[5] = {};
  EXPECT_EQ(failureOf({tensor(wide, {1, 3}), tensor(ones, {1})}),
            "input: input 'x': dim 0 is 1, expected 'batch' in 2..4");
  EXPECT_EQ(failureOf({tensor(wide, {5, 3}), tensor(ones, {5})}),
            "input: input 'x': dim 0 is 5, expected 'batch' in 2..4");
  session = Session(Module(fake("from-two.so")), 1);
  EXPECT_EQ(failureOf({tensor(wide, {5, 3}), tensor(ones, {5})}), "ran");
  EXPECT_EQ(failureOf({tensor(wide, {1, 3}), tensor(ones, {1})}),
            "input: input 'x': dim 0 is 1, expected 'batch' of 2 or more");
}

TEST_F(SessionTest, makes_the_arena_longer_where_a_run_asks_for_it) {
  EXPECT_EQ(failureOfOrder(-12), "ran");
  EXPECT_EQ(failureOfOrder(-12), "ran");
  EXPECT_EQ(failureOfOrder(-13),
            "out of memory: out of memory: the buffers for inputs of these sizes need more than 140737488355327 bytes");
  EXPECT_EQ(values(session.run(inputs)[0]), expected);
}

TEST_F(SessionTest, puts_numbers_into_a_message) {
  EXPECT_EQ(failureOfOrder(-14), "input: expected 7 and 7, got -5 {");
}

TEST_F(SessionTest, gathers_strided_inputs) {
  // x transposed, every other element of a wider mask, backwards.
  float columns[6] = {1, 4, 2, 5, 3, 6}, wide[3] = {10, -1, 1};
  Tensor transposed = tensor(columns, {2, 3}), backwards = tensor(wide + 2, {2});
  transposed.strides = {4, 8};
  backwards.strides = {-8};
  EXPECT_EQ(values(session.run({transposed, backwards})[0]), expected);
}

TEST_F(SessionTest, gathers_a_broadcast_input) {
  Tensor broadcast = tensor(x, {2, 3});
  broadcast.strides = {0, 4};
  EXPECT_EQ(values(session.run({broadcast, inputs[1]})[0]), (std::vector<float>{2, 3, 4, 20, 30, 40}));
}

TEST_F(SessionTest, reads_an_unaligned_input) {
  alignas(4) char bytes[sizeof(x) + 1];
  std::memcpy(bytes + 1, x, sizeof(x));
  Tensor unaligned = {bytes + 1, FSC_FLOAT32, {2, 3}, {}};
  EXPECT_EQ(values(session.run({unaligned, inputs[1]})[0]), expected);
}

TEST_F(SessionTest, writes_into_the_buffers_given) {
  std::vector<float> y(6), total(1);
  std::vector<Tensor> outputs = {tensor(y.data(), {2, 3}), tensor(total.data(), {})};
  session.run(inputs, outputs);
  EXPECT_EQ(y, expected);
  EXPECT_EQ(total[0], 189);
}

TEST_F(SessionTest, scatters_into_a_strided_buffer) {
  std::vector<float> y(12, -1);
  Tensor strided = tensor(y.data(), {2, 3});
  strided.strides = {4, 16};
  std::vector<Tensor> outputs = {strided, Tensor()};
  session.run(inputs, outputs);
  EXPECT_EQ(y, (std::vector<float>{2, 50, -1, -1, 3, 60, -1, -1, 4, 70, -1, -1}));
}

TEST_F(SessionTest, an_output_may_overlap_an_input) {
  std::vector<Tensor> outputs = {tensor(x, {2, 3}), tensor(mask + 1, {})};
  session.run(inputs, outputs);
  EXPECT_EQ(std::vector<float>(x, x + 6), expected);
  EXPECT_EQ(mask[1], 189);
}

TEST_F(SessionTest, an_output_of_the_session_may_be_the_next_input) {
  std::vector<Tensor> outputs = session.run(inputs);
  mask[1] = 1;
  for (float add : {1, 2, 3}) {
    outputs = session.run({outputs[0], inputs[1]});
    EXPECT_EQ(values(outputs[0]), (std::vector<float>{2 + add, 3 + add, 4 + add, 50 + add, 60 + add, 70 + add}));
  }
}

TEST_F(SessionTest, refuses_buffers_that_do_not_fit) {
  float y[64];
  EXPECT_EQ(failureOf(inputs, {tensor(y, {3, 3}), Tensor()}),
            "input: output 'y': dim 0 is 2, but the buffer given for it has 3");
  EXPECT_EQ(failureOf(inputs, {tensor(y, {2, 4}), Tensor()}),
            "input: output 'y': dim 1 of the buffer is 4, expected 3");
  EXPECT_EQ(failureOf(inputs, {tensor(y, {6}), Tensor()}),
            "input: output 'y': expected a buffer of float32 with rank 2, got float32 with rank 1");
  EXPECT_EQ(failureOf(inputs, {tensor(y, {2, 3}), tensor(y + 5, {})}),
            "input: output 'total': the buffer overlaps that of output 'y'");
  Tensor overlapping = tensor(y, {2, 3});
  overlapping.strides = {8, 4};
  EXPECT_EQ(failureOf(inputs, {overlapping, Tensor()}), "input: output 'y': elements of the buffer overlap");
  EXPECT_EQ(failureOf(inputs, {Tensor()}), "argument: expected 2 outputs, got 1");
}

TEST_F(SessionTest, asks_the_callers_allocator) {
  struct Counter {
    std::vector<std::unique_ptr<char[]>> blocks;
  } counter;
  session.setOutputAllocator(
      [](void *user, size_t, size_t bytes) -> void * {
        auto &blocks = static_cast<Counter *>(user)->blocks;
        blocks.push_back(std::make_unique<char[]>(bytes));
        return blocks.back().get();
      },
      &counter);
  std::vector<Tensor> outputs = session.run(inputs);
  EXPECT_EQ(counter.blocks.size(), 2u);
  EXPECT_EQ(outputs[0].data, counter.blocks[0].get());
  EXPECT_EQ(values(outputs[0]), expected);
  session.setOutputAllocator([](void *, size_t, size_t) -> void * { return nullptr; }, nullptr);
  EXPECT_EQ(failureOf(inputs), "out of memory: out of memory: output 'y' needs 24 bytes");
}

TEST_F(SessionTest, reports_what_compiled_code_reports) {
  EXPECT_EQ(failureOfOrder(-1), "input: node 'x': the value is out of range");
  EXPECT_EQ(failureOfOrder(-2), "input: node 'rows': a task failed");
  EXPECT_EQ(failureOfOrder(-3), "input: a buffer has a negative or overflowing size");
  EXPECT_EQ(failureOfOrder(-5), "internal: the compiled code started a kernel inside of a kernel");
  EXPECT_EQ(failureOfOrder(-6), "internal: the compiled code did not make output 'y'");
  EXPECT_EQ(failureOfOrder(-7), "internal: the compiled code computed illegal sizes for output 'y'");
  EXPECT_EQ(failureOfOrder(-8), "out of memory: out of memory: a buffer needs 9223372036854775807 bytes");
  EXPECT_EQ(failureOfOrder(-9), "internal: the compiled code failed with code 77 and gave no reason");
  EXPECT_EQ(failureOfOrder(-10), "internal: no routine");
  EXPECT_EQ(values(session.run(inputs)[0]), expected) << "a failure does not stick";
}

TEST_F(SessionTest, reclaims_what_a_run_did_not_release) { EXPECT_EQ(failureOfOrder(-4), "ran"); }

TEST_F(SessionTest, outlives_its_module) {
  auto other = std::make_unique<Module>(fake("dynamic.so"));
  Session survivor(*other, 1);
  other.reset();
  EXPECT_EQ(values(survivor.run(inputs)[0]), expected);
}

TEST_F(SessionTest, sessions_run_at_once_over_one_module) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      Session own(module, 2);
      for (int i = 0; i < 200; ++i)
        wrong += values(own.run(inputs)[0]) != expected;
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionTest, one_run_at_a_time) {
  std::atomic<int> refused = 0, wrong = 0;
  auto loop = [&] {
    for (int i = 0; i < 500; ++i) {
      std::vector<float> y(6), total(1);
      std::vector<Tensor> outputs = {tensor(y.data(), {2, 3}), tensor(total.data(), {})};
      try {
        session.run(inputs, outputs);
        wrong += y != expected;
      } catch (const ArgumentError &) {
        ++refused;
      }
    }
  };
  std::thread other(loop);
  loop();
  other.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionTest, keeps_the_callers_rounding) {
  std::fesetround(FE_UPWARD);
  session.run(inputs);
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(FE_TONEAREST);
}

#if !__has_feature(thread_sanitizer)
TEST_F(SessionTest, refuses_to_run_in_a_forked_child) {
  auto inherited = std::make_unique<Session>(module, 3);
  pid_t child = fork();
  if (child == 0) {
    inherited.reset(); // its threads are not there to be waited for
    _exit(failureOf(inputs) == "argument: a session cannot run in a forked child: create one there" ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}
#endif

TEST_F(SessionTest, counts_what_kernels_take) {
  session.profile(true);
  session.run(inputs);
  session.run(inputs);
  session.profile(false);
  session.run(inputs);
  fsc_kernel_time time = session.kernelTime(0);
  EXPECT_EQ(time.calls, 2u);
  EXPECT_EQ(time.tasks, 4u);
  EXPECT_GT(time.nanoseconds, 0u);
}

} // namespace
