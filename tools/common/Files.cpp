//===- Files.cpp - Reading and writing whole files ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Files.h"

#include "tools/common/Array.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace fsc::tools;

namespace {

/// Closes the file at the end of a scope.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0)
      close(value);
  }
};

} // namespace

std::string fsc::tools::readFile(const std::string &path) {
  // O_NONBLOCK: a pipe must not make us wait before it is refused.
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat info;
  if (file.value < 0 || fstat(file.value, &info) != 0)
    throw Refusal("cannot open '" + path + "': " + std::strerror(errno), Code::unreadableFile);
  if (!S_ISREG(info.st_mode))
    throw Refusal("cannot read '" + path + "': expected a regular file", Code::unreadableFile);
  std::string bytes(size_t(info.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t got = read(file.value, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      throw Refusal("cannot read '" + path + "': " + std::strerror(errno), Code::unreadableFile);
    if (got == 0)
      break;
    done += size_t(got);
  }
  bytes.resize(done);
  return bytes;
}

void fsc::tools::writeFile(const std::string &path, std::string_view contents) {
  Descriptor file{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (file.value < 0)
    throw Refusal("cannot write '" + path + "': " + std::strerror(errno), Code::cannotWrite);
  while (!contents.empty()) {
    ssize_t put = write(file.value, contents.data(), contents.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      throw Refusal("cannot write '" + path + "': " + std::strerror(errno), Code::cannotWrite);
    contents.remove_prefix(size_t(put));
  }
}

bool fsc::tools::endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}
