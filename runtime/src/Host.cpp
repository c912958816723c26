//===- Host.cpp - What compiled code may ask of the runtime ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The calls that compiled code makes during a run. Called with wrong arguments they
// fail the run; they never throw, since no C++ frame lies below them.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Host.h"

#include "runtime/src/CustomRun.h"
#include "runtime/src/Session.h"
#include "runtime/src/Tensor.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <ctime>

using namespace fsc::runtime;

namespace {

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return uint64_t(time.tv_sec) * 1000000000u + uint64_t(time.tv_nsec);
}

/// One kernel's work, as the pool sees it.
struct Job {
  fsc_abi_context *context;
  fsc_abi_kernel_fn function;
  const int64_t *words;
  char *scratch;
  size_t scratchStride;
};

void runJob(void *argument, int worker, int64_t begin, int64_t end) {
  const Job &job = *static_cast<const Job *>(argument);
  job.function(job.context, job.words, job.scratch + size_t(worker) * job.scratchStride, begin, end);
}

} // namespace

int32_t Session::fail(int32_t code, const char *message) {
  std::lock_guard<std::mutex> lock(failureMutex);
  if (failureCode.load() == FSC_ABI_OK) {
    std::snprintf(failureMessage, sizeof(failureMessage), "%s", message ? message : "no reason given");
    failureCode.store(code == FSC_ABI_OK ? FSC_ABI_ERROR_INTERNAL : code);
  }
  return code;
}

bool Session::overlapsInput(uintptr_t begin, uintptr_t end) const {
  for (size_t i = 0; i < module->inputs().values.size(); ++i)
    if (inputs[i].begin < end && begin < inputs[i].end)
      return true;
  return false;
}

/// Memory of ours for an output. What the last run returned in it may be an input of
/// this one; then it is the other buffer's turn.
void *Session::ownMemory(Output &output, int64_t bytes) {
  uintptr_t begin = reinterpret_cast<uintptr_t>(output.own.data());
  if (overlapsInput(begin, begin + output.own.size()))
    output.own.swap(output.spare);
  return output.own.reserve(size_t(bytes)) ? output.own.data() : nullptr;
}

/// Decides where compiled code writes an output for which the caller gave a buffer.
bool Session::placeGivenOutput(size_t index, int64_t bytes) {
  const fsc_value &value = module->outputs().values[index];
  Output &output = outputs[index];
  char message[256];
  for (int32_t axis = 0; axis < value.rank; ++axis)
    if (output.given->dims[axis] != output.dims[axis]) {
      std::snprintf(message, sizeof(message),
                    "output '%s': dim %d is %" PRId64 ", but the buffer given for it has %" PRId64, value.name, axis,
                    output.dims[axis], output.given->dims[axis]);
      fail(FSC_ABI_ERROR_INVALID_ARGUMENT, message);
      return false;
    }
  output.copied = !isUsableInPlace(*output.given) || overlapsInput(output.begin, output.end);
  output.data = output.copied ? ownMemory(output, bytes) : output.given->data;
  if (!output.data) {
    std::snprintf(message, sizeof(message), "out of memory: a copy of output '%s' needs %" PRId64 " bytes", value.name,
                  bytes);
    fail(FSC_ABI_ERROR_OUT_OF_MEMORY, message);
  }
  return output.data != nullptr;
}

/// The same where it gave none: memory of its allocator or of ours. A packed output is packed at the end of the run,
/// in place if the memory is ours.
bool Session::placeOwnOutput(size_t index, int64_t bytes) {
  const fsc_value &value = module->outputs().values[index];
  Output &output = outputs[index];
  int64_t size = bytes;
  arrayBytes(value.dtype, value.rank, output.dims, size);
  bool isOurs = !outputAllocator || isPacked(value.dtype);
  void *ours = isOurs ? ownMemory(output, bytes) : nullptr;
  output.result =
      outputAllocator ? outputAllocator(outputAllocatorUser, index, size_t(std::max<int64_t>(size, 1))) : ours;
  output.data = output.result && isOurs ? ours : output.result;
  if (output.data)
    return true;
  char message[256];
  std::snprintf(message, sizeof(message), "out of memory: output '%s' needs %" PRId64 " bytes", value.name, bytes);
  fail(FSC_ABI_ERROR_OUT_OF_MEMORY, message);
  return false;
}

