//===- Session.cpp - The state of one run at a time -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Session.h"

#include "runtime/src/CpuCount.h"
#include "runtime/src/Host.h"
#include "runtime/src/Tensor.h"

#include <algorithm>
#include <cfenv>
#include <cinttypes>
#include <cstring>
#include <string>
#include <sys/random.h>
#include <unistd.h>

using namespace fsc::runtime;

namespace {

/// An address for arrays of no elements.
alignas(FSC_ABI_ALIGNMENT) char nothing[FSC_ABI_ALIGNMENT];

size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

} // namespace

Session::Session(std::shared_ptr<const Module> module)
    : module(std::move(module)), strings{StringTable(&this->module->strings()), StringTable(&this->module->strings())} {
}

Status Session::create(int threads) {
  if (threads < 0 || threads > ThreadPool::maxThreads)
    return failure(FSC_ERROR_ARGUMENT, "expected 0 to %d threads, got %d", ThreadPool::maxThreads, threads);
  if (threads == 0)
    threads = std::min(usableCpus(), ThreadPool::maxThreads);

  const Signature &in = module->inputs(), &out = module->outputs();
  inputTensors.resize(in.values.size());
  inputDims.resize(in.dims.size());
  inputs = std::make_unique<Input[]>(in.values.size());
  outputDims.resize(out.dims.size());
  outputs = std::make_unique<Output[]>(out.values.size());
  for (size_t i = 0; i < out.values.size(); ++i)
    outputs[i].dims = outputDims.data() + out.firstDim[i];
  symbols.resize(size_t(module->artifact().symbol_count));

  // Whole cache lines, or pages, for each worker.
  const fsc_abi_variant &variant = module->variant();
  size_t bytes = size_t(variant.scratch_bytes);
  scratchStride = roundUp(bytes, bytes >= 4096 ? 4096 : FSC_ABI_ALIGNMENT);
  size_t total;
  if (__builtin_mul_overflow(scratchStride, size_t(threads), &total) || !scratch.reserve(total) ||
      !arena.reserve(size_t(variant.arena_bytes)))
    return failure(FSC_ERROR_OUT_OF_MEMORY,
                   "out of memory: the session needs %" PRId64 " bytes, and %" PRId64 " for each of %d threads",
                   variant.arena_bytes, variant.scratch_bytes, threads);

  context.host = &Host::table;
  context.inputs = inputTensors.data();
  context.arena = arena.data();
  context.weights = module->weights() ? module->weights() : nothing;
  context.session = this;
  owner = getpid();
  // Without entropy the draws of sessions still differ.
  if (getrandom(&randomState, sizeof(randomState), GRND_NONBLOCK) != ssize_t(sizeof(randomState)))
    randomState = reinterpret_cast<uintptr_t>(this) ^ uint64_t(owner);
  return pool.start(threads);
}

void Session::setOutputAllocator(fsc_output_allocator function, void *user) {
  outputAllocator = function;
  outputAllocatorUser = user;
}

void Session::profile(bool enable) {
  if (enable)
    kernelTimes.assign(size_t(module->artifact().kernel_count), fsc_kernel_time{});
  profiling = enable;
}

bool Session::kernelTime(size_t kernel, fsc_kernel_time &time) const {
  if (kernel >= kernelTimes.size())
    return false;
  time = kernelTimes[kernel];
  return true;
}

/// Whether a symbol may have this size.
Status Session::checkRange(const fsc_value &value, int32_t axis, int64_t size, int64_t symbol) const {
  const fsc_abi_range *ranges = module->artifact().ranges;
  if (!ranges || (ranges[symbol].least <= size && size <= ranges[symbol].most))
    return success();
  const char *name = value.dims[axis].symbol;
  if (ranges[symbol].most == INT64_MAX)
    return failure(FSC_ERROR_INPUT, "input '%s': dim %d is %" PRId64 ", expected '%s' of %" PRId64 " or more",
                   value.name, axis, size, name, ranges[symbol].least);
  return failure(FSC_ERROR_INPUT, "input '%s': dim %d is %" PRId64 ", expected '%s' in %" PRId64 "..%" PRId64,
                 value.name, axis, size, name, ranges[symbol].least, ranges[symbol].most);
}

