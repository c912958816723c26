//===- ListTable.h - Sequences, optionals and maps of a run -----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A list never changes: inserting and erasing give another one that shares the elements, and all but
// O(log n) of the nodes that hold them together. Compiled code knows a list by its number in the run's table; what is
// created in an iteration of a loop and not carried on is forgotten at the iteration's end.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_LISTTABLE_H
#define FSC_RUNTIME_SRC_LISTTABLE_H

#include "runtime/src/Buffer.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace fsc::runtime {

struct ListNode;
/// Null is the list without elements.
using List = std::shared_ptr<const ListNode>;

/// A tensor as compiled code has it, or a list.
struct ListElement {
  int32_t dtype = 0;
  std::vector<int64_t> dims;
  Buffer data; // of a tensor
  List list;   // of a list
};
using ElementRef = std::shared_ptr<const ListElement>;

/// A tree whose left and right differ in size by no more than a factor (Adams, 1992; Hirai and Yamamoto, 2011).
struct ListNode {
  List left, right;
  ElementRef element;
  int64_t size;
};

// All of these may throw std::bad_alloc. Indices are in range.
int64_t sizeOf(const List &list);
const ElementRef &elementAt(const List &list, int64_t index);
List makeList(std::span<const ElementRef> elements);
List insertAt(const List &list, int64_t index, ElementRef element);
List eraseAt(const List &list, int64_t index);

class ListTable {
public:
  ListTable() { scopes.emplace_back(); }

  /// The number of a list, 0 if it is empty.
  int64_t add(List list);
  /// The list of a number, empty for a number that is none's.
  const List &find(int64_t number) const;
  void clear();

  /// What is added from here on belongs to a loop.
  void enterLoop() { scopes.emplace_back(); }
  /// The end of an iteration: of what was added in the loop only the lists of these numbers live on.
  void endIteration(std::span<const int64_t> carried);
  /// What is left of the loop belongs to what is around it.
  void leaveLoop();

  /// Numbers in use, and that were in use.
  size_t size() const { return lists.size() - unused.size(); }
  size_t capacity() const { return lists.size(); }

private:
  std::vector<List> lists; // of the numbers from 1 on
  std::vector<int64_t> unused;
  std::vector<std::vector<int64_t>> scopes; // numbers, by the loop in which they were added
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_LISTTABLE_H
