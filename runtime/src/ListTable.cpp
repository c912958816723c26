//===- ListTable.cpp - Sequences, optionals and maps of a run -------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/ListTable.h"

#include <algorithm>

using namespace fsc::runtime;

//===----------------------------------------------------------------------===//
// Trees
//===----------------------------------------------------------------------===//

namespace {

/// A subtree has at most this many times the size of its sibling; and of a heavy subtree's two, the inner is split if
/// it is larger by the second factor.
constexpr int64_t mostImbalance = 3, splitImbalance = 2;

List join(List left, ElementRef element, List right) {
  int64_t size = sizeOf(left) + sizeOf(right) + 1;
  return std::make_shared<const ListNode>(ListNode{std::move(left), std::move(right), std::move(element), size});
}

/// The same where one side may have become too large by one element.
List balance(const List &left, const ElementRef &element, const List &right) {
  int64_t l = sizeOf(left), r = sizeOf(right);
  if (l + r <= 1 || (r <= mostImbalance * l && l <= mostImbalance * r))
    return join(left, element, right);
  if (r > l) {
    const List &inner = right->left;
    if (sizeOf(inner) < splitImbalance * sizeOf(right->right))
      return join(join(left, element, inner), right->element, right->right);
    return join(join(left, element, inner->left), inner->element, join(inner->right, right->element, right->right));
  }
  const List &inner = left->right;
  if (sizeOf(inner) < splitImbalance * sizeOf(left->left))
    return join(left->left, left->element, join(inner, element, right));
  return join(join(left->left, left->element, inner->left), inner->element, join(inner->right, element, right));
}

} // namespace

int64_t fsc::runtime::sizeOf(const List &list) { return list ? list->size : 0; }

const ElementRef &fsc::runtime::elementAt(const List &list, int64_t index) {
  const ListNode *node = list.get();
  for (;;) {
    int64_t left = sizeOf(node->left);
    if (index == left)
      return node->element;
    bool isLeft = index < left;
    index -= isLeft ? 0 : left + 1;
    node = (isLeft ? node->left : node->right).get();
  }
}

List fsc::runtime::makeList(std::span<const ElementRef> elements) {
  if (elements.empty())
    return {};
  size_t middle = elements.size() / 2;
  return join(makeList(elements.first(middle)), elements[middle], makeList(elements.subspan(middle + 1)));
}

List fsc::runtime::insertAt(const List &list, int64_t index, ElementRef element) {
  if (!list)
    return join({}, std::move(element), {});
  int64_t left = sizeOf(list->left);
  if (index <= left)
    return balance(insertAt(list->left, index, std::move(element)), list->element, list->right);
  return balance(list->left, list->element, insertAt(list->right, index - left - 1, std::move(element)));
}

List fsc::runtime::eraseAt(const List &list, int64_t index) {
  int64_t left = sizeOf(list->left);
  if (index < left)
    return balance(eraseAt(list->left, index), list->element, list->right);
  if (index > left)
    return balance(list->left, list->element, eraseAt(list->right, index - left - 1));
  if (!list->left || !list->right)
    return list->left ? list->left : list->right;
  // The larger side gives up the element next to the one that goes.
  if (left > sizeOf(list->right))
    return balance(eraseAt(list->left, left - 1), elementAt(list->left, left - 1), list->right);
  return balance(list->left, elementAt(list->right, 0), eraseAt(list->right, 0));
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

int64_t ListTable::add(List list) {
  if (!list)
    return 0;
  int64_t number = unused.empty() ? int64_t(lists.size()) + 1 : unused.back();
  scopes.back().push_back(number);
  if (unused.empty()) {
    lists.push_back(std::move(list));
  } else {
    unused.pop_back();
    lists[size_t(number - 1)] = std::move(list);
  }
  return number;
}

const List &ListTable::find(int64_t number) const {
  static const List empty;
  return number > 0 && size_t(number) <= lists.size() ? lists[size_t(number - 1)] : empty;
}

void ListTable::clear() {
  lists.clear();
  unused.clear();
  scopes.assign(1, {});
}

void ListTable::endIteration(std::span<const int64_t> carried) {
  std::vector<int64_t> &scope = scopes.back(), kept;
  unused.reserve(unused.size() + scope.size());
  for (int64_t number : scope) {
    if (std::find(carried.begin(), carried.end(), number) != carried.end()) {
      kept.push_back(number);
      continue;
    }
    lists[size_t(number - 1)] = {};
    unused.push_back(number);
  }
  scope = std::move(kept);
}

void ListTable::leaveLoop() {
  if (scopes.size() < 2)
    return;
  std::vector<int64_t> &outer = scopes[scopes.size() - 2];
  outer.insert(outer.end(), scopes.back().begin(), scopes.back().end());
  scopes.pop_back();
}
