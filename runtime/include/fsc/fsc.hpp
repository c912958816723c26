//===- fsc.hpp - Loading and running compiled models ------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ form of fsc.h: objects that own, exceptions for failures. Header only, over
// the C interface, so that it works with any C++17 compiler and standard library.
//
//   fsc::Module module("model.so");
//   fsc::Session session(module);
//   std::vector<float> x(3 * 224 * 224);
//   fsc::Tensor input = fsc::tensor(x.data(), {1, 3, 224, 224});
//   std::vector<fsc::Tensor> outputs = session.run({input});
//   const float *y = outputs[0].as<float>();   // belongs to the session until its next run
//
//===----------------------------------------------------------------------===//

#ifndef FSC_FSC_HPP
#define FSC_FSC_HPP

#include "fsc.h"

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace fsc {

/// The base of all exceptions here; what() is the runtime's message.
class Error : public std::runtime_error {
public:
  Error(fsc_code code, const std::string &message) : std::runtime_error(message), kind(code) {}
  fsc_code code() const { return kind; }

private:
  fsc_code kind;
};

/// The call is wrong: an index out of range, a session used by two threads.
struct ArgumentError : Error {
  using Error::Error;
};
/// A tensor does not fit the model's signature, or holds an illegal value.
struct InputError : Error {
  using Error::Error;
};
/// A file, or an input of that name, is not there.
struct NotFoundError : Error {
  using Error::Error;
};
/// The file is no artefact, is damaged, or is of another version.
struct ModelError : Error {
  using Error::Error;
};
/// A good artefact, but for another machine.
struct UnsupportedError : ModelError {
  using ModelError::ModelError;
};
struct OutOfMemoryError : Error {
  using Error::Error;
};
/// A defect of the runtime or of the compiled code.
struct InternalError : Error {
  using Error::Error;
};

/// Throws the exception for a failed status and releases the status.
inline void check(fsc_status status) {
  if (!status)
    return;
  fsc_code code = fsc_status_code(status);
  std::string message;
  try {
    message = fsc_status_message(status);
  } catch (...) {
    fsc_status_destroy(status);
    throw;
  }
  fsc_status_destroy(status);
  switch (code) {
  case FSC_ERROR_ARGUMENT:
    throw ArgumentError(code, message);
  case FSC_ERROR_INPUT:
    throw InputError(code, message);
  case FSC_ERROR_NOT_FOUND:
    throw NotFoundError(code, message);
  case FSC_ERROR_MODEL:
    throw ModelError(code, message);
  case FSC_ERROR_UNSUPPORTED:
    throw UnsupportedError(code, message);
  case FSC_ERROR_OUT_OF_MEMORY:
    throw OutOfMemoryError(code, message);
  case FSC_OK:
  case FSC_ERROR_INTERNAL:
    break;
  }
  throw InternalError(code, message);
}

/// The fsc_dtype of a C++ type.
template <typename T> struct DtypeOf;
template <> struct DtypeOf<float> {
  static constexpr fsc_dtype value = FSC_FLOAT32;
};
template <> struct DtypeOf<double> {
  static constexpr fsc_dtype value = FSC_FLOAT64;
};
template <> struct DtypeOf<int8_t> {
  static constexpr fsc_dtype value = FSC_INT8;
};
template <> struct DtypeOf<int16_t> {
  static constexpr fsc_dtype value = FSC_INT16;
};
template <> struct DtypeOf<int32_t> {
  static constexpr fsc_dtype value = FSC_INT32;
};
template <> struct DtypeOf<int64_t> {
  static constexpr fsc_dtype value = FSC_INT64;
};
template <> struct DtypeOf<uint8_t> {
  static constexpr fsc_dtype value = FSC_UINT8;
};
template <> struct DtypeOf<uint16_t> {
  static constexpr fsc_dtype value = FSC_UINT16;
};
template <> struct DtypeOf<uint32_t> {
  static constexpr fsc_dtype value = FSC_UINT32;
};
template <> struct DtypeOf<uint64_t> {
  static constexpr fsc_dtype value = FSC_UINT64;
};
template <> struct DtypeOf<bool> {
  static constexpr fsc_dtype value = FSC_BOOL;
};
template <> struct DtypeOf<fsc_string> {
  static constexpr fsc_dtype value = FSC_STRING;
};

/// An array in somebody else's memory, with its own dims and strides; or a list, with its elements.
struct Tensor {
  void *data = nullptr;
  int32_t dtype = FSC_UNDEFINED;
  std::vector<int64_t> dims;
  std::vector<int64_t> strides; // bytes; empty: row-major, no gaps
  /// Of a sequence its elements, of an optional none or one, of a map a vector of keys and a vector of as many values.
  std::vector<Tensor> elements = {};

  bool isList() const { return dtype == FSC_SEQUENCE || dtype == FSC_OPTIONAL || dtype == FSC_MAP; }

  /// The elements as T. Throws InputError if they are of another type.
  template <typename T> T *as() const {
    if (dtype != DtypeOf<std::remove_const_t<T>>::value)
      throw InputError(FSC_ERROR_INPUT, std::string("expected a tensor of another type, got ") + dtypeName());
    return static_cast<T *>(data);
  }

  /// Number of elements.
  int64_t size() const {
    int64_t product = 1;
    for (int64_t dim : dims)
      product *= dim;
    return product;
  }

  const char *dtypeName() const {
    const char *name = fsc_dtype_name(dtype);
    return name ? name : "an unknown type";
  }

  /// The C form; borrows this object's dims and strides. A list's is made by Borrowed.
  fsc_tensor borrow() const {
    return {data, dtype, int32_t(dims.size()), dims.data(), strides.empty() ? nullptr : strides.data()};
  }

  /// From the C form.
  static Tensor of(const fsc_tensor &tensor) {
    Tensor result = {tensor.data, tensor.dtype, {}, {}, {}};
    if (!result.isList()) {
      result.dims.assign(tensor.dims, tensor.dims + tensor.rank);
      return result;
    }
    const fsc_list &list = *static_cast<const fsc_list *>(tensor.data);
    for (size_t i = 0; i < list.size; ++i)
      result.elements.push_back(of(list.elements[i]));
    return result;
  }
};

/// Tensors and lists in the C form; borrows from them what they point to.
class Borrowed {
public:
  fsc_tensor operator()(const Tensor &tensor) {
    if (!tensor.isList())
      return tensor.borrow();
    std::vector<fsc_tensor> elements;
    for (const Tensor &element : tensor.elements)
      elements.push_back((*this)(element));
    arrays.push_back(std::move(elements));
    lists.push_back({arrays.back().data(), arrays.back().size()});
    return {&lists.back(), tensor.dtype, 0, nullptr, nullptr};
  }

private:
  std::deque<std::vector<fsc_tensor>> arrays;
  std::deque<fsc_list> lists;
};

/// A contiguous array at `data`. Inputs are only read, so a const array will do.
template <typename T> Tensor tensor(T *data, std::vector<int64_t> dims) {
  using Element = std::remove_const_t<T>;
  return {const_cast<Element *>(data), DtypeOf<Element>::value, std::move(dims), {}, {}};
}

/// Values that are no tensors.
inline Tensor sequence(std::vector<Tensor> elements) { return {nullptr, FSC_SEQUENCE, {}, {}, std::move(elements)}; }
inline Tensor optional() { return {nullptr, FSC_OPTIONAL, {}, {}, {}}; }
inline Tensor optional(Tensor element) { return {nullptr, FSC_OPTIONAL, {}, {}, {std::move(element)}}; }
inline Tensor map(Tensor keys, Tensor values) {
  return {nullptr, FSC_MAP, {}, {}, {std::move(keys), std::move(values)}};
}

class Session;

/// A loaded artefact; cheap to move. Usable from every thread at once.
class Module {
public:
  /// `customOps` are paths of libraries of custom operators.
  explicit Module(const std::string &path, const std::vector<std::string> &customOps = {}) {
    std::vector<const char *> libraries;
    for (const std::string &library : customOps)
      libraries.push_back(library.c_str());
    fsc_module_options options = {sizeof(fsc_module_options), libraries.data(), libraries.size()};
    fsc_module *raw = nullptr;
    check(fsc_module_load_with(path.c_str(), &options, &raw));
    handle.reset(raw);
  }

  std::string name() const { return fsc_module_name(get()); }
  std::string target() const { return fsc_module_target(get()); }
  std::string cpu() const { return fsc_module_cpu(get()); }
  std::string provenance() const { return fsc_module_provenance(get()); }
  int64_t weightsBytes() const { return fsc_module_weights_bytes(get()); }
  int64_t arenaBytes() const { return fsc_module_arena_bytes(get()); }

  /// Signatures, in graph order. Their pointers live as long as the module.
  std::vector<fsc_value> inputs() const {
    std::vector<fsc_value> values;
    for (size_t i = 0; i < fsc_module_input_count(get()); ++i)
      values.push_back(*fsc_module_input(get(), i));
    return values;
  }
  std::vector<fsc_value> outputs() const {
    std::vector<fsc_value> values;
    for (size_t i = 0; i < fsc_module_output_count(get()); ++i)
      values.push_back(*fsc_module_output(get(), i));
    return values;
  }
  std::vector<fsc_kernel> kernels() const {
    std::vector<fsc_kernel> kernels(fsc_module_kernel_count(get()));
    for (size_t i = 0; i < kernels.size(); ++i)
      check(fsc_module_kernel(get(), i, &kernels[i]));
    return kernels;
  }
  /// The least and the most that symbol `index` may be.
  std::pair<int64_t, int64_t> symbolRange(size_t index) const {
    int64_t least = 0, most = 0;
    check(fsc_module_symbol_range(get(), index, &least, &most));
    return {least, most};
  }
  std::vector<std::string> symbols() const {
    std::vector<std::string> names;
    for (size_t i = 0; i < fsc_module_symbol_count(get()); ++i)
      names.push_back(fsc_module_symbol(get(), i));
    return names;
  }

  /// The index of the input or output of that name, or NotFoundError.
  size_t findInput(const std::string &name) const {
    size_t index = 0;
    check(fsc_module_find_input(get(), name.c_str(), &index));
    return index;
  }
  size_t findOutput(const std::string &name) const {
    size_t index = 0;
    check(fsc_module_find_output(get(), name.c_str(), &index));
    return index;
  }

  fsc_module *get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(fsc_module *module) const { fsc_module_destroy(module); }
  };
  std::unique_ptr<fsc_module, Destroy> handle;
};

