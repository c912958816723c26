//===- ThreadPool.h - The workers of one session ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One job at a time: the tasks [0, n) are cut into one contiguous range for each
// participant, of sizes that differ by at most one. Thread 0 is the caller.
//
// A worker that has nothing to do spins on one word (`order`), so that the next
// kernel of a run starts within a microsecond, and falls asleep on a futex of its own
// when nothing came for a while. The word holds the number of the job and of its
// participants, so a worker that is not one of these never touches the job, and the
// caller need wait for the participants only.
//
// A participant claims its range before it begins. When the caller is through with its
// own, it claims those that nobody has begun: workers that sleep, or that the system
// gives no processor, delay nothing.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_THREADPOOL_H
#define FSC_RUNTIME_SRC_THREADPOOL_H

#include "runtime/src/Status.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <sys/types.h>

namespace fsc::runtime {

class ThreadPool {
public:
  static constexpr int maxThreads = 1024;
  /// Work in nanoseconds that makes it worthwhile to give a worker its share.
  static constexpr int64_t worthwhileShare = 2000;

  /// The work of one range. No two calls at once have the same `worker`.
  using Task = void (*)(void *argument, int worker, int64_t begin, int64_t end);

  ThreadPool() = default;
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;
  ~ThreadPool();

  /// Starts `threads` - 1 workers. Called once.
  Status start(int threads);

  int threads() const { return threadCount; }

  /// How many threads to use for `tasks` tasks of `cost` nanoseconds each; a cost that
  /// is not known (0 or less) is taken for one that is worthwhile.
  int plan(int64_t tasks, int64_t cost) const;

  /// Runs task over [0, tasks) on the first `participants` threads and returns
  /// when all are done. Only one thread at a time may call this.
  void run(int participants, int64_t tasks, Task task, void *argument);

  /// While a run is in progress the workers stay awake longer.
  void beginRun() { inRun.store(true, std::memory_order_relaxed); }
  void endRun() { inRun.store(false, std::memory_order_relaxed); }

private:
  struct alignas(64) Worker {
    std::atomic<uint32_t> sleeping = 0; // 1 while it waits on this futex
    std::atomic<uint64_t> claimed = 0;  // the last job whose range for it was begun
    std::atomic<uint64_t> done = 0;     // the last job it finished
    ThreadPool *pool = nullptr;
    int index = 0;
    pthread_t thread = {};
    bool started = false;
  };

  static void *threadMain(void *argument);
  uint64_t awaitOrder(Worker &worker, uint64_t seen);
  void awaitWorker(Worker &worker, uint64_t job);
  void runRange(int range, int participants, int worker);
  static bool claim(Worker &worker, uint64_t job);
  static void wake(Worker &worker);
  void publish(uint64_t job, int participants);

  // A job's number in the upper bits, its participants in the lower 16.
  static constexpr unsigned participantBits = 16;
  static constexpr uint64_t stopOrder = ~uint64_t(0);

  alignas(64) std::atomic<uint64_t> order = 0;
  alignas(64) std::atomic<bool> inRun = false;
  std::atomic<uint32_t> callerSleeps = 0; // 1 while it waits on this futex

  // The job; written by the caller before `order`, read by participants after it.
  alignas(64) Task jobTask = nullptr;
  void *jobArgument = nullptr;
  int64_t jobTasks = 0;

  uint64_t jobNumber = 0;
  int threadCount = 1;
  pid_t owner = 0;                   // threads do not follow into a forked child
  std::unique_ptr<Worker[]> workers; // [0] is the caller and has no thread
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_THREADPOOL_H
