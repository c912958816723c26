//===- MappedFile.h - A file seen as memory ---------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_MAPPEDFILE_H
#define FSC_COMPILER_IMPORT_ONNX_MAPPEDFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <utility>

namespace fsc {

/// A regular file mapped read-only for as long as this lives. Nothing is read until it is used.
class MappedFile {
public:
  /// Fails for what is no regular file (a pipe or a device could block for ever) or is empty.
  static llvm::Expected<MappedFile> open(llvm::StringRef path);

  MappedFile(MappedFile &&other) noexcept : data(std::exchange(other.data, {})) {}
  MappedFile &operator=(MappedFile &&other) noexcept {
    std::swap(data, other.data);
    return *this;
  }
  ~MappedFile();

  llvm::StringRef bytes() const { return data; }

private:
  explicit MappedFile(llvm::StringRef data) : data(data) {}

  llvm::StringRef data;
};

/// The path of the file that `location`, relative to the folder `folder`, names. Fails unless the file lies inside
/// the folder after symbolic links are resolved.
llvm::Expected<std::string> resolveInside(llvm::StringRef folder, llvm::StringRef location);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_MAPPEDFILE_H
