//===- Runtime.cpp - The extension fsc._runtime ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Binds the runtime to Python: modules, sessions and runs on arrays. What concerns
// NumPy's types and conversions is Python, in fsc/arrays.py; here an array is memory
// with an ONNX element type.
//
//===----------------------------------------------------------------------===//

#include "fsc/fsc.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using nb::dlpack::dtype_code;

namespace {

using AnyArray = nb::ndarray<nb::ro, nb::device::cpu>;
using Bytes = nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>>;
/// An array, the ONNX type it stands for (0: its own), and its dimensions where these differ
/// from the array's because elements are packed.
using Argument = std::tuple<AnyArray, int32_t, std::optional<std::vector<int64_t>>>;
/// The type of a list, and its elements: arguments or results. A result that is an array is its memory, ONNX type and
/// dimensions.
using ListArgument = std::tuple<int32_t, nb::list>;

int32_t onnxType(nb::dlpack::dtype type) {
  if (type.lanes != 1)
    return FSC_UNDEFINED;
  auto bySize = [&](fsc_dtype b8, fsc_dtype b16, fsc_dtype b32, fsc_dtype b64) {
    return type.bits == 8 ? b8 : type.bits == 16 ? b16 : type.bits == 32 ? b32 : type.bits == 64 ? b64 : FSC_UNDEFINED;
  };
  switch (dtype_code(type.code)) {
  case dtype_code::Int:
    return bySize(FSC_INT8, FSC_INT16, FSC_INT32, FSC_INT64);
  case dtype_code::UInt:
    return bySize(FSC_UINT8, FSC_UINT16, FSC_UINT32, FSC_UINT64);
  case dtype_code::Float:
    return bySize(FSC_UNDEFINED, FSC_FLOAT16, FSC_FLOAT32, FSC_FLOAT64);
  case dtype_code::Bfloat:
    return bySize(FSC_UNDEFINED, FSC_BFLOAT16, FSC_UNDEFINED, FSC_UNDEFINED);
  case dtype_code::Complex:
    return type.bits == 64 ? FSC_COMPLEX64 : type.bits == 128 ? FSC_COMPLEX128 : FSC_UNDEFINED;
  case dtype_code::Bool:
    return bySize(FSC_BOOL, FSC_UNDEFINED, FSC_UNDEFINED, FSC_UNDEFINED);
  case dtype_code::Float8_E4M3FN:
    return FSC_FLOAT8E4M3FN;
  case dtype_code::Float8_E4M3FNUZ:
    return FSC_FLOAT8E4M3FNUZ;
  case dtype_code::Float8_E5M2:
    return FSC_FLOAT8E5M2;
  case dtype_code::Float8_E5M2FNUZ:
    return FSC_FLOAT8E5M2FNUZ;
  case dtype_code::Float8_E8M0FNU:
    return FSC_FLOAT8E8M0;
  default:
    return FSC_UNDEFINED;
  }
}

fsc::Tensor arrayOf(const Argument &argument) {
  const auto &[array, type, dims] = argument;
  fsc::Tensor tensor;
  tensor.data = const_cast<void *>(static_cast<const void *>(array.data()));
  tensor.dtype = type ? type : onnxType(array.dtype());
  if (dims) {
    tensor.dims = *dims;
    return tensor;
  }
  for (size_t axis = 0; axis < array.ndim(); ++axis) {
    tensor.dims.push_back(int64_t(array.shape(axis)));
    tensor.strides.push_back(array.stride(axis) * int64_t(array.itemsize()));
  }
  return tensor;
}

/// `arrays` keeps what the tensor points to.
fsc::Tensor tensorOf(nb::handle object, std::vector<Argument> &arrays) {
  ListArgument list;
  if (nb::try_cast(object, list)) {
    fsc::Tensor tensor;
    tensor.dtype = std::get<0>(list);
    for (nb::handle element : std::get<1>(list))
      tensor.elements.push_back(tensorOf(element, arrays));
    return tensor;
  }
  Argument array;
  if (!nb::try_cast(object, array))
    throw nb::type_error("expected an array");
  fsc::Tensor tensor = arrayOf(array);
  arrays.push_back(std::move(array));
  return tensor;
}

/// A session and the lock that makes calls from several Python threads take turns.
class Session {
public:
  Session(const fsc::Module &module, int threads) : session(module, threads), outputCount(module.outputs().size()) {
    session.setOutputAllocator(allocate, this);
  }

  int threads() const { return session.threads(); }

