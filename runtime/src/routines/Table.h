//===- Table.h - The routines, by name --------------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The routines know nothing of the runtime but runtime/abi/Artifact.h, since the
// compiler runs them too, to fold constants.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINES_TABLE_H
#define FSC_RUNTIME_SRC_ROUTINES_TABLE_H

#include "runtime/abi/Artifact.h"

namespace fsc::runtime {

/// The routine for the ONNX operator `name`, or null.
fsc_abi_routine_fn findRoutine(const char *name);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ROUTINES_TABLE_H