void *Session::output(int64_t index, const int64_t *dims) {
  if (failureCode.load() != FSC_ABI_OK)
    return nullptr;
  char message[256];
  if (index < 0 || uint64_t(index) >= module->outputs().values.size()) {
    std::snprintf(message, sizeof(message), "the compiled code asked for output %" PRId64, index);
    return fail(FSC_ABI_ERROR_INTERNAL, message), nullptr;
  }
  const fsc_value &value = module->outputs().values[size_t(index)];
  Output &output = outputs[size_t(index)];
  int64_t bytes;
  // What a model computes from its inputs may be no size at all.
  if (!storedBytes(value.dtype, value.rank, dims, bytes)) {
    std::snprintf(message, sizeof(message), "output '%s' has a negative or overflowing size", value.name);
    return fail(FSC_ABI_ERROR_INVALID_ARGUMENT, message), nullptr;
  }
  bool legal = true;
  for (int32_t axis = 0; axis < value.rank && legal; ++axis)
    legal = value.dims[axis].size < 0 || value.dims[axis].size == dims[axis];
  // A second request must be for the same array.
  if (legal && output.data)
    legal = std::equal(dims, dims + value.rank, output.dims);
  if (!legal) {
    std::snprintf(message, sizeof(message), "the compiled code computed illegal sizes for output '%s'", value.name);
    return fail(FSC_ABI_ERROR_INTERNAL, message), nullptr;
  }
  if (output.data)
    return writtenMemory(size_t(index), bytes);
  if (isList(value.dtype)) {
    void *number = writtenMemory(size_t(index), bytes);
    output.data = number;
    return number;
  }

  std::copy_n(dims, size_t(value.rank), output.dims);
  bool placed = output.given ? placeGivenOutput(size_t(index), bytes) : placeOwnOutput(size_t(index), bytes);
  return placed ? writtenMemory(size_t(index), bytes) : nullptr;
}

