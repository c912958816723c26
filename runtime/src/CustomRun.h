//===- CustomRun.h - Running custom operators -------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_CUSTOMRUN_H
#define FSC_RUNTIME_SRC_CUSTOMRUN_H

#include "runtime/abi/Artifact.h"
#include "runtime/include/fsc/custom_op.h"

namespace fsc::runtime {

/// Calls the kernel of a custom operator as a routine.
int32_t runCustomOp(const fsc_custom_op &op, fsc_abi_context *context, const fsc_abi_call *call);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_CUSTOMRUN_H
