//===- Cast.cpp - Strings from numbers and back ---------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>

using namespace fsc::runtime;

namespace {

/// The fewest digits that stand for a number, as Python writes them: 0.1, 3.0, 1e-05, 1e+16.
template <typename T> std::string write(T value) {
  char text[64];
  double wide = double(value);
  if (std::isnan(wide))
    return "nan";
  if (std::isinf(wide))
    return wide < 0 ? "-inf" : "inf";
  double magnitude = std::fabs(wide);
  bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  std::chars_format format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::to_chars_result end{};
  if constexpr (std::is_floating_point_v<T>) {
    end = std::to_chars(text, text + sizeof text, value, format);
  } else {
    // The C++ library knows no floats of 16 bits: the fewest digits that are read as the same one.
    double shortest = wide;
    for (int digits = 1; digits <= 9; ++digits) {
      char candidate[32];
      std::snprintf(candidate, sizeof candidate, "%.*e", digits - 1, wide);
      std::from_chars(candidate, candidate + std::strlen(candidate), shortest);
      if (T::from(shortest).bits == value.bits)
        break;
    }
    end = std::to_chars(text, text + sizeof text, shortest, format);
  }
  std::string result(text, end.ptr);
  return plain && result.find('.') == result.npos ? result + ".0" : result;
}

std::string writeElement(Array x, int64_t i) {
  return withType(x.dtype(), [&]<typename T>() -> std::string {
    T value = x.data<T>()[i];
    if constexpr (isFloating<T>)
      return write(value);
    else if (Type(x.dtype()) == Type::boolean)
      return value ? "True" : "False";
    else
      return std::to_string(value);
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  size_t begin = std::min(text.find_first_not_of(space), text.size());
  text = text.substr(begin, text.find_last_not_of(space) + 1 - begin);
  if (text.size() > 1 && text[0] == '+' && text[1] != '-')
    text.remove_prefix(1);
  return text;
}

/// Reads all of a text; false if it is no such number.
template <typename T> bool readAll(std::string_view text, T &value) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if constexpr (std::is_floating_point_v<T>)
    if (error == std::errc::result_out_of_range && end == text.data() + text.size()) {
      // Too large for the type, or too small.
      double wide = std::strtod(std::string(text).c_str(), nullptr);
      value = T(wide);
      return true;
    }
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// Numbers, and what is written for booleans.
template <typename T> bool read(std::string_view text, T &value) {
  if (text == "True" || text == "False") {
    value = element<T>(text == "True");
    return true;
  }
  if constexpr (std::is_floating_point_v<T>)
    return readAll(text, value);
  double wide = 0;
  if constexpr (isFloating<T>) {
    if (!readAll(text, wide))
      return false;
    value = element<T>(wide);
    return true;
  } else {
    if (readAll(text, value))
      return true;
    // "1e3" and "2.0" are integers too.
    if (!readAll(text, wide) || !(wide >= double(std::numeric_limits<T>::lowest())) ||
        !(wide < double(std::numeric_limits<T>::max()) + 1))
      return false;
    value = T(wide);
    return true;
  }
}

bool readBool(std::string_view text, uint8_t &value) {
  double number = 0;
  value = text == "True" || text == "true" || (readAll(text, number) && number != 0);
  return value || text == "False" || text == "false" || readAll(text, number);
}

} // namespace

FSC_ROUTINE(Cast) {
  Array x = call.input(0);
  int64_t count = x.elements();
  void *y = call.result(0, x.dims());
  bool fromText = Type(x.dtype()) == Type::string, toText = Type(call.resultType(0)) == Type::string;
  if (fromText && toText) {
    std::copy_n(x.data<int64_t>(), count, static_cast<int64_t *>(y));
    return;
  }
  if (toText) {
    for (int64_t i = 0; i < count; ++i)
      static_cast<int64_t *>(y)[i] = call.intern(writeElement(x, i));
    return;
  }
  withType(call.resultType(0), [&]<typename T>() {
    for (int64_t i = 0; i < count; ++i) {
      std::string_view text = call.string(x.data<int64_t>()[i]), bare = trimmed(text);
      T &value = static_cast<T *>(y)[i];
      bool good;
      if constexpr (std::is_same_v<T, uint8_t>)
        good = Type(call.resultType(0)) == Type::boolean ? readBool(bare, value) : read(bare, value);
      else
        good = read(bare, value);
      if (!good)
        call.fail("expected a number, got '%.*s'", int(std::min<size_t>(text.size(), 64)), text.data());
    }
  });
}
