//===- SharedObject.cpp - A compiled module's code, loaded ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/SharedObject.h"

#include "runtime/src/ElfFile.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace fsc::runtime;

Status fsc::runtime::openFile(const char *path, int &descriptor) {
  // O_NONBLOCK: a pipe or a device must not make us wait before it is refused.
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return failure(FSC_ERROR_NOT_FOUND, "cannot open '%s': %s", path, strerrordesc_np(errno));
  struct stat info;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(file);
    return failure(FSC_ERROR_MODEL, "cannot read '%s': expected a regular file", path);
  }
  descriptor = file;
  return success();
}

MappedFile::~MappedFile() {
  if (address)
    munmap(address, length);
}

Status MappedFile::map(const char *path, int descriptor) {
  struct stat info;
  if (fstat(descriptor, &info) != 0)
    return failure(FSC_ERROR_NOT_FOUND, "cannot read '%s': %s", path, strerrordesc_np(errno));
  if (info.st_size == 0)
    return success();
  void *mapped = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (mapped == MAP_FAILED)
    return failure(FSC_ERROR_OUT_OF_MEMORY, "cannot map '%s': %s", path, strerrordesc_np(errno));
  address = mapped;
  length = size_t(info.st_size);
  return success();
}

SharedObject::~SharedObject() {
  if (handle)
    dlclose(handle);
  if (file >= 0)
    close(file);
}

/// dlopen takes an object that is loaded under the same name for the one asked for,
/// even if the file was replaced since. So where one is, go by the open file: its
/// name is unique as long as it stays open.
Status SharedObject::open(const char *path) {
  // Without a slash dlopen would look in the library path.
  std::string name = std::strchr(path, '/') ? path : std::string("./") + path;
  if (void *loaded = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)) {
    dlclose(loaded);
    name = "/proc/self/fd/" + std::to_string(file);
  }
  handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    return failure(FSC_ERROR_MODEL, "cannot load '%s': %s", path, reason ? reason : "unknown reason");
  }
  descriptor = static_cast<const fsc_abi_artifact *>(dlsym(handle, FSC_ABI_SYMBOL));
  if (!descriptor)
    return failure(FSC_ERROR_MODEL, "'%s' is no fsc artefact: it does not export '%s'", path, FSC_ABI_SYMBOL);
  return success();
}

Status SharedObject::load(const char *path) {
  if (Status status = openFile(path, file))
    return status;
  {
    MappedFile image;
    if (Status status = image.map(path, file))
      return status;
    if (Status status = checkArtifactFile(path, image.data(), image.size()))
      return status;
  }
  return open(path);
}
