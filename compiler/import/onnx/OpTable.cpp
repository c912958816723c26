//===- OpTable.cpp - The fsc ops that are ONNX operators ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/import/onnx/OpTable.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace fsc {

/// The forms of each operator, by "domain:name", the oldest first.
static llvm::StringMap<SmallVector<OpEntry, 1>> makeTable() {
  llvm::StringMap<SmallVector<OpEntry, 1>> table;
  for (const OpFamily *family : opFamilies())
    family->describe([&](const OpEntry &entry) { table[(entry.domain + ":" + entry.name).str()].push_back(entry); });
  for (auto &forms : table)
    llvm::sort(forms.second, [](const OpEntry &a, const OpEntry &b) { return a.since < b.since; });
  return table;
}

const OpEntry *findOp(StringRef name, StringRef domain, int version) {
  static const llvm::StringMap<SmallVector<OpEntry, 1>> table = makeTable();
  auto forms = table.find((domain + ":" + name).str());
  if (forms == table.end())
    return nullptr;
  const OpEntry *best = &forms->second.front();
  for (const OpEntry &entry : forms->second)
    if (entry.since <= version)
      best = &entry;
  return best;
}

} // namespace fsc
