//===- Routines.h - Irregular operators, by name ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators that are better written in C++ than generated (sorting, strings, sizes
// that depend on the data) are functions of the runtime. Compiled code asks
// for one by name through fsc_abi_host.routine and calls it with the signature
// that the name stands for. To add one, add a row to the table in Routines.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINES_H
#define FSC_RUNTIME_SRC_ROUTINES_H

#include <span>

namespace fsc::runtime {

struct Routine {
  const char *name; // "nonzero.v1": a change of signature is a new name
  const void *function;
};

/// All routines, sorted by name.
std::span<const Routine> routines();

/// The function of that name, or null.
const void *findRoutine(const char *name);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ROUTINES_H
