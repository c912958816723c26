//===- ArraysTarget.cpp - Any bytes as an array: .npy, .npz, .pb ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Numpy.h"
#include "tools/common/TensorFile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

using namespace fsc::tools;

namespace {

void readArray(std::string_view bytes, const std::string &what) {
  Array array = readNpy(bytes, 0, what);
  if (!array.dims.empty() && array.data.size() < 1 << 16)
    (void)writeNpy(array);
}

} // namespace

/// The first byte says which reader is meant.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  std::string_view bytes(reinterpret_cast<const char *>(data) + 1, size - 1);
  try {
    switch (data[0] % 3) {
    case 0:
      readArray(bytes, "x.npy");
      break;
    case 1:
      for (const std::string &name : npzNames(bytes, "x.npz"))
        readArray(readNpzMember(bytes, name, "x.npz"), name);
      break;
    default:
      (void)readTensorProto(bytes, "x.pb");
    }
  } catch (const Refusal &) {
  }
  return 0;
}
