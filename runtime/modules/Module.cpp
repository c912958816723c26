//===- Module.cpp - What a runtime module shows ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled once for each module, with its name and its own table of routines.
//
//===----------------------------------------------------------------------===//

#include "runtime/abi/RoutineModule.h"
#include "runtime/src/routines/Table.h"

extern "C" __attribute__((visibility("default"))) const fsc_abi_routine_module fsc_routine_module;

const fsc_abi_routine_module fsc_routine_module = {
    FSC_ABI_MODULE_MAGIC, FSC_ABI_VERSION, sizeof(fsc_abi_routine_module), FSC_MODULE_NAME, fsc::runtime::findRoutine};
