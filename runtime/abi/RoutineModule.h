//===- RoutineModule.h - Routines in a library of their own -----*- C -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Routines that stand on other libraries are in runtime modules: shared libraries
// libfsc-NAME.so, each of which exports one symbol, `fsc_routine_module`, of type
// `fsc_abi_routine_module`. The runtime loads one only for an artefact that needs it.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_ABI_ROUTINEMODULE_H
#define FSC_RUNTIME_ABI_ROUTINEMODULE_H

#include "runtime/abi/Artifact.h"

#define FSC_ABI_MODULE_MAGIC 0x00444f4d46534146ull /* "FASFMOD\0", little endian */
#define FSC_ABI_MODULE_SYMBOL "fsc_routine_module"

typedef struct fsc_abi_routine_module {
  uint64_t magic;   /* FSC_ABI_MODULE_MAGIC */
  uint32_t version; /* FSC_ABI_VERSION, that of what its routines are called with */
  uint32_t size;    /* sizeof(fsc_abi_routine_module) */
  const char *name; /* "text" */
  /* The routine for the ONNX operator `name`, or null. */
  fsc_abi_routine_fn (*find)(const char *name);
} fsc_abi_routine_module;

#endif // FSC_RUNTIME_ABI_ROUTINEMODULE_H
