//===- Problems.cpp - All that is wrong with a model, at once -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/Problems.h"

#include "onnx/onnx_pb.h"

using namespace mlir;

namespace fsc {

Location nodeLocation(MLIRContext *context, const onnx::NodeProto &node, int64_t opset) {
  std::string name = node.name();
  if (name.empty()) {
    name = node.op_type();
    for (const std::string &output : node.output())
      if (!output.empty()) {
        name += ":" + output;
        break;
      }
  }
  std::string op = node.domain().empty() || node.domain() == "ai.onnx" ? "" : node.domain() + ".";
  op += node.op_type();
  return NameLoc::get(StringAttr::get(context, name + " (" + op + ", opset " + Twine(opset) + ")"));
}

std::string describe(Location loc) {
  auto named = dyn_cast<NameLoc>(loc);
  if (!named)
    return "";
  StringRef text = named.getName();
  size_t at = text.rfind(" (");
  if (at == StringRef::npos || !text.ends_with(")") || !text.contains(", opset "))
    return text.str();
  return ("node '" + text.take_front(at) + "'" + text.drop_front(at)).str();
}

void Problems::add(Location loc, const Twine &reason, const Twine &remedy) {
  constexpr size_t maxProblems = 200;
  Problem problem{loc, reason.str(), remedy.str()};
  // A function's body may meet the same obstacle many times for one node.
  if (!problems.empty() && problems.back() == problem)
    return;
  if (problems.size() < maxProblems)
    problems.push_back(std::move(problem));
  else
    ++omitted;
}

void Problems::emit() const {
  for (const Problem &problem : problems) {
    InFlightDiagnostic diagnostic = emitError(problem.loc, problem.reason);
    if (!problem.remedy.empty())
      diagnostic.attachNote() << problem.remedy;
    if (omitted && &problem == &problems.back())
      diagnostic.attachNote() << omitted << " more problems are not shown";
  }
}

void Problems::print(raw_ostream &os) const {
  for (const Problem &problem : problems) {
    std::string place = describe(problem.loc);
    os << place << (place.empty() ? "" : ": ") << problem.reason << '\n';
  }
  if (omitted)
    os << "and " << omitted << " more\n";
}

} // namespace fsc