Status Session::checkInputDims(size_t index, const fsc_tensor &tensor) {
  const fsc_value &value = module->inputs().values[index];
  const int64_t *numbers = module->inputs().symbolsOf(index);
  for (int32_t axis = 0; axis < value.rank; ++axis) {
    int64_t size = tensor.dims[axis], expected = value.dims[axis].size;
    if (size < 0)
      return failure(FSC_ERROR_INPUT, "input '%s': dim %d is %" PRId64 ", expected a size of 0 or more", value.name,
                     axis, size);
    if (expected >= 0 && size != expected)
      return failure(FSC_ERROR_INPUT, "input '%s': dim %d is %" PRId64 ", expected %" PRId64, value.name, axis, size,
                     expected);
    if (numbers[axis] < 0)
      continue;
    if (Status status = checkRange(value, axis, size, numbers[axis]))
      return status;
    Symbol &symbol = symbols[size_t(numbers[axis])];
    if (symbol.size < 0)
      symbol = {size, index};
    else if (symbol.size != size)
      return failure(FSC_ERROR_INPUT, "input '%s': dim %d is %" PRId64 ", but '%s' is %" PRId64 " from input '%s'",
                     value.name, axis, size, value.dims[axis].symbol, symbol.size,
                     module->inputs().values[symbol.input].name);
  }
  return success();
}

Status Session::bindInput(size_t index, const fsc_tensor &tensor) {
  const fsc_value &value = module->inputs().values[index];
  if (tensor.dtype != value.dtype) {
    const char *got = fsc_dtype_name(tensor.dtype);
    return failure(FSC_ERROR_INPUT, "input '%s': expected %s, got %s", value.name, fsc_dtype_name(value.dtype),
                   got ? got : "an unknown type");
  }
  if (tensor.rank != value.rank)
    return failure(FSC_ERROR_INPUT, "input '%s': expected rank %d, got rank %d", value.name, value.rank, tensor.rank);
  if (value.rank > 0 && !tensor.dims)
    return failure(FSC_ERROR_ARGUMENT, "input '%s': its dims are null", value.name);
  if (isList(value.dtype))
    return bindList(index, tensor);
  if (Status status = checkInputDims(index, tensor))
    return status;
  int64_t bytes;
  if (!arrayBytes(tensor.dtype, tensor.rank, tensor.dims, bytes))
    return failure(FSC_ERROR_INPUT, "input '%s': no memory holds an array of %s", value.name,
                   dimsText(tensor.rank, tensor.dims).c_str());
  if (tensor.strides && fsc_dtype_bits(tensor.dtype) < 8)
    return failure(FSC_ERROR_INPUT, "input '%s': an array of %s cannot have strides", value.name,
                   fsc_dtype_name(tensor.dtype));
  if (bytes > 0 && !tensor.data)
    return failure(FSC_ERROR_ARGUMENT, "input '%s': its data is null", value.name);

  int64_t *dims = inputDims.data() + module->inputs().firstDim[index];
  std::copy_n(tensor.dims, size_t(tensor.rank), dims);
  Input &input = inputs[index];
  inputTensors[index] = {bytes > 0 ? tensor.data : nothing, dims};
  tensorExtent(tensor, input.begin, input.end);
  if (bytes > 0 && !isUsableInPlace(tensor)) {
    if (!storedBytes(tensor.dtype, tensor.rank, tensor.dims, bytes) || !input.copy.reserve(size_t(bytes)))
      return failure(FSC_ERROR_OUT_OF_MEMORY, "out of memory: a copy of input '%s' needs %" PRId64 " bytes", value.name,
                     bytes);
    gather(tensor, input.copy.data());
    inputTensors[index].data = input.copy.data();
  }
  if (value.dtype == FSC_STRING)
    return internInput(index, inputTensors[index].data, size_t(bytes) / sizeof(fsc_string));
  return success();
}

Status Session::bindOutput(size_t index, const fsc_tensor &tensor) {
  const fsc_value &value = module->outputs().values[index];
  Output &output = outputs[index];
  output.given = nullptr;
  output.data = nullptr;
  output.copied = false;
  output.begin = output.end = 0;
  if (!tensor.data)
    return success();
  if (isList(value.dtype))
    return failure(FSC_ERROR_ARGUMENT, "output '%s': a %s cannot be written to memory of the caller's", value.name,
                   fsc_dtype_name(value.dtype));
  if (tensor.dtype != value.dtype || tensor.rank != value.rank) {
    const char *got = fsc_dtype_name(tensor.dtype);
    return failure(FSC_ERROR_INPUT, "output '%s': expected a buffer of %s with rank %d, got %s with rank %d",
                   value.name, fsc_dtype_name(value.dtype), value.rank, got ? got : "an unknown type", tensor.rank);
  }
  if (value.rank > 0 && !tensor.dims)
    return failure(FSC_ERROR_ARGUMENT, "output '%s': its dims are null", value.name);
  for (int32_t axis = 0; axis < value.rank; ++axis) {
    int64_t size = tensor.dims[axis], expected = value.dims[axis].size;
    if (size < 0 || (expected >= 0 && size != expected))
      return failure(FSC_ERROR_INPUT, "output '%s': dim %d of the buffer is %" PRId64 ", expected %" PRId64, value.name,
                     axis, size, expected);
  }
  if (tensor.strides && fsc_dtype_bits(tensor.dtype) < 8)
    return failure(FSC_ERROR_INPUT, "output '%s': an array of %s cannot have strides", value.name,
                   fsc_dtype_name(tensor.dtype));
  if (overlapsItself(tensor))
    return failure(FSC_ERROR_INPUT, "output '%s': elements of the buffer overlap", value.name);
  tensorExtent(tensor, output.begin, output.end);
  for (size_t other = 0; other < index; ++other)
    if (outputs[other].begin < output.end && output.begin < outputs[other].end)
      return failure(FSC_ERROR_INPUT, "output '%s': the buffer overlaps that of output '%s'", value.name,
                     module->outputs().values[other].name);
  output.given = &tensor;
  return success();
}

