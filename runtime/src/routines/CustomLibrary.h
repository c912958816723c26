//===- CustomLibrary.h - Libraries of custom operators ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the compiler, which asks for shapes, and the runtime, which runs kernels, share.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINES_CUSTOMLIBRARY_H
#define FSC_RUNTIME_SRC_ROUTINES_CUSTOMLIBRARY_H

#include "runtime/abi/Artifact.h"
#include "runtime/include/fsc/custom_op.h"

#include <span>
#include <string>
#include <vector>

namespace fsc::runtime {

/// A loaded library.
class CustomLibrary {
public:
  CustomLibrary() = default;
  CustomLibrary(CustomLibrary &&other) noexcept;
  CustomLibrary &operator=(CustomLibrary &&) = delete;
  ~CustomLibrary();

  /// Loads and judges the library at `path`; returns what is wrong with it, or "".
  std::string load(const std::string &path);
  /// The name of its file.
  const std::string &name() const { return file; }
  std::span<const fsc_custom_op> ops() const { return {library->ops, library->op_count}; }

private:
  std::string file;
  void *handle = nullptr;
  const fsc_custom_library *library = nullptr;
};

/// The name by which compiled code asks for an operator: `com.example::Double@1`.
std::string routineName(const fsc_custom_op &op);

/// A call of one of an operator's functions, which sees the base alone. Here are what both functions may ask; the rest
/// fails unless it is overridden.
class CustomNode : public fsc_custom_node {
public:
  CustomNode(const fsc_abi_attribute *attributes, int64_t attributeCount);
  CustomNode(const CustomNode &) = delete;
  virtual ~CustomNode() = default;

  /// Calls the function; false if it fails, and then there is a reason.
  bool run(fsc_custom_function function);
  const std::string &reason() const { return message; }

protected:
  /// Keeps the first reason.
  int fail(const std::string &reason);

private:
  virtual int setType(size_t output, int32_t dtype, int32_t rank, const int64_t *dims);
  virtual void *makeOutput(size_t output, const int64_t *dims);
  virtual void *allocate(size_t bytes);
  virtual fsc_string string(size_t input, size_t index);
  virtual int setString(size_t output, size_t index, const char *data, size_t size);

  const fsc_abi_attribute *find(const char *name, int64_t kind) const;

  static const fsc_custom_functions table;
  const fsc_abi_attribute *attributes;
  int64_t attributeCount;
  std::string message;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ROUTINES_CUSTOMLIBRARY_H
