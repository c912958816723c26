//===- Map.cpp - Maps -----------------------------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <cstdlib>
#include <map>
#include <string>
#include <unordered_map>

using namespace fsc::runtime;

namespace {

constexpr int32_t f32 = int32_t(Type::f32), i64 = int32_t(Type::i64), text = int32_t(Type::string);

/// The keys and the values of a map that is an operand, as many of each.
struct Columns {
  Columns(Call &call, int64_t map) {
    if (call.listSize(map) != 2)
      call.fail("expected the keys and the values of a map");
    keys = call.listElement(map, 0);
    values = call.listElement(map, 1);
    if (keys.rank != 1 || values.rank != 1 || keys.dims[0] != values.dims[0])
      call.fail("expected as many values of a map as keys");
    size = keys.dims[0];
  }

  fsc_abi_element keys, values;
  int64_t size;
};

/// An integer key of any width.
int64_t keyAt(const fsc_abi_element &keys, int64_t index) {
  return withType(keys.dtype, [&]<typename T>() {
    if constexpr (isFloating<T>)
      return int64_t(0);
    else
      return int64_t(static_cast<const T *>(keys.data)[index]);
  });
}

/// The number that a text says, as the C library reads it.
double numberOf(Call &call, std::string_view text) {
  std::string copy(text);
  char *end = nullptr;
  double number = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end)
    call.fail("expected a value that is a number, got '%s'", copy.c_str());
  return number;
}

/// The shortest text that reads as the number, as C++ writes it.
std::string textOf(float number) {
  char text[32];
  for (int digits = 1; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, double(number));
    if (std::strtof(text, nullptr) == number)
      break;
  }
  return text;
}

} // namespace

FSC_ROUTINE(ZipMap) {
  Array x = call.input(0);
  std::vector<int64_t> keys(call.integers("classlabels_int64s").begin(), call.integers("classlabels_int64s").end());
  bool isOfNames = keys.empty();
  for (std::string_view name : call.texts("classlabels_strings"))
    keys.push_back(call.intern(name));
  const int64_t classes = int64_t(keys.size()), columns = x.dim(x.rank() - 1), rows = x.product(0, x.rank() - 1);
  if (columns != classes)
    call.fail("expected %lld columns, as there are classes, got %lld", static_cast<long long>(classes),
              static_cast<long long>(columns));
  std::vector<int64_t> maps;
  std::vector<fsc_abi_element> elements;
  maps.reserve(size_t(rows));
  for (int64_t row = 0; row < rows; ++row) {
    const fsc_abi_element pair[2] = {{keys.data(), &classes, isOfNames ? text : i64, 1},
                                     {x.data<float>() + row * columns, &classes, f32, 1}};
    maps.push_back(call.makeList(pair));
    elements.push_back({&maps.back(), nullptr, FSC_ABI_MAP, 0});
  }
  call.giveList(0, call.makeList(elements));
}

FSC_ROUTINE(DictVectorizer) {
  Columns map(call, call.list(0));
  std::unordered_map<int64_t, int64_t> places;
  for (int64_t key : call.integers("int64_vocabulary"))
    places.emplace(key, int64_t(places.size()));
  for (std::string_view key : call.texts("string_vocabulary"))
    places.emplace(call.intern(key), int64_t(places.size()));
  int64_t width = int64_t(call.integers("int64_vocabulary").size() + call.texts("string_vocabulary").size());
  if (map.values.dtype != call.resultType(0))
    call.fail("expected values of type %d, got type %d", call.resultType(0), map.values.dtype);
  withType(map.values.dtype, [&]<typename T>() {
    T *y = call.result<T>(0, {1, width});
    std::fill(y, y + width, T());
    for (int64_t i = 0; i < map.size; ++i)
      if (auto place = places.find(keyAt(map.keys, i)); place != places.end())
        y[place->second] = static_cast<const T *>(map.values.data)[i];
  });
}

FSC_ROUTINE(CastMap) {
  Columns map(call, call.list(0));
  std::map<int64_t, int64_t> sorted; // where the value of a key is
  for (int64_t i = 0; i < map.size; ++i)
    sorted[keyAt(map.keys, i)] = i;
  bool isSparse = call.text("map_form", "DENSE") == "SPARSE", isText = map.values.dtype == text;
  int64_t width = isSparse ? call.integer("max_map", 1) : int64_t(sorted.size());
  int32_t type = call.resultType(0);
  withType(type, [&]<typename T>() {
    T *y = call.result<T>(0, {1, width});
    std::fill(y, y + width, T());
    int64_t next = 0;
    for (auto [key, from] : sorted) {
      int64_t place = isSparse ? key : next++;
      if (place < 0 || place >= width)
        call.fail("expected keys in [0, %lld), got %lld", static_cast<long long>(width), static_cast<long long>(key));
      int64_t number = isText ? static_cast<const int64_t *>(map.values.data)[from] : 0;
      float value = isText ? 0 : static_cast<const float *>(map.values.data)[from];
      if (type == text)
        y[place] = T(isText ? number : call.intern(textOf(value)));
      else
        y[place] = element<T>(isText ? numberOf(call, call.string(number)) : double(value));
    }
  });
}