  nb::list run(const nb::list &arguments) {
    std::vector<fsc::Tensor> inputs, outputs(outputCount);
    std::vector<Argument> arrays;
    for (nb::handle argument : arguments)
      inputs.push_back(tensorOf(argument, arrays));
    std::vector<Owned> owned(outputCount);
    {
      nb::gil_scoped_release release;
      std::lock_guard<std::mutex> lock(mutex);
      blocks.clear();
      blocks.resize(outputCount);
      session.run(inputs, outputs);
      // Strings and lists are the session's until its next run.
      for (size_t i = 0; i < outputCount; ++i)
        if (outputs[i].dtype == FSC_STRING || outputs[i].isList())
          owned[i] = copyOf(outputs[i]);
        else
          owned[i] = {std::move(blocks[i]), outputs[i].dtype, outputs[i].dims, {}};
    }
    nb::list results;
    for (Owned &output : owned)
      results.append(resultOf(output));
    return results;
  }

  void profile(bool enable) {
    std::lock_guard<std::mutex> lock(mutex);
    session.profile(enable);
  }
  fsc_kernel_time kernelTime(size_t kernel) const { return session.kernelTime(kernel); }

private:
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  struct Block {
    std::unique_ptr<void, Free> memory;
    size_t bytes = 0;
  };

  /// A result, or a list of them.
  struct Owned {
    Block block;
    int32_t dtype = FSC_UNDEFINED;
    std::vector<int64_t> dims;
    std::vector<Owned> elements;
  };

  static Owned copyOf(const fsc::Tensor &tensor) {
    Owned owned = {{}, tensor.dtype, tensor.dims, {}};
    for (const fsc::Tensor &element : tensor.elements)
      owned.elements.push_back(copyOf(element));
    if (tensor.dtype == FSC_STRING)
      owned.block = copyStrings(tensor);
    else if (!tensor.isList())
      owned.block = copyArray(tensor);
    return owned;
  }

  static nb::object resultOf(Owned &owned) {
    if (!owned.block.memory) {
      nb::list elements;
      for (Owned &element : owned.elements)
        elements.append(resultOf(element));
      return nb::make_tuple(owned.dtype, elements);
    }
    void *memory = owned.block.memory.release();
    nb::capsule owner(memory, [](void *pointer) noexcept { std::free(pointer); });
    return nb::make_tuple(Bytes(static_cast<uint8_t *>(memory), {owned.block.bytes}, owner), owned.dtype, owned.dims);
  }

  static Block copyArray(const fsc::Tensor &tensor) {
    size_t bytes = (size_t(tensor.size()) * fsc_dtype_bits(tensor.dtype) + 7) / 8;
    Block block = {std::unique_ptr<void, Free>(std::malloc(bytes + 1)), bytes};
    if (!block.memory)
      throw std::bad_alloc();
    std::memcpy(block.memory.get(), tensor.data, bytes);
    return block;
  }

  /// Offsets and sizes of strings, and behind them their bytes.
  static Block copyStrings(const fsc::Tensor &tensor) {
    size_t count = 1;
    for (int64_t dim : tensor.dims)
      count *= size_t(dim);
    auto *strings = static_cast<const fsc_string *>(tensor.data);
    size_t bytes = count * sizeof(fsc_string), next = bytes;
    for (size_t i = 0; i < count; ++i)
      bytes += strings[i].size;
    Block block = {std::unique_ptr<void, Free>(std::malloc(bytes + 1)), bytes};
    if (!block.memory)
      throw std::bad_alloc();
    auto *memory = static_cast<char *>(block.memory.get());
    for (size_t i = 0; i < count; ++i) {
      uint64_t pair[2] = {next, strings[i].size};
      std::memcpy(memory + i * sizeof pair, pair, sizeof pair);
      std::memcpy(memory + next, strings[i].data, strings[i].size);
      next += strings[i].size;
    }
    return block;
  }

  static void *allocate(void *self, size_t output, size_t bytes) {
    void *memory = nullptr;
    if (posix_memalign(&memory, 64, bytes) != 0)
      return nullptr;
    static_cast<Session *>(self)->blocks[output] = {std::unique_ptr<void, Free>(memory), bytes};
    return memory;
  }

