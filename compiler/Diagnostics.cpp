//===- Diagnostics.cpp - What fsc says to a user --------------------------===//
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

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

std::optional<Code> parseCode(StringRef id) {
  for (const CodeInfo &info : allCodes)
    if (id.equals_insensitive(StringRef(info.id)))
      return info.code;
  return std::nullopt;
}

namespace {

class CodedError : public llvm::ErrorInfo<CodedError> {
public:
  static char ID;

  CodedError(Code code, std::string message) : code(code), message(std::move(message)) {}
  void log(raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

  const Code code;
  const std::string message;
};

char CodedError::ID;

} // namespace

llvm::Error codedError(Code code, const Twine &message) { return llvm::make_error<CodedError>(code, message.str()); }

CodedMessage takeMessage(llvm::Error error, Code otherwise) {
  CodedMessage result{otherwise, {}};
  llvm::handleAllErrors(
      std::move(error), [&](const CodedError &coded) { result = {coded.code, coded.message}; },
      [&](const llvm::ErrorInfoBase &plain) { result.message = plain.message(); });
  return result;
}

//===----------------------------------------------------------------------===//
// Diagnostics
//===----------------------------------------------------------------------===//

InFlightDiagnostic emitCoded(Code code, Location loc, const Twine &message, bool isWarning) {
  InFlightDiagnostic diagnostic = isWarning ? emitWarning(loc, message) : emitError(loc, message);
  if (Diagnostic *underlying = diagnostic.getUnderlyingDiagnostic())
    setCode(*underlying, code);
  return diagnostic;
}

std::optional<Code> getCode(Diagnostic &diagnostic) {
  for (const DiagnosticArgument &argument : diagnostic.getMetadata())
    if (argument.getKind() == DiagnosticArgument::DiagnosticArgumentKind::Attribute)
      if (auto id = dyn_cast<StringAttr>(argument.getAsAttribute()))
        if (std::optional<Code> code = parseCode(id))
          return code;
  return std::nullopt;
}

void setCode(Diagnostic &diagnostic, Code code) {
  Attribute id = StringAttr::get(diagnostic.getLocation().getContext(), StringRef(getInfo(code).id));
  diagnostic.getMetadata().push_back(DiagnosticArgument(id));
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Location getNodeLocation(MLIRContext *context, StringRef node, StringRef op, int64_t opset) {
  return NameLoc::get(StringAttr::get(context, node + " (" + op + ", opset " + Twine(opset) + ")"));
}

Place getPlace(Location loc) {
  Place place;
  if (auto fused = dyn_cast<FusedLoc>(loc))
    return fused.getLocations().empty() ? place : getPlace(fused.getLocations().back());
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    place.other = (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" + Twine(file.getColumn())).str();
  auto named = dyn_cast<NameLoc>(loc);
  if (!named)
    return place;
  StringRef text = named.getName();
  size_t at = text.rfind(" (");
  auto [op, opset] = at == StringRef::npos ? std::pair<StringRef, StringRef>() : text.substr(at + 2).split(", opset ");
  if (opset.consume_back(")") && !opset.getAsInteger(10, place.opset)) {
    place.node = text.take_front(at);
    place.op = op;
  } else {
    place.other = text;
  }
  return place;
}

std::string Place::str() const {
  if (op.empty())
    return other;
  return "node '" + node + "' (" + op + ", opset " + std::to_string(opset) + ")";
}

//===----------------------------------------------------------------------===//
// Problems
//===----------------------------------------------------------------------===//

Problem makeProblem(Diagnostic &diagnostic) {
  Problem problem;
  problem.code = getCode(diagnostic).value_or(Code::internalError);
  problem.isWarning = diagnostic.getSeverity() != DiagnosticSeverity::Error;
  problem.place = getPlace(diagnostic.getLocation());
  problem.reason = diagnostic.str();
  for (Diagnostic &note : diagnostic.getNotes()) {
    std::string place = getPlace(note.getLocation()).str();
    bool same = place.empty() || place == problem.place.str();
    problem.notes.push_back((same ? "" : place + ": ") + note.str());
  }
  if (problem.notes.empty())
    problem.notes.emplace_back(getInfo(problem.code).remedy);
  return problem;
}

std::string formatProblem(const Problem &problem) {
  std::string text = problem.isWarning ? "warning: " : "error: ", place = problem.place.str();
  text += getInfo(problem.code).id;
  text += ": " + place + (place.empty() ? "" : ": ") + problem.reason + "\n";
  for (const std::string &note : problem.notes)
    text += "  note: " + note + "\n";
  return text;
}

std::string formatDiagnostic(Diagnostic &diagnostic) {
  // A pass may remark on something, which is no problem.
  if (diagnostic.getSeverity() == DiagnosticSeverity::Remark || diagnostic.getSeverity() == DiagnosticSeverity::Note)
    return "note: " + diagnostic.str() + "\n";
  return formatProblem(makeProblem(diagnostic));
}

} // namespace fsc
