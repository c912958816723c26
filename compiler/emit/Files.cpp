//===- Files.cpp - Scratch and output files -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Files.h"

#include "compiler/Diagnostics.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/FileSystem.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

using namespace llvm;
using namespace fsc::emit;
namespace fs = llvm::sys::fs;

Error fsc::emit::internalError(const Twine &message) {
  return codedError(Code::internalError, "internal error: " + message);
}

Error fsc::emit::cannotWrite(StringRef path, std::error_code reason) {
  return createStringError(reason, "cannot write '" + path + "': " + reason.message());
}

std::error_code fsc::emit::writeAt(int descriptor, ArrayRef<char> data, uint64_t offset) {
  while (!data.empty()) {
    // The kernel writes at most 2 GiB at once.
    ssize_t written = pwrite(descriptor, data.data(), std::min(data.size(), size_t(1) << 30), off_t(offset));
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return written < 0 ? errnoAsErrorCode() : make_error_code(errc::no_space_on_device);
    data = data.drop_front(size_t(written));
    offset += uint64_t(written);
  }
  return {};
}

ScratchFile::ScratchFile(ScratchFile &&other) noexcept : fd(std::exchange(other.fd, -1)) {}

ScratchFile &ScratchFile::operator=(ScratchFile &&other) noexcept {
  std::swap(fd, other.fd);
  return *this;
}

ScratchFile::~ScratchFile() {
  if (fd >= 0)
    close(fd);
}

Expected<ScratchFile> ScratchFile::inMemory() {
  int fd = memfd_create("fsc", MFD_CLOEXEC);
  if (fd < 0)
    return createStringError(errnoAsErrorCode(), "cannot make a file in memory: " + errnoAsErrorCode().message());
  return ScratchFile(fd);
}

Expected<ScratchFile> ScratchFile::beside(StringRef path) {
  int fd;
  SmallString<128> name;
  if (std::error_code failure = fs::createUniqueFile(path + ".%%%%%%%%", fd, name, fs::OF_None, 0600))
    return cannotWrite(path, failure);
  unlink(name.c_str());
  return ScratchFile(fd);
}

std::string ScratchFile::path() const { return "/proc/self/fd/" + std::to_string(fd); }

Expected<std::unique_ptr<MemoryBuffer>> ScratchFile::map() const {
  auto buffer = MemoryBuffer::getOpenFile(fd, "", /*FileSize=*/-1, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return internalError("cannot read a scratch file: " + buffer.getError().message());
  return std::move(*buffer);
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : fd(std::exchange(other.fd, -1)), destination(std::exchange(other.destination, {})),
      temporary(std::exchange(other.temporary, {})) {}

OutputFile::~OutputFile() {
  if (fd >= 0)
    close(fd);
  if (!temporary.empty())
    unlink(temporary.c_str());
}

Expected<OutputFile> OutputFile::create(StringRef path, bool executable) {
  fs::file_status status;
  if (!fs::status(path, status) && !fs::is_regular_file(status))
    return createStringError(errc::invalid_argument, "cannot write '" + path + "': expected a regular file or none");
  OutputFile file;
  SmallString<128> name;
  unsigned mode = fs::all_read | fs::all_write | (executable ? unsigned(fs::all_exe) : 0u);
  if (std::error_code failure = fs::createUniqueFile(path + ".%%%%%%%%", file.fd, name, fs::OF_None, mode))
    return cannotWrite(path, failure);
  file.destination = path.str();
  file.temporary = name.str().str();
  return file;
}

Error OutputFile::write(ArrayRef<char> data, uint64_t offset) {
  if (std::error_code failure = writeAt(fd, data, offset))
    return cannotWrite(destination, failure);
  return Error::success();
}

Error OutputFile::checkRoom(uint64_t bytes) const {
  int result = bytes == 0 ? 0 : fallocate(fd, 0, 0, off_t(bytes));
  if (result != 0 && (errno == ENOSPC || errno == EFBIG || errno == EDQUOT))
    return cannotWrite(destination, errnoAsErrorCode());
  // Some file systems cannot reserve: then there is nothing to know, and nothing to give back.
  if (result == 0 && ftruncate(fd, 0) != 0)
    return cannotWrite(destination, errnoAsErrorCode());
  return Error::success();
}

Error OutputFile::commit() {
  // Some file systems report a full disk no earlier than here.
  if (close(std::exchange(fd, -1)) != 0)
    return cannotWrite(destination, errnoAsErrorCode());
  if (std::error_code failure = fs::rename(temporary, destination))
    return cannotWrite(destination, failure);
  temporary.clear();
  return Error::success();
}
