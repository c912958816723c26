//===- Unique.cpp - The different elements or slices ----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <cstring>
#include <numeric>

using namespace fsc::runtime;

namespace {

/// -1, 0 or 1 as a comes before b, is the same or comes after it; NaN comes last.
template <typename T> int order(T a, T b) {
  if constexpr (isFloating<T>)
    if (std::isnan(double(a)) || std::isnan(double(b)))
      return int(std::isnan(double(a))) - int(std::isnan(double(b)));
  return a < b ? -1 : int(b < a);
}

/// The slices of a tensor along an axis.
struct Slices {
  int64_t before = 1, count = 1, after = 1;

  /// Compares slices i and j, elements in row-major order.
  template <typename Order> int compare(int64_t i, int64_t j, Order order) const {
    for (int64_t outer = 0; outer < before; ++outer)
      for (int64_t inner = 0; inner < after; ++inner)
        if (int result = order((outer * count + i) * after + inner, (outer * count + j) * after + inner))
          return result;
    return 0;
  }
};

/// Numbers equal slices alike. Fills `first` with the first place of each number, and `counts` with how many there are.
struct Groups {
  std::vector<int64_t> inverse, first, counts;

  template <typename Compare> Groups(int64_t count, bool sorted, Compare compare) : inverse(size_t(count)) {
    std::vector<int64_t> places(static_cast<size_t>(count));
    std::iota(places.begin(), places.end(), 0);
    std::sort(places.begin(), places.end(), [&](int64_t i, int64_t j) {
      int result = compare(i, j);
      return result != 0 ? result < 0 : i < j;
    });
    for (size_t i = 0; i < places.size(); ++i) {
      if (i == 0 || compare(places[i - 1], places[i]) != 0) {
        first.push_back(places[i]);
        counts.push_back(0);
      }
      ++counts.back();
      inverse[size_t(places[i])] = int64_t(first.size()) - 1;
    }
    if (!sorted)
      inOrderOfPlaces();
  }

  void inOrderOfPlaces() {
    std::vector<size_t> old(first.size());
    std::iota(old.begin(), old.end(), size_t(0));
    std::sort(old.begin(), old.end(), [&](size_t i, size_t j) { return first[i] < first[j]; });
    std::vector<int64_t> newFirst, newCounts, newNumber(first.size());
    for (size_t number : old) {
      newNumber[number] = int64_t(newFirst.size());
      newFirst.push_back(first[number]);
      newCounts.push_back(counts[number]);
    }
    for (int64_t &number : inverse)
      number = newNumber[size_t(number)];
    first = std::move(newFirst);
    counts = std::move(newCounts);
  }
};

void give(Call &call, size_t index, const std::vector<int64_t> &values) {
  if (call.wants(index))
    std::copy(values.begin(), values.end(), call.result<int64_t>(index, {int64_t(values.size())}));
}

} // namespace

FSC_ROUTINE(Unique) {
  Array x = call.input(0);
  Slices slices{1, x.elements(), 1};
  std::vector<int64_t> dims(1);
  int32_t axis = 0;
  if (call.has("axis")) {
    axis = call.axis(x.rank(), 0);
    slices = {x.product(0, axis), x.dim(axis), x.product(axis + 1, x.rank())};
    dims.assign(x.dims().begin(), x.dims().end());
  }
  bool sorted = call.integer("sorted", 1) != 0;
  Groups groups = withType(x.dtype(), [&]<typename T>() {
    const T *data = x.data<T>();
    auto compare = [&](int64_t i, int64_t j) {
      return slices.compare(i, j, [&](int64_t a, int64_t b) {
        if (Type(x.dtype()) != Type::string)
          return order(data[a], data[b]);
        if constexpr (std::is_same_v<T, int64_t>)
          return data[a] == data[b] ? 0 : order(call.string(data[a]).compare(call.string(data[b])), 0);
        return 0;
      });
    };
    return Groups(slices.count, sorted, compare);
  });
  if (call.wants(0)) {
    dims[size_t(axis)] = int64_t(groups.first.size());
    char *y = call.result<char>(0, dims);
    size_t slice = x.elementBytes() * size_t(slices.after);
    for (int64_t outer = 0; outer < slices.before && slice != 0; ++outer)
      for (int64_t i : groups.first) {
        std::memcpy(y, x.data<char>() + size_t(outer * slices.count + i) * slice, slice);
        y += slice;
      }
  }
  give(call, 1, groups.first);
  give(call, 2, groups.inverse);
  give(call, 3, groups.counts);
}
