//===- StringTable.cpp - The strings of a run, by number ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/StringTable.h"

using namespace fsc::runtime;

const int64_t *StringTable::numberOf(std::string_view string) const {
  if (base)
    if (const int64_t *number = base->numberOf(string))
      return number;
  auto found = numbers.find(string);
  return found == numbers.end() ? nullptr : &found->second;
}

int64_t StringTable::intern(std::string_view string) {
  if (string.empty())
    return 0;
  if (const int64_t *known = numberOf(string))
    return *known;
  strings.emplace_back(string);
  int64_t number = last() + int64_t(strings.size());
  try {
    numbers.emplace(strings.back(), number);
  } catch (...) {
    strings.pop_back();
    throw;
  }
  return number;
}

std::string_view StringTable::find(int64_t number) const {
  if (number <= last())
    return base ? base->find(number) : std::string_view();
  uint64_t place = uint64_t(number - last()) - 1;
  return place < strings.size() ? std::string_view(strings[size_t(place)]) : std::string_view();
}

void StringTable::clear() {
  numbers.clear();
  strings.clear();
}