  fsc::Session session;
  size_t outputCount;
  std::mutex mutex;
  std::vector<Block> blocks; // of the run in progress, by output
};

/// (name, ONNX type, dims: a size, a symbol's name, or None; None for any; what a list is of, likewise).
nb::tuple describe(const fsc_value &value) {
  nb::list dims, elements;
  for (int32_t axis = 0; axis < value.rank; ++axis) {
    const fsc_dim &dim = value.dims[axis];
    if (dim.size >= 0)
      dims.append(dim.size);
    else if (dim.symbol)
      dims.append(nb::str(dim.symbol));
    else
      dims.append(nb::none());
  }
  for (int i = 0; value.element && i < (value.dtype == FSC_MAP ? 2 : 1); ++i)
    elements.append(describe(value.element[i]));
  nb::object shape = value.rank < 0 ? nb::object(nb::none()) : nb::object(nb::tuple(dims));
  return nb::make_tuple(nb::str(value.name), value.dtype, shape, elements);
}

nb::list describe(const std::vector<fsc_value> &values) {
  nb::list result;
  for (const fsc_value &value : values)
    result.append(describe(value));
  return result;
}

/// The exception class of fsc.errors for a failure.
const char *errorName(fsc_code code) {
  switch (code) {
  case FSC_ERROR_ARGUMENT:
    return "ArgumentError";
  case FSC_ERROR_INPUT:
    return "InputError";
  case FSC_ERROR_NOT_FOUND:
    return "NotFoundError";
  case FSC_ERROR_MODEL:
    return "ModelError";
  case FSC_ERROR_UNSUPPORTED:
    return "UnsupportedError";
  case FSC_ERROR_OUT_OF_MEMORY:
    return "OutOfMemoryError";
  default:
    return "InternalError";
  }
}

void translate(const std::exception_ptr &exception, void *) {
  try {
    std::rethrow_exception(exception);
  } catch (const fsc::Error &error) {
    nb::object type = nb::module_::import_("fsc.errors").attr(errorName(error.code()));
    PyErr_SetString(type.ptr(), error.what());
  }
}

} // namespace

NB_MODULE(_runtime, m) {
  m.doc() = "The fsc runtime; use the package fsc";
  m.attr("version") = fsc_version();
  nb::register_exception_translator(translate);

  nb::class_<fsc::Module>(m, "Module")
      .def(nb::init<const std::string &, const std::vector<std::string> &>(), nb::arg("path"),
           nb::arg("custom_ops") = std::vector<std::string>(), nb::call_guard<nb::gil_scoped_release>())
      .def_prop_ro("name", &fsc::Module::name)
      .def_prop_ro("target", &fsc::Module::target)
      .def_prop_ro("cpu", &fsc::Module::cpu)
      .def_prop_ro("provenance", &fsc::Module::provenance)
      .def_prop_ro("symbols", &fsc::Module::symbols)
      .def_prop_ro("symbol_ranges",
                   [](const fsc::Module &module) {
                     nb::list ranges;
                     for (size_t i = 0; i < module.symbols().size(); ++i) {
                       auto [least, most] = module.symbolRange(i);
                       ranges.append(
                           nb::make_tuple(least, most == INT64_MAX ? nb::object(nb::none()) : nb::int_(most)));
                     }
                     return ranges;
                   })
      .def_prop_ro("weights_bytes", &fsc::Module::weightsBytes)
      .def_prop_ro("arena_bytes", &fsc::Module::arenaBytes)
      .def_prop_ro("inputs", [](const fsc::Module &module) { return describe(module.inputs()); })
      .def_prop_ro("outputs", [](const fsc::Module &module) { return describe(module.outputs()); })
      .def_prop_ro("kernels", [](const fsc::Module &module) {
        nb::list result;
        for (const fsc_kernel &kernel : module.kernels())
          result.append(nb::make_tuple(nb::str(kernel.name), nb::str(kernel.location), nb::str(kernel.anchor),
                                       kernel.flops, kernel.bytes));
        return result;
      });

  nb::class_<Session>(m, "Session")
      .def(nb::init<const fsc::Module &, int>(), nb::arg("module"), nb::arg("threads") = 0)
      .def_prop_ro("threads", &Session::threads)
      .def("run", &Session::run, nb::arg("arguments"))
      .def("profile", &Session::profile, nb::arg("enable"))
      .def("kernel_time", [](const Session &session, size_t kernel) {
        fsc_kernel_time time = session.kernelTime(kernel);
        return nb::make_tuple(time.calls, time.nanoseconds, time.tasks, time.workers);
      });

  m.def(
      "dtype_name", [](int32_t dtype) { return fsc_dtype_name(dtype); }, nb::arg("dtype"),
      nb::sig("def dtype_name(dtype: int) -> str | None"));
}
