//===- Routine.h - How an irregular operator is written ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators whose sizes depend on data, that sort or that handle strings are
// functions of the runtime, one named after each ONNX operator:
//
//   FSC_ROUTINE(NonZero) {
//     Array x = call.input(0);
//     …
//     int64_t *y = call.result<int64_t>(0, {x.rank(), count});
//   }
//
// That is all: the build finds them. Compiled code asks for one by name and calls it as
// runtime/abi/Artifact.h says. `call` fails by an exception that ends the routine; it and
// std::bad_alloc are caught below it, and no other may be thrown.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINES_ROUTINE_H
#define FSC_RUNTIME_SRC_ROUTINES_ROUTINE_H

#include "runtime/abi/Artifact.h"

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace fsc::runtime {

/// A tensor: contiguous, row-major.
class Array {
public:
  explicit Array(const fsc_abi_argument &argument) : argument(&argument) {}

  /// Whether an optional operand is there.
  explicit operator bool() const { return argument->dtype != 0; }
  int32_t dtype() const { return argument->dtype; }
  int32_t rank() const { return argument->rank; }
  int64_t dim(int32_t axis) const { return argument->dims[axis]; }
  std::span<const int64_t> dims() const { return {argument->dims, size_t(argument->rank)}; }
  int64_t elements() const { return product(0, argument->rank); }
  /// The elements of the dims [first, last).
  int64_t product(int32_t first, int32_t last) const;
  size_t elementBytes() const;
  template <typename T> const T *data() const { return static_cast<const T *>(argument->data); }
  /// The same as an element of a list.
  fsc_abi_element asElement() const { return {argument->data, argument->dims, argument->dtype, argument->rank}; }

private:
  const fsc_abi_argument *argument;
};

class Call {
public:
  Call(fsc_abi_context *context, const fsc_abi_call *call) : context(context), call(call) {}

  /// Operand `index`; one that is left out, at the end too, is false.
  Array input(size_t index) const;
  bool wants(size_t result) const { return result < size_t(call->result_count) && call->results[result].dtype != 0; }
  int32_t resultType(size_t result) const { return call->results[result].dtype; }
  /// Memory for a result of these sizes.
  void *result(size_t index, std::span<const int64_t> dims);
  template <typename T> T *result(size_t index, std::span<const int64_t> dims) {
    return static_cast<T *>(result(index, dims));
  }
  template <typename T> T *result(size_t index, std::initializer_list<int64_t> dims) {
    return result<T>(index, std::span(dims.begin(), dims.size()));
  }

  bool has(const char *attribute) const { return find(attribute, 0); }
  int64_t integer(const char *attribute, int64_t otherwise) const;
  double number(const char *attribute, double otherwise) const;
  std::string_view text(const char *attribute, std::string_view otherwise) const;
  std::span<const int64_t> integers(const char *attribute) const;
  std::span<const double> numbers(const char *attribute) const;
  std::vector<std::string_view> texts(const char *attribute) const;
  /// An axis that the operator's verifier has checked, counted from 0.
  int32_t axis(int32_t rank, int64_t otherwise) const;

  /// The string of a number, and back.
  std::string_view string(int64_t number) const;
  int64_t intern(std::string_view string);
  uint64_t random() { return context->host->random(context); }

  /// The number of a list that is an operand; its size, an element of it, and the number of a list with some elements
  /// replaced.
  int64_t list(size_t index) const { return *input(index).data<int64_t>(); }
  int64_t listSize(int64_t list) const { return context->host->list_size(context, list); }
  fsc_abi_element listElement(int64_t list, int64_t index);
  int64_t splice(int64_t list, int64_t index, int64_t erased, std::span<const fsc_abi_element> elements);
  int64_t makeList(std::span<const fsc_abi_element> elements) { return splice(0, 0, 0, elements); }
  void tellLoop(int32_t event, std::span<const int64_t> carried = {});
  /// Makes a result that is a list, or one that is a copy of an element.
  void giveList(size_t index, int64_t list) { *result<int64_t>(index, {}) = list; }
  void giveElement(size_t index, const fsc_abi_element &element);

  /// Ends the run; the message is printf's, and the node is put in front of it.
  [[noreturn]] void fail(const char *format, ...) __attribute__((format(printf, 2, 3)));
  [[noreturn]] void outOfMemory();
  struct Failed {
    int32_t code;
  };

private:
  [[noreturn]] void fail(int32_t code, const char *message);
  const fsc_abi_attribute *find(const char *attribute, int64_t kind) const;
  template <typename T> std::span<const T> list(const char *attribute, int64_t kind) const;

  fsc_abi_context *context;
  const fsc_abi_call *call;
};

/// Calls body with a Call, and makes a status of its failure.
int32_t invoke(const std::function<void(Call &)> &body, fsc_abi_context *context, const fsc_abi_call *call);

} // namespace fsc::runtime

/// At the scope of the file: the routine of the operator NAME, whose body follows.
#define FSC_ROUTINE(NAME)                                                                                              \
  static void run##NAME(fsc::runtime::Call &call);                                                                     \
  namespace fsc::runtime::table {                                                                                      \
  int32_t NAME(fsc_abi_context *context, const fsc_abi_call *call);                                                    \
  int32_t NAME(fsc_abi_context *context, const fsc_abi_call *call) { return invoke(run##NAME, context, call); }        \
  }                                                                                                                    \
  static void run##NAME(fsc::runtime::Call &call)

#endif // FSC_RUNTIME_SRC_ROUTINES_ROUTINE_H
