//===- Routine.cpp - How an irregular operator is written -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Routine.h"

#include "runtime/src/routines/Element.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>

using namespace fsc::runtime;

int64_t Array::product(int32_t first, int32_t last) const {
  int64_t count = 1;
  for (int32_t axis = first; axis < last; ++axis)
    count *= argument->dims[axis];
  return count;
}

size_t Array::elementBytes() const { return bytesOf(argument->dtype); }

Array Call::input(size_t index) const {
  static constexpr fsc_abi_argument absent = {};
  return Array(index < size_t(call->input_count) ? call->inputs[index] : absent);
}

void *Call::result(size_t index, std::span<const int64_t> dims) {
  const fsc_abi_argument &argument = call->results[index];
  if (dims.size() != size_t(argument.rank))
    fail("expected result %zu of rank %d, got rank %zu", index, argument.rank, dims.size());
  int64_t bytes = int64_t(bytesOf(argument.dtype));
  bool overflows = false;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (argument.dims[axis] != FSC_ABI_DYNAMIC && argument.dims[axis] != dims[axis])
      fail("expected result %zu of size %lld in dim %zu, got %lld", index, static_cast<long long>(argument.dims[axis]),
           axis, static_cast<long long>(dims[axis]));
    overflows |= __builtin_mul_overflow(bytes, dims[axis], &bytes);
    argument.dims[axis] = dims[axis];
  }
  void *memory = overflows              ? nullptr
                 : argument.output >= 0 ? context->host->output(context, argument.output, argument.dims)
                                        : context->host->allocate(context, bytes);
  if (overflows)
    outOfMemory();
  // The runtime has recorded why.
  if (!memory)
    throw Failed{FSC_ABI_ERROR_OUT_OF_MEMORY};
  return const_cast<fsc_abi_argument &>(argument).data = memory;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

namespace {
template <typename T> const T *at(const fsc_abi_attribute *table, int64_t offset) {
  return reinterpret_cast<const T *>(reinterpret_cast<const char *>(table) + offset);
}
} // namespace

const fsc_abi_attribute *Call::find(const char *attribute, int64_t kind) const {
  for (int64_t i = 0; i < call->attribute_count; ++i) {
    const fsc_abi_attribute &candidate = call->attributes[i];
    if (std::strcmp(at<char>(call->attributes, candidate.name), attribute) == 0)
      return kind == 0 || candidate.kind == kind ? &candidate : nullptr;
  }
  return nullptr;
}

template <typename T> std::span<const T> Call::list(const char *attribute, int64_t kind) const {
  const fsc_abi_attribute *found = find(attribute, kind);
  if (!found)
    return {};
  return {at<T>(call->attributes, found->values), size_t(found->count)};
}

std::span<const int64_t> Call::integers(const char *attribute) const { return list<int64_t>(attribute, FSC_ABI_INTS); }
std::span<const double> Call::numbers(const char *attribute) const { return list<double>(attribute, FSC_ABI_FLOATS); }

std::vector<std::string_view> Call::texts(const char *attribute) const {
  std::vector<std::string_view> result;
  std::span<const int64_t> pairs;
  if (const fsc_abi_attribute *found = find(attribute, FSC_ABI_STRINGS))
    pairs = {at<int64_t>(call->attributes, found->values), 2 * size_t(found->count)};
  for (size_t i = 0; i < pairs.size(); i += 2)
    result.emplace_back(at<char>(call->attributes, pairs[i]), size_t(pairs[i + 1]));
  return result;
}

int64_t Call::integer(const char *attribute, int64_t otherwise) const {
  std::span<const int64_t> found = integers(attribute);
  return found.empty() ? otherwise : found[0];
}

double Call::number(const char *attribute, double otherwise) const {
  std::span<const double> found = numbers(attribute);
  return found.empty() ? otherwise : found[0];
}

std::string_view Call::text(const char *attribute, std::string_view otherwise) const {
  std::vector<std::string_view> found = texts(attribute);
  return found.empty() ? otherwise : found[0];
}

int32_t Call::axis(int32_t rank, int64_t otherwise) const {
  int64_t axis = integer("axis", otherwise);
  return int32_t(axis < 0 ? axis + rank : axis);
}

//===----------------------------------------------------------------------===//
// Strings, lists and failures
//===----------------------------------------------------------------------===//

std::string_view Call::string(int64_t number) const {
  fsc_abi_string string = context->host->string(context, number);
  return {string.data, size_t(string.size)};
}

int64_t Call::intern(std::string_view string) {
  int64_t number = context->host->intern(context, string.data(), int64_t(string.size()));
  if (number < 0)
    throw Failed{FSC_ABI_ERROR_OUT_OF_MEMORY};
  return number;
}

fsc_abi_element Call::listElement(int64_t list, int64_t index) {
  fsc_abi_element element;
  if (int32_t code = context->host->list_element(context, list, index, &element))
    throw Failed{code};
  return element;
}

int64_t Call::splice(int64_t list, int64_t index, int64_t erased, std::span<const fsc_abi_element> elements) {
  int64_t result = context->host->list_splice(context, list, index, erased, elements.data(), int64_t(elements.size()));
  if (result < 0)
    throw Failed{FSC_ABI_ERROR_OUT_OF_MEMORY};
  return result;
}

void Call::tellLoop(int32_t event, std::span<const int64_t> carried) {
  if (int32_t code = context->host->list_loop(context, event, carried.data(), int64_t(carried.size())))
    throw Failed{code};
}

void Call::giveElement(size_t index, const fsc_abi_element &element) {
  std::span<const int64_t> dims(element.dims, size_t(element.rank));
  if (element.dtype != resultType(index))
    fail("expected an element of type %d, got one of type %d", resultType(index), element.dtype);
  if (element.rank != call->results[index].rank)
    fail("expected an element of rank %d, got one of rank %d", call->results[index].rank, element.rank);
  int64_t bytes = int64_t(bytesOf(element.dtype));
  for (int64_t size : dims)
    bytes *= size;
  void *memory = result(index, dims);
  if (bytes > 0)
    std::memcpy(memory, element.data, size_t(bytes));
}

void Call::fail(int32_t code, const char *message) {
  char text[1024];
  std::snprintf(text, sizeof(text), "%s: %s", call->node, message);
  throw Failed{context->host->fail(context, code, text)};
}

void Call::fail(const char *format, ...) {
  char message[768];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof(message), format, arguments);
  va_end(arguments);
  fail(int32_t(FSC_ABI_ERROR_INVALID_ARGUMENT), message);
}

void Call::outOfMemory() { fail(int32_t(FSC_ABI_ERROR_OUT_OF_MEMORY), "out of memory"); }

int32_t fsc::runtime::invoke(const std::function<void(Call &)> &body, fsc_abi_context *context,
                             const fsc_abi_call *arguments) {
  Call call(context, arguments);
  try {
    try {
      body(call);
    } catch (const std::bad_alloc &) {
      call.outOfMemory();
    } catch (const std::length_error &) {
      call.outOfMemory();
    }
  } catch (Call::Failed failed) {
    return failed.code == FSC_ABI_OK ? int32_t(FSC_ABI_ERROR_INTERNAL) : failed.code;
  }
  return FSC_ABI_OK;
}
