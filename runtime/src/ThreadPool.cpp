//===- ThreadPool.cpp - The workers of one session ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/ThreadPool.h"

#include <algorithm>
#include <cfenv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <linux/futex.h>
#include <new>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace fsc::runtime;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

// How long a worker spins for the next job before it sleeps: long enough for what
// runs on one thread between two kernels, and for the next run of a loop.
constexpr microseconds spinInRun(1000), spinBetweenRuns(50);
// How long the caller spins for a worker that is late.
constexpr microseconds spinForWorker(200);
// After this long, whoever spins offers its processor to others at each look: where there
// are more threads than processors, it is the one waited for that needs it.
constexpr microseconds spinSelfishly(3);
constexpr size_t stackBytes = size_t(8) << 20;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futexWake(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

/// Looks at `done` again and again for about `limit()`, which may change meanwhile.
/// True once it holds.
template <typename Done, typename Limit> bool spin(Done done, Limit limit) {
  Clock::time_point from = Clock::now();
  for (;;) {
    for (int i = 0; i < 32; ++i) {
      if (done())
        return true;
      relax();
    }
    Clock::duration spent = Clock::now() - from;
    if (spent >= limit())
      return false;
    if (spent >= spinSelfishly)
      sched_yield();
  }
}

/// The range of part `index` of `parts` of [0, tasks).
void partition(int64_t tasks, int parts, int index, int64_t &begin, int64_t &end) {
  int64_t share = tasks / parts, rest = tasks % parts;
  begin = share * index + std::min<int64_t>(index, rest);
  end = begin + share + (index < rest ? 1 : 0);
}

} // namespace

Status ThreadPool::start(int threads) {
  workers.reset(new (std::nothrow) Worker[size_t(threads)]);
  if (!workers)
    return outOfMemory();

  // The host program's signals are its own threads' affair.
  sigset_t all, old;
  sigfillset(&all);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stackBytes);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  int error = 0;
  threadCount = threads;
  owner = getpid();
  for (int i = 1; i < threads && error == 0; ++i) {
    workers[size_t(i)].pool = this;
    workers[size_t(i)].index = i;
    error = pthread_create(&workers[size_t(i)].thread, &attributes, threadMain, &workers[size_t(i)]);
    workers[size_t(i)].started = error == 0;
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0)
    return failure(FSC_ERROR_INTERNAL, "cannot start %d threads: %s", threads, strerrordesc_np(error));
  return success();
}

ThreadPool::~ThreadPool() {
  if (!workers || owner != getpid())
    return;
  order.store(stopOrder);
  for (int i = 1; i < threadCount; ++i) {
    Worker &worker = workers[size_t(i)];
    if (!worker.started)
      continue;
    wake(worker);
    pthread_join(worker.thread, nullptr);
  }
}

void ThreadPool::wake(Worker &worker) {
  if (worker.sleeping.load() && worker.sleeping.exchange(0))
    futexWake(worker.sleeping);
}

/// True if the range of `worker` in `job` was not begun and is now the caller's to run.
/// A worker may come as late as to find later jobs there.
bool ThreadPool::claim(Worker &worker, uint64_t job) {
  uint64_t last = worker.claimed.load(std::memory_order_relaxed);
  return last < job && worker.claimed.compare_exchange_strong(last, job, std::memory_order_acq_rel);
}

void ThreadPool::runRange(int range, int participants, int worker) {
  int64_t begin, end;
  partition(jobTasks, participants, range, begin, end);
  jobTask(jobArgument, worker, begin, end);
}

int ThreadPool::plan(int64_t tasks, int64_t cost) const {
  if (threadCount == 1 || tasks < 2)
    return 1;
  int64_t total;
  if (cost <= 0)
    cost = worthwhileShare;
  if (__builtin_mul_overflow(tasks, cost, &total))
    total = INT64_MAX;
  int64_t shares = std::min(tasks, total / worthwhileShare);
  return int(std::clamp<int64_t>(shares, 1, threadCount));
}

/// Spins, then sleeps, until the order is another than `seen`.
uint64_t ThreadPool::awaitOrder(Worker &worker, uint64_t seen) {
  for (;;) {
    uint64_t now = seen;
    if (spin([&] { return (now = order.load(std::memory_order_acquire)) != seen; },
             [&] { return inRun.load(std::memory_order_relaxed) ? spinInRun : spinBetweenRuns; }))
      return now;

    // Announce, then look again: publish() stores the order, then looks at `sleeping`.
    worker.sleeping.store(1);
    if (order.load() == seen)
      futexWait(worker.sleeping, 1);
    worker.sleeping.store(0);
  }
}

void *ThreadPool::threadMain(void *argument) {
  Worker &worker = *static_cast<Worker *>(argument);
  ThreadPool &pool = *worker.pool;
  std::fesetenv(FE_DFL_ENV); // not that of whoever created the session
  uint64_t seen = 0;
  for (;;) {
    seen = pool.awaitOrder(worker, seen);
    if (seen == stopOrder)
      return nullptr;
    int participants = int(seen & ((uint64_t(1) << participantBits) - 1));
    if (worker.index >= participants || !claim(worker, seen >> participantBits))
      continue;
    pool.runRange(worker.index, participants, worker.index);
    worker.done.store(seen >> participantBits);
    if (pool.callerSleeps.load() && pool.callerSleeps.exchange(0))
      futexWake(pool.callerSleeps);
  }
}

void ThreadPool::publish(uint64_t job, int participants) {
  order.store(job << participantBits | uint64_t(participants));
  for (int i = 1; i < participants; ++i)
    wake(workers[size_t(i)]);
}

void ThreadPool::awaitWorker(Worker &worker, uint64_t job) {
  if (spin([&] { return worker.done.load(std::memory_order_acquire) == job; }, [] { return spinForWorker; }))
    return;

  // Announce, then look again; a worker stores `done`, then looks at `callerSleeps`.
  // Any worker may clear it, so announce each time.
  for (;;) {
    callerSleeps.store(1);
    if (worker.done.load() == job)
      break;
    futexWait(callerSleeps, 1);
  }
  callerSleeps.store(0);
}

void ThreadPool::run(int participants, int64_t tasks, Task task, void *argument) {
  if (participants <= 1) {
    task(argument, 0, 0, tasks);
    return;
  }
  jobTask = task;
  jobArgument = argument;
  jobTasks = tasks;
  uint64_t job = ++jobNumber; // 48 bits outlast any process
  publish(job, participants);
  runRange(0, participants, 0);
  for (int i = participants; --i > 0;)
    if (claim(workers[size_t(i)], job)) {
      runRange(i, participants, 0);
      workers[size_t(i)].done.store(job, std::memory_order_relaxed);
    }
  for (int i = 1; i < participants; ++i)
    awaitWorker(workers[size_t(i)], job);
}
