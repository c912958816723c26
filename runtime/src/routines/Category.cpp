//===- Category.cpp - Values of keys --------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <unordered_map>

using namespace fsc::runtime;

namespace {

/// What equal elements have in common: NaNs are equal, and so are 0 and -0.
template <typename T> int64_t keyOf(T value) {
  if constexpr (isFloating<T>) {
    double wide = double(value);
    return std::bit_cast<int64_t>(std::isnan(wide) ? std::nan("") : wide == 0 ? 0.0 : wide);
  } else {
    return int64_t(value);
  }
}

/// Places by key.
using Places = std::unordered_map<int64_t, int64_t>;

/// The places of what one of some attributes lists; of equal keys the last counts.
Places placesOf(Call &call, std::initializer_list<const char *> attributes) {
  Places places;
  for (const char *name : attributes) {
    int64_t place = 0;
    for (int64_t key : call.integers(name))
      places[key] = place++;
    for (double key : call.numbers(name))
      places[keyOf(key)] = place++;
    for (std::string_view key : call.texts(name))
      places[call.intern(key)] = place++;
  }
  return places;
}

/// Calls body with the place of each element, or -1.
template <typename Body> void forPlaces(const Places &places, Array x, Body body) {
  withType(x.dtype(), [&]<typename T>() {
    for (int64_t i = 0, count = x.elements(); i < count; ++i) {
      auto found = places.find(keyOf(x.data<T>()[i]));
      body(i, found == places.end() ? int64_t(-1) : found->second);
    }
  });
}

/// Result 0 of the operand's sizes: the value of each element's key, the last one where it has none.
void giveValues(Call &call, const Places &places, const std::vector<double> &numbers,
                const std::vector<int64_t> &integers) {
  Array x = call.input(0);
  void *y = call.result(0, x.dims());
  withType(call.resultType(0), [&]<typename T>() {
    size_t size = isFloating<T> ? numbers.size() : integers.size();
    forPlaces(places, x, [&](int64_t i, int64_t place) {
      size_t from = place < 0 ? size - 1 : size_t(place);
      if constexpr (isFloating<T>)
        static_cast<T *>(y)[i] = element<T>(numbers[from]);
      else
        static_cast<T *>(y)[i] = T(integers[from]);
    });
  });
}

} // namespace

FSC_ROUTINE(LabelEncoder) {
  Places places = placesOf(call, {"keys_int64s", "keys_floats", "keys_strings", "keys_tensor"});
  std::vector<double> numbers;
  std::vector<int64_t> integers;
  for (const char *name : {"values_int64s", "values_floats", "values_strings", "values_tensor"}) {
    numbers.insert(numbers.end(), call.numbers(name).begin(), call.numbers(name).end());
    integers.insert(integers.end(), call.integers(name).begin(), call.integers(name).end());
    for (std::string_view value : call.texts(name))
      integers.push_back(call.intern(value));
  }
  bool isText = Type(call.resultType(0)) == Type::string;
  numbers.push_back(call.number("default_tensor", call.number("default_float", -0.0)));
  if (isText)
    integers.push_back(call.intern(call.text("default_tensor", call.text("default_string", "_Unused"))));
  else
    integers.push_back(call.integer("default_tensor", call.integer("default_int64", -1)));
  giveValues(call, places, numbers, integers);
}

FSC_ROUTINE(CategoryMapper) {
  std::vector<int64_t> names;
  for (std::string_view name : call.texts("cats_strings"))
    names.push_back(call.intern(name));
  std::span<const int64_t> numbers = call.integers("cats_int64s");
  if (Type(call.input(0).dtype()) == Type::string) {
    std::vector<int64_t> values(numbers.begin(), numbers.end());
    values.push_back(call.integer("default_int64", -1));
    giveValues(call, placesOf(call, {"cats_strings"}), {}, values);
  } else {
    names.push_back(call.intern(call.text("default_string", "_Unused")));
    giveValues(call, placesOf(call, {"cats_int64s"}), {}, names);
  }
}

FSC_ROUTINE(OneHotEncoder) {
  Array x = call.input(0);
  Places places;
  if (Type(x.dtype()) == Type::string) {
    places = placesOf(call, {"cats_strings"});
  } else {
    // Numbers are categories if they are integers.
    int64_t place = 0;
    for (int64_t key : call.integers("cats_int64s"))
      places[withType(x.dtype(), [&]<typename T>() { return isFloating<T> ? keyOf(double(key)) : key; })] = place++;
  }
  int64_t width = int64_t(std::max(call.integers("cats_int64s").size(), call.texts("cats_strings").size()));
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  dims.push_back(width);
  float *y = call.result<float>(0, dims);
  std::fill(y, y + x.elements() * width, 0.0f);
  bool zeros = call.integer("zeros", 1) != 0;
  forPlaces(places, x, [&](int64_t i, int64_t place) {
    if (place >= 0)
      y[i * width + place] = 1;
    else if (!zeros)
      call.fail("expected elements of the categories, got another one at place %lld", static_cast<long long>(i));
  });
}
