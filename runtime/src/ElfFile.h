//===- ElfFile.h - A look at an artefact before it is loaded ----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// dlopen trusts the file: a truncated one kills the process with SIGBUS, and a
// foreign one runs its constructors. So the file is read and judged first.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ELFFILE_H
#define FSC_RUNTIME_SRC_ELFFILE_H

#include "runtime/src/Status.h"

#include <cstddef>

namespace fsc::runtime {

/// Checks that the `size` bytes at `data` are a whole shared object for this
/// machine that exports an fsc artefact of a version this runtime knows. `path`
/// is for the messages. Reads nothing outside of the given bytes.
Status checkArtifactFile(const char *path, const void *data, size_t size);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ELFFILE_H
