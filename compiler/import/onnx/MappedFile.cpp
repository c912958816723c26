//===- MappedFile.cpp - A file seen as memory -----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/MappedFile.h"

#include "compiler/Diagnostics.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fsc {

static llvm::Error failed(llvm::StringRef path, llvm::StringRef reason) {
  return codedError(Code::unreadableFile, "cannot read '" + path + "': " + reason);
}

llvm::Expected<MappedFile> MappedFile::open(llvm::StringRef path) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  int file = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0)
    return failed(path, llvm::sys::StrError());
  struct stat status;
  void *address = MAP_FAILED;
  std::string reason;
  if (fstat(file, &status) != 0)
    reason = llvm::sys::StrError();
  else if (!S_ISREG(status.st_mode))
    reason = "expected a regular file";
  else if (status.st_size == 0)
    reason = "the file is empty";
  else if (address = mmap(nullptr, status.st_size, PROT_READ, MAP_PRIVATE, file, 0); address == MAP_FAILED)
    reason = llvm::sys::StrError();
  close(file);
  if (!reason.empty())
    return failed(path, reason);
  return MappedFile(llvm::StringRef(static_cast<const char *>(address), status.st_size));
}

MappedFile::~MappedFile() {
  if (!data.empty())
    munmap(const_cast<char *>(data.data()), data.size());
}

llvm::Expected<std::string> resolveInside(llvm::StringRef folder, llvm::StringRef location) {
  namespace path = llvm::sys::path;
  auto outside = [&] {
    return codedError(Code::externalPath,
                      "external data '" + location + "': expected a file inside the model's folder");
  };
  if (location.empty() || location.contains('\0'))
    return codedError(Code::externalData, "external data: expected the name of a file, got '" + location + "'");
  if (path::is_absolute(location))
    return outside();

  llvm::SmallString<256> root, file, joined(folder);
  path::append(joined, location);
  if (std::error_code error = llvm::sys::fs::real_path(folder.empty() ? "." : folder, root))
    return failed(folder, error.message());
  if (std::error_code error = llvm::sys::fs::real_path(joined, file))
    return codedError(Code::externalData, "external data '" + location + "': " + error.message());
  if (!root.ends_with("/"))
    root += '/';
  if (!file.starts_with(root))
    return outside();
  return file.str().str();
}

} // namespace fsc