/// Where compiled code writes an output that has its memory: strings and lists are numbers until the end of the run.
void *Session::writtenMemory(size_t index, int64_t bytes) {
  Output &output = outputs[index];
  const fsc_value &value = module->outputs().values[index];
  if (value.dtype != FSC_STRING && !isList(value.dtype))
    return output.data;
  static_assert(sizeof(fsc_string) == sizeof(fsc_list));
  if (output.numbers.reserve(size_t(bytes) / sizeof(fsc_string) * sizeof(int64_t)))
    return output.numbers.data();
  fail(FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory: an output of strings or lists");
  return nullptr;
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
uint64_t Session::random() {
  uint64_t bits = randomState += 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

void *Session::allocate(int64_t bytes) {
  void *memory = failureCode.load() == FSC_ABI_OK ? allocator.allocate(bytes) : nullptr;
  if (!memory) {
    char message[128];
    std::snprintf(message, sizeof(message), "out of memory: a buffer needs %" PRId64 " bytes", bytes);
    if (bytes < 0)
      std::snprintf(message, sizeof(message), "a buffer has a negative or overflowing size");
    fail(bytes < 0 ? FSC_ABI_ERROR_INVALID_ARGUMENT : FSC_ABI_ERROR_OUT_OF_MEMORY, message);
  }
  return memory;
}

int32_t Session::failWith(int32_t code, const char *message, int64_t first, int64_t second) {
  char text[sizeof(failureMessage)];
  size_t length = 0;
  for (const char *c = message ? message : ""; *c && length + 24 < sizeof(text);) {
    bool isFirst = std::strncmp(c, "{0}", 3) == 0, isSecond = std::strncmp(c, "{1}", 3) == 0;
    if (isFirst || isSecond)
      length += size_t(std::snprintf(text + length, 24, "%" PRId64, isFirst ? first : second));
    else
      text[length++] = *c;
    c += isFirst || isSecond ? 3 : 1;
  }
  text[length] = '\0';
  return fail(code, text);
}

int32_t Session::reserve(int64_t bytes) {
  if (int32_t code = failureCode.load())
    return code;
  if (bytes <= int64_t(arena.size()))
    return FSC_ABI_OK;
  // In classes: sizes that creep up cost few growths.
  bool isPossible = bytes <= Allocator::maxBytes;
  if (!isPossible || !arena.reserve(Allocator::classBytes(Allocator::classOf(uint64_t(bytes))))) {
    char message[128];
    std::snprintf(message, sizeof(message),
                  "out of memory: the buffers for inputs of these sizes need %s%" PRId64 " bytes",
                  isPossible ? "" : "more than ", isPossible ? bytes : Allocator::maxBytes);
    return fail(FSC_ABI_ERROR_OUT_OF_MEMORY, message);
  }
  context.arena = arena.data();
  return FSC_ABI_OK;
}

int32_t Session::parallel(int64_t kernel, fsc_abi_kernel_fn function, const int64_t *words, int64_t tasks,
                          int64_t cost) {
  if (int32_t code = failureCode.load())
    return code;
  // A worker's scratch is in use while it runs a task.
  if (inParallel)
    return fail(FSC_ABI_ERROR_INTERNAL, "the compiled code started a kernel inside of a kernel");
  if (tasks < 0 || !function)
    return fail(FSC_ABI_ERROR_INTERNAL, "the compiled code started a kernel with no code or a negative size");
  Job job = {&context, function, words, static_cast<char *>(scratch.data()), scratchStride};
  int participants = pool.plan(tasks, cost);
  uint64_t start = profiling ? now() : 0;
  if (tasks > 0) {
    inParallel = true;
    pool.run(participants, tasks, runJob, &job);
    inParallel = false;
  }
  if (profiling && kernel >= 0 && uint64_t(kernel) < kernelTimes.size()) {
    fsc_kernel_time &time = kernelTimes[size_t(kernel)];
    time.calls += 1;
    time.nanoseconds += now() - start;
    time.tasks += uint64_t(tasks);
    time.workers = participants;
  }
  return failureCode.load();
}

const fsc_abi_host Host::table = {FSC_ABI_VERSION,
                                  sizeof(fsc_abi_host),
                                  output,
                                  allocate,
                                  release,
                                  parallel,
                                  fail,
                                  routine,
                                  intern,
                                  string,
                                  random,
                                  reserve,
                                  failWith,
                                  listSize,
                                  listElement,
                                  listSplice,
                                  listLoop};

namespace {
template <typename Context> Session &sessionOf(fsc_abi_context *context) {
  return *static_cast<Context *>(context)->session;
}
} // namespace

void *Host::output(fsc_abi_context *context, int64_t index, const int64_t *dims) {
  return sessionOf<Session::Context>(context).output(index, dims);
}

void *Host::allocate(fsc_abi_context *context, int64_t bytes) {
  return sessionOf<Session::Context>(context).allocate(bytes);
}

void Host::release(fsc_abi_context *context, void *memory) {
  sessionOf<Session::Context>(context).allocator.release(memory);
}

int32_t Host::parallel(fsc_abi_context *context, int64_t kernel, fsc_abi_kernel_fn function, const int64_t *words,
                       int64_t tasks, int64_t cost) {
  return sessionOf<Session::Context>(context).parallel(kernel, function, words, tasks, cost);
}

int32_t Host::fail(fsc_abi_context *context, int32_t code, const char *message) {
  return sessionOf<Session::Context>(context).fail(code, message);
}

fsc_abi_routine_fn Host::routine(fsc_abi_context *context, const char *name) {
  const RoutineSet &routines = sessionOf<Session::Context>(context).module->routines();
  return !name ? nullptr : routines.findCustom(name) ? custom : routines.find(name);
}

int32_t Host::custom(fsc_abi_context *context, const fsc_abi_call *call) {
  Session &session = sessionOf<Session::Context>(context);
  const fsc_custom_op *op = session.module->routines().findCustom(call->routine);
  return op ? runCustomOp(*op, context, call) : session.fail(FSC_ABI_ERROR_INTERNAL, "a custom operator has no name");
}

int64_t Host::intern(fsc_abi_context *context, const char *data, int64_t size) {
  return sessionOf<Session::Context>(context).intern(data, size);
}

fsc_abi_string Host::string(fsc_abi_context *context, int64_t number) {
  return sessionOf<Session::Context>(context).string(number);
}

uint64_t Host::random(fsc_abi_context *context) { return sessionOf<Session::Context>(context).random(); }

int32_t Host::failWith(fsc_abi_context *context, int32_t code, const char *message, int64_t first, int64_t second) {
  return sessionOf<Session::Context>(context).failWith(code, message, first, second);
}

int32_t Host::reserve(fsc_abi_context *context, int64_t bytes) {
  return sessionOf<Session::Context>(context).reserve(bytes);
}

int64_t Host::listSize(fsc_abi_context *context, int64_t list) {
  return sessionOf<Session::Context>(context).listSize(list);
}

int32_t Host::listElement(fsc_abi_context *context, int64_t list, int64_t index, fsc_abi_element *element) {
  return sessionOf<Session::Context>(context).listElement(list, index, *element);
}

int64_t Host::listSplice(fsc_abi_context *context, int64_t list, int64_t index, int64_t erased,
                         const fsc_abi_element *elements, int64_t count) {
  return sessionOf<Session::Context>(context).listSplice(list, index, erased, elements, count);
}

int32_t Host::listLoop(fsc_abi_context *context, int32_t event, const int64_t *carried, int64_t count) {
  return sessionOf<Session::Context>(context).listLoop(event, carried, count);
}
