//===- FscOps.cpp - What TableGen defines of the ops ----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a file of its own so that two cores share what takes longest to compile:
// this, and the registration of the ops in FscDialect.cpp.
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/FscDialect.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#define GET_OP_CLASSES
#include "dialects/fsc/FscOps.cpp.inc"
