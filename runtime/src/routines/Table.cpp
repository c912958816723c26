//===- Table.cpp - The routines, by name ----------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Table.h"

#include <cstring>

// What is made with FSC_ROUTINE in this folder, as the build finds it.
namespace fsc::runtime::table {
#define FSC_ENTRY(NAME, FOLDER) int32_t NAME(fsc_abi_context *context, const fsc_abi_call *call);
#include "fsc-routines.inc"
#undef FSC_ENTRY
} // namespace fsc::runtime::table

fsc_abi_routine_fn fsc::runtime::findRoutine(const char *name) {
#define FSC_ENTRY(NAME, FOLDER)                                                                                        \
  if (std::strcmp(name, #NAME) == 0)                                                                                   \
    return table::NAME;
#include "fsc-routines.inc"
#undef FSC_ENTRY
  return nullptr;
}
