//===- ThreadPoolTest.cpp - The pool: partition, cost, sleep, wake --------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/ThreadPool.h"
#include "runtime/src/CpuCount.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <mutex>
#include <sys/resource.h>
#include <thread>
#include <vector>

using namespace fsc::runtime;

namespace {

struct Marks {
  std::vector<int> owner;
  std::vector<std::pair<int64_t, int64_t>> ranges;
  std::mutex mutex;
  int parts = 0;
};

void mark(void *argument, int worker, int64_t begin, int64_t end) {
  Marks &marks = *static_cast<Marks *>(argument);
  {
    std::lock_guard<std::mutex> lock(marks.mutex);
    marks.ranges.push_back({begin, end});
    ++marks.parts;
  }
  for (int64_t i = begin; i < end; ++i)
    marks.owner[size_t(i)] += worker + 1;
}

TEST(ThreadPool, cuts_the_tasks_into_contiguous_ranges_of_like_size) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(4));
  for (int64_t tasks : {4, 5, 7, 1000}) {
    Marks marks;
    marks.owner.assign(size_t(tasks), 0);
    pool.run(4, tasks, mark, &marks);
    EXPECT_EQ(marks.parts, 4);
    std::sort(marks.ranges.begin(), marks.ranges.end());
    int64_t next = 0;
    for (auto [begin, end] : marks.ranges) {
      EXPECT_EQ(begin, next);
      EXPECT_LE(std::abs((end - begin) - tasks / 4), 1);
      next = end;
    }
    EXPECT_EQ(next, tasks);
  }
}

TEST(ThreadPool, uses_no_more_threads_than_the_work_is_worth) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(4));
  EXPECT_EQ(pool.plan(1, 1000000000), 1) << "one task cannot be split";
  EXPECT_EQ(pool.plan(1000, 1), 1) << "1 us in all";
  EXPECT_EQ(pool.plan(1000, 1000), 4) << "1 ms in all";
  EXPECT_EQ(pool.plan(3, 1000000), 3);
  EXPECT_EQ(pool.plan(INT64_MAX, INT64_MAX), 4) << "no overflow";
  EXPECT_EQ(pool.plan(100, 0), 4) << "a cost that is not known may be large";
}

TEST(ThreadPool, the_caller_does_what_nobody_began) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(4));
  // Workers that wake up one after the other, on however few processors there are.
  for (int i = 0; i < 200; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds(i * 2));
    Marks marks;
    marks.owner.assign(64, 0);
    pool.run(4, 64, mark, &marks);
    EXPECT_EQ(marks.parts, 4);
    EXPECT_EQ(std::count(marks.owner.begin(), marks.owner.end(), 0), 0);
  }
}

TEST(ThreadPool, runs_many_jobs_of_changing_width) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(3));
  int64_t total = 0;
  Marks marks;
  marks.owner.assign(64, 0);
  pool.beginRun();
  for (int i = 0; i < 20000; ++i)
    pool.run(
        1 + i % 3, 64,
        [](void *argument, int, int64_t begin, int64_t end) {
          for (int64_t t = begin; t < end; ++t)
            ++static_cast<Marks *>(argument)->owner[size_t(t)];
        },
        &marks);
  pool.endRun();
  for (int count : marks.owner)
    total += count;
  EXPECT_EQ(total, 64 * 20000);
}

TEST(ThreadPool, wakes_workers_that_fell_asleep) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(3));
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    Marks marks;
    marks.owner.assign(9, 0);
    pool.run(3, 9, mark, &marks);
    EXPECT_EQ(marks.parts, 3);
  }
}

TEST(ThreadPool, waits_for_a_worker_that_takes_long) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(2));
  struct State {
    std::atomic<bool> begun = false, done = false;
  };
  for (int i = 0; i < 3; ++i) {
    State state;
    pool.run(
        2, 2,
        [](void *argument, int worker, int64_t, int64_t) {
          State &s = *static_cast<State *>(argument);
          if (worker == 0) {
            while (!s.begun)
              std::this_thread::yield();
            return;
          }
          s.begun = true;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          s.done = true;
        },
        &state);
    EXPECT_TRUE(state.done);
  }
}

TEST(ThreadPool, sleeps_between_runs) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(4));
  Marks marks;
  marks.owner.assign(4, 0);
  pool.run(4, 4, mark, &marks);
  auto cpuSeconds = [] {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  };
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  double before = cpuSeconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(cpuSeconds() - before, 0.02);
}

TEST(ThreadPool, starts_and_stops) {
  for (int i = 0; i < 50; ++i) {
    ThreadPool pool;
    ASSERT_FALSE(pool.start(1 + i % 5));
  }
}

/// A file system of our own, for the files that tell the quota.
class CpuCountTest : public testing::Test {
protected:
  CpuCountTest() : root("/tmp/fsc-test-cgroup-" + std::to_string(getpid())) {}
  ~CpuCountTest() override { std::filesystem::remove_all(root); }

  void write(const std::string &path, const std::string &text) {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }

  const std::string root;
};

TEST_F(CpuCountTest, is_at_least_one_without_any_files) { EXPECT_GE(usableCpus(root.c_str()), 1); }

TEST_F(CpuCountTest, honours_a_quota_of_version_2) {
  write("/proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  write("/proc/self/cgroup", "0::/outer/inner\n");
  write("/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
  EXPECT_EQ(usableCpus(root.c_str()), usableCpus("/nowhere"));
  write("/sys/fs/cgroup/outer/cpu.max", "100000 100000\n");
  EXPECT_EQ(usableCpus(root.c_str()), 1) << "the quota of an outer group";
}

TEST_F(CpuCountTest, honours_a_quota_of_version_1) {
  write("/proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n");
  write("/proc/self/cgroup", "3:cpuset:/\n1:cpu,cpuacct:/job\n0::/\n");
  write("/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "50000\n");
  write("/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(usableCpus(root.c_str()), 1) << "half a processor is one thread";
  write("/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(usableCpus(root.c_str()), usableCpus("/nowhere"));
}

} // namespace
