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
  return getNodeLocation(context, name, op, opset);
}

void Problems::add(Code code, Location loc, const Twine &reason, const Twine &remedy) {
  std::string todo = remedy.str();
  bool isWarning = getInfo(code).isWarning() && !strict;
  Entry entry{code, loc, reason.str(), todo.empty() ? std::string(getInfo(code).remedy) : todo, isWarning};
  if (!seen.insert(entry.key()).second)
    return;
  numErrors += isWarning ? 0 : 1;
  entries.push_back(std::move(entry));
}

void Problems::add(Code otherwise, Location loc, llvm::Error error, const Twine &remedy) {
  CodedMessage said = takeMessage(std::move(error), otherwise);
  add(said.code, loc, said.message, said.code == otherwise ? remedy : Twine());
}

void Problems::forgetAfter(size_t size) {
  while (entries.size() > size) {
    seen.erase(entries.back().key());
    numErrors -= entries.back().isWarning ? 0 : 1;
    entries.pop_back();
  }
}

/// The first errors and the first warnings: however many warnings there are, the errors among them are shown.
SmallVector<const Problems::Entry *> Problems::shown() const {
  constexpr size_t most = 200; // of each
  size_t numShown[2] = {};
  SmallVector<const Entry *> result;
  for (const Entry &entry : entries)
    if (numShown[entry.isWarning]++ < most)
      result.push_back(&entry);
  return result;
}

void Problems::emit() const {
  SmallVector<const Entry *> all = shown();
  for (const Entry *entry : all) {
    InFlightDiagnostic diagnostic = emitCoded(entry->code, entry->loc, entry->reason, entry->isWarning);
    diagnostic.attachNote() << entry->remedy;
    if (entry == all.back() && all.size() < entries.size())
      diagnostic.attachNote() << entries.size() - all.size() << " more problems are not shown";
  }
}

void Problems::print(raw_ostream &os) const {
  SmallVector<const Entry *> all = shown();
  for (const Entry *entry : all) {
    std::string place = describe(entry->loc);
    os << StringRef(getInfo(entry->code).id) << ": " << place << (place.empty() ? "" : ": ") << entry->reason << '\n';
  }
  if (all.size() < entries.size())
    os << "and " << entries.size() - all.size() << " more\n";
}

} // namespace fsc
