//===- StringTable.h - The strings of a run, by number ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled code knows a string by its number: equal strings have equal numbers, 0 is the empty
// one, then come the strings of the artefact, which all sessions share, and those of the run.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_STRINGTABLE_H
#define FSC_RUNTIME_SRC_STRINGTABLE_H

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace fsc::runtime {

class StringTable {
public:
  /// A table that goes on where `base` ends, if there is one; of that it only reads.
  explicit StringTable(const StringTable *base = nullptr) : base(base) {}

  /// The number of a string. Throws std::bad_alloc.
  int64_t intern(std::string_view string);
  /// The string of a number, empty for a number that is none's. Good until clear.
  std::string_view find(int64_t number) const;
  /// Forgets all strings but those of the base.
  void clear();
  bool empty() const { return strings.empty(); }

private:
  /// The highest number of the base.
  int64_t last() const { return base ? base->last() + int64_t(base->strings.size()) : 0; }
  const int64_t *numberOf(std::string_view string) const;

  const StringTable *base;
  std::deque<std::string> strings;
  std::unordered_map<std::string_view, int64_t> numbers;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_STRINGTABLE_H
