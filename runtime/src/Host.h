//===- Host.h - What compiled code may ask of the runtime -------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_HOST_H
#define FSC_RUNTIME_SRC_HOST_H

#include "runtime/abi/Artifact.h"

namespace fsc::runtime {

/// The function table of every run. Each function finds its session through the
/// context.
struct Host {
  static const fsc_abi_host table;

private:
  static void *output(fsc_abi_context *, int64_t index, const int64_t *dims);
  static void *allocate(fsc_abi_context *, int64_t bytes);
  static void release(fsc_abi_context *, void *memory);
  static int32_t parallel(fsc_abi_context *, int64_t kernel, fsc_abi_kernel_fn function, const int64_t *words,
                          int64_t tasks, int64_t cost);
  static int32_t fail(fsc_abi_context *, int32_t code, const char *message);
  static fsc_abi_routine_fn routine(fsc_abi_context *, const char *name);
  /// The routine that stands for every custom operator.
  static int32_t custom(fsc_abi_context *, const fsc_abi_call *call);
  static int64_t intern(fsc_abi_context *, const char *data, int64_t size);
  static fsc_abi_string string(fsc_abi_context *, int64_t number);
  static uint64_t random(fsc_abi_context *);
  static int32_t failWith(fsc_abi_context *, int32_t code, const char *message, int64_t first, int64_t second);
  static int32_t reserve(fsc_abi_context *, int64_t bytes);
  static int64_t listSize(fsc_abi_context *, int64_t list);
  static int32_t listElement(fsc_abi_context *, int64_t list, int64_t index, fsc_abi_element *element);
  static int64_t listSplice(fsc_abi_context *, int64_t list, int64_t index, int64_t erased,
                            const fsc_abi_element *elements, int64_t count);
  static int32_t listLoop(fsc_abi_context *, int32_t event, const int64_t *carried, int64_t count);
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_HOST_H
