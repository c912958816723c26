//===- Attached.cpp - The model that is appended to this program ----------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/Attached.h"

#include "runtime/abi/Executable.h"
#include "tools/common/Array.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace fsc::tools;

namespace {

struct Descriptor {
  ~Descriptor() {
    if (fd >= 0)
      close(fd);
  }
  int fd = -1;
};

} // namespace

/// A loader needs a file that begins with the artefact: makes one in memory.
std::string fsc::tools::attachedModel() {
  Descriptor self{open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  struct stat info;
  fsc_abi_trailer trailer;
  if (self.fd < 0 || fstat(self.fd, &info) != 0 || info.st_size < off_t(sizeof(trailer)))
    return "";
  uint64_t end = uint64_t(info.st_size) - sizeof(trailer);
  if (pread(self.fd, &trailer, sizeof(trailer), off_t(end)) != ssize_t(sizeof(trailer)) ||
      trailer.magic != FSC_ABI_TRAILER_MAGIC)
    return "";
  if (trailer.offset > end || trailer.size != end - trailer.offset)
    throw Refusal("the model in this program is damaged: its size is wrong");

  int copy = memfd_create("model", MFD_CLOEXEC); // stays open: its path goes by its number
  if (copy < 0)
    throw Refusal(std::string("cannot make a file in memory: ") + std::strerror(errno));
  off_t offset = off_t(trailer.offset);
  while (uint64_t(offset) < end) {
    ssize_t count = sendfile(copy, self.fd, &offset, end - uint64_t(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      throw Refusal(std::string("cannot read the model in this program: ") + std::strerror(errno));
  }
  return "/proc/self/fd/" + std::to_string(copy);
}
