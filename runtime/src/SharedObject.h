//===- SharedObject.h - A compiled module's code, loaded --------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_SHAREDOBJECT_H
#define FSC_RUNTIME_SRC_SHAREDOBJECT_H

#include "runtime/abi/Artifact.h"
#include "runtime/src/Status.h"

namespace fsc::runtime {

/// Owns the loaded object; what it exports lives as long as it does.
class SharedObject {
public:
  SharedObject() = default;
  SharedObject(const SharedObject &) = delete;
  SharedObject &operator=(const SharedObject &) = delete;
  ~SharedObject();

  /// Judges the file at `path` (see ElfFile.h), then loads it.
  Status load(const char *path);

  const fsc_abi_artifact *artifact() const { return descriptor; }

private:
  Status open(const char *path);

  int file = -1; // kept open: see open()
  void *handle = nullptr;
  const fsc_abi_artifact *descriptor = nullptr;
};

/// A file mapped for reading.
class MappedFile {
public:
  MappedFile() = default;
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();

  /// Maps the open file `descriptor`. An empty file has no data.
  Status map(const char *path, int descriptor);

  const void *data() const { return address; }
  size_t size() const { return length; }

private:
  void *address = nullptr;
  size_t length = 0;
};

/// Opens a regular file for reading. The caller closes it.
Status openFile(const char *path, int &descriptor);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_SHAREDOBJECT_H
