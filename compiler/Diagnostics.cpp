//===- Diagnostics.cpp - What users are told ------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace fsc {

/// `node 'conv1' (Conv, opset 11): ` for a location that names a node, `file:line:column: ` for one in a file, else
/// nothing.
static std::string formatLocation(Location location) {
  if (auto fused = dyn_cast<FusedLoc>(location))
    return fused.getLocations().empty() ? "" : formatLocation(fused.getLocations().back());
  if (auto file = dyn_cast<FileLineColLoc>(location))
    return (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" + Twine(file.getColumn()) + ": ").str();
  auto named = dyn_cast<NameLoc>(location);
  if (!named)
    return "";
  StringRef text = named.getName().getValue();
  size_t details = text.rfind(" (");
  if (details == StringRef::npos || !text.ends_with(")"))
    return (text + ": ").str();
  return ("node '" + text.take_front(details) + "'" + text.drop_front(details) + ": ").str();
}

static StringRef severity(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error: ";
  case DiagnosticSeverity::Warning:
    return "warning: ";
  case DiagnosticSeverity::Note:
  case DiagnosticSeverity::Remark:
    return "note: ";
  }
  return "";
}

std::string formatDiagnostic(Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << severity(diagnostic.getSeverity()) << formatLocation(diagnostic.getLocation()) << diagnostic << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    os << "  note: " << formatLocation(note.getLocation()) << note << "\n";
  return text;
}

} // namespace fsc
