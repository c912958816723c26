//===- TensorFile.h - ONNX's tensors in files: .pb --------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_TENSORFILE_H
#define FSC_TOOLS_COMMON_TENSORFILE_H

#include "runtime/include/fsc/fsc.h"
#include "tools/common/Array.h"

#include <string>
#include <string_view>

namespace fsc::tools {

/// Reads a serialized onnx.TensorProto; `what` begins messages, `name` receives the
/// tensor's name. Data in another file, strings, and a number of elements other than what the
/// dimensions say are refused. Throws Refusal.
Array readTensorProto(std::string_view bytes, const std::string &what, std::string *name = nullptr);

/// The same for a value of any type, an onnx.SequenceProto, OptionalProto or MapProto for a list.
Array readValueProto(std::string_view bytes, const std::string &what, const fsc_value &type);

/// The bytes of a serialized value.
std::string writeValueProto(const Array &array, const std::string &name);

/// The bytes of a serialized onnx.TensorProto with raw data.
std::string writeTensorProto(const Array &array, const std::string &name);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_TENSORFILE_H
