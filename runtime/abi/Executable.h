//===- Executable.h - An artefact appended to a launcher --------*- C -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A model that runs by itself is one file: a launcher program, zeros up to a
// multiple of 4096 bytes, the artefact (a shared object), and as the last bytes
// the trailer that says where the artefact is.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_ABI_EXECUTABLE_H
#define FSC_RUNTIME_ABI_EXECUTABLE_H

#include <stdint.h>

#define FSC_ABI_TRAILER_MAGIC 0x0045584543534146ull /* "FASCEXE\0", little endian */

typedef struct fsc_abi_trailer {
  uint64_t offset; /* of the artefact, from the file's start */
  uint64_t size;   /* bytes of the artefact */
  uint64_t magic;  /* FSC_ABI_TRAILER_MAGIC */
} fsc_abi_trailer;

#endif // FSC_RUNTIME_ABI_EXECUTABLE_H