/// The state of one run at a time. Keeps its module alive.
class Session {
public:
  /// `threads` 0: as many as this process may use.
  explicit Session(const Module &module, int threads = 0) {
    fsc_session_options options = {sizeof(fsc_session_options), threads};
    fsc_session *raw = nullptr;
    check(fsc_session_create(module.get(), &options, &raw));
    handle.reset(raw);
    outputCount = fsc_module_output_count(module.get());
  }

  int threads() const { return fsc_session_threads(get()); }

  /// Runs the model. The outputs belong to the session until its next run.
  std::vector<Tensor> run(const std::vector<Tensor> &inputs) {
    std::vector<Tensor> outputs(outputCount);
    run(inputs, outputs);
    return outputs;
  }

  /// Runs the model. Outputs whose data is set are written there; the others are made to
  /// point to memory of the session.
  void run(const std::vector<Tensor> &inputs, std::vector<Tensor> &outputs) {
    std::vector<fsc_tensor> in, out;
    Borrowed borrow;
    for (const Tensor &input : inputs)
      in.push_back(borrow(input));
    for (const Tensor &output : outputs)
      out.push_back(output.data ? output.borrow() : fsc_tensor{});
    check(fsc_session_run(get(), in.data(), in.size(), out.data(), out.size()));
    for (size_t i = 0; i < outputs.size(); ++i)
      if (!outputs[i].data)
        outputs[i] = Tensor::of(out[i]);
  }

  /// See fsc_session_set_output_allocator.
  void setOutputAllocator(fsc_output_allocator allocator, void *user) {
    check(fsc_session_set_output_allocator(get(), allocator, user));
  }

  void profile(bool enable) { check(fsc_session_profile(get(), enable)); }
  fsc_kernel_time kernelTime(size_t kernel) const {
    fsc_kernel_time time = {};
    check(fsc_session_kernel_time(get(), kernel, &time));
    return time;
  }

  fsc_session *get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(fsc_session *session) const { fsc_session_destroy(session); }
  };
  std::unique_ptr<fsc_session, Destroy> handle;
  size_t outputCount = 0;
};

} // namespace fsc

#endif // FSC_FSC_HPP
