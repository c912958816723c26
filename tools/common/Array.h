//===- Array.h - An array that a tool holds ---------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_ARRAY_H
#define FSC_TOOLS_COMMON_ARRAY_H

#include "compiler/Codes.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fsc::tools {

/// A model or a file that is refused: exit code 3. The message names the file.
struct Refusal : std::runtime_error {
  Refusal(const std::string &message, Code code = Code::badInput) : std::runtime_error(message), code(code) {}
  Code code;
};

/// A contiguous, row-major array, types narrower than a byte packed, low bits first; or a list with its elements, as
/// fsc_list has them.
struct Array {
  int32_t dtype = 0; // fsc_dtype, as in ONNX
  std::vector<int64_t> dims;
  std::vector<char> data;                       // of strings: fsc_string
  std::shared_ptr<const std::string> text = {}; // what these point to
  std::vector<Array> elements = {};
};

/// For the types of lists: FSC_SEQUENCE and its like.
bool isList(int32_t dtype);

/// An array of strings, which are copied.
Array stringArray(std::vector<int64_t> dims, const std::vector<std::string_view> &strings);
std::string_view stringElement(const Array &array, int64_t index);

/// Number of elements. Throws Refusal if a dimension is negative or the product
/// overflows; `what` begins the message.
int64_t elementCount(const std::vector<int64_t> &dims, const std::string &what);

/// Bytes of an array; throws likewise, and for a type that is not known.
int64_t byteCount(int32_t dtype, const std::vector<int64_t> &dims, const std::string &what);

/// "float32 1x3x224x224"; "float32 scalar".
std::string typeText(int32_t dtype, const std::vector<int64_t> &dims);

/// The same of an array or list: "sequence of 3".
std::string typeText(const Array &array);

/// Turns one byte for each element into the packed form of a 4- or 2-bit type, and back
/// (sign-extended for int4 and int2).
std::vector<char> packBits(const std::vector<char> &bytes, unsigned bits);
std::vector<char> unpackBits(const std::vector<char> &packed, unsigned bits, bool isSigned, int64_t count);

/// Element `index` as a number (the real part of a complex one).
double elementValue(const Array &array, int64_t index);

/// Elements from -1 to 1 (floats), of the full range (8-bit integers), or 0 and 1 (bool and
/// wider integers, which are mostly indices, masks and counts). The same seed and type
/// give the same elements on every machine.
Array randomArray(int32_t dtype, std::vector<int64_t> dims, uint64_t seed, const std::string &what);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_ARRAY_H
