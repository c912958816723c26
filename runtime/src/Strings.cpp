//===- Strings.cpp - Strings on their way into and out of a run -----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the caller has as fsc_string, compiled code has as numbers. The strings of a run
// are kept until the next one has its inputs: they may be what the last one returned.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Session.h"

#include <cstring>
#include <new>

using namespace fsc::runtime;

/// The elements of a string input, contiguous at `elements`, as numbers.
Status Session::internInput(size_t index, const void *elements, size_t count) {
  Input &input = inputs[index];
  const char *name = module->inputs().values[index].name;
  if (!input.numbers.reserve(count * sizeof(int64_t)))
    return failure(FSC_ERROR_OUT_OF_MEMORY, "out of memory: input '%s' has %zu strings", name, count);
  inputTensors[index].data = input.numbers.data();
  return internStrings(name, elements, count, static_cast<int64_t *>(input.numbers.data()));
}

/// `count` strings of the input `name` as numbers.
Status Session::internStrings(const char *name, const void *elements, size_t count, int64_t *numbers) {
  for (size_t i = 0; i < count; ++i) {
    fsc_string string;
    std::memcpy(&string, static_cast<const char *>(elements) + i * sizeof(fsc_string), sizeof(fsc_string));
    if (string.size > 0 && !string.data)
      return failure(FSC_ERROR_ARGUMENT, "input '%s': the data of string %zu is null", name, i);
    try {
      numbers[i] = string.size ? strings[currentStrings].intern({string.data, string.size}) : 0;
    } catch (const std::exception &) {
      return failure(FSC_ERROR_OUT_OF_MEMORY, "out of memory: a string of input '%s' has %zu bytes", name, string.size);
    }
  }
  return success();
}

/// Writes the strings of an output into its memory.
void Session::resolveOutput(Output &output, int32_t rank) {
  size_t count = 1;
  for (int32_t axis = 0; axis < rank; ++axis)
    count *= size_t(output.dims[axis]);
  resolveStrings(static_cast<const int64_t *>(output.numbers.data()), count, output.data);
}

void Session::resolveStrings(const int64_t *numbers, size_t count, void *target) {
  for (size_t i = 0; i < count; ++i) {
    std::string_view found = strings[currentStrings].find(numbers[i]);
    fsc_string string = {found.empty() ? "" : found.data(), found.size()};
    std::memcpy(static_cast<char *>(target) + i * sizeof(fsc_string), &string, sizeof(fsc_string));
  }
}

int64_t Session::intern(const char *data, int64_t size) {
  if (size < 0 || (size > 0 && !data)) {
    fail(FSC_ABI_ERROR_INTERNAL, "the compiled code made an illegal string");
    return -1;
  }
  try {
    return size == 0 ? 0 : strings[currentStrings].intern({data, size_t(size)});
  } catch (const std::exception &) {
    fail(FSC_ABI_ERROR_OUT_OF_MEMORY, "out of memory: a string cannot be kept");
    return -1;
  }
}

fsc_abi_string Session::string(int64_t number) const {
  std::string_view found = strings[currentStrings].find(number);
  return {found.data(), int64_t(found.size())};
}
