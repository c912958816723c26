//===- Diagnostics.h - What users are told ----------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_DIAGNOSTICS_H
#define FSC_COMPILER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

#include <string>

namespace fsc {

/// A diagnostic as text, with its notes, one a line:
///
///   error: node 'conv1' (Conv, opset 11): expected …
///   note: …
///
/// A location of several nodes names the last, at whose place the op stands.
std::string formatDiagnostic(mlir::Diagnostic &diagnostic);

} // namespace fsc

#endif // FSC_COMPILER_DIAGNOSTICS_H
