//===- Diagnostics.h - What fsc says to a user ------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every error and warning has a code, of the table Diagnostics.def: whoever reports
// one names it, and it travels as metadata of MLIR's diagnostic, or in an
// llvm::Error. An error that MLIR reports itself has the code of the phase in which
// it does (Compiler.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_DIAGNOSTICS_H
#define FSC_COMPILER_DIAGNOSTICS_H

#include "compiler/Codes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace fsc {

/// The code that a text names; nothing if there is no such code.
std::optional<Code> parseCode(llvm::StringRef id);

//===--- Errors on their way ----------------------------------------------===//

/// An error with its code.
llvm::Error codedError(Code code, const llvm::Twine &message);

struct CodedMessage {
  Code code;
  std::string message;
};
/// What an error says; `otherwise` is the code of one that has none.
CodedMessage takeMessage(llvm::Error error, Code otherwise);

//===--- Diagnostics ------------------------------------------------------===//

/// An error at `loc`, or a warning if `isWarning`, with its code.
mlir::InFlightDiagnostic emitCoded(Code code, mlir::Location loc, const llvm::Twine &message, bool isWarning = false);

/// The code of a diagnostic; nothing if it has none.
std::optional<Code> getCode(mlir::Diagnostic &diagnostic);
void setCode(mlir::Diagnostic &diagnostic, Code code);

/// Where in a model something is: a node ("conv1", "Conv", 11), or a place of another kind ("input 'x'"), which is
/// `other`.
struct Place {
  std::string node, op;
  int64_t opset = 0;
  std::string other;

  /// As messages name it: "node 'conv1' (Conv, opset 11)"; nothing for no place.
  std::string str() const;
};

/// The location of a node, which getPlace reads.
mlir::Location getNodeLocation(mlir::MLIRContext *context, llvm::StringRef node, llvm::StringRef op, int64_t opset);
/// A location of several nodes is the place of the last, where the op stands.
Place getPlace(mlir::Location loc);

/// One error or warning.
struct Problem {
  Code code = Code::internalError;
  bool isWarning = false;
  Place place;
  std::string reason;
  std::vector<std::string> notes; // the remedy first
};

/// An error or warning; one without a code is a defect of fsc.
Problem makeProblem(mlir::Diagnostic &diagnostic);

/// A problem as text, with its notes, one a line:
///
///   error: FSC-E204: node 'conv1' (Conv, opset 11): expected …
///     note: …
std::string formatProblem(const Problem &problem);
std::string formatDiagnostic(mlir::Diagnostic &diagnostic);

} // namespace fsc

#endif // FSC_COMPILER_DIAGNOSTICS_H
