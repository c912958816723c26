//===- Numpy.h - NumPy's files: .npy and .npz -------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The formats of numpy.lib.format (versions 1, 2 and 3) and of numpy.savez: a zip
// file of .npy members, stored or deflated. A file is hostile until checked: no
// number in it is believed before it is compared with the file's size.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_NUMPY_H
#define FSC_TOOLS_COMMON_NUMPY_H

#include "tools/common/Array.h"

#include <string>
#include <string_view>
#include <vector>

namespace fsc::tools {

/// Reads a .npy file's bytes; `what` begins messages. NumPy has no name for some types of
/// ONNX and writes them as raw bytes ("V2"); these are taken for `expectedDtype` if that
/// has their size. Types narrower than a byte come as one byte for each element. Throws
/// Refusal.
Array readNpy(std::string_view bytes, int32_t expectedDtype, const std::string &what);

/// The bytes of a .npy file (version 1). int4 and int2 become int8, uint4 and uint2
/// become uint8, other types that NumPy lacks become raw bytes.
std::string writeNpy(const Array &array);

/// The members of a .npz file, without ".npy".
std::vector<std::string> npzNames(std::string_view bytes, const std::string &what);

/// The .npy bytes of the member `name` of a .npz file. Throws Refusal.
std::string readNpzMember(std::string_view bytes, const std::string &name, const std::string &what);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_NUMPY_H
