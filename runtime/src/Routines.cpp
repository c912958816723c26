//===- Routines.cpp - Irregular operators, by name ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/Routines.h"

#include <cstring>

using namespace fsc::runtime;

// Every operator is compiled at present, so no routine is needed.
std::span<const Routine> fsc::runtime::routines() { return {}; }

const void *fsc::runtime::findRoutine(const char *name) {
  for (const Routine &routine : routines())
    if (std::strcmp(routine.name, name) == 0)
      return routine.function;
  return nullptr;
}