Status Session::execute() {
  failureCode.store(FSC_ABI_OK, std::memory_order_relaxed);
  inParallel = false;
  // Compiled code expects the default rounding, and denormals.
  std::fenv_t environment;
  std::fegetenv(&environment);
  std::fesetenv(FE_DFL_ENV);
  pool.beginRun();
  int32_t code = module->variant().run(&context);
  pool.endRun();
  std::fesetenv(&environment);

  if (failureCode.load() != FSC_ABI_OK) {
    fsc_code kind = FSC_ERROR_INTERNAL;
    if (failureCode.load() == FSC_ABI_ERROR_INVALID_ARGUMENT)
      kind = FSC_ERROR_INPUT;
    else if (failureCode.load() == FSC_ABI_ERROR_OUT_OF_MEMORY)
      kind = FSC_ERROR_OUT_OF_MEMORY;
    else if (failureCode.load() == FSC_ABI_ERROR_UNSUPPORTED)
      kind = FSC_ERROR_UNSUPPORTED;
    return failure(kind, "%s", failureMessage);
  }
  if (code != FSC_ABI_OK)
    return failure(FSC_ERROR_INTERNAL, "the compiled code failed with code %d and gave no reason", code);
  for (size_t i = 0; i < module->outputs().values.size(); ++i)
    if (!outputs[i].data)
      return failure(FSC_ERROR_INTERNAL, "the compiled code did not make output '%s'",
                     module->outputs().values[i].name);
  return success();
}

/// Hands the outputs to the caller.
void Session::finish(fsc_tensor *tensors) {
  for (size_t i = 0; i < module->outputs().values.size(); ++i) {
    const fsc_value &value = module->outputs().values[i];
    Output &output = outputs[i];
    if (value.dtype == FSC_STRING)
      resolveOutput(output, value.rank);
    if (output.copied)
      scatter(output.data, *output.given);
    if (output.given)
      continue;
    if (isList(value.dtype))
      output.result = &output.list.list;
    tensors[i] = {output.result, value.dtype, value.rank, output.dims, nullptr};
    if (isPacked(value.dtype))
      scatter(output.data, tensors[i]);
  }
}

Status Session::run(const fsc_tensor *in, size_t inputCount, fsc_tensor *out, size_t outputCount) {
  size_t expectedInputs = module->inputs().values.size(), expectedOutputs = module->outputs().values.size();
  if (inputCount != expectedInputs)
    return failure(FSC_ERROR_INPUT, "expected %zu inputs, got %zu", expectedInputs, inputCount);
  if (outputCount != expectedOutputs)
    return failure(FSC_ERROR_ARGUMENT, "expected %zu outputs, got %zu", expectedOutputs, outputCount);
  if ((inputCount && !in) || (outputCount && !out))
    return failure(FSC_ERROR_ARGUMENT, "the array of tensors is null");
  if (getpid() != owner)
    return failure(FSC_ERROR_ARGUMENT, "a session cannot run in a forked child: create one there");
  if (running.exchange(true, std::memory_order_acquire))
    return failure(FSC_ERROR_ARGUMENT, "the session is running already: use one session for each thread");

  for (Symbol &symbol : symbols)
    symbol.size = -1;
  Status status;
  currentStrings = 1 - currentStrings;
  for (size_t i = 0; i < inputCount && !status; ++i)
    status = bindInput(i, in[i]);
  // What the run before the last one returned is not needed any more.
  strings[1 - currentStrings].clear();
  for (size_t i = 0; i < outputCount && !status; ++i)
    status = bindOutput(i, out[i]);
  if (!status) {
    status = execute();
    allocator.reclaim();
    if (!status)
      status = exportLists();
    if (!status)
      finish(out);
  }
  if (lists.capacity())
    lists.clear();
  running.store(false, std::memory_order_release);
  return status;
}
